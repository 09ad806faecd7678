"""Shared by end-to-end tests: the twin and the commands as processes, and both ends of the journal side by side."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from unslouch.store.store import Store
from unslouch_device.contract.pages import PAGE_HEADER_BYTES, Page, PageError, page_bytes, unpack_page

WAIT_S = 60


def command(*arguments: str) -> list[str]:
    """The command line of `unslouch`."""
    return [sys.executable, "-m", "unslouch", *arguments]


def run(*arguments: str, timeout_s: float = WAIT_S) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=timeout_s)


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command for as long as the context; at its end it gets SIGTERM."""
    with subprocess.Popen(
        command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True
    ) as running:
        try:
            yield running
        finally:
            if running.poll() is None:
                running.terminate()
            running.wait(WAIT_S)


@contextmanager
def recording(sensor: str, database: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run `unslouch record` as long as the context lasts, which begins once everything until then is stored."""
    with subprocess.Popen(
        command("record", "--sensor", sensor, "--db", str(database), *arguments),
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    ) as running:
        watchdog = threading.Timer(WAIT_S, running.kill)
        watchdog.start()
        try:
            assert running.stderr is not None
            while "Linked to" not in (line := running.stderr.readline()):
                assert line, "the recorder ended"
            watchdog.cancel()
            yield running
        finally:
            watchdog.cancel()
            if sys.platform != "win32":
                running.send_signal(signal.SIGCONT)  # a suspended process doesn't end
            running.terminate()
            running.communicate(timeout=WAIT_S)


def record_everything(sensor: str, database: Path) -> None:
    """Store what a sensor has recorded until now."""
    with recording(sensor, database) as running:
        pass
    assert running.returncode == 0


@contextmanager
def twin(flash: Path, *arguments: str) -> Iterator[str]:
    """A simulated sensor, and the address on its first line."""
    with process("simulate", "--flash", str(flash), *arguments) as running:
        assert running.stdout is not None
        address = running.stdout.readline().strip()
        assert address
        yield address


def flash_pages(flash: Path) -> list[bytes]:
    """Every whole page in a flash folder, in order of sequence."""
    pages = []
    for segment in sorted((flash / "journal").glob("*.seg")):
        data = segment.read_bytes()
        while len(data) >= PAGE_HEADER_BYTES:
            size = page_bytes(data)
            try:
                unpack_page(data[:size])
            except PageError:
                break  # a torn tail: the log goes on in the next segment
            pages.append(data[:size])
            data = data[size:]
    return pages


def stored_pages(database: Path) -> list[bytes]:
    """Every page in a database."""
    with Store.open(database, simulated=None, readonly=True) as store:
        return store.pages()


def assert_same_journal(database: Path, flash: Path, at_least: int) -> list[Page]:
    """The store holds the flash's pages from the first to the last fetched, byte for byte, and nothing else."""
    stored = stored_pages(database)
    flashed = flash_pages(flash)
    assert stored == flashed[: len(stored)]
    pages = [unpack_page(page) for page in stored]
    assert pages[-1].next_sequence >= at_least
    expected = 0
    for page in pages:
        assert page.first_sequence == expected
        expected = page.next_sequence
    return pages
