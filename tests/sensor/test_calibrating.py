"""`unslouch calibrate` and `unslouch profiles`, as processes of their own, with and without a terminal."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from link.fake_board import FakeBoard
from sensor.test_commands import unslouch
from unslouch.errors import ExitCode
from unslouch_device.contract import messages
from unslouch_device.contract.settings import ALERT_MODE, BUDGET_MODE, TRACKING_ONLY

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
        await terminal.until("\r\nUpright counts all the same")
        assert await terminal.ended() == ExitCode.INTERRUPTED
        assert "Fatal" not in terminal.said


async def test_the_end_of_input_skips_the_bow_and_gives_up_what_was_refused() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, in_terminal("calibrate", "--sensor", sensor) as terminal:
        await terminal.until("skip it: ")
        terminal.type("\x04")
        await terminal.until("\r\nSkipped")
        assert await terminal.ended() == ExitCode.OK
    assert messages.BOW not in board.requests
    board.refuse[messages.CALIBRATE] = messages.MOVED
    async with board.on_tcp() as sensor, in_terminal("calibrate", "--sensor", sensor) as terminal:
        await terminal.until("leave it: ")
        terminal.type("\x04")
        assert await terminal.ended() == ExitCode.REFUSED


async def test_what_was_refused_once_can_succeed_at_the_next_try() -> None:
    board = FakeBoard()
    board.refuse[messages.CALIBRATE] = messages.MOVED
    async with board.on_tcp() as sensor, in_terminal("calibrate", "--no-bow", "--sensor", sensor) as terminal:
        await terminal.until("sit upright, keep still for three seconds")
        await terminal.until("leave it: ")
        board.refuse.clear()
        terminal.type("\n")
        await terminal.until("upright now (calibration 2)")
        assert await terminal.ended() == ExitCode.OK


async def test_what_repeating_does_not_help_is_not_offered_again() -> None:
    board = FakeBoard()
    board.refuse[messages.CALIBRATE] = messages.FLASH_FAILED
    async with board.on_tcp() as sensor, in_terminal("calibrate", "--sensor", sensor) as terminal:
        await terminal.until("its flash memory failed")
        assert await terminal.ended() == ExitCode.REFUSED
    assert board.requests.count(messages.CALIBRATE) == 1


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
            "*      1 office chair  1           yes no",
            "       2 standing desk none        -   -",
        ]
        chosen = await unslouch("profiles", "select", "2", "--sensor", sensor)
        assert "Profile 2, standing desk, is in force now." in chosen.err
        assert "unslouch calibrate" in chosen.err
        assert (await unslouch("profiles", "rename", "3", "Sofa", "--sensor", sensor)).code == ExitCode.OK
        assert "is named 'SOFA' now" in (await unslouch("profiles", "rename", "sofa", "SOFA", "--sensor", sensor)).err
        assert (await unslouch("profiles", "rename", "SoFa", "Sofa", "--sensor", sensor, "--verbose")).code == 0
        cleared = await unslouch("profiles", "rename", "standing desk", "", "--sensor", sensor)
        assert "Profile 2 has no name now." in cleared.err
        found = json.loads((await unslouch("--sensor", sensor, "profiles", "--json")).out)
    assert [profile["name"] for profile in found] == ["office chair", "", "Sofa", ""]
    assert [profile["active"] for profile in found] == [False, True, False, False]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("select", "kitchen"), "There is no profile 'kitchen'; choose one of 1 office chair"),
        (("select", ""), "There is no profile ''"),
        (("select", " "), "There is no profile ' '"),
        (("select", "0"), "There is no profile '0'"),
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
        assert "after 30 s of leaning\n" in quiet
        assert "notice" not in quiet
        board.notices = messages.NOTICE_SENSOR_MOVED
        board.delay_s = 45
        told = (await unslouch("status", "--sensor", sensor)).out
        assert "after 45 s of leaning (you set 30 s" in told
        assert "The sensor may have moved" in told
        assert "`unslouch rezero`" in told
        board.settings[TRACKING_ONLY] = 1
        assert "none come while tracking-only is 1\n" in (await unslouch("status", "--sensor", sensor)).out
        board.settings |= {TRACKING_ONLY: 0, ALERT_MODE: BUDGET_MODE}
        assert "they come by holding time\n" in (await unslouch("status", "--sensor", sensor)).out
