"""What the day's records say up to a moment, as the coach's rules read it."""

from pathlib import Path

import pytest

from coach.recorded import read
from coach.situations import at
from unslouch.coach.read_posture import read_posture

THRESHOLD_DEG = 12.0


def test_time_leaning_forward_is_counted_over_the_last_hour(tmp_path: Path) -> None:
    day = read(tmp_path, lambda it: it.sit(30, 20).sit(40, 20).sit(20, 2))
    seen = read_posture(day, at("09:30"), THRESHOLD_DEG)
    assert (seen.measured_min, seen.forward_min) == (60, 40)
    earlier = read_posture(day, at("08:30"), THRESHOLD_DEG)
    assert (earlier.measured_min, earlier.forward_min) == (30, 30), "what comes after the moment is not looked at"


def test_walking_is_not_measured_posture(tmp_path: Path) -> None:
    seen = read_posture(read(tmp_path, lambda it: it.sit(20, 20).walk(10)), at("08:30"), THRESHOLD_DEG)
    assert (seen.measured_min, seen.forward_min) == (20, 20)


def test_a_hold_is_as_long_as_the_posture_has_not_changed(tmp_path: Path) -> None:
    day = read(tmp_path, lambda it: it.sit(20, 2).sit(25, 9))
    seen = read_posture(day, at("08:45"), THRESHOLD_DEG)
    assert seen.held_min == 25
    assert seen.held_deg == 9


def test_an_upright_posture_is_held_too(tmp_path: Path) -> None:
    assert read_posture(read(tmp_path, lambda it: it.sit(30, 0)), at("08:30"), THRESHOLD_DEG).held_min == 30


def test_reaching_out_for_five_seconds_does_not_end_a_hold_and_a_change_of_ten_does(tmp_path: Path) -> None:
    reach = read(tmp_path, lambda it: it.sit(20, 2).sit(1 / 12, 30).sit(10, 2))
    assert read_posture(reach, at("08:31"), THRESHOLD_DEG).held_min == pytest.approx(30.1, abs=0.1)
    (tmp_path / "posture.db").unlink()
    change = read(tmp_path, lambda it: it.sit(20, 2).sit(1 / 6, 30).sit(10, 2))
    assert read_posture(change, at("08:31"), THRESHOLD_DEG).held_min == pytest.approx(10, abs=0.1)


def test_a_sideways_change_ends_a_hold(tmp_path: Path) -> None:
    day = read(tmp_path, lambda it: it.sit(20, 2, 0).sit(10, 2, 8))
    seen = read_posture(day, at("08:30"), THRESHOLD_DEG)
    assert seen.held_min == 10
    assert seen.lateral_deg == 0, "the median of the hour"


def test_a_lateral_bias_is_the_median_of_the_hour(tmp_path: Path) -> None:
    seen = read_posture(read(tmp_path, lambda it: it.sit(40, 2, -7).sit(20, 2, 3)), at("09:00"), THRESHOLD_DEG)
    assert seen.lateral_deg == -7


def test_a_walk_of_a_minute_is_a_break_and_a_shorter_one_is_not(tmp_path: Path) -> None:
    day = read(tmp_path, lambda it: it.sit(30).walk(0.5).sit(29.5).walk(2).sit(28))
    assert read_posture(day, at("09:00"), THRESHOLD_DEG).sitting_since_utc_ms == at("08:00")
    assert read_posture(day, at("09:30"), THRESHOLD_DEG).sitting_since_utc_ms == at("09:02")
    assert read_posture(day, at("09:02"), THRESHOLD_DEG).sitting_since_utc_ms is None, "still in the break"


def test_time_without_records_may_have_been_a_break(tmp_path: Path) -> None:
    day = read(tmp_path, lambda it: it.sit(30).wait(5 * 60_000).sit(25))
    assert read_posture(day, at("09:00"), THRESHOLD_DEG).sitting_since_utc_ms == at("08:35")


def test_the_dominant_cell_of_the_day_is_known(tmp_path: Path) -> None:
    seen = read_posture(read(tmp_path, lambda it: it.sit(8, 25).sit(3, 5)), at("08:11"), THRESHOLD_DEG)
    assert seen.dominant is not None
    assert (seen.dominant.tilt, seen.dominant.duration) == ("20–30°", "4–10 min")
    assert seen.dominant.share == pytest.approx(8 / 11)


def test_records_that_end_long_before_say_nothing_about_now(tmp_path: Path) -> None:
    seen = read_posture(read(tmp_path, lambda it: it.sit(50, 20)), at("09:20"), THRESHOLD_DEG)
    assert seen.held_min == 0
    assert seen.held_deg is None
    assert seen.sitting_since_utc_ms is None
    assert seen.forward_min == 30, "what was in the last hour still was"


def test_before_all_records_nothing_is_known(tmp_path: Path) -> None:
    seen = read_posture(read(tmp_path, lambda it: it.sit(50, 20)), at("07:00"), THRESHOLD_DEG)
    assert (seen.measured_min, seen.held_min, seen.lateral_deg, seen.sitting_since_utc_ms) == (0, 0, None, None)
    assert seen.dominant is None
