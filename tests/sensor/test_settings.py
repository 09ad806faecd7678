"""Settings: what a key and a value can be, which go together, and changing one among other programs."""

import re

import pytest

from unslouch.errors import BadInput, Refused
from unslouch.link.refusals import refusal
from unslouch.sensor.settings import (
    MAX_ATTEMPTS,
    WORDS,
    change_setting,
    check_together,
    parse_value,
    range_text,
    setting_by_key,
    setting_rows,
    value_text,
)
from unslouch_device.contract import messages
from unslouch_device.contract.settings import SETTINGS, Setting

DEFAULTS = {setting.key: setting.default for setting in SETTINGS}


class Sensor:
    """Settings with a revision, which another program may change before each write."""

    def __init__(self, races: int = 0, **meanwhile: int) -> None:
        self.values = dict(DEFAULTS)
        self.revision = 7
        self.writes: list[tuple[str, int]] = []
        self.error: Refused | None = None
        self._races = races
        self._meanwhile = meanwhile

    async def settings(self) -> tuple[int, dict[str, int]]:
        return self.revision, dict(self.values)

    async def set_setting(self, revision: int, setting: Setting, value: int) -> int:
        if self._races:
            self._races -= 1
            self.values |= self._meanwhile
            self.revision += 1
        if self.error is not None:
            raise self.error
        if revision != self.revision:
            raise refusal("set a setting", "the sensor", messages.STALE_REVISION)
        self.writes.append((setting.key, value))
        self.values[setting.key] = value
        self.revision += 1
        return self.revision


# Keys and values


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("threshold", 12, "12°"),
        ("delay", 30, "30 s"),
        ("fading", 1, "on"),
        ("alert-mode", 1, "budget"),
        ("strength", 70, "70 %"),
        ("hourly-cap", 6, "6"),
    ],
)
def test_a_value_is_shown_as_people_read_it(key: str, value: int, text: str) -> None:
    assert value_text(setting_by_key(key), value) == text


def test_a_range_names_both_ends_and_the_default() -> None:
    assert range_text(setting_by_key("threshold")) == "5° to 45°, default 12°"
    assert range_text(setting_by_key("alert-mode")) == "delay or budget, default delay"


@pytest.mark.parametrize("key", ["alert-gap", "Alert-Gap", " alert_gap "])
def test_a_key_is_found_however_it_is_typed(key: str) -> None:
    assert setting_by_key(key).key == "alert-gap"


@pytest.mark.parametrize(
    ("key", "meant"),
    [("dealy", "delay"), ("treshold", "threshold"), ("alertgap", "alert-gap"), ("strenght", "strength")],
)
def test_a_near_miss_brings_the_key_that_may_be_meant(key: str, meant: str) -> None:
    with pytest.raises(BadInput, match=rf"There is no setting '{key}'; did you mean {meant}\? The settings are thr"):
        setting_by_key(key)


def test_a_key_that_resembles_none_brings_all_of_them() -> None:
    with pytest.raises(BadInput, match="There is no setting 'xyz'; the settings are threshold, hysteresis"):
        setting_by_key("xyz")


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("delay", "45", 45),
        ("delay", " 45 ", 45),
        ("strength", "medium", 70),
        ("strength", "STRONG", 100),
        ("strength", "55", 55),
        ("fading", "off", 0),
        ("tracking-only", "On", 1),
    ],
)
def test_a_value_is_a_number_or_a_word(key: str, text: str, value: int) -> None:
    assert parse_value(setting_by_key(key), text) == value


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        ("delay", "4", "delay can't be 4 s; give a whole number from 5 to 600 s."),
        ("delay", "601", "delay can't be 601 s; give a whole number from 5 to 600 s."),
        ("delay", "long", "delay can't be 'long'; give a whole number from 5 to 600."),
        ("delay", "12.5", "delay can't be '12.5'; give a whole number from 5 to 600."),
        ("strength", "loud", "give a whole number from 20 to 100, or light, medium, strong."),
        ("hourly-cap", "0", "hourly-cap can't be 0; give a whole number from 1 to 20."),
        ("delay", "9" * 30, "give a whole number from 5 to 600 s."),
    ],
)
def test_a_value_out_of_range_brings_the_range_and_the_words(key: str, text: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=re.escape(sentence)):
        parse_value(setting_by_key(key), text)


def test_every_word_stands_for_a_value_within_the_range() -> None:
    for key, words in WORDS.items():
        for word, value in words.items():
            assert parse_value(setting_by_key(key), word) == value


@pytest.mark.parametrize(("key", "value"), [("hysteresis", 12), ("hysteresis", 15)])
def test_a_hysteresis_that_reaches_the_threshold_is_refused(key: str, value: int) -> None:
    with pytest.raises(BadInput, match=rf"hysteresis \({value}\) must stay below threshold \(12\)"):
        check_together(setting_by_key(key), value, DEFAULTS)


def test_a_threshold_that_sinks_to_the_hysteresis_is_refused() -> None:
    values = DEFAULTS | {"hysteresis": 6}
    with pytest.raises(BadInput, match=r"threshold can't be 6 deg: hysteresis \(6\) must stay below threshold \(6\)"):
        check_together(setting_by_key("threshold"), 6, values)
    check_together(setting_by_key("threshold"), 7, values)
    check_together(setting_by_key("delay"), 60, values)


def test_settings_that_never_went_together_can_be_put_right() -> None:
    values = DEFAULTS | {"threshold": 10, "hysteresis": 15}
    check_together(setting_by_key("threshold"), 20, values)
    check_together(setting_by_key("threshold"), 12, values)  # halfway: the sensor has the last word


def test_the_rows_are_those_settings_that_the_sensor_has() -> None:
    rows = setting_rows({"threshold": 15, "fading": 1, "from the future": 3})
    assert [(row.key, row.value, row.unit, row.range) for row in rows] == [
        ("threshold", "15", "deg", "5..45"),
        ("fading", "1", "-", "0..1"),
    ]


# Changing


async def test_a_change_is_written_against_the_present_revision() -> None:
    sensor = Sensor()
    await change_setting(sensor, setting_by_key("delay"), 45)
    assert sensor.writes == [("delay", 45)]


async def test_a_change_that_lost_a_race_is_made_on_top_of_the_others() -> None:
    sensor = Sensor(races=MAX_ATTEMPTS - 1, threshold=20)
    await change_setting(sensor, setting_by_key("delay"), 45)
    assert (sensor.values["delay"], sensor.values["threshold"]) == (45, 20)


async def test_a_race_that_goes_on_is_an_error_in_the_end() -> None:
    sensor = Sensor(races=MAX_ATTEMPTS)
    with pytest.raises(Refused, match="changed by somebody else"):
        await change_setting(sensor, setting_by_key("delay"), 45)
    assert sensor.writes == []


async def test_what_others_changed_in_between_is_checked_too() -> None:
    sensor = Sensor(races=1, threshold=8)
    with pytest.raises(BadInput, match=r"hysteresis \(10\) must stay below threshold \(8\)"):
        await change_setting(sensor, setting_by_key("hysteresis"), 10)
    assert sensor.writes == []


async def test_any_other_refusal_is_final() -> None:
    sensor = Sensor()
    sensor.error = refusal("set a setting", "the sensor", messages.FLASH_FAILED)
    with pytest.raises(Refused, match="flash memory failed"):
        await change_setting(sensor, setting_by_key("delay"), 45)


async def test_a_value_out_of_range_never_leaves_the_host() -> None:
    sensor = Sensor()
    with pytest.raises(BadInput):
        await change_setting(sensor, setting_by_key("delay"), 4)
    assert sensor.writes == []
