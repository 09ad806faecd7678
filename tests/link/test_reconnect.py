"""When a lost sensor is tried again: backing off, and in time for its next window."""

from itertools import pairwise

import pytest

from unslouch.sensor.deep_sleep import DeepSleep, ExpectedSleep
from unslouch.sensor.reconnect import EARLY_S, GAP_S, SEEK_S, WINDOW_S, Backoff, Pace, Pause, Reconnect
from unslouch_device.contract import records as r

PERIOD_S = 180


def plan(period_s: int = PERIOD_S) -> Reconnect:
    """Of a link that ended at 1000 s."""
    reconnect = Reconnect(Backoff(first_s=0.5, most_s=15, uniform=lambda: 1.0))
    reconnect.linked(period_s)
    reconnect.lost(1000)
    return reconnect


def tries(reconnect: Reconnect, until_s: float, trying_s: float = 6, over_air: bool = True) -> list[tuple[Pace, float]]:
    """Return when each try begins, counted from the loss, where each takes some time; and at which pace."""
    now_s, begun = 1000.0, []
    while now_s < 1000 + until_s:
        pause = reconnect.next(now_s, over_air)
        now_s += pause.delay_s
        begun.append((pause.pace, now_s - 1000))
        now_s += trying_s
    return begun


def test_the_first_tries_come_fast_and_later_ones_at_a_capped_distance() -> None:
    begun = [at_s for _, at_s in tries(plan(0), 100, trying_s=0, over_air=False)]
    assert begun[:4] == [0.5, 1.5, 3.5, 7.5]
    assert begun[-1] - begun[-2] == 15


def test_a_try_begins_just_before_each_window_and_more_follow_within_it() -> None:
    begun = tries(plan(), 8 * PERIOD_S)
    for window_s in (PERIOD_S, 3 * PERIOD_S, 7 * PERIOD_S):  # each twice as far from the last
        inside = [at_s for pace, at_s in begun if pace is Pace.IN_WINDOW and 0 <= at_s - window_s < WINDOW_S + 1]
        assert (Pace.TO_WINDOW, window_s - EARLY_S) in begun
        assert len(inside) >= 2


def test_between_windows_it_is_tried_too_since_a_press_of_the_button_opens_one() -> None:
    begun = [at_s for _, at_s in tries(plan(), PERIOD_S - 1)]
    assert max(later - earlier for earlier, later in pairwise(begun)) <= 15 + 6


def test_the_countdown_goes_to_the_next_window_and_then_to_the_one_after() -> None:
    reconnect = plan()
    assert reconnect.next(1000, True).to_window_s == PERIOD_S
    assert reconnect.next(1150, True).to_window_s == 30
    assert reconnect.next(1185, True).to_window_s == 2 * PERIOD_S - 5


def test_a_sensor_whose_windows_are_unknown_is_sought_without_gaps_that_a_window_fits_into() -> None:
    unknown = Reconnect(Backoff(uniform=lambda: 1.0))
    begun = tries(unknown, SEEK_S)
    assert begun[0] == (Pace.SEEKING, 0.5)
    assert max(later - earlier for (_, earlier), (_, later) in pairwise(begun)) <= 6 + GAP_S
    assert unknown.next(1000 + SEEK_S, True) == Pause(Pace.BACKING_OFF, 15, None)
    unknown.hurry()
    assert unknown.next(1000 + SEEK_S, True).pace is Pace.SEEKING


@pytest.mark.parametrize(
    ("most_gap_min", "windows_s"),
    [
        (3, [180, 360, 540, 720]),
        (5, [180, 480, 780, 1080]),
        (None, [180, 540, 1260, 2160, 3060]),
        (60, [180, 540, 1260, 2700, 5580]),
    ],
)
def test_the_countdown_follows_the_sensors_setting(most_gap_min: int | None, windows_s: list[int]) -> None:
    reconnect = plan()
    reconnect.left(was_watched=True, most_gap_min=most_gap_min, expected=None)
    for before_s, window_s in pairwise([0, *windows_s]):
        assert reconnect.next(1000 + before_s, True).to_window_s == window_s - before_s
        assert reconnect.next(1000 + before_s + 60, True).to_window_s == window_s - before_s - 60


def test_a_setting_that_no_sensor_can_have_ends_in_no_endless_count() -> None:
    reconnect = plan()
    reconnect.left(was_watched=True, most_gap_min=0, expected=None)
    assert reconnect.next(1000 + PERIOD_S, True).to_window_s == PERIOD_S


def test_a_sensor_whose_windows_were_missed_is_sought_all_the_time_and_its_windows_are_counted_for_an_hour() -> None:
    begun = tries(plan(), 12 * PERIOD_S)
    late = [pace for pace, at_s in begun if at_s > 8 * PERIOD_S]
    assert set(late) == {Pace.SEEKING}
    assert plan().next(1000 + SEEK_S - 1, True).to_window_s is not None
    assert plan().next(1000 + SEEK_S, True).to_window_s is None


def test_a_window_a_quarter_of_an_hour_away_is_waited_for() -> None:
    begun = tries(plan(900), 930)
    assert (Pace.TO_WINDOW, 900 - EARLY_S) in begun
    assert any(pace is Pace.IN_WINDOW for pace, at_s in begun if at_s > 899)


def test_after_a_link_in_which_somebody_watched_the_windows_come_soon() -> None:
    reconnect = plan(900)
    reconnect.left(was_watched=True, most_gap_min=None, expected=None)
    assert reconnect.to_window_s(1000) == PERIOD_S


def test_a_sensor_off_the_body_that_misses_its_window_is_asleep_and_is_tried_all_night() -> None:
    reconnect = plan()
    reconnect.left(was_watched=False, most_gap_min=None, expected=ExpectedSleep(r.ASLEEP_OFF_BODY, True, False))
    begun = tries(reconnect, 12 * 3600)
    assert {pace for pace, at_s in begun if at_s < PERIOD_S} != {Pace.ASLEEP}
    late = [(pace, at_s) for pace, at_s in begun if at_s > PERIOD_S + 2 * WINDOW_S]
    assert {pace for pace, _ in late} == {Pace.ASLEEP}
    assert max(after - before for (_, before), (_, after) in pairwise(late)) < 30, (
        "it can be heard so long when it wakes"
    )
    reconnect.linked(PERIOD_S)
    reconnect.lost(50_000)
    assert reconnect.next(50_000 + 2 * PERIOD_S, True).deep_sleep is None, "and isn't once it was put on"


@pytest.mark.parametrize("why", [r.ASLEEP_BY_HAND, r.ASLEEP_EMPTY])
@pytest.mark.parametrize("over_air", [True, False])
def test_a_sensor_that_said_that_it_ends_has_no_window_from_then_on(why: int, over_air: bool) -> None:
    reconnect = plan()
    reconnect.left(was_watched=True, most_gap_min=None, expected=ExpectedSleep(why, True, True))
    for after_s in (0, PERIOD_S, 100_000):
        pause = reconnect.next(1000 + after_s, over_air)
        assert (pause.pace, pause.to_window_s, pause.deep_sleep) == (Pace.ASLEEP, None, DeepSleep(why, True))


def test_a_sensor_that_was_almost_empty_and_misses_its_window_is_probably_empty_and_sought_as_any_other() -> None:
    reconnect = plan()
    reconnect.left(was_watched=True, most_gap_min=None, expected=ExpectedSleep(r.ASLEEP_EMPTY, True, False))
    assert reconnect.next(1000 + PERIOD_S, True).deep_sleep is None
    pause = reconnect.next(1000 + 8 * PERIOD_S, True)
    assert (pause.pace, pause.to_window_s) == (Pace.SEEKING, None)
    assert pause.deep_sleep == DeepSleep(r.ASLEEP_EMPTY, True, is_certain=False)


def test_a_host_that_waits_for_a_cable_counts_no_windows() -> None:
    assert all(pace is Pace.BACKING_OFF for pace, _ in tries(plan(), PERIOD_S, over_air=False))
    assert plan().next(1000, False).to_window_s is None


def test_a_new_link_begins_again_with_the_shortest_delay() -> None:
    reconnect = plan(0)
    tries(reconnect, 100)
    reconnect.linked(0)
    assert reconnect.next(2000, True).delay_s == 0.5
