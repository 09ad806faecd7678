"""Each metric against a day worked by hand, and all of them against a second implementation on random days."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.epoch_days import START_MS, by_hand, epochs_of, joined, observed, tilts
from analysis.slow_day import day_metrics
from analysis.slow_metrics import tilt_metrics
from unslouch.analysis.metrics.observations import Observations
from unslouch.analysis.metrics.registry import METRICS, METRICS_BY_NAME, TABLES, summarise
from unslouch.analysis.metrics.variation import EVA_MATRIX, TILT_HISTOGRAM
from unslouch.analysis.model import Alert, Calibration, Episode, Epochs, Event, Interval, Outcome, Span, TimeQuality
from unslouch.store import AlertMark
from unslouch.store.words import WRONG_ALARM
from unslouch_device.contract import records, states
from unslouch_device.contract.records import EPOCH_MS
from unslouch_device.contract.states import LYING, MOVING, SLOUCHING, UPRIGHT

TABLES_BY_NAME = {table.name: table for table in TABLES}
STANDING_AT_0 = [by_hand(0.0)]


def value(name: str, day: Observations) -> Any:
    """A metric of a day, also where the day is too short for a score."""
    return METRICS_BY_NAME[name].measure(day)


def rows(name: str, day: Observations) -> list[dict[str, Any]]:
    """The rows of a table; None where a value is not known."""
    columns = TABLES_BY_NAME[name].read(day)
    cells = {
        column: [
            cell if values.known is None or values.known[at] else None for at, cell in enumerate(values.array.tolist())
        ]
        for column, values in columns.items()
    }
    return [dict(zip(cells, line, strict=True)) for line in zip(*cells.values(), strict=True)]


def test_zones_count_each_second_from_standing_with_the_lower_bound_in() -> None:
    day = observed(tilts([-5, -0.01, 0, 19.99, 20, 59.99, 60, 95, 10, 10]), STANDING_AT_0)
    zones = ("zone_below_0", "zone_0_20", "zone_20_60", "zone_60_up")
    assert [round(value(name, day) * 60) for name in zones] == [2, 4, 2, 2]
    assert [value(f"{name}_share", day) for name in zones] == [0.2, 0.4, 0.2, 0.2]
    assert [round(value(f"above_{degrees}", day) * 60) for degrees in (20, 30, 60, 90)] == [4, 3, 2, 1]


def test_zones_of_rula_and_reba_are_times() -> None:
    day = observed(tilts([-25, -20, -19.99, -5, -4.99, 4.99, 5, 20, 60, 60]), STANDING_AT_0)
    assert [round(value(f"rula_{zone}", day) * 60) for zone in ("unscored", 2, 3, 4)] == [5, 2, 1, 2]
    assert [round(value(f"reba_{zone}", day) * 60) for zone in (1, 2, 3, 4)] == [2, 3, 3, 2]


def test_lying_is_in_no_zone_and_walking_is() -> None:
    day = observed(joined(tilts([30] * 5), tilts([80] * 5, LYING), tilts([25] * 5, MOVING)), STANDING_AT_0)
    assert (value("zone_20_60", day) * 60, value("zone_60_up", day)) == (10, 0)


def test_lateral_zones_and_bends_count_either_way_from_standing() -> None:
    epochs = epochs_of(np.zeros(30), np.full(6, UPRIGHT), lateral_cdeg=np.array([-1100, 0, 999, 1000, 1500, 2500]))
    day = observed(epochs, STANDING_AT_0)
    assert [value(f"lateral_{zone}", day) * 60 for zone in ("0_10", "10_20", "20_up")] == [10, 15, 5]
    assert (value("lateral_bends", day), value("lateral_bends_per_min", day)) == (2, 4.0)
    leaning = observed(epochs, [by_hand(0.0, 20.0)])
    assert [value(f"lateral_{zone}", leaning) * 60 for zone in ("0_10", "10_20", "20_up")] == [10, 10, 10]


def test_the_longest_bout_above_60_bridges_short_dips_and_leaves_out_spikes() -> None:
    # A spike of 2 s at the start is filtered away; of the bout of 6 + 1 + 5 s the dip is.
    day = observed(tilts([0, 70, 70, 0, 0, 0, *[70] * 6, 50, *[70] * 5, 0, 0]), STANDING_AT_0)
    assert value("longest_above_60", day) == 12
    apart = observed(tilts([*[70] * 6, *[0] * 6, *[70] * 8]), STANDING_AT_0)
    assert value("longest_above_60", apart) == 8


def test_a_hold_uses_up_its_holding_time_by_tilt() -> None:
    # 100 s at 40° of 150 s, 60 s at 60° of 60 s, and 10 s at 70° of 4 s.
    day = observed(tilts([*[40] * 100, *[60] * 60, *[70] * 10]), STANDING_AT_0)
    assert [row["length_s"] for row in rows("holds", day)] == [100, 60, 10]
    assert [row["budget_used_share"] for row in rows("holds", day)] == pytest.approx([2 / 3, 1, 2.5])
    assert (value("budget_used_most", day), value("holds_over_budget", day)) == (pytest.approx(2.5), 2)


def test_a_tilt_of_20_can_be_held_without_limit_and_a_movement_is_no_hold() -> None:
    assert value("budget_used_most", observed(tilts([20] * 3600), STANDING_AT_0)) == 0
    moving = observed(tilts([30, 30, 30, 40, 40, 40, 50, 50, 50, 60]), STANDING_AT_0)
    assert rows("holds", moving) == []
    assert value("budget_used_most", moving) is None


def test_amplitude_percentiles_interpolate_and_leave_walking_out() -> None:
    day = observed(joined(tilts([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]), tilts([-50] * 20, MOVING)))
    assert [value(f"tilt_p{percent}", day) for percent in (10, 50, 90)] == [9.0, 45.0, 81.0]
    assert value("tilt_range", day) == 72.0
    assert (value("walking_tilt", day), value("walking_tilt_p90", day)) == (-50.0, -50.0)


def test_the_exposure_matrix_has_each_bout_by_tilt_and_length() -> None:
    # 9 s below 0°, 10 s at 5°, 31 s at 15°, of which 5 s walking ends the first bout: 20 + 11 s.
    day = observed(joined(tilts([*[-1] * 9, *[5] * 10, *[15] * 21]), tilts([15] * 5, MOVING), tilts([15] * 10)))
    matrix = EVA_MATRIX.measure(day)
    assert matrix[0, 0] == 9
    assert matrix[1, 1] == 10
    assert matrix[2, 1] == 31
    assert matrix.sum() == 50
    assert value("eva_dominant_cell", day) == "10–20°, 10–30 s"
    assert value("eva_dominant_share", day) == 0.62
    parts = np.array([9, 10, 31]) / 50
    assert value("eva_entropy", day) == pytest.approx(-(parts * np.log2(parts)).sum())
    assert [row["length_s"] for row in rows("bouts", day)] == [9, 10, 21, 10]
    assert [(row["from_deg"], row["to_deg"]) for row in rows("bouts", day)][:2] == [(None, 0), (0, 10)]


def test_posture_changes_are_between_holds_of_5_s() -> None:
    # 0° → 10° is a change; the 3 s at 30° are none, and 10° → 12° is less than 5°.
    day = observed(tilts([*[0] * 10, *[10] * 10, *[30] * 3, *[12] * 7]))
    assert value("posture_changes", day) == 1
    assert value("posture_changes_per_hour", day) == 120


def test_bends_are_crossings_of_45_and_not_of_a_walk() -> None:
    day = observed(joined(tilts([0, 50, 0, 0, 0, 46, 44, 47, 0, 0]), tilts([60] * 10, MOVING)), STANDING_AT_0)
    assert (value("bends", day), value("bends_per_hour", day)) == (2, 720)
    assert [(row["length_s"], row["peak_from_standing_deg"]) for row in rows("bends", day)] == [(1, 50), (3, 47)]


def test_speed_is_that_of_the_epochs() -> None:
    speeds = np.arange(0, 1100, 100)
    day = observed(epochs_of(np.zeros(55), np.full(11, UPRIGHT), speed_cdeg_s=speeds))
    assert (value("speed_p50", day), value("speed_p90", day)) == (5.0, 9.0)


def spans(*parts: tuple[int, float]) -> list[Span]:
    """Spans of (state, minutes) one after the other from the start of the day."""
    found, at_ms = [], START_MS
    for state, minutes in parts:
        found.append(Span(state, at_ms, at_ms := at_ms + round(minutes * 60_000)))
    return found


def test_breaks_are_walking_or_lying_for_a_minute_or_taking_the_sensor_off() -> None:
    parts = [
        *((UPRIGHT, 30), (MOVING, 0.9), (UPRIGHT, 20), (MOVING, 0.6), (LYING, 0.6), (UPRIGHT, 10)),
        *((states.OFF_BODY, 0.2), (SLOUCHING, 40), (states.UNKNOWN, 1), (UPRIGHT, 45), (states.CHARGING, 60)),
    ]
    day = observed(tilts([0] * 5), spans=spans(*parts))
    assert value("breaks", day) == 3
    assert [row["state"] for row in rows("breaks", day)] == ["moving", "off body", "charging"]
    assert value("longest_without_break", day) == pytest.approx(50.9)


def test_the_upright_share_is_of_seated_and_standing_time() -> None:
    parts = (UPRIGHT, 60), (SLOUCHING, 20), (states.LEANING, 10), (states.RECLINED, 10), (MOVING, 50), (LYING, 50)
    assert value("upright_share", observed(tilts([0] * 5), spans=spans(*parts))) == 0.6


def test_fragmentation_needs_ten_bouts() -> None:
    def day(bouts: int) -> Observations:
        return observed(tilts([0] * 5), spans=spans(*[(UPRIGHT, 5), (SLOUCHING, 1)] * bouts))

    assert [value(name, day(9)) for name in ("upright_gini", "upright_left_per_min")] == [None, None]
    assert [value(name, day(10)) for name in ("upright_gini", "upright_left_per_min")] == [0.0, 0.2]


def test_alerts_per_worn_hour_and_those_marked_wrong() -> None:
    alerts = [Alert(7, number, START_MS, 20.0, 1, "delay", Outcome.LATE, None) for number in range(4)]
    marks = [AlertMark(7, 2, START_MS, WRONG_ALARM), AlertMark(8, 3, START_MS, WRONG_ALARM)]
    day = observed(tilts([0] * 5), spans=spans((UPRIGHT, 120)), alerts=alerts, alert_marks=marks)
    assert value("alerts_per_worn_hour", day) == 2
    assert (value("alerts_marked_wrong", day), value("alerts_marked_wrong_share", day)) == (1, 0.25)
    assert [row["marked_wrong"] for row in rows("alerts", day)] == [False, False, True, False]


def test_the_standing_zero_is_by_hand_or_from_walking_or_missing() -> None:
    sitting, walking = tilts([10] * 100), tilts([8] * 60, MOVING)
    both = joined(sitting, walking)
    assert value("standing_zero", observed(both, [by_hand(-8.5)])) == "by hand"
    assert value("standing_zero_forward", observed(both, [by_hand(-8.5)])) == -8.5
    from_walking = observed(both)
    assert value("standing_zero", from_walking) == "from walking"
    assert (value("standing_zero_forward", from_walking), value("standing_zero_error", from_walking)) == (2.0, 6.0)
    seated = observed(joined(sitting, tilts([8] * 55, MOVING)))
    assert (value("standing_zero", seated), value("standing_zero_forward", seated)) == ("seated upright", None)


def test_a_zero_from_walking_gives_every_metric_that_refers_to_standing_bounds() -> None:
    # Standing is at 8 − 6 = 2°, so 100 s are 20° forward of it: 14° to 26° for zeros of 8° to −4°.
    day = observed(joined(tilts([22] * 100), tilts([8] * 60, MOVING)))
    names = ("zone_20_60", "zone_20_60_low", "zone_20_60_high")
    assert [round(value(name, day) * 60) for name in names] == [100, 0, 100]
    for metric in METRICS:
        if metric.bound_of:
            assert metric.measure(day) is not None, metric.name
            assert metric.measure(observed(day.epochs, STANDING_AT_0)) is None, metric.name


def test_a_change_of_calibration_ends_bouts_and_counts_from_its_own_zero() -> None:
    epochs = epochs_of(
        np.full(40, 3000), np.full(8, UPRIGHT), calibration_id=np.array([1, 1, 1, 1, 2, 2, 2, 2], np.uint16)
    )
    day = observed(epochs, [by_hand(0.0, calibration_id=1), by_hand(-40.0, calibration_id=2)])
    assert [row["length_s"] for row in rows("bouts", day)] == [20, 20]
    assert [row["from_standing_deg"] for row in rows("holds", day)] == [30, 70]
    assert (value("zone_20_60", day) * 60, value("zone_60_up", day) * 60) == (20, 20)
    assert value("calibrations_used", day) == 2
    assert [row["calibration_id"] for row in rows("segments", day)] == [1, 2]
    assert value("posture_changes", day) == 0


def test_two_sensors_at_once_count_each_moment_once_and_the_state_that_began_later_counts() -> None:
    first = epochs_of(np.full(500, 1000), np.full(100, UPRIGHT))
    second = epochs_of(np.full(100, 3000), np.full(20, SLOUCHING), utc_ms=first.utc_ms[40:60] + 2000, journal=8)
    both = Epochs(**{name: np.concatenate([getattr(part, name) for part in (first, second)]) for name in vars(first)})
    day = observed(both, [by_hand(0.0)], spans=spans((UPRIGHT, 10)))
    assert len(day.seconds) == 500
    assert (day.seconds.forward_cdeg == 3000).sum() == 100
    assert (np.diff(day.seconds.utc_ms) > 0).all()
    assert [row["length_s"] for row in rows("bouts", day)] == [202, 100, 198]


def test_scores_have_no_value_and_say_too_short_below_an_hour_or_half_of_the_worn_span() -> None:
    def summary(*parts: tuple[int, float]) -> Any:
        return summarise(observed(tilts([10] * 4000), spans=spans(*parts)))

    enough = summary((UPRIGHT, 60))
    assert (enough.values["data"], enough.values["upright_share"], enough.is_too_short) == ("enough", 1.0, False)
    for short in (
        summary((UPRIGHT, 59.9)),
        summary((UPRIGHT, 31), (states.UNKNOWN, 70), (UPRIGHT, 31)),
        summary((UPRIGHT, 61), (states.UNCALIBRATED, 62)),
    ):
        assert short.values["data"] == "too short"
        for metric in METRICS:
            if metric.is_score:
                assert short.values[metric.name] is None
                assert short.why_missing(metric) == "too short"
        assert short.values["zone_0_20"] == pytest.approx(4000 / 60)
        assert short.why_missing(METRICS_BY_NAME["zone_0_20"]) is None
    assert enough.why_missing(METRICS_BY_NAME["calibration_age"]) == "not known"


def test_the_histogram_has_every_valid_second_without_walking_in_the_degree_it_lies_in() -> None:
    counts = TILT_HISTOGRAM.measure(observed(joined(tilts([-95, -0.5, 0, 0.99, 179.5]), tilts([5] * 5, MOVING))))
    labels = TILT_HISTOGRAM.axes[0].labels
    assert {labels[at]: counts[at] for at in np.flatnonzero(counts)} == {"-90": 1, "-1": 1, "0": 2, "179": 1}


@st.composite
def random_days(draw: st.DrawFn) -> tuple[Epochs, list[Calibration]]:
    """Days of sitting, walking and lying with gaps, boots and calibrations."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    parts: list[tuple[Any, ...]] = []
    at_ms, boot, calibration_id = START_MS + 3_600_000, 1, 1
    for state, epochs, level, sway, cut in draw(
        st.lists(
            st.tuples(
                st.sampled_from([UPRIGHT, UPRIGHT, SLOUCHING, states.RECLINED, MOVING, MOVING, LYING, states.OFF_BODY]),
                st.integers(1, 40),
                st.integers(-40, 90),
                st.sampled_from([0, 20, 150, 600]),
                st.sampled_from(["", "", "", "gap", "boot", "calibration"]),
            ),
            min_size=1,
            max_size=12,
        )
    ):
        if cut == "gap":
            at_ms += 5000 * int(rng.integers(1, 9))
        boot += cut == "boot"
        calibration_id = 1 + (calibration_id % 2) if cut == "calibration" else calibration_id
        # Angles on exact bounds are where implementations differ.
        drift = np.cumsum(rng.normal(0, sway, epochs * 5)) if sway else np.zeros(epochs * 5)
        second_cdeg = np.clip(level * 100 + np.rint(drift / 25) * 25, -8000, 12_000)
        for at in range(epochs):
            parts.append((second_cdeg[at * 5 : at * 5 + 5], state, at_ms, boot, calibration_id))
            at_ms += EPOCH_MS
    second_cdeg, state, utc_ms, boots, calibration_ids = (np.array(column) for column in zip(*parts, strict=True))
    made = epochs_of(
        second_cdeg,
        state,
        utc_ms=utc_ms,
        boot=boots,
        calibration_id=calibration_ids,
        lateral_cdeg=rng.integers(-30, 30, len(state)) * 100,
        speed_cdeg_s=rng.integers(0, 255, len(state)) * 25,
    )
    zeros = draw(st.lists(st.sampled_from([by_hand(-8.5, 2.0, 1), by_hand(3.25, -4.0, 2)]), unique=True))
    return made, zeros


@settings(max_examples=60, deadline=None)
@given(random_days())
def test_all_tilt_metrics_of_any_day_are_those_of_the_second_implementation(
    made: tuple[Epochs, list[Calibration]],
) -> None:
    epochs, calibrations = made
    day = observed(epochs, calibrations)
    if not len(day.seconds):
        return
    for name, expected in tilt_metrics(*made).items():
        found = value(name, day)
        assert found == (pytest.approx(expected, abs=1e-9) if isinstance(expected, float) else expected), name


@st.composite
def random_lives(draw: st.DrawFn) -> Observations:
    """Days of spans, deleted times, slouches, alerts and marks."""
    kinds = st.sampled_from(range(states.STATES))
    length_s = st.sampled_from([1, 30, 59, 60, 61, 77, 600, 1800, 3600, 4321])
    most = draw(st.sampled_from([3, 10, 40]))
    parts = draw(st.lists(st.tuples(kinds, length_s), min_size=most // 2, max_size=most))
    if most == 40:
        parts = [part for pair in zip(parts, [(UPRIGHT, 77)] * 40, strict=False) for part in pair]
    line = [(state, seconds / 60) for at, (state, seconds) in enumerate(parts) if not at or state != parts[at - 1][0]]
    moments = sorted(draw(st.lists(st.integers(0, 8000), max_size=6, unique=True)))
    deleted = [
        Interval(START_MS + a * 1000, START_MS + b * 1000) for a, b in zip(moments[::2], moments[1::2], strict=False)
    ]
    outcomes = draw(st.lists(st.sampled_from(Outcome), max_size=8))
    alerts = [Alert(7, at, START_MS, 20.0, 1, "delay", outcome, None) for at, outcome in enumerate(outcomes)]
    marks = [
        AlertMark(journal, at, START_MS, mark)
        for journal, at, mark in draw(
            st.lists(st.tuples(st.sampled_from([7, 8]), st.integers(0, 8), st.sampled_from([WRONG_ALARM, "other"])))
        )
    ]
    episodes = [
        Episode(START_MS + at * 1000, end and START_MS + (at + end) * 1000, 30.0, 20.0, 0, latency_s, began)
        for at, end, latency_s, began in draw(
            st.lists(
                st.tuples(
                    st.integers(0, 3000),
                    st.one_of(st.none(), st.integers(1, 4000)),
                    st.one_of(st.none(), st.floats(0.1, 600)),
                    st.booleans(),
                ),
                max_size=6,
            )
        )
    ]
    events = [
        Event(7, at, 1, 0, START_MS, 0, TimeQuality.FIRM, code, "", {}, off)
        for at, (code, off) in enumerate(
            draw(st.lists(st.tuples(st.sampled_from([records.CORRECTED, 1]), st.booleans())))
        )
    ]
    epochs = epochs_of(np.zeros(30), np.full(6, UPRIGHT))
    quality = np.array(draw(st.lists(st.integers(0, 2), min_size=6, max_size=6)), np.uint8)
    made = [by_hand(0.0)] if draw(st.booleans()) else []
    return observed(
        Epochs(**{**vars(epochs), "time_quality": quality}),
        made,
        spans=spans(*line),
        deleted=deleted,
        alerts=alerts,
        alert_marks=marks,
        episodes=episodes,
        events=events,
    )


@settings(max_examples=150, deadline=None)
@given(random_lives())
def test_all_metrics_of_states_slouches_and_alerts_are_those_of_the_second_implementation(day: Observations) -> None:
    for name, expected in day_metrics(day).items():
        found = value(name, day)
        assert found == (pytest.approx(expected, abs=1e-9) if isinstance(expected, float) else expected), name


def test_the_second_implementations_know_every_metric() -> None:
    epochs = joined(tilts([22] * 100), tilts([8] * 60, MOVING))
    day = observed(epochs, spans=spans((UPRIGHT, 5)))
    assert {*tilt_metrics(epochs, []), *day_metrics(day)} == {metric.name for metric in METRICS}


@settings(max_examples=60, deadline=None)
@given(random_days())
def test_every_valid_second_is_in_exactly_one_zone_and_one_cell_and_bounds_hold_the_value(
    made: tuple[Epochs, list[Calibration]],
) -> None:
    day = observed(*made)
    bodied_min = (day.seconds.state != LYING).sum() / 60
    for zones in (
        ("zone_below_0", "zone_0_20", "zone_20_60", "zone_60_up"),
        ("lateral_0_10", "lateral_10_20", "lateral_20_up"),
        ("rula_unscored", "rula_2", "rula_3", "rula_4"),
        ("reba_1", "reba_2", "reba_3", "reba_4"),
    ):
        assert sum(value(name, day) for name in zones) == pytest.approx(bodied_min)
    seated = ((day.seconds.state != LYING) & (day.seconds.state != MOVING)).sum()
    assert EVA_MATRIX.measure(day).sum() == seated == sum(row["length_s"] for row in rows("bouts", day))
    assert TILT_HISTOGRAM.measure(day).sum() == (day.seconds.state != MOVING).sum()
    for metric in METRICS:
        if metric.bound_of and (bound := metric.measure(day)) is not None:
            middle = value(metric.bound_of, day)
            assert bound <= middle if metric.name.endswith("_low") else bound >= middle
    for table in TABLES:
        columns = table.read(day)
        assert list(columns) == [column.name for column in table.columns], table.name
        assert len({len(values.array) for values in columns.values()}) == 1


@settings(max_examples=30, deadline=None)
@given(random_days(), st.integers(-30, 30))
def test_a_day_and_its_standing_zero_that_are_tilted_alike_have_the_same_zones(
    made: tuple[Epochs, list[Calibration]], degrees: int
) -> None:
    epochs, _ = made
    tilted = Epochs(**{**vars(epochs), "second_cdeg": epochs.second_cdeg + degrees * 100})
    before, after = observed(epochs), observed(tilted)
    if value("standing_zero", before) != "from walking" or value("calibrations_used", before) > 1:
        return
    for metric in METRICS:
        if metric.refers_to_standing and not metric.is_text and metric.name != "standing_zero_forward":
            expected = metric.measure(before)
            assert metric.measure(after) == (None if expected is None else pytest.approx(expected)), metric.name
