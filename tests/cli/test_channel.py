"""A stream that never makes the program wait: order, what is left out, what is given up, and errors."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, NamedTuple

import pytest

from unslouch.cli.channel import Channel

fcntl = pytest.importorskip("fcntl", reason="pipes of a chosen size")


class Pipe(NamedTuple):
    reader: IO[bytes]
    writer: IO[str]

    def fill(self) -> int:
        """Write until the pipe takes no more; return how many bytes that were."""
        descriptor, written = self.writer.fileno(), 0
        os.set_blocking(descriptor, False)
        with suppress(BlockingIOError):
            while True:
                written += os.write(descriptor, b"x")
        os.set_blocking(descriptor, True)
        return written


@pytest.fixture
def open_pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Pipe]]:
    """Puts a small pipe in the place of stdout or stderr."""
    opened: list[IO[bytes] | IO[str]] = []

    def as_stream(name: str, encoding: str = "utf-8") -> Pipe:
        reader, writer = os.pipe()
        fcntl.fcntl(writer, getattr(fcntl, "F_SETPIPE_SZ", 1031), 4096)
        pipe = Pipe(os.fdopen(reader, "rb", buffering=0), os.fdopen(writer, "w", encoding=encoding))
        opened.extend(pipe)
        monkeypatch.setattr(sys, name, pipe.writer)
        return pipe

    yield as_stream
    for file in opened:
        with suppress(OSError):
            file.close()


def channels(kept: int = 3) -> tuple[Channel, Channel]:
    stderr = Channel("stderr", 100)
    stdout = Channel("stdout", kept, reports_to=stderr)
    return stdout, stderr


def test_lines_come_in_order_at_once_and_queued(open_pipe: Callable[..., Pipe]) -> None:
    pipe = open_pipe("stdout")
    stdout, _ = channels()
    stdout.write("one\n")
    stdout.start()
    for line in ("two\n", b"three\n", "four\n"):
        stdout.write(line)
    assert stdout.finish()
    stdout.write("five\n")
    assert pipe.reader.read(100).split() == [b"one", b"two", b"three", b"four", b"five"]


def test_a_full_pipe_keeps_the_newest_telemetry_and_all_else_and_counts_what_is_left_out(
    open_pipe: Callable[..., Pipe],
) -> None:
    pipe, stderr_pipe = open_pipe("stdout"), open_pipe("stderr")
    stdout, stderr = channels(kept=3)
    filled = pipe.fill()
    stdout.start()
    stderr.start()
    stdout.write("stuck\n")
    while not stdout._is_writing:
        threading.Event().wait(0.01)
    for number in range(10):
        stdout.write(f"tilt {number}\n", may_drop=True)
        if number == 4:
            stdout.write("event\n")
    read = pipe.reader.read(filled)
    while read.count(b"\n") < 5:
        read += pipe.reader.read(4096)
    assert stdout.finish()
    assert stderr.finish()
    assert read[filled:].decode().splitlines() == ["stuck", "event", "tilt 7", "tilt 8", "tilt 9"]
    assert stderr_pipe.reader.read(200) == b"7 lines were left out here: the terminal or pipe did not take them.\n"


def test_what_stderr_leaves_out_is_counted_in_its_place(open_pipe: Callable[..., Pipe]) -> None:
    pipe = open_pipe("stderr")
    stderr = Channel("stderr", 2)
    filled = pipe.fill()
    stderr.start()
    stderr.write("stuck\n", may_drop=True)
    while not stderr._is_writing:
        threading.Event().wait(0.01)
    for number in range(5):
        stderr.write(f"{number}\n", may_drop=True)
    read = pipe.reader.read(filled)
    while b"4\n" not in read:
        read += pipe.reader.read(4096)
    assert stderr.finish()
    lines = read[filled:].decode().splitlines()
    assert lines[0] == "stuck"
    assert lines[1].startswith("3 lines were left out")
    assert lines[2:] == ["3", "4"]


def test_a_reader_that_takes_nothing_is_given_up(open_pipe: Callable[..., Pipe]) -> None:
    pipe = open_pipe("stdout")
    stdout, _ = channels()
    filled = pipe.fill()
    stdout.start()
    stdout.write("never read\n")
    assert not stdout.finish(0.05)
    assert len(pipe.reader.read(filled)) == filled  # lets the thread end


def test_a_reader_that_is_slow_is_waited_for(open_pipe: Callable[..., Pipe]) -> None:
    pipe = open_pipe("stdout")
    stdout, _ = channels()
    filled = pipe.fill()
    stdout.start()
    stdout.write("read late\n")
    timer = threading.Timer(0.2, lambda: pipe.reader.read(filled))
    timer.start()
    assert stdout.finish(None)
    timer.join()
    assert pipe.reader.read(100) == b"read late\n"


def test_a_reader_that_is_gone_ends_data_and_costs_stderr_only_its_lines(open_pipe: Callable[..., Pipe]) -> None:
    stdout, stderr = channels()
    called = threading.Event()
    stdout.on_failure = called.set
    open_pipe("stdout").reader.close()
    open_pipe("stderr").reader.close()
    stdout.start()
    stderr.start()
    stdout.write("lost\n")
    assert called.wait(20)
    with pytest.raises(BrokenPipeError):
        stdout.write("too late\n")
    stderr.write("lost\n")
    stderr.wait_written()
    stderr.write("lost too\n")
    assert not stdout.finish()
    assert stderr.finish()
    assert isinstance(stdout.failure, BrokenPipeError)


def test_a_terminal_that_another_program_made_non_blocking_gets_everything(open_pipe: Callable[..., Pipe]) -> None:
    pipe = open_pipe("stdout")
    stdout, _ = channels()
    os.set_blocking(pipe.writer.fileno(), False)
    data = b"0123456789" * 2000
    stdout.start()
    stdout.write(data)
    read = b""
    while len(read) < len(data):
        read += pipe.reader.read(4096)
    assert stdout.finish()
    assert read == data


@pytest.mark.parametrize(
    ("encoding", "shown"), [("utf-8", "θ – Jürgen".encode()), ("cp1252", b"? \x96 J\xfcrgen"), ("ascii", b"? ? J?rgen")]
)
def test_what_an_encoding_can_not_show_is_replaced(encoding: str, shown: bytes, open_pipe: Callable[..., Pipe]) -> None:
    pipe = open_pipe("stdout", encoding)
    stdout, _ = channels()
    stdout.write("θ – Jürgen")
    assert pipe.reader.read(100) == shown
