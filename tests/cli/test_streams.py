"""Streams that are full, closed, or of another encoding: stderr costs sentences only, stdout an exit code."""

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest

from cli.processes import in_shell, run, stored_pages, until
from journals import JournalBuilder
from link.fake_board import FakeBoard
from unslouch.errors import ExitCode
from unslouch.store import Store
from unslouch_device.contract import messages, states

pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")

LOST_STDERR = ["2>/dev/full", "2>&-", "2>&- <&-"]
NOON_MS = 1_741_953_600_000  # 2025-03-14T12:00Z


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """A database with one minute of 2025-03-14."""
    path = tmp_path / "day.db"
    with Store.open(path, simulated=False) as store:
        store.add_pages(JournalBuilder().start_boot().clock(NOON_MS).epochs(states.UPRIGHT, 12).pages())
    return path


@pytest.mark.parametrize("redirection", LOST_STDERR)
async def test_a_recorder_without_stderr_records(redirection: str, tmp_path: Path) -> None:
    board, path = FakeBoard(), tmp_path / "x.db"
    async with (
        board.on_tcp() as sensor,
        in_shell(redirection, "record", "--sensor", sensor, "--db", str(path)) as process,
    ):
        await until(lambda: stored_pages(path) == board.pages)
        links = board.requests.count(messages.HELLO)
        board.unplug()
        await until(lambda: board.requests.count(messages.HELLO) > links)
        process.send_signal(signal.SIGTERM)
        out, err = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == ExitCode.OK
    assert out + err == b""


@pytest.mark.parametrize("redirection", LOST_STDERR)
async def test_an_export_without_stderr_is_the_same_and_a_success(redirection: str, day: Path) -> None:
    arguments = ("export", "--db", str(day), "--day", "2025-03-14", "--timezone", "UTC", "--output", "-")
    whole = await run("", *arguments)
    assert "Note: " in whole[2]
    assert await run(redirection, *arguments) == (ExitCode.OK, whole[1], "")


@pytest.mark.parametrize("redirection", ["2>&-", "2>&- <&-", "<&-"])
async def test_a_closed_stream_is_not_replaced_by_the_next_file_that_is_opened(redirection: str) -> None:
    async with FakeBoard().on_tcp() as sensor:
        code, out, _ = await run(redirection, "status", "--json", "--sensor", sensor)
    assert code == ExitCode.OK
    assert json.loads(out)["sensor"]["simulated"]


@pytest.mark.parametrize(("redirection", "why"), [(">/dev/full", "No space left on device"), (">&-", "")])
@pytest.mark.parametrize(
    "command",
    ["--help", "--version", "export --help", "power", "status", "watch", "simulate --socket", "export --output -"],
)
async def test_a_stdout_that_takes_nothing_is_one_sentence_and_code_10(
    command: str, redirection: str, why: str, day: Path
) -> None:
    arguments = command.split()
    async with FakeBoard().on_tcp() as sensor:
        if command in ("status", "watch"):
            arguments += ["--sensor", sensor]
        if command == "export --output -":
            arguments += ["--db", str(day), "--day", "2025-03-14"]
        code, out, err = await run(redirection, *arguments)
    assert out == ""
    assert code == ExitCode.OUTPUT, err
    sentence = err.splitlines()[-1]
    assert sentence.startswith("unslouch: The output can't be written to stdout (")
    assert why in sentence
    assert "Exception ignored" not in err
    assert "Traceback" not in err


async def test_nothing_at_all_can_be_written_and_the_exit_code_is_that_of_the_command() -> None:
    assert await run(">/dev/full 2>/dev/full", "power") == (ExitCode.OUTPUT, "", "")
    assert await run(">&- 2>&- <&-", "power", "--battery", "x") == (ExitCode.USAGE, "", "")
    assert await run("2>/dev/full", "no-such-command") == (ExitCode.USAGE, "", "")


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "cp1252"},
        {"PYTHONIOENCODING": "cp437"},
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["cp1252", "cp437", "ascii", "C"],
)
async def test_another_encoding_replaces_what_it_can_not_show(environment: dict[str, str]) -> None:
    board = FakeBoard()
    board.profile_names = ["Θ Rücken →".encode(), *board.profile_names[1:]]
    async with board.on_tcp() as sensor:
        for arguments in (("profiles",), ("status",), ("settings",)):
            code, out, err = await run("", *arguments, "--sensor", sensor, **environment)
            assert code == ExitCode.OK, err
            assert "\\u" not in out + err
            assert "\\x" not in out + err
            assert "Traceback" not in err
            assert arguments[0] == "settings" or "cken ?" in out
        code, out, err = await run("", "export", "--db", "Θ→.db", **environment)
    assert code == ExitCode.NO_DATA
    assert "?.db doesn't exist" in err


async def test_the_exit_code_is_that_of_the_command_although_a_library_left_something_to_be_flushed() -> None:
    program = (
        "import sys\nfrom unslouch.cli import main, power\n"
        "def chatty(args): sys.stdout.write('x'); return 0\n"
        "power.run = chatty\nsys.argv[1:] = ['power']\nmain.entry()\n"
    )
    async with in_shell(">/dev/full", command=(sys.executable, "-c", program), PYTHONUNBUFFERED="") as process:
        _, err = await process.communicate()
    assert process.returncode == ExitCode.OK
    assert err == b""
