"""`unslouch calibrate` as a process of its own, with and without a terminal."""

import pytest

from cli.processes import in_terminal
from cli.test_commands import unslouch
from link.fake_board import FakeBoard
from unslouch.errors import ExitCode
from unslouch_device.contract import messages

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="terminals")


async def test_in_a_terminal_a_bow_follows_upright() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, in_terminal("calibrate", "--sensor", sensor) as terminal:
        await terminal.past("upright now (calibration 2)")
        await terminal.past("bow forwards from the hips")
        assert messages.BOW not in board.requests  # before the wearer is ready
        await terminal.past("skips the bow, Ctrl+C closes: ")
        terminal.type("\n")
        await terminal.past("forward (calibration 3)")
        assert await terminal.ended() == ExitCode.OK


async def test_the_bow_can_be_skipped() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, in_terminal("calibrate", "--sensor", sensor) as terminal:
        await terminal.past("skips the bow, Ctrl+C closes: ")
        terminal.type("s\n")
        await terminal.past("Skipped")
        assert await terminal.ended() == ExitCode.OK
    assert messages.BOW not in board.requests


async def test_a_refused_bow_can_be_tried_three_times_and_leaves_upright_valid() -> None:
    board = FakeBoard()
    board.refuse[messages.BOW] = messages.BOW_NOT_STRAIGHT
    async with board.on_tcp() as sensor, in_terminal("calibrate", "--sensor", sensor) as terminal:
        await terminal.past("skips the bow, Ctrl+C closes: ")
        terminal.type("\n")
        for _ in range(2):
            await terminal.past("bow straight ahead")
            await terminal.past("Enter tries again, s + Enter skips the bow, Ctrl+C leaves it: ")
            terminal.type("\n")
        await terminal.past("Upright counts all the same")
        await terminal.past("bow straight ahead")
        assert await terminal.ended() == ExitCode.REFUSED
    assert board.requests.count(messages.BOW) == 3


async def test_a_refused_bow_can_be_skipped() -> None:
    board = FakeBoard()
    board.refuse[messages.BOW] = messages.BOW_NOT_STRAIGHT
    async with board.on_tcp() as sensor, in_terminal("calibrate", "--sensor", sensor) as terminal:
        await terminal.past("skips the bow, Ctrl+C closes: ")
        terminal.type("\n")
        await terminal.past("Ctrl+C leaves it: ")
        terminal.type("s\n")
        await terminal.past("Skipped. Upright counts all the same")
        assert await terminal.ended() == ExitCode.OK


async def test_ctrl_c_at_a_question_ends_the_command() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, in_terminal("calibrate", "--sensor", sensor) as terminal:
        await terminal.past("skips the bow, Ctrl+C closes: ")
        terminal.process.send_signal(2)
        await terminal.past("\r\nUpright counts all the same")
        assert await terminal.ended() == ExitCode.INTERRUPTED
        assert "Fatal" not in terminal.shown


async def test_the_end_of_input_skips_the_bow_and_gives_up_a_refused_step() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor, in_terminal("calibrate", "--sensor", sensor) as terminal:
        await terminal.past("skips the bow, Ctrl+C closes: ")
        terminal.type("\x04")
        await terminal.past("\r\nSkipped")
        assert await terminal.ended() == ExitCode.OK
    assert messages.BOW not in board.requests
    board.refuse[messages.CALIBRATE] = messages.MOVED
    async with board.on_tcp() as sensor, in_terminal("calibrate", "--sensor", sensor) as terminal:
        await terminal.past("Enter tries again, Ctrl+C leaves it: ")
        terminal.type("\x04")
        assert await terminal.ended() == ExitCode.REFUSED


async def test_what_was_refused_once_can_succeed_at_the_next_try() -> None:
    board = FakeBoard()
    board.refuse[messages.CALIBRATE] = messages.MOVED
    async with board.on_tcp() as sensor, in_terminal("calibrate", "--no-bow", "--sensor", sensor) as terminal:
        await terminal.past("sit upright, keep still for three seconds")
        await terminal.past("Enter tries again, Ctrl+C leaves it: ")
        board.refuse.clear()
        terminal.type("\n")
        await terminal.past("upright now (calibration 2)")
        assert await terminal.ended() == ExitCode.OK


async def test_what_repeating_does_not_help_is_not_offered_again() -> None:
    board = FakeBoard()
    board.refuse[messages.CALIBRATE] = messages.FLASH_FAILED
    async with board.on_tcp() as sensor, in_terminal("calibrate", "--sensor", sensor) as terminal:
        await terminal.past("its flash memory failed")
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
