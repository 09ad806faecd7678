"""The names of profiles: what they can be, and how one is found."""

import pytest

from link.direct_locator import DirectLocator
from link.fake_board import FakeBoard
from unslouch.errors import BadInput
from unslouch.link.model import Profile
from unslouch.sensor.handshake import open_sensor
from unslouch.sensor.profiles import checked_profile_name, describe_calibration, profile_named, rename_profile
from unslouch_device.contract import messages, payloads

DECOMPOSED = "Ru\u0308cken"


def profile(index: int, name: str, calibration_id: int = 0, bowed: bool = False, stood: bool = False) -> Profile:
    return Profile(index, name, calibration_id, bowed, stood, active=index == 0)


PROFILES = [profile(0, "office chair"), profile(1, "Rücken"), profile(2, DECOMPOSED + " 2"), profile(3, "")]


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), (" 4 ", 4), ("OFFICE Chair", 1), ("Rücken", 2), (DECOMPOSED, 2), ("RÜCKEN 2", 3), ("rücken 2", 3)],
)
def test_a_profile_is_found_by_its_number_or_by_its_name_as_it_reads(text: str, number: int) -> None:
    assert profile_named(PROFILES, text).number == number


@pytest.mark.parametrize("text", ["", " ", "0", "5", "kitchen"])
def test_a_text_that_names_no_profile_brings_those_there_are(text: str) -> None:
    with pytest.raises(BadInput, match=r"There is no profile .*; choose one of 1 office chair, 2 Rücken, .*, 4"):
        profile_named(PROFILES, text)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("19 bytes are too many", "shorter"), ("2", "a number means"), ("a\nb", "line breaks")],
)
def test_a_name_that_no_profile_can_have_is_refused_with_the_reason(name: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        checked_profile_name(name)


def test_a_decomposed_name_takes_the_room_of_a_composed_one() -> None:
    name = "u\u0308" * 9
    assert len(name.encode()) > payloads.PROFILE_NAME_BYTES
    assert checked_profile_name(name).encode() == "ü".encode() * 9


async def test_a_name_is_given_once_as_it_reads() -> None:
    board = FakeBoard()
    board.profile_names[1] = "Rücken".encode()
    async with board.on_tcp() as sensor, open_sensor(DirectLocator(sensor)) as (client, _):
        for taken, holder in (("Office CHAIR ", 1), (DECOMPOSED, 2)):
            with pytest.raises(BadInput, match=rf"Profile {holder} is named '.*' already; choose another name"):
                await rename_profile(client, 2, taken)
        with pytest.raises(BadInput, match="shorter"):
            await rename_profile(client, 2, "19 bytes are too many")
        assert messages.NAME_PROFILE not in board.requests
        await rename_profile(client, 1, DECOMPOSED.upper())
        await rename_profile(client, 0, " Office Chair ")
        assert board.profile_names[:2] == [b"Office Chair", "RÜCKEN".encode()]
        await rename_profile(client, 0, "")
        await rename_profile(client, 1, "")
        assert board.profile_names == [b""] * 4


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (profile(0, "x"), "none"),
        (profile(0, "x", 7, bowed=True), "number 7, bow, no standing zero"),
        (profile(0, "x", 7, stood=True), "number 7, no bow, standing zero"),
    ],
)
def test_a_calibration_is_described_by_what_it_is_made_of(made: Profile, words: str) -> None:
    assert describe_calibration(made) == words
