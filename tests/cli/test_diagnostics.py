"""`unslouch diagnostics` as a process of its own, on the memory that ESP-IDF has left."""

import json

import pytest

from cli.test_commands import unslouch
from link.fake_board import FakeBoard
from unslouch.errors import ExitCode
from unslouch_device.contract import messages as m
from unslouch_device.contract.board_test import TEST_PASSED, TEST_SILENT


async def test_free_idf_memory_and_its_largest_block_are_shown() -> None:
    async with FakeBoard().on_tcp() as sensor:
        text = await unslouch("diagnostics", "--sensor", sensor)
        figures = json.loads((await unslouch("diagnostics", "--json", "--sensor", sensor)).out)
    assert "memory       78 KiB free, 68 at its least\nIDF memory   60 KiB free, 31 in one piece\n" in text.out
    assert (figures["idf_free_bytes"], figures["idf_largest_block_bytes"]) == (61_440, 31_744)


@pytest.mark.parametrize("knows_request", [False, True], ids=["older firmware", "a board that can't tell"])
async def test_where_idf_memory_is_unknown_the_other_figures_are_shown_without_it(knows_request: bool) -> None:
    board = FakeBoard()
    board.idf_heap = 0, 0
    if not knows_request:
        board.refuse[m.IDF_HEAP] = m.UNKNOWN_REQUEST
    async with board.on_tcp() as sensor:
        text = await unslouch("diagnostics", "--sensor", sensor)
        figures = json.loads((await unslouch("diagnostics", "--json", "--sensor", sensor)).out)
    assert text.code == ExitCode.OK
    assert "memory       78 KiB free, 68 at its least\nlate" in text.out
    assert (figures["idf_free_bytes"], figures["idf_largest_block_bytes"]) == (None, None)


async def test_a_garbled_reply_about_idf_memory_is_named_with_the_remedy() -> None:
    board = FakeBoard()
    board.refuse[m.IDF_HEAP] = m.OK  # without data
    async with board.on_tcp() as sensor:
        answer = await unslouch("diagnostics", "--sensor", sensor)
    assert answer.code != ExitCode.OK
    assert "bring firmware and host to the same version" in answer.err


async def test_a_self_test_names_each_part_then_each_axis() -> None:
    async with FakeBoard().on_tcp() as sensor:
        answer = await unslouch("diagnostics", "--self-test", "--sensor", sensor)
    assert answer.code == ExitCode.OK, answer.err
    lines = answer.out.splitlines()
    assert [line[:16].strip() for line in lines[:6]] == ["motor", "5 V sense", "cell", "radio", "flash", "heap"]
    assert lines[6] == "acceleration x  passed"


async def test_a_part_that_failed_ends_the_self_test_with_an_error_after_all_was_tested() -> None:
    board = FakeBoard()
    board.board_test = TEST_SILENT, 1, 3912, TEST_PASSED, TEST_PASSED, TEST_PASSED
    async with board.on_tcp() as sensor:
        answer = await unslouch("diagnostics", "--self-test", "--sensor", sensor)
    assert answer.code == ExitCode.FAILED
    assert "motor           its driver doesn't answer; check the wires of the I2C bus" in answer.out
    assert "rate z          passed" in answer.out


async def test_older_firmware_tests_its_motion_sensor_alone() -> None:
    board = FakeBoard()
    board.refuse[m.BOARD_TEST] = m.UNKNOWN_REQUEST
    async with board.on_tcp() as sensor:
        answer = await unslouch("diagnostics", "--self-test", "--sensor", sensor)
    assert answer.code == ExitCode.OK
    assert answer.out.startswith("acceleration x  passed")
    assert "tests its motion sensor only; `unslouch flash`" in answer.err
