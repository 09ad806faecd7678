"""Keys: what is typed in a terminal, one key at a time, without Enter.

Ctrl+C and Ctrl+Z keep their meaning. The terminal is as it was once the context ends, and as it has to be when the
program goes on after Ctrl+Z.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

POLL_S = 0.05
"""How often Windows' console is asked for a key."""
ENTER = "\n"


@contextmanager
def typed_keys(on_key: Callable[[str], object], on_resume: Callable[[], object]) -> Iterator[None]:
    """Call on_key in the running event loop with each key, and on_resume when the program goes on after Ctrl+Z.

    Enter is "\\n". Keys that send more than one character, such as arrows, are left out.
    """
    handler = _windows_keys if sys.platform == "win32" else _posix_keys
    with handler(on_key, on_resume):
        yield


@contextmanager
def _posix_keys(on_key: Callable[[str], object], on_resume: Callable[[], object]) -> Iterator[None]:
    import signal
    import termios
    import tty

    loop, descriptor = asyncio.get_running_loop(), sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)

    def read() -> None:
        try:
            typed = os.read(descriptor, 64).decode(errors="ignore")
        except OSError:  # the terminal is gone
            typed = ""
        if not typed:
            loop.remove_reader(descriptor)
        elif not typed.startswith("\x1b"):
            for key in typed:
                on_key(ENTER if key == "\r" else key)

    def resume() -> None:
        tty.setcbreak(descriptor)
        on_resume()

    tty.setcbreak(descriptor)
    loop.add_reader(descriptor, read)
    loop.add_signal_handler(signal.SIGCONT, resume)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGCONT)
        loop.remove_reader(descriptor)
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


@contextmanager
def _windows_keys(on_key: Callable[[str], object], on_resume: Callable[[], object]) -> Iterator[None]:
    import msvcrt

    loop, ended = asyncio.get_running_loop(), threading.Event()

    def poll() -> None:
        while not ended.wait(POLL_S):
            while msvcrt.kbhit():  # type: ignore[attr-defined]
                key = msvcrt.getwch()  # type: ignore[attr-defined]
                if key in "\x00\xe0":
                    msvcrt.getwch()  # type: ignore[attr-defined]
                    continue
                with suppress(RuntimeError):  # the loop has ended
                    loop.call_soon_threadsafe(on_key, ENTER if key == "\r" else key)

    thread = threading.Thread(target=poll, name="keys", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
