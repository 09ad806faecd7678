"""The pack that has proved itself is never the one that is overwritten."""

import pytest

from unslouch.flashing.compile import firmware_folder
from unslouch.flashing.install import DATA_FOLDER, OUR_MAIN
from unslouch.flashing.slots import TRIALS, Slots, slots_from


@pytest.mark.parametrize(
    ("state", "present", "expected"),
    [
        ("", "", Slots(None, "a", None)),
        ("", "ab", Slots(None, "a", None)),
        ("a", "a", Slots("a", "b", None)),
        ("b", "ab", Slots("b", "a", None)),
        ("a-2", "a", Slots("a", "b", None)),
        ("ba2", "ab", Slots("a", "b", "a")),
        ("ab0", "ab", Slots("b", "a", "b")),
        ("ba2", "a", Slots("a", "b", "a")),
        ("ba2", "b", Slots("b", "a", None)),
        ("b", "a", Slots(None, "a", None)),
    ],
)
def test_the_other_pack_is_filled(state: str, present: str, expected: Slots) -> None:
    assert slots_from(state, set(present)) == expected


@pytest.mark.parametrize(("current", "state"), [(None, "a-3"), ("b", "ab3")])
def test_a_new_pack_begins_on_trial(current: str | None, state: str) -> None:
    assert Slots(current, "a", None).trial_state == state


def test_host_and_board_agree_on_tries_main_and_where_the_wearers_data_is() -> None:
    main = (firmware_folder() / "root" / "main.py").read_text()
    assert f"\nTRIALS = {TRIALS} " in main
    assert main.startswith(OUR_MAIN)
    assert f'"{DATA_FOLDER}"' in (firmware_folder() / "start.py").read_text()
