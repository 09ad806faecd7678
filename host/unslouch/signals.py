"""Signals that ask the program to end: SIGINT (Ctrl+C), SIGTERM, and SIGHUP, which says that the terminal is gone.

SIGHUP stays ignored if it was ignored when the program started: so `nohup` lets a recorder outlive its terminal.

The first signal asks for a clean end. Should that hang, on a device that doesn't answer or a thread that can't be
joined, the process ends END_WITHIN_S after the signal all the same: what has been stored by then is safe, and the
sensor keeps the rest. Both faces use this module, in the main thread.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from unslouch.errors import ExitCode

END_WITHIN_S = 1.9
_ALWAYS = ("SIGINT", "SIGTERM", "SIGBREAK")
_UNLESS_IGNORED = ("SIGHUP",)
_was_received = threading.Event()
_is_over = threading.Event()


def was_received() -> bool:
    """Whether a signal has asked the program to end."""
    return _was_received.is_set()


@contextmanager
def calling(end: Callable[[], object]) -> Iterator[None]:
    """Within the context, have the first ending signal call `end` in the running event loop; later ones do nothing."""
    import asyncio

    loop = asyncio.get_running_loop()

    def call(number: int, frame: FrameType | None) -> None:
        if not was_received():
            _begin_to_end()
            loop.call_soon_threadsafe(end)

    with _handled_by(call):
        yield


@contextmanager
def raising() -> Iterator[None]:
    """Within the context, have the first ending signal raise KeyboardInterrupt in the main thread."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        if not was_received():
            _begin_to_end()
            raise KeyboardInterrupt

    with _handled_by(interrupt):
        yield


def forget() -> None:
    """Let the process go on although a signal was received, in a test for instance."""
    _is_over.set()
    _was_received.clear()


def _begin_to_end() -> None:
    _was_received.set()
    _is_over.clear()
    threading.Thread(target=_end_late, name="end deadline", daemon=True).start()


def _end_late() -> None:
    if not _is_over.wait(END_WITHIN_S):
        os._exit(int(ExitCode.INTERRUPTED))


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread can handle signals
        return
    before = {number: signal.getsignal(number) for number in _ending_signals()}
    for number in before:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous if previous is not None else signal.SIG_DFL)


def _ending_signals() -> list[signal.Signals]:
    numbers = [getattr(signal, name) for name in _ALWAYS if hasattr(signal, name)]
    for name in _UNLESS_IGNORED:
        if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is not signal.SIG_IGN:
            numbers.append(getattr(signal, name))
    return numbers
