"""Events in words."""

import pytest

from unslouch.link.descriptions import describe_event
from unslouch.link.model import JournalEvent
from unslouch_device.contract import records


def journal_event(code: int, *values: int) -> JournalEvent:
    name, _, fields = records.EVENTS[code]
    return JournalEvent(code, name, 1000, dict(zip(fields, values, strict=True)))


@pytest.mark.parametrize(
    ("code", "values", "words"),
    [
        (records.ALERT, (2440, 1, 0), "alert at 24 degrees"),
        (records.ALERT, (4100, 1, 1), "alert at 41 degrees (holding time)"),
        (records.ALERT_MISSED, (1, records.MISSED_LATE), "alert not corrected: still slouching after 30 s"),
        (records.CORRECTED, (12_300,), "corrected 12 s after the alert"),
        (records.DELAY_ADAPTED, (45, records.ADAPTED_LONGER), "delay adapted to 45 s: you corrected yourself unaided"),
        (records.CALIBRATED, (7, records.CALIBRATED_BOW, 0), "calibrated: your bow showed which way is forward"),
        (records.STANDING_ZERO, (7, -1240, 10), "standing zero: standing is -12 degrees from upright"),
        (records.STANDING_ZERO, (7, -20, 10), "standing zero: standing is +0 degrees from upright"),
        (records.PROFILE_SELECTED, (1, 9), "profile selected: number 2"),
        (records.PROFILE_NAMED, (0x21, 0, 0), "profile named: number 2"),
        (records.TAKEN_OFF, (0, records.TAKEN_OFF_COLD), "taken off: it lies still and has cooled"),
        (records.SNOOZED, (0,), "snoozed: ended"),
        (records.BUTTON, (3,), "button: next profile"),
        (records.BUTTON, (9,), "button"),
        (records.PUT_ON, (), "put on"),
    ],
)
def test_an_event_is_described_by_what_matters(code: int, values: tuple[int, ...], words: str) -> None:
    assert describe_event(journal_event(code, *values)) == words


def test_a_sensor_that_may_have_moved_is_described_with_the_remedy() -> None:
    words = describe_event(journal_event(records.SENSOR_MOVED, 1800, 400, 0))
    assert "14 degrees" in words
    assert "re-zero" in words


@pytest.mark.parametrize("code", sorted(records.EVENTS))
def test_every_event_has_words_whatever_is_in_it(code: int) -> None:
    name, _, fields = records.EVENTS[code]
    for value in (0, 1, 200):
        assert describe_event(journal_event(code, *[value] * len(fields))).startswith(name)


def test_an_event_from_the_future_keeps_its_name() -> None:
    assert describe_event(JournalEvent(99, "event 99", 0, {})) == "event 99"
