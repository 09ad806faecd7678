"""`unslouch simulate` as a process: its port, its pace, its interpreters and its end."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from interpreters import MICROPYTHON_AMD64, MICROPYTHON_I386, Interpreter
from requirement import require
from unslouch.twin.simulate import _until_one_ends_or_fails
from unslouch.twin.tasks import end_tasks
from unslouch_device.contract import messages as m
from unslouch_device.contract import payloads as p
from unslouch_device.contract import records as r
from unslouch_device.contract.frames import Deframer, to_wire
from unslouch_device.contract.pages import Page, page_bytes, unpack_page

WAIT_S = 30


@contextmanager
def simulated(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the command and give its process and the address on its first line."""
    command = [sys.executable, "-m", "unslouch", "simulate", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(WAIT_S)


def journal(flash: Path) -> list[Page]:
    """Read all pages of a flash folder."""
    pages = []
    for segment in sorted((flash / "journal").glob("*.seg")):
        data = segment.read_bytes()
        while data:
            size = page_bytes(data)
            pages.append(unpack_page(data[:size]))
            data = data[size:]
    return pages


def epochs(pages: list[Page]) -> list[bytes]:
    """The epochs' records, in order."""
    records = [page.records[at : at + 12] for page in pages for at in range(0, len(page.records), 12)]
    return [record for record in records if not r.is_event(record)]


def whole_day(flash: Path, *arguments: str) -> list[Page]:
    """Run a day to its end at full speed and return its journal."""
    with simulated("--socket", "--speed", "max", "--end", "--flash", str(flash), *arguments) as (process, _):
        assert process.wait(100) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    return journal(flash)


def read_reply(read: "object", tag: int) -> tuple[int, bytes]:
    """Read frames until the reply with a tag comes."""
    deframer = Deframer()
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        for kind, payload in deframer.feed(read()):  # type: ignore[operator]
            if kind == m.REPLY and payload[0] == tag:
                return payload[1], payload[2:]
    raise AssertionError("no reply came")


@pytest.mark.parametrize("board", ["xiao_esp32c6", "m5stickc_plus2"])
def test_any_board_that_there_is_a_file_for_lives_a_day(tmp_path: Path, board: str) -> None:
    pages = whole_day(tmp_path, "--hours", "0.2", "--board", board)
    tilts = [r.EpochRecord(record).forward_cdeg for record in epochs(pages)]
    assert len(tilts) > 100
    assert sum(abs(tilt) < 6000 for tilt in tilts) > 0.8 * len(tilts)


def test_a_pty_is_named_on_the_first_line_and_answers_hello() -> None:
    if sys.platform == "win32":
        pytest.skip("Windows has no pseudo-terminals")
    with simulated() as (_, address):
        port = os.open(address, os.O_RDWR | os.O_NOCTTY)
        try:
            os.write(port, to_wire(m.HELLO, m.pack_request(m.HELLO, 7, m.PROTOCOL_VERSION)))
            status, data = read_reply(lambda: os.read(port, 4096), 7)
        finally:
            os.close(port)
    assert status == m.OK
    assert data.endswith(b"XIAO ESP32-S3")
    flags = data[1]
    assert flags & p.HELLO_SIMULATED
    assert not flags & p.HELLO_OWN_CLOCK  # in real time: the host's clock counts


def test_a_socket_serves_one_host_at_a_time_and_the_next_one_after_it() -> None:
    with simulated("--socket") as (_, address):
        host, number = address.removeprefix("socket://").split(":")
        assert host == "127.0.0.1"
        for _ in range(2):
            with socket.create_connection((host, int(number)), WAIT_S) as first:
                first.sendall(to_wire(m.PING, b"\x09"))
                assert read_reply(lambda first=first: first.recv(4096), 9) == (m.OK, b"")
                with socket.create_connection((host, int(number)), WAIT_S) as second:
                    assert second.recv(1) == b""


@pytest.mark.soak
def test_the_same_seed_gives_the_same_day_and_another_seed_another(tmp_path: Path) -> None:
    first, second, third = (
        epochs(whole_day(tmp_path / name, "--hours", "0.5", "--seed", seed))
        for name, seed in (("a", "4"), ("b", "4"), ("c", "5"))
    )
    assert len(first) > 250
    assert first == second
    assert first != third


@pytest.mark.parametrize(
    "interpreter",
    [MICROPYTHON_I386, pytest.param(MICROPYTHON_AMD64, marks=pytest.mark.soak)],
    ids=lambda each: each.name,
)
def test_a_real_micropython_journals_the_same_day_as_cpython(tmp_path: Path, interpreter: Interpreter) -> None:
    require(interpreter.missing())
    here = whole_day(tmp_path / "cpython", "--hours", "0.5")
    there = whole_day(tmp_path / "micropython", "--hours", "0.5", "--interpreter", str(interpreter.executable))
    states_here, states_there = ([r.EpochRecord(each).state for each in epochs(pages)] for pages in (here, there))
    assert abs(len(states_here) - len(states_there)) <= 1
    differing = sum(a != b for a, b in zip(states_here, states_there, strict=False))
    assert differing <= 0.02 * len(states_here)  # a sample more or less at an epoch's edge


def test_a_real_micropython_serves_a_host_on_a_pty(tmp_path: Path) -> None:
    require(MICROPYTHON_I386.missing())
    with simulated("--interpreter", str(MICROPYTHON_I386.executable)) as (_, address):
        port = os.open(address, os.O_RDWR | os.O_NOCTTY)
        try:
            os.write(port, to_wire(m.HELLO, m.pack_request(m.HELLO, 3, m.PROTOCOL_VERSION)))
            assert read_reply(lambda: os.read(port, 4096), 3)[0] == m.OK
            os.write(port, to_wire(m.CALIBRATE, m.pack_request(m.CALIBRATE, 4)))
            assert read_reply(lambda: os.read(port, 4096), 4)[0] in (m.OK, m.BUSY)
        finally:
            os.close(port)


def test_micropython_is_found_where_the_checkout_keeps_it() -> None:
    require(MICROPYTHON_I386.missing())
    with simulated("--socket", "--interpreter", "micropython") as (process, address):
        assert address.startswith("socket://")
        assert process.poll() is None


def test_a_journal_goes_on_where_the_last_run_on_its_flash_ended(tmp_path: Path) -> None:
    whole_day(tmp_path, "--hours", "0.05")
    pages = whole_day(tmp_path, "--hours", "0.1")
    assert {page.boot for page in pages} == {1, 2}
    sequences = [page.first_sequence for page in pages]
    assert sequences == sorted(set(sequences))
    clocks = [
        fields
        for page in pages
        for at in range(0, len(page.records), 12)
        if page.records[at] == r.EVENT_MARK | r.HOST_CLOCK
        for _, _, fields in [r.unpack_event(page.records[at : at + 12])]
    ]
    assert 170_000 < clocks[-1][0] - clocks[0][0] < 190_000  # the world's UTC went on by the first run's three minutes


def test_sigterm_ends_the_twin_in_good_order_and_its_journal_is_flushed(tmp_path: Path) -> None:
    with simulated("--socket", "--speed", "50", "--flash", str(tmp_path)) as (process, _):
        until = time.monotonic() + WAIT_S
        while not (tmp_path / "world-time").exists() and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0
    assert journal(tmp_path)[0].first_sequence == 0


def test_it_ends_with_stdin_if_asked_to() -> None:
    command = [sys.executable, "-m", "unslouch", "simulate", "--socket", "--while-stdin"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        process.stdin.close()
        assert process.wait(WAIT_S) == 0


def test_a_recorded_wearer_is_calibrated_and_replayed(tmp_path: Path, shared_data: Path) -> None:
    file = shared_data / "sitting_T4_50hz.npz"
    with np.load(file) as recording:
        subject = int(recording["subject"][0])
    pages = whole_day(tmp_path, "--wearer", str(file), "--subject", str(subject))
    assert any(page.calibration_id == 1 for page in pages)
    assert len(epochs(pages)) > 80


def test_a_flash_has_one_twin_at_a_time(tmp_path: Path) -> None:
    with simulated("--socket", "--flash", str(tmp_path)):
        command = [sys.executable, "-m", "unslouch", "simulate", "--socket", "--flash", str(tmp_path)]
        second = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S)
    assert second.returncode == 9
    assert second.stdout == ""
    assert f"Another simulated sensor runs on the flash in {tmp_path}" in second.stderr
    whole_day(tmp_path, "--hours", "0.01")


@pytest.mark.skipif(not Path("/bin/true").exists(), reason="there is no /bin/true")
def test_an_interpreter_that_is_none_is_asked_about() -> None:
    command = [sys.executable, "-m", "unslouch", "simulate", "--socket", "--interpreter", "/bin/true"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S)
    assert done.returncode == 9
    assert "/bin/true ended at once with exit code 0; is it a MicroPython" in done.stderr


def test_what_cannot_be_simulated_is_one_sentence_and_an_exit_code(tmp_path: Path) -> None:
    (tmp_path / "no.npz").write_bytes(b"not a recording")
    (tmp_path / "file").write_bytes(b"")
    for arguments, code, word in (
        (["--wearer", str(tmp_path / "no.npz"), "--subject", "1"], 9, "no.npz"),
        (["--wearer", "nonsense"], 9, "There is no recording nonsense: give the file of a recording"),
        (["--wearer", "nonsense"], 9, "leave --wearer out for the built-in wearer, whose day --seed chooses"),
        (["--flash", str(tmp_path / "file")], 9, "--flash"),
        (["--speed", "0"], 2, "--speed"),
        (["--subject", "3"], 9, "--wearer"),
        (["--start", "tomorrow"], 2, "tomorrow"),
        (["--interpreter", "no-such-python"], 9, "no-such-python"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "unslouch", "simulate", *arguments], capture_output=True, text=True, timeout=WAIT_S
        )
        assert done.returncode == code, done.stderr
        assert word in done.stderr
        assert "Traceback" not in done.stderr


async def test_what_a_background_task_raises_ends_the_simulation_at_once() -> None:
    async def fail() -> None:
        raise RuntimeError("the wearer fell over")

    tasks: list[asyncio.Task[object]] = [asyncio.create_task(fail()), asyncio.create_task(asyncio.Event().wait())]
    with pytest.raises(RuntimeError, match="fell over"):
        await _until_one_ends_or_fails(tasks, tasks[1:])
    await end_tasks(tasks[1:])
    assert tasks[1].cancelled()


async def test_what_a_background_task_raises_while_it_is_ended_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def fail_at_the_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise RuntimeError("the flash is full")

    task: asyncio.Task[object] = asyncio.create_task(fail_at_the_end())
    await asyncio.sleep(0)
    await end_tasks([task])
    assert "the flash is full" in caplog.text
