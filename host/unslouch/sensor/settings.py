"""Settings: their keys and words, which values go together, and how one is changed on the sensor.

The settings themselves, with their ranges, are declared in unslouch_device.contract.settings, which the board shares.
What is wrong with a key or a value is a BadInput whose sentence both faces can show.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from unslouch.errors import BadInput, Refused
from unslouch.names import name_key
from unslouch_device.contract import messages, patterns
from unslouch_device.contract.settings import (
    BUDGET_MODE,
    DEFAULTS,
    DELAY_MODE,
    HYSTERESIS_DEG,
    SETTINGS,
    THRESHOLD_DEG,
    Setting,
    are_consistent,
)

_OFF_ON = {"off": 0, "on": 1}
WORDS = {
    "strength": {"light": 40, "medium": 70, "strong": 100},
    "tracking-only": _OFF_ON,
    "alert-mode": {"delay": DELAY_MODE, "budget": BUDGET_MODE},
    "corrected-pulse": _OFF_ON,
    "fading": _OFF_ON,
    "pattern": {"pulses": patterns.PULSES, "heartbeat": patterns.HEARTBEAT, "long": patterns.LONG, "own": patterns.OWN},
    "ramp": _OFF_ON,
}
"""Words that stand for values, by the settings' keys."""
MAX_ATTEMPTS = 3
"""How often a change is repeated because another program changed a setting in between."""


class HasSettings(Protocol):
    """What settings can be read from and written to: a Client."""

    async def settings(self) -> tuple[int, dict[str, int]]: ...
    async def set_setting(self, revision: int, setting: Setting, value: int) -> int: ...


@dataclass(frozen=True)
class SettingRow:
    """A setting as a row of a table."""

    key: str
    value: str
    unit: str
    range: str
    meaning: str


def setting_rows(values: Mapping[str, int]) -> list[SettingRow]:
    """Return a row for each setting that the sensor has, in the order of the contract."""
    return [
        SettingRow(
            setting.key,
            str(values[setting.key]),
            setting.unit or "-",
            f"{setting.least}..{setting.greatest}",
            setting.meaning,
        )
        for setting in SETTINGS
        if setting.key in values
    ]


def setting_by_key(key: str) -> Setting:
    """Return the setting of a key; raises BadInput, with the key that may have been meant, if there is none."""
    keys = [setting.key for setting in SETTINGS]
    typed = name_key(key).replace("_", "-")
    if typed in keys:
        return SETTINGS[keys.index(typed)]
    near = difflib.get_close_matches(typed, keys, n=1)
    meant = f"; did you mean {near[0]}? The" if near else "; the"
    raise BadInput(f"There is no setting {key!r}{meant} settings are {', '.join(keys)}.")


def parse_value(setting: Setting, text: str) -> int:
    """Return the value that a number or a word stands for; raises BadInput if none, or if it is out of range."""
    words = WORDS.get(setting.key, {})
    word = name_key(text)
    try:
        value = words[word] if word in words else int(text)
    except ValueError as error:
        named = f", or {', '.join(words)}" if words else ""
        raise BadInput(
            f"{setting.key} can't be {text!r}; give a whole number from {setting.least} to {setting.greatest}{named}."
        ) from error
    check_value(setting, value)
    return value


def check_value(setting: Setting, value: int) -> None:
    """Raise BadInput if a value is outside the setting's range."""
    if not setting.least <= value <= setting.greatest:
        raise BadInput(
            f"{setting.key} can't be {with_unit(setting, value)}; "
            f"give a whole number from {setting.least} to {with_unit(setting, setting.greatest)}."
        )


def check_together(setting: Setting, value: int, values: Mapping[str, int]) -> None:
    """Raise BadInput where a value, good by itself, doesn't go with the sensor's other settings."""
    by_id = DEFAULTS | {each.id: values[each.key] for each in SETTINGS if each.key in values}
    changed = by_id | {setting.id: value}
    if are_consistent(by_id) and not are_consistent(changed):
        raise BadInput(
            f"{setting.key} can't be {with_unit(setting, value)}: hysteresis ({changed[HYSTERESIS_DEG]}) must stay "
            f"below threshold ({changed[THRESHOLD_DEG]}), or a slouch could not end."
        )


def with_unit(setting: Setting, value: int) -> str:
    """Return a value and its unit."""
    return f"{value} {setting.unit}" if setting.unit else str(value)


def value_text(setting: Setting, value: int) -> str:
    """Return a value as people read it: with its unit, or as its word where the setting has a word for each value."""
    words = {number: word for word, number in WORDS.get(setting.key, {}).items()}
    if len(words) > setting.greatest - setting.least:
        return words.get(value, str(value))
    return f"{value}°" if setting.unit == "deg" else with_unit(setting, value)


def range_text(setting: Setting) -> str:
    """Return what values there are, and the default, as a phrase."""
    least, greatest, default = (
        value_text(setting, value) for value in (setting.least, setting.greatest, setting.default)
    )
    joint = " or " if setting.greatest - setting.least == 1 else " to "
    return f"{least}{joint}{greatest}, default {default}"


async def change_setting(sensor: HasSettings, setting: Setting, value: int) -> None:
    """Change a setting, on top of whatever others have changed meanwhile.

    Raises BadInput for a value that can't be, or that doesn't go with the others; Refused if the sensor refuses, or if
    others go on changing its settings.
    """
    check_value(setting, value)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        revision, values = await sensor.settings()
        check_together(setting, value, values)
        try:
            await sensor.set_setting(revision, setting, value)
            return
        except Refused as error:
            if error.status != messages.STALE_REVISION or attempt == MAX_ATTEMPTS:
                raise
