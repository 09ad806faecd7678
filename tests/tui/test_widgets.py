"""The parts of the screen that compute: trace, timeline, totals and big digits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from tui.fake_feed import INFO, a_day
from unslouch.analysis.metrics.minutes import STATE_MINUTES
from unslouch.analysis.metrics.summary import Summary
from unslouch.analysis.model import Span
from unslouch.config.model import THEMES
from unslouch.link.model import LinkState
from unslouch.sensor.events import ClockImplausible, ClockRecovered, LinkChanged, SensorConnected
from unslouch.tui.palette import css_variables
from unslouch.tui.sensor_state import SensorState
from unslouch.tui.widgets.angle import big_digits
from unslouch.tui.widgets.connection_bar import reason_line, top_line
from unslouch.tui.widgets.tilt_trace import DEFAULT_WINDOW_S, KEPT_S, TiltTrace
from unslouch.tui.widgets.timeline import shown_stretch, states_by_cell, tick_row
from unslouch.tui.widgets.today import counts_line, duration, minutes_lines, state_minutes, without_open_ends
from unslouch_device.contract.states import MOVING, SLOUCHING, STATE_NAMES, UNKNOWN, UPRIGHT

MINUTE_MS, HOUR_MS = 60_000, 3_600_000


def trace(columns: int = 90) -> TiltTrace:
    made = TiltTrace()
    made.resize(columns)
    return made


def test_a_column_of_the_trace_holds_the_least_and_greatest_tilt() -> None:
    made = trace()
    for tilt_deg in (3.0, 9.0, 5.0):
        made.add(10.5, tilt_deg)
    assert made.range_at(10) == (3.0, 9.0)
    assert made.range_at(9) is None


def test_neighbouring_columns_are_joined() -> None:
    made = trace()
    made.add(10.5, 3.0)
    made.add(11.5, 20.0)
    assert made.range_at(11) == (3.0, 20.0)


def test_an_unknown_tilt_leaves_a_gap_and_moves_time_on() -> None:
    made = trace()
    made.add(10.5, 3.0)
    made.add(12.5, None)
    assert made.newest == 12
    assert made.range_at(12) is None


def test_samples_that_are_sparser_than_columns_are_joined_and_a_gap_stays_a_gap() -> None:
    made = trace()
    made.resize(300, 5.0)
    for uptime_s in (0.0, 1.0, 2.0, 5.0):
        made.add(uptime_s, 10 * uptime_s)
    known = [made.range_at(column) for column in range(121)]
    assert None not in known
    assert known[30][1] == pytest.approx(5.0, abs=0.2)  # type: ignore[index]
    assert made.range_at(180) is None


def test_a_window_can_be_made_longer_and_shorter_again() -> None:
    made = trace()
    for second in range(500):
        made.add(float(second), float(second))
    made.resize(90, 600.0)
    assert made.extremes() == (0.0, 499.0)
    made.resize(90, 10.0)
    low, high = made.extremes() or (0, 0)
    assert (round(low), high) == (489, 499.0)


def test_an_uptime_that_goes_back_begins_the_trace_anew() -> None:
    made = trace()
    made.add(1000.0, 3.0)
    made.add(1.0, 7.0)
    assert made.extremes() == (7.0, 7.0)


@given(st.lists(st.floats(-90, 180), min_size=1, max_size=200), st.integers(1, 300))
def test_resizing_the_trace_gives_what_adding_at_that_size_gives(tilts_deg: list[float], columns: int) -> None:
    resized, direct = trace(17), trace(columns)
    for tenth, tilt_deg in enumerate(tilts_deg):
        resized.add(tenth / 10, tilt_deg)
        direct.add(tenth / 10, tilt_deg)
    resized.resize(columns)
    assert resized.newest == direct.newest
    assert all(resized.range_at(column) == direct.range_at(column) for column in range(resized.newest + 1))


def test_the_trace_forgets_what_has_left_the_window() -> None:
    made = trace()
    for second in range(1000):
        made.add(float(second), 45.0 if second < 900 else 1.0)
    assert made.extremes() == (1.0, 1.0)
    assert len(made._ranges) <= 2 * DEFAULT_WINDOW_S + 1
    assert len(made._samples) <= KEPT_S + 1


def test_a_cell_of_the_time_line_takes_the_state_that_fills_most_of_it() -> None:
    spans = [Span(UPRIGHT, 0, 70), Span(SLOUCHING, 70, 100), Span(MOVING, 100, 200)]
    assert states_by_cell(spans, 0, 200, 400, 4) == [UPRIGHT, MOVING, None, None]


@given(st.integers(1, 200), st.lists(st.integers(1, 10_000), min_size=1, max_size=30))
def test_every_cell_before_the_last_record_has_a_state(cells: int, lengths_ms: list[int]) -> None:
    spans, begin_ms = [], 0
    for number, length_ms in enumerate(lengths_ms):
        spans.append(Span(number % len(STATE_NAMES), begin_ms, begin_ms + length_ms))
        begin_ms += length_ms
    shown = states_by_cell(spans, 0, begin_ms, begin_ms, cells)
    assert None not in shown


def test_the_time_line_runs_over_the_hours_with_records() -> None:
    day = a_day()
    midnight_ms = int(day.start.timestamp() * 1000)
    assert shown_stretch(day) == (midnight_ms + 8 * HOUR_MS, midnight_ms + 16 * HOUR_MS)


def test_a_recording_of_minutes_is_rounded_out_to_ten() -> None:
    day = a_day()
    midnight_ms = int(day.start.timestamp() * 1000)
    until_ms = midnight_ms + 9 * HOUR_MS + 17 * MINUTE_MS
    short = replace(day, spans=[Span(UPRIGHT, until_ms - 2 * MINUTE_MS, until_ms)], until_utc_ms=until_ms)
    expected = midnight_ms + 9 * HOUR_MS + 10 * MINUTE_MS, midnight_ms + 9 * HOUR_MS + 20 * MINUTE_MS
    assert shown_stretch(short) == expected


def test_ticks_tell_local_time_over_a_change_of_the_clocks() -> None:
    zone = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 3, 29, tzinfo=zone).astimezone(UTC)
    start_ms = int(start.timestamp() * 1000)
    end_ms = int((start + timedelta(hours=5)).timestamp() * 1000)
    assert tick_row(start_ms, end_ms, zone, 50).split() == ["╵00:00", "╵01:00", "╵03:00", "╵04:00", "╵05:00"]


def test_the_day_begins_with_its_first_record() -> None:
    day = a_day()
    begun = without_open_ends(day)
    assert begun.spans == day.spans[1:]
    assert begun.summary[STATE_MINUTES[UNKNOWN]] == day.summary[STATE_MINUTES[UNKNOWN]] - (8 * 60 + 12)
    minutes = sum(begun.summary[metric] for metric in STATE_MINUTES.values())
    assert minutes == sum(span.end_utc_ms - span.start_utc_ms for span in begun.spans) / 60e3
    assert without_open_ends(begun) is begun


@pytest.mark.parametrize(("tail_ms", "is_open"), [(4000, True), (5000, True), (6000, False)])
def test_an_epoch_that_has_not_ended_is_not_lost(tail_ms: int, is_open: bool) -> None:
    day = without_open_ends(a_day())
    tail = Span(UNKNOWN, day.until_utc_ms, day.until_utc_ms + tail_ms)
    lost = STATE_MINUTES[UNKNOWN]
    summary = day.summary.replaced(lost, day.summary[lost] + tail_ms / 60_000)
    longer = replace(day, spans=[*day.spans, tail], until_utc_ms=tail.end_utc_ms, summary=summary)
    shown = without_open_ends(longer)
    assert (shown.spans == day.spans) is is_open
    assert shown.summary[lost] == pytest.approx(day.summary[lost] + (0 if is_open else tail_ms / 60_000))


def test_totals_break_between_states_and_leave_out_what_did_not_occur() -> None:
    minutes = dict.fromkeys((metric.name for metric in STATE_MINUTES.values()), 0.0)
    summary = Summary({**minutes, "upright": 61.0, "slouching": 0.5, "lost": 12.0})
    lines = minutes_lines(state_minutes(summary, []), 40)
    assert [line.count("[/]") for line in lines.split("\n")] == [2, 1]
    assert "1 h 01" in lines
    assert "leaning" not in lines


def test_an_unknown_coverage_is_said_to_be_unknown() -> None:
    assert counts_line(Summary({"coverage": None, "episodes": 1, "alerts": 1})) == (
        "1 slouch · 1 alert · coverage unknown"
    )


@pytest.mark.parametrize(("minutes", "words"), [(0.5, "30 s"), (1.0, "1 min"), (59.4, "59 min"), (59.6, "1 h 00")])
def test_durations_are_in_the_unit_that_reads_best(minutes: float, words: str) -> None:
    assert duration(minutes) == words


def test_big_digits_are_three_rows_of_one_width() -> None:
    rows = big_digits("-12.3°")
    assert len(rows) == 3
    assert len({len(row) for row in rows}) == 1


def test_what_a_board_calls_itself_is_not_taken_for_markup() -> None:
    sensor = SensorState(lambda: 0.0)
    sensor.handle(SensorConnected(replace(INFO, board="[bold]x[/bold] \\[red]")))
    assert "[bold]x[/bold] \\[red]" in top_line(sensor, is_simulated=False, link_kind="", cells=80)[0].plain


@pytest.mark.parametrize(("dark", "background"), [(True, 0x12), (False, 0xE0)])
def test_every_state_stands_out_from_the_background(dark: bool, background: int) -> None:
    colours = css_variables(BUILTIN_THEMES["textual-dark" if dark else "textual-light"])
    for name, colour in colours.items():
        if not name.startswith("state-") or name == "state-ink":
            continue
        assert contrast([int(colour[i : i + 2], 16) for i in (1, 3, 5)], [background] * 3) >= 4.5, name


@pytest.mark.parametrize("theme", sorted(theme for theme in THEMES if not BUILTIN_THEMES[theme].ansi))
def test_the_lines_around_boxes_stand_out_from_the_background(theme: str) -> None:
    """In light themes as well as in dark ones; the limit is that of the dark default."""
    own = BUILTIN_THEMES[theme].to_color_system().generate()
    background = Color.parse(own["background"])
    for name in ("frame", "frame-accent"):
        colour = Color.parse(css_variables(BUILTIN_THEMES[theme])[name])
        assert contrast([*colour.rgb], [*background.rgb]) >= 1.75, name


def contrast(one: list[int], other: list[int]) -> float:
    """The contrast ratio of WCAG 2.1, of which 4.5 is enough for text."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(rgb: list[int]) -> float:
    linear = [c / 255 / 12.92 if c / 255 <= 0.03928 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_clock_that_cannot_be_right_is_named_until_it_is_set() -> None:
    sensor = SensorState(lambda: 0.0)
    sensor.handle(LinkChanged(LinkState.LIVE))
    sensor.handle(ClockImplausible("This computer's clock says 1970-01-01."))
    assert reason_line(sensor) == "This computer's clock says 1970-01-01."
    sensor.handle(ClockRecovered())
    assert reason_line(sensor) == ""
