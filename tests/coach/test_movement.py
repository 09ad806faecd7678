"""What the body does from sample to sample: it holds, shifts, walks or rests."""

import pytest

from unslouch.coach.movement import MAX_SILENCE_MS, Body, MovementWatch
from unslouch_device.contract import states


class Wearer:
    """Sits, at two samples a second."""

    def __init__(self) -> None:
        self.watch = MovementWatch()
        self.now_ms = 1_000_000

    def stay(self, seconds: float, state: int = states.UPRIGHT, forward_deg: float | None = 2.0) -> set[Body]:
        seen = set()
        for _ in range(round(seconds * 2)):
            self.now_ms += 500
            seen.add(self.watch.observe(self.now_ms, state, forward_deg, 0.0))
        return seen

    @property
    def held_s(self) -> float:
        return self.watch.held_min(self.now_ms) * 60


@pytest.fixture
def wearer() -> Wearer:
    return Wearer()


def test_a_posture_that_is_kept_is_a_hold(wearer: Wearer) -> None:
    assert wearer.stay(1200) == {Body.HOLDS}
    assert wearer.held_s == pytest.approx(1200, abs=1)


def test_a_change_of_five_degrees_is_a_shift_once_it_is_held_for_five_seconds(wearer: Wearer) -> None:
    wearer.stay(60)
    assert wearer.stay(5, forward_deg=8.0) == {Body.HOLDS}
    assert Body.SHIFTED in wearer.stay(2, forward_deg=8.0)
    assert wearer.held_s < 3
    assert wearer.stay(60, forward_deg=8.0) == {Body.HOLDS}


def test_less_than_five_degrees_and_less_than_five_seconds_are_no_shift(wearer: Wearer) -> None:
    wearer.stay(60)
    assert wearer.stay(60, forward_deg=6.5) == {Body.HOLDS}
    assert wearer.stay(3, forward_deg=20.0) == {Body.HOLDS}
    assert wearer.stay(60, forward_deg=6.5) == {Body.HOLDS}


def test_a_slow_drift_is_a_shift_after_five_degrees(wearer: Wearer) -> None:
    seen = [Body.SHIFTED in wearer.stay(15, forward_deg=2 + tenth / 10) for tenth in range(60)]
    assert sum(seen) == 1
    assert seen.index(True) in range(50, 53)


@pytest.mark.parametrize(
    ("state", "body"),
    [
        (states.MOVING, Body.WALKS),
        (states.LYING, Body.RESTS),
        (states.OFF_BODY, Body.RESTS),
        (states.CHARGING, Body.RESTS),
        (states.UNCALIBRATED, Body.UNKNOWN),
        (states.UNKNOWN, Body.UNKNOWN),
    ],
)
def test_other_states_end_the_hold(wearer: Wearer, state: int, body: Body) -> None:
    wearer.stay(600)
    assert wearer.stay(1, state) == {body}
    wearer.stay(10)
    assert wearer.held_s < 11


def test_without_angles_nothing_is_known(wearer: Wearer) -> None:
    assert wearer.stay(1, forward_deg=None) == {Body.UNKNOWN}


def test_time_without_samples_and_a_clock_that_is_set_back_start_again(wearer: Wearer) -> None:
    for jump_ms in (MAX_SILENCE_MS + 1000, -3_600_000):
        wearer.stay(600)
        wearer.now_ms += jump_ms
        wearer.stay(10)
        assert wearer.held_s < 11
