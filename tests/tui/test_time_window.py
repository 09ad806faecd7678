"""The window of a timeline holds its cursor, whatever is done to it."""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unslouch.tui.time_window import ZOOMS_MS, TimeWindow
from unslouch.tui.widgets.day_timeline import aligned_ticks

HOUR_MS = 3_600_000
FIRST_MS, LAST_MS = 1000 * HOUR_MS, 1012 * HOUR_MS


def window() -> TimeWindow:
    return TimeWindow(FIRST_MS, LAST_MS, FIRST_MS + 5 * HOUR_MS)


def test_a_window_begins_with_the_whole_stretch() -> None:
    assert (window().start_ms, window().end_ms, window().is_whole) == (FIRST_MS, LAST_MS, True)


def test_zooming_in_ends_at_the_narrowest_and_zooming_out_at_the_whole() -> None:
    shown = window()
    lengths = set()
    for _ in range(20):
        shown.zoom_in()
        lengths.add(shown.end_ms - shown.start_ms)
    assert min(lengths) == ZOOMS_MS[-1]
    for _ in range(20):
        shown.zoom_out()
    assert shown.is_whole


def test_the_cursor_keeps_its_place_on_the_screen_while_zooming() -> None:
    shown = window()
    before = shown.cell_of(shown.cursor_ms, 80)
    shown.zoom_in()
    assert shown.cell_of(shown.cursor_ms, 80) == before


def test_a_day_that_goes_on_stays_whole_and_keeps_its_cursor() -> None:
    shown = window()
    shown.extend(FIRST_MS, LAST_MS + HOUR_MS)
    assert shown.is_whole
    assert shown.cursor_ms == FIRST_MS + 5 * HOUR_MS


def test_a_cell_holds_the_moment_in_its_middle() -> None:
    shown = window()
    for cell in (0, 7, 79):
        assert shown.cell_of(shown.moment_of(cell, 80), 80) == cell
    assert shown.cell_of(LAST_MS, 80) is None


ACTIONS = st.lists(
    st.one_of(
        st.sampled_from(["zoom_in", "zoom_out", "zoom_whole"]),
        st.integers(FIRST_MS - HOUR_MS, LAST_MS + HOUR_MS),
        st.tuples(st.just(FIRST_MS), st.integers(FIRST_MS + 1000, LAST_MS)),
    ),
    max_size=25,
)


@given(ACTIONS)
def test_the_window_always_holds_the_cursor_and_lies_in_the_stretch(
    actions: list[str | int | tuple[int, int]],
) -> None:
    shown = window()
    for action in actions:
        if isinstance(action, str):
            getattr(shown, action)()
        elif isinstance(action, int):
            shown.move_to(action)
        else:
            shown.extend(*action)
        assert shown.first_ms <= shown.start_ms <= shown.cursor_ms < shown.end_ms <= shown.last_ms


@pytest.mark.parametrize("cells", [1, 40, 200])
def test_a_step_is_a_cell_but_never_less_than_a_second(cells: int) -> None:
    shown = window()
    assert shown.step_ms(cells) == max(1000, 12 * HOUR_MS // cells)


@pytest.mark.parametrize("zone", [UTC, ZoneInfo("Asia/Kolkata")])
def test_ticks_are_at_round_times_of_the_zone_wherever_the_window_begins(zone: tzinfo) -> None:
    shown = window()
    shown.zoom_in()
    shown.zoom_in()
    shown.move_to(FIRST_MS + 7 * HOUR_MS + 123_456)
    labels = aligned_ticks(shown, zone, 100).split("╵")[1:]
    assert len(labels) >= 4
    assert all(label.strip()[-2:] in ("00", "20", "40") for label in labels)
