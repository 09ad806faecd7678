"""The table of button, pulses and light is the firmware's, and nothing that the firmware can do is missing."""

import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

from unslouch_device.contract import records
from unslouch_device.on_demand import button_actions
from unslouch_device.parts import button

ROOT = Path(__file__).parents[2]
FIRMWARE = ROOT / "firmware" / "unslouch_device"


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    return importlib.import_module("codes")


def test_the_page_is_made_from_the_firmware(codes: ModuleType) -> None:
    assert (ROOT / "docs" / "codes.md").read_text(encoding="utf-8") == codes.page(), "run docs/codes.py"


def test_every_pattern_and_every_number_of_blinks_and_presses_is_in_it(codes: ModuleType) -> None:
    writer = (ROOT / "docs" / "codes.py").read_text(encoding="utf-8")
    modules = [
        path for path in FIRMWARE.rglob("*.py") if path.name not in ("lsm6ds3trc.py", "board_test.py", "messages.py")
    ]
    declared = {
        name
        for path in modules
        for name in re.findall(
            r"^(_?[A-Z_]*(?:_PATTERNS?|_BLINKS)|PRESSES_\w+) =", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert len(declared) >= 12
    assert set(codes.alert_patterns.ONCE) == set(range(1, 3))  # the named ones beside the pulses
    assert {name for name in declared if name not in writer} == set()


def test_every_hold_is_in_it_and_every_action_is_described(codes: ModuleType) -> None:
    holds = {value for name, value in vars(records).items() if name.startswith("HELD_")}
    assert set(codes.HOLDS) == holds
    assert set(codes.EFFECTS) == set(button_actions.ACTIONS)
    assert set(button_actions.ACTIONS) == set(range(1, 6)) | holds - {records.HELD_DOWN}


def test_every_hold_leaves_time_to_let_go_and_feels_like_no_other(codes: ModuleType) -> None:
    lengths_ms = sorted(least_ms for least_ms, _ in codes.HOLDS.values())
    assert lengths_ms[0] >= button.LONG_MS * 1.5  # a slow short press is no hold
    for (shorter_ms, felt), longer_ms in zip(sorted(codes.HOLDS.values()), lengths_ms[1:], strict=False):
        assert longer_ms - shorter_ms - sum(felt) >= 900, shorter_ms
    felt = [pattern for _, pattern in codes.HOLDS.values()]
    assert len(set(felt)) == len(felt)


def test_no_two_meanings_feel_the_same(codes: ModuleType) -> None:
    felt = [pattern for pattern, _ in codes.PULSES]
    assert len(set(felt)) == len(felt)
    assert len({times for times, _ in codes.LIGHT}) == len(codes.LIGHT)
