"""When a lost sensor is tried again: backing off, and in time for its next window."""

from itertools import pairwise

from unslouch.sensor.reconnect import EARLY_S, GAP_S, SEEK_S, WINDOW_S, Backoff, Pace, Pause, Reconnect

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
    begun = tries(plan(), 4 * PERIOD_S)
    for window_s in (PERIOD_S, 2 * PERIOD_S, 3 * PERIOD_S):
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
    assert reconnect.next(1185, True).to_window_s == PERIOD_S - 5


def test_a_sensor_whose_windows_are_unknown_is_sought_without_gaps_that_a_window_fits_into() -> None:
    unknown = Reconnect(Backoff(uniform=lambda: 1.0))
    begun = tries(unknown, SEEK_S)
    assert begun[0] == (Pace.SEEKING, 0.5)
    assert max(later - earlier for (_, earlier), (_, later) in pairwise(begun)) <= 6 + GAP_S
    assert unknown.next(1000 + SEEK_S, True) == Pause(Pace.BACKING_OFF, 15, None)
    unknown.hurry()
    assert unknown.next(1000 + SEEK_S, True).pace is Pace.SEEKING


def test_windows_are_not_foreseen_for_ever() -> None:
    begun = tries(plan(), 12 * PERIOD_S)
    late = [pace for pace, at_s in begun if at_s > 8 * PERIOD_S]
    assert set(late) == {Pace.SEEKING}
    assert plan().next(1000 + 8 * PERIOD_S, True).to_window_s is None


def test_a_host_that_waits_for_a_cable_counts_no_windows() -> None:
    assert all(pace is Pace.BACKING_OFF for pace, _ in tries(plan(), PERIOD_S, over_air=False))
    assert plan().next(1000, False).to_window_s is None


def test_a_new_link_begins_again_with_the_shortest_delay() -> None:
    reconnect = plan(0)
    tries(reconnect, 100)
    reconnect.linked(0)
    assert reconnect.next(2000, True).delay_s == 0.5
