"""`unslouch profiles` as a process of its own."""

import json

import pytest

from cli.test_commands import unslouch
from link.fake_board import FakeBoard
from unslouch.errors import ExitCode


async def test_profiles_are_listed_selected_and_renamed() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        listed = await unslouch("profiles", "--sensor", sensor)
        assert listed.out.splitlines()[:3] == [
            "   number  name           calibration  bow  standing-zero",
            "*       1  office chair   1            yes  no",
            "        2  standing desk  none         -    -",
        ]
        chosen = await unslouch("profiles", "select", "2", "--sensor", sensor)
        assert "Profile 2, standing desk, is active now." in chosen.err
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
    ("arguments", "sentence"),
    [
        (("select", "kitchen"), "There is no profile 'kitchen'; choose one of 1 office chair"),
        (("rename", "3", "OFFICE CHAIR"), "Profile 1 is named 'office chair' already"),
        (("rename", "3", "12"), "a number means"),
    ],
)
async def test_a_profile_or_name_that_can_not_be_is_one_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        outcome = await unslouch("profiles", *arguments, "--sensor", sensor)
    assert outcome.code == ExitCode.BAD_INPUT
    assert sentence in outcome.err
    assert outcome.err.count("\n") == 1


async def test_a_name_is_found_however_its_accents_are_encoded() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        assert (await unslouch("profiles", "rename", "3", "Ru\u0308cken", "--sensor", sensor)).code == ExitCode.OK
        assert board.profile_names[2] == "Rücken".encode()
        assert (
            "Profile 3, Rücken, is active"
            in (await unslouch("profiles", "select", "RU\u0308CKEN", "--sensor", sensor)).err
        )
