"""Whether a wearer keeps still enough for a calibration."""

import pytest

from unslouch.link.model import LiveSample
from unslouch.sensor.stillness import Stillness, StillnessMeter
from unslouch_device.contract import states


def sample(uptime_ms: int, forward_deg: float | None, activity: int = states.ACTIVITY_STILL) -> LiveSample:
    lateral_deg = None if forward_deg is None else 0.5
    return LiveSample(uptime_ms, forward_deg, lateral_deg, states.UPRIGHT, activity, False, False, False, 0)


def after(*samples: LiveSample | None) -> Stillness:
    meter = StillnessMeter()
    for each in samples:
        meter.observe(each)
    return meter.stillness


def test_nothing_is_known_before_the_first_sample_and_after_the_link_is_lost() -> None:
    assert after() is Stillness.UNKNOWN
    assert after(sample(0, 3.0), None) is Stillness.UNKNOWN


def test_a_small_sway_is_still() -> None:
    assert after(*(sample(200 * n, 3.0 + n % 2) for n in range(6))) is Stillness.STILL


def test_a_bow_is_no_stillness() -> None:
    assert after(*(sample(200 * n, 3.0 * n) for n in range(6))) is Stillness.MOVING


def test_what_is_more_than_a_second_ago_does_not_count() -> None:
    moved = [sample(200 * n, 10.0 * n) for n in range(4)]
    assert after(*moved, *(sample(2000 + 200 * n, 30.0) for n in range(5))) is Stillness.STILL


@pytest.mark.parametrize(
    ("activity", "stillness"),
    [
        (states.ACTIVITY_STILL, Stillness.STILL),
        (states.ACTIVITY_MOVING, Stillness.MOVING),
        (states.ACTIVITY_UNKNOWN, Stillness.UNKNOWN),
    ],
)
def test_without_a_calibration_the_activity_decides(activity: int, stillness: Stillness) -> None:
    assert after(sample(0, None, activity), sample(200, None, activity)) is stillness


def test_a_sensor_that_restarted_begins_anew() -> None:
    assert after(sample(90_000, 40.0), sample(100, 2.0)) is Stillness.STILL
