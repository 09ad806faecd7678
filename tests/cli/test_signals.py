"""Signals end a command in time, with everything stored, even where the sensor has fallen silent."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from cli.processes import in_shell, in_terminal, stored_pages
from link.fake_board import FakeBoard
from unslouch.errors import ExitCode
from unslouch.signals import END_WITHIN_S

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="signals")


async def test_a_signal_ends_a_recorder_whose_sensor_has_fallen_silent(tmp_path: Path) -> None:
    board, path = FakeBoard(), tmp_path / "x.db"
    async with (
        board.on_tcp() as sensor,
        in_terminal("record", "--sensor", sensor, "--db", str(path)) as terminal,
    ):
        await terminal.until("Linked to")
        board.silent = True
        terminal.process.send_signal(signal.SIGTERM)
        await terminal.until(f"Stored {board.end} records")
        assert await terminal.ended(END_WITHIN_S + 30) == ExitCode.OK
    assert stored_pages(path) == board.pages


HUNG = {
    "a cleanup that waits": "await asyncio.sleep(1000)",
    "a cleanup that blocks": "time.sleep(1000)",
    "a thread that must be joined": "asyncio.get_running_loop().run_in_executor(None, time.sleep, 1000)",
}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("hung", HUNG)
async def test_a_signal_ends_a_command_whose_cleanup_hangs(hung: str, number: signal.Signals) -> None:
    program = (
        "import asyncio, sys, time\nfrom unslouch.cli import main, power\n"
        "from unslouch.cli.running import run_cleanly\n"
        "async def work():\n"
        "    print('begun', flush=True)\n"
        "    try: await asyncio.sleep(1000)\n"
        f"    finally: {HUNG[hung]}\n"
        "power.run = lambda args: run_cleanly(work())\nsys.argv[1:] = ['power']\nmain.entry()\n"
    )
    async with in_shell("", command=(sys.executable, "-c", program)) as process:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 40) == b"begun\n"
        process.send_signal(number)
        assert await asyncio.wait_for(process.wait(), 40) == ExitCode.INTERRUPTED


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_signal_ends_a_command_without_a_sensor_cleanly(number: signal.Signals) -> None:
    program = (
        "import sys, time\nfrom unslouch.cli import main, power\n"
        "def run(args):\n"
        "    try:\n        print('begun', flush=True)\n        time.sleep(1000)\n"
        "    finally: print('cleaned up', flush=True)\n"
        "power.run = run\nsys.argv[1:] = ['power']\nmain.entry()\n"
    )
    async with in_shell("", command=(sys.executable, "-c", program)) as process:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 40) == b"begun\n"
        process.send_signal(number)
        out, err = await asyncio.wait_for(process.communicate(), 20)
    assert (process.returncode, out, err) == (ExitCode.INTERRUPTED, b"cleaned up\n", b"")
