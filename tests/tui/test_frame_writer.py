"""Frames on their way to a terminal that takes them, takes none for a while, or is gone."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from unslouch.tui.terminal.frame_writer import MOST_WAITING_BYTES, RECOVER, FrameWriter, Output, StreamOutput

WAIT_S = 60


class FakeOutput(Output):
    """Takes some bytes at a time, or none."""

    def __init__(self) -> None:
        self.taken = bytearray()
        self.at_once = 1_000_000
        self.is_gone = False
        self.refused = threading.Event()
        self.discarded = 0
        self.closed = threading.Event()

    def write(self, data: memoryview) -> int:
        if self.is_gone:
            raise OSError("gone")
        if not self.at_once:
            self.refused.set()
            raise BlockingIOError
        self.taken += data[: self.at_once]
        return min(len(data), self.at_once)

    def wait(self, timeout_s: float) -> None:
        """Come back at once: the writer asks again."""

    def discard_unread(self) -> None:
        self.discarded += 1
        self.at_once = 1_000_000

    def close(self) -> None:
        self.closed.set()


class Reports:
    def __init__(self) -> None:
        self.caught_up = threading.Semaphore(0)
        self.lost = threading.Semaphore(0)


@contextmanager
def writing(output: Output) -> Iterator[tuple[FrameWriter, Reports]]:
    reports = Reports()
    writer = FrameWriter(output, reports.caught_up.release, reports.lost.release)
    writer.start()
    try:
        yield writer, reports
    finally:
        writer.finish(0.05)


def test_frames_are_written_in_order_however_few_bytes_are_taken_at_once() -> None:
    output = FakeOutput()
    output.at_once = 3
    with writing(output) as (writer, _):
        writer.send(b"first frame", droppable=True)
        writer.send(b", second frame", droppable=True)
        writer.finish(WAIT_S)
    assert output.taken == b"first frame, second frame"
    assert output.closed.is_set()


def test_frames_that_a_terminal_does_not_take_are_dropped_until_it_has_caught_up() -> None:
    output = FakeOutput()
    output.at_once = 0
    with writing(output) as (writer, reports):
        writer.send(b"a" * MOST_WAITING_BYTES, droppable=True)
        assert output.refused.wait(WAIT_S)
        writer.send(b"b", droppable=True)
        writer.send(b"c", droppable=True)
        assert not reports.caught_up.acquire(blocking=False)
        output.at_once = 100
        assert reports.caught_up.acquire(timeout=WAIT_S)
        assert output.taken == b"a" * MOST_WAITING_BYTES + b"b"
        writer.send(b"whole screen", droppable=True)
        writer.finish(WAIT_S)
    assert output.taken.endswith(b"bwhole screen")


def test_what_gives_the_terminal_back_comes_before_frames_that_wait() -> None:
    output = FakeOutput()
    output.at_once = 0
    with writing(output) as (writer, _):
        writer.send(b"half a frame", droppable=True)
        assert output.refused.wait(WAIT_S)
        writer.send(b"another", droppable=True)
        writer.drop_frames()
        writer.send(b"restore", droppable=False)
        writer.finish(WAIT_S)
    assert output.taken == RECOVER + RECOVER + b"restore"
    assert output.discarded == 1


def test_a_terminal_that_takes_nothing_delays_the_end_no_longer_than_allowed() -> None:
    class Stubborn(FakeOutput):
        def discard_unread(self) -> None:
            """It keeps what it has."""

    output = Stubborn()
    output.at_once = 0
    with writing(output) as (writer, _):
        writer.send(b"restore", droppable=False)
        writer.finish(0.05)
        assert output.closed.wait(WAIT_S)
    assert not output.taken


def test_a_terminal_that_is_gone_is_reported() -> None:
    output = FakeOutput()
    output.is_gone = True
    with writing(output) as (writer, reports):
        writer.send(b"frame", droppable=True)
        assert reports.lost.acquire(timeout=WAIT_S)


def test_a_stream_whose_writes_block_keeps_nobody_waiting() -> None:
    class Console:
        """A console whose text is being selected."""

        def __init__(self) -> None:
            self.is_blocked = threading.Event()
            self.may_go_on = threading.Event()
            self.text = ""

        def write(self, text: str) -> None:
            self.is_blocked.set()
            self.may_go_on.wait(WAIT_S)
            self.text += text

        def flush(self) -> None:
            """All is written."""

    console = Console()
    with writing(StreamOutput(console)) as (writer, _):  # type: ignore[arg-type]
        writer.send("frame ●".encode(), droppable=True)
        assert console.is_blocked.wait(WAIT_S)
        for _ in range(1000):
            writer.send(b"x" * 1000, droppable=True)
        writer.finish(0.05)
        console.may_go_on.set()
    assert "frame ●" in console.text or console.text == ""
