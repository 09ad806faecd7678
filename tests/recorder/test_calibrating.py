"""`unslouch calibrate` and `unslouch profiles`, as processes of their own, with and without a terminal."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from link.fake_board import FakeBoard
from recorder.test_commands import unslouch
from unslouch.errors import ExitCode
from unslouch_device.contract import messages

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="terminals")


class Terminal:
    """A process whose stdin and stderr are a terminal."""

    def __init__(self, process: asyncio.subprocess.Process, master: int) -> None:
        self.process = process
        self.said = ""
        self._master = master

    async def until(self, words: str) -> None:
        """Wait until something is said."""
        async with asyncio.timeout(20):
            while words not in self.said:
                await asyncio.sleep(0.02)
                try:
                    self.said += os.read(self._master, 4096).decode(errors="replace")
                except BlockingIOError:
                    continue
        self.said = self.said.partition(words)[2]

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    async def ended(self) -> int:
        return await asyncio.wait_for(self.process.wait(), 20)


@asynccontextmanager
async def in_terminal(*arguments: str) -> AsyncIterator[Terminal]:
    master, slave = os.openpty()
    os.set_blocking(master, False)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "unslouch", *arguments, stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        os.close(master)


async def test_in_a_terminal_a_bow_follows_upright() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, in_terminal("calibrate", "--sensor", sensor) as terminal:
        await terminal.until("upright now (calibration 2)")
        await terminal.until("bow forwards from the hips")
        assert messages.BOW not in board.requests  # before the wearer is ready
        await terminal.until("skip it: ")
        terminal.type("\n")
        await terminal.until("forward (calibration 3)")
        assert await terminal.ended() == ExitCode.OK


async def test_the_bow_can_be_skipped() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, in_terminal("calibrate", "--sensor", sensor) as terminal:
        await terminal.until("skip it: ")
        terminal.type("s\n")
        await terminal.until("Skipped")
        assert await terminal.ended() == ExitCode.OK
    assert messages.BOW not in board.requests


async def test_a_refused_step_can_be_repeated_thrice_and_leaves_upright_valid() -> None:
    board = FakeBoard()
    board.refuse[messages.BOW] = messages.BOW_NOT_STRAIGHT
    async with board.on_tcp() as sensor, in_terminal("calibrate", "--sensor", sensor) as terminal:
        await terminal.until("skip it: ")
        terminal.type("\n")
        for _ in range(2):
            await terminal.until("bow straight ahead")
            await terminal.until("leave it: ")
            terminal.type("\n")
        await terminal.until("Upright counts all the same")
        await terminal.until("bow straight ahead")
        assert await terminal.ended() == ExitCode.REFUSED
    assert board.requests.count(messages.BOW) == 3


async def test_who_leaves_at_a_question_ends_the_command() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, in_terminal("calibrate", "--sensor", sensor) as terminal:
        await terminal.until("skip it: ")
        terminal.process.send_signal(2)
        assert await terminal.ended() == ExitCode.INTERRUPTED


@pytest.mark.parametrize(("option", "bows"), [((), False), (("--bow",), True), (("--no-bow",), False)])
async def test_without_a_terminal_a_bow_is_asked_for_only_on_request(option: tuple[str, ...], bows: bool) -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        outcome = await unslouch("calibrate", "--sensor", sensor, *option)
    assert outcome.code == ExitCode.OK
    assert (messages.BOW in board.requests) == bows
    assert ("bow forwards" in outcome.err) == bows


async def test_a_standing_zero_is_taken_by_itself_under_the_profile_named() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        outcome = await unslouch("calibrate", "--standing", "--profile", "STANDING desk", "--sensor", sensor)
    assert outcome.code == ExitCode.OK
    assert "-12 degrees from sitting upright" in outcome.err
    assert board.profile == 1
    assert messages.CALIBRATE not in board.requests


async def test_profiles_are_listed_chosen_and_renamed() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        listed = await unslouch("profiles", "--sensor", sensor)
        assert listed.out.splitlines()[1:3] == [
            "*      1 office chair  number 1, bow, no standing zero",
            "       2 standing desk none",
        ]
        chosen = await unslouch("profiles", "select", "2", "--sensor", sensor)
        assert "standing desk" in chosen.err
        assert "unslouch calibrate" in chosen.err
        assert (await unslouch("profiles", "rename", "3", "Sofa", "--sensor", sensor)).code == ExitCode.OK
        found = json.loads((await unslouch("--sensor", sensor, "profiles", "--json")).out)
    assert [profile["name"] for profile in found] == ["office chair", "standing desk", "Sofa", ""]
    assert [profile["active"] for profile in found] == [False, True, False, False]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("select", "kitchen"), "There is no profile 'kitchen'; there are 1 office chair"),
        (("select", ""), "There is no profile ''"),
        (("select", "5"), "There is no profile '5'"),
        (("rename", "3", "OFFICE CHAIR"), "Profile 1 is named 'office chair' already"),
        (("rename", "3", "12"), "a number means"),
        (("rename", "3", "nineteen characters"), "choose a shorter one"),
    ],
)
async def test_what_is_no_profile_or_no_name_gets_one_sentence(arguments: tuple[str, ...], said: str) -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        outcome = await unslouch("profiles", *arguments, "--sensor", sensor)
    assert outcome.code == ExitCode.BAD_INPUT
    assert said in outcome.err
    assert outcome.err.count("\n") == 1


async def test_status_tells_profile_delay_and_that_the_sensor_may_have_moved() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        quiet = (await unslouch("status", "--sensor", sensor)).out
        assert "profile      office chair\n" in quiet
        assert "calibration  number 1, bow, no standing zero\n" in quiet
        assert "after 30 s of slouching\n" in quiet
        assert "notice" not in quiet
        board.notices = messages.NOTICE_SENSOR_MOVED
        board.delay_s = 45
        told = (await unslouch("status", "--sensor", sensor)).out
        assert "after 45 s of slouching (you set 30 s" in told
        assert "the sensor may have moved" in told
        assert "re-zero" in told
