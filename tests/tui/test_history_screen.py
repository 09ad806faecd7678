"""The History mode on a real database: calendar, weeks, months, trend, comparisons and goals."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from textual.widgets import DataTable, Input, Select, TabbedContent

from tui.conftest import Open, Stage
from tui.fake_feed import DAY_UNTIL_UTC_MS, FakeFeed
from tui.recorded import DAYS, LAST, recorded_feed
from unslouch.analysis.goals import GOALS
from unslouch.analysis.history import History
from unslouch.analysis.metrics.summary import Summary
from unslouch.analysis.ranges import DayRange
from unslouch.config import load_config
from unslouch.config.model import GoalsConfig
from unslouch.sensor.events import RecordsStored
from unslouch.tui.goal_texts import goal_listing, goals_text, parse_goals
from unslouch.tui.history_texts import (
    SHOWN_METRICS,
    comparisons,
    day_text,
    month_listing,
    parse_ranges,
    value_of,
    week_listing,
)
from unslouch.tui.screens.day import DayScreen
from unslouch.tui.screens.history import HistoryScreen
from unslouch.tui.widgets.calendar_map import CalendarMap
from unslouch.tui.widgets.programme_row import ProgrammeRow
from unslouch.tui.widgets.trend_plot import mean_of_week, shown_days


@asynccontextmanager
async def history_mode(dashboard: Open, feed: FakeFeed, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Stage]:
    feed.is_followed.clear()
    async with dashboard(size=size, feed=feed) as stage:
        await stage.press("3")
        yield stage


def screen(stage: Stage) -> HistoryScreen:
    shown = stage.app.mode_screen
    assert isinstance(shown, HistoryScreen)
    return shown


def calendar(stage: Stage) -> CalendarMap:
    return screen(stage).query_one(CalendarMap)


def summaries_of(feed: FakeFeed) -> dict[date, Summary]:
    assert feed.stored is not None
    return feed.stored.summaries(LAST - timedelta(days=DAYS), LAST)


async def test_each_recorded_day_is_a_cell_and_the_cursor_begins_today(dashboard: Open, feed: FakeFeed) -> None:
    async with history_mode(dashboard, feed) as stage:
        assert calendar(stage).cursor == LAST
        name = SHOWN_METRICS[0].name
        assert stage.text("#day-line").strip() == day_text(summaries_of(feed), LAST, name)
        cells = "".join(stage.text("#calendar").split("\n")[2:])
        counted = [day for day in summaries_of(feed) if value_of(summaries_of(feed), day, name) is not None]
        assert sum(cells.count(level) for level in "░▒▓█") == 4 * len(counted)


async def test_arrow_keys_go_by_day_and_week_and_enter_opens_the_day(dashboard: Open, feed: FakeFeed) -> None:
    async with history_mode(dashboard, feed) as stage:
        await stage.press("up", "up")
        assert calendar(stage).cursor == LAST - timedelta(days=2)
        await stage.press("left", "right", "down")
        assert calendar(stage).cursor == LAST - timedelta(days=1)
        await stage.press("enter")
        day_screen = stage.app.mode_screen
        assert isinstance(day_screen, DayScreen)
        assert "Saturday, 28 February 2026" in stage.screen_text()


async def test_the_cursor_stays_within_what_is_shown(dashboard: Open, feed: FakeFeed) -> None:
    async with history_mode(dashboard, feed) as stage:
        await stage.press("right", "down")
        assert calendar(stage).cursor == LAST
        await stage.press("home")
        first = calendar(stage).cursor
        await stage.press("left", "up")
        assert calendar(stage).cursor == first
        assert "not worn" in stage.text("#day-line")
        await stage.press("end")
        assert calendar(stage).cursor == LAST


async def test_a_click_chooses_a_day(dashboard: Open, feed: FakeFeed) -> None:
    async with history_mode(dashboard, feed) as stage:
        monday = calendar(stage).shown_weeks[3]
        await stage.pilot.click("#calendar", offset=(4 + 3 * 4, 3))
        await stage.settle()
        assert calendar(stage).cursor == monday + timedelta(days=2)


async def test_v_shows_every_value_in_turn(dashboard: Open, feed: FakeFeed) -> None:
    async with history_mode(dashboard, feed) as stage:
        titles = []
        for _ in SHOWN_METRICS:
            titles.append(stage.text("#title").split("\n")[1].split("  ")[0].strip())
            await stage.press("v")
        assert [title.lower() for title in titles] == [metric.title.lower() for metric in SHOWN_METRICS]
        await stage.press("V")
        assert stage.text("#title").strip().lower().startswith(SHOWN_METRICS[-1].title.lower())


async def test_c_compares_one_pair_of_ranges_after_the_other(dashboard: Open, feed: FakeFeed) -> None:
    async with history_mode(dashboard, feed) as stage:
        seen = []
        for _ in range(5):
            await stage.press("c")
            seen.append(stage.text("#note-compare").strip().lower())
        titles = [each.title.lower() for each in comparisons(LAST)]
        assert seen == [*titles, titles[0]]
        assert screen(stage).query_one("#compare", DataTable).row_count > 8


async def test_any_two_ranges_can_be_compared_and_a_wrong_one_is_refused(dashboard: Open, feed: FakeFeed) -> None:
    async with history_mode(dashboard, feed) as stage:
        await stage.press("C")
        field = stage.app.screen.query_one(Input)
        for text, refusal in (
            ("2026-02-25 to 2026-02-26", "two ranges"),
            ("2026-02-25 to 2026-02-26, soon", "is no range"),
            ("2026-02-26 to 2026-02-25, 2026-02-27 to 2026-02-28", "ends before"),
        ):
            field.value = text
            await stage.press("enter")
            assert refusal in stage.screen_text()
        field.value = "2026-02-25 to 2026-02-26, 2026-02-27 to 2026-03-01"
        await stage.press("enter")
        assert "25–26 Feb" in stage.text("#compare")
        assert "27 Feb – 1 Mar" in stage.text("#compare")


async def test_g_keeps_the_wearers_goals_in_the_settings_file_and_shows_them(
    dashboard: Open, feed: FakeFeed, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_text("# mine\n[goals]\nslouching_min = 30\n")
    async with history_mode(dashboard, feed) as stage:
        stage.app.shared.config_path = path
        stage.app.shared.config = load_config(path).config
        await stage.press("g")
        field = stage.app.screen.query_one(Input)
        assert field.value == "slouching 30"
        field.value = "upright 500"
        await stage.press("enter")
        assert "from 1 to 100" in stage.screen_text()
        field.value = "upright 65, break 45"
        await stage.press("enter")
        await stage.frame()
        assert "upright at least 65 %" in stage.text("#goals")
        assert "a break every 45 min" in stage.text("#goals")
    assert path.read_text().startswith("# mine")
    assert load_config(path).config.goals == GoalsConfig(upright_percent=65, longest_without_break_min=45)


@pytest.mark.parametrize("format", ["csv", "parquet"])
async def test_e_writes_a_range_of_days(
    dashboard: Open, feed: FakeFeed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    monkeypatch.chdir(tmp_path)
    async with history_mode(dashboard, feed) as stage:
        await stage.press("e")
        field = stage.app.screen.query_one(Input)
        assert field.value == "2026-02-02 to 2026-03-01"
        field.value = "2026-02-26 to 2026-02-27"
        await stage.press("enter")
        stage.app.screen.query_one("#format", Select).value = format
        await stage.press("ctrl+s")
        path = tmp_path / f"unslouch-demo-2026-02-26-to-2026-02-27{'.csv' if format == 'csv' else ''}"
        assert f"Wrote {path}. 2 recorded days." in stage.notified.replace("\n", "")
        assert len(list(path.rglob("*.parquet"))) == (2 if format == "parquet" else 0)


async def test_tables_are_copied_as_markdown_and_all_days_as_csv(dashboard: Open, feed: FakeFeed) -> None:
    async with history_mode(dashboard, feed) as stage:
        screen(stage).query_one("#periods", TabbedContent).active = "tab-goals"
        await stage.settle()
        await stage.press("y")
        assert stage.app.clipboard.startswith("## Goals\n\n| goal |")
        await stage.press("Y")
        assert stage.app.clipboard.startswith("date,timezone,")
        assert stage.app.clipboard.count("\n") == DAYS + 1


async def test_while_records_come_only_the_last_days_are_read_again(dashboard: Open, feed: FakeFeed) -> None:
    async with history_mode(dashboard, feed) as stage:
        asked: list[tuple[date, date]] = []
        assert feed.stored is not None
        summaries = feed.stored.summaries

        def recorded(first: date, last: date) -> dict[date, Summary]:
            asked.append((first, last))
            return summaries(first, last)

        feed.stored.summaries = recorded  # type: ignore[method-assign]
        try:
            stage.clock.now_s += 3
            stage.feed.publish(RecordsStored(100, 0))
            await stage.settle()
        finally:
            del feed.stored.summaries  # type: ignore[method-assign]
        assert asked == [(LAST - timedelta(days=2), LAST)]


async def test_without_a_database_a_sentence_stands_there_and_no_key_does_harm(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("3")
        assert "Nothing is recorded yet" in stage.screen_text()
        await stage.press(*"vVcCyY", "left", "right", "home", "end", "enter")
        assert stage.notified == ""


async def test_every_widget_that_can_have_the_focus_explains_itself(dashboard: Open, feed: FakeFeed) -> None:
    async with history_mode(dashboard, feed) as stage:
        own = [each for each in screen(stage).query("*") if isinstance(each, CalendarMap | DataTable)]
        assert len(own) == 5
        assert all(widget.HELP for widget in own)


# What the tables say


def summary(upright: float | None, measured_min: float = 400, worn_min: float = 410) -> Summary:
    return Summary(
        {"measured": measured_min, "worn": worn_min, "coverage": 0.9, "upright_share": upright,
         "longest_without_break": 50.0, "corrected_share": 0.8}
    )  # fmt: skip


MONDAY = date(2026, 3, 2)


def test_a_short_day_has_no_value_but_its_wear_counts() -> None:
    days = {MONDAY: summary(0.9, 100, 120)}
    assert value_of(days, MONDAY, "upright_share") is None
    assert value_of(days, MONDAY, "worn") == 120
    assert "doesn't count" in day_text(days, MONDAY, "upright_share")


def test_weeks_and_months_come_newest_first_with_valid_days_and_coverage() -> None:
    days = {MONDAY + timedelta(days=at): summary(0.5 + at / 100) for at in range(10)}
    days[MONDAY + timedelta(days=10)] = summary(None, 30, 60)
    rows = [row.texts for row in week_listing(days, "upright_share").rows]
    assert [row[3:] for row in rows] == [("3 of 4", "90 %"), ("7 of 7", "90 %")]
    assert [row.texts[0] for row in month_listing(days, "upright_share").rows] == ["March 2026"]
    assert week_listing({}, "upright_share").rows == []


def test_goals_show_the_last_weeks_day_by_day() -> None:
    values = summary(0.9), summary(None, 0, 0), summary(0.2)
    days = {MONDAY + timedelta(days=at): value for at, value in enumerate(values)}
    listing = goal_listing(days, frozenset(), MONDAY + timedelta(days=3), GoalsConfig())
    assert len(listing.rows) == len(GOALS)
    assert listing.rows[0].texts[-1].endswith("●·○·")


def test_the_wearers_goals_take_the_place_of_unslouchs() -> None:
    days = {MONDAY + timedelta(days=at): summary(value) for at, value in enumerate((0.9, 0.55))}
    settings = GoalsConfig(upright_percent=60, exercise_days_per_week=2)
    exercised = {MONDAY - timedelta(days=7), MONDAY - timedelta(days=6), MONDAY}
    listing = goal_listing(days, exercised, MONDAY + timedelta(days=2), settings)
    assert [row.texts[:4] for row in listing.rows] == [
        ("upright at least 60 %", "0", "1", "1 of 2"),
        ("exercise on 2 days a week", "1 wk", "1 wk", "1 of 1"),
    ]
    assert listing.rows[0].texts[4].endswith("●○·")
    assert listing.rows[1].texts[4].endswith("●●·····●··")


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("sitting 4", "'sitting' is no goal"),
        ("break often", "no whole number"),
        ("break", "no whole number"),
        ("upright 700", "upright is 700, and must be a whole number from 1 to 100"),
    ],
)
def test_a_text_that_names_no_goals_is_refused(text: str, refusal: str) -> None:
    with pytest.raises(ValueError, match=refusal):
        parse_goals(text)


def test_goals_are_read_as_they_are_written() -> None:
    settings = GoalsConfig(upright_percent=70, longest_without_break_min=45)
    assert goals_text(settings) == "upright 70, break 45"
    assert parse_goals(goals_text(settings)) == {
        "goals.upright_percent": 70,
        "goals.slouching_min": None,
        "goals.longest_without_break_min": 45,
        "goals.exercise_days_per_week": None,
    }


def test_two_ranges_are_read_from_a_text() -> None:
    comparison = parse_ranges(" 2026-03-02 to 2026-03-08 ,2026-03-09 to 2026-03-15", MONDAY)
    assert comparison.one == DayRange(MONDAY, date(2026, 3, 8))
    assert comparison.other.last == date(2026, 3, 15)


def test_the_mean_of_a_week_needs_three_days() -> None:
    values = {MONDAY + timedelta(days=at): value for at, value in enumerate((1.0, None, 3.0, 5.0))}
    assert mean_of_week(values, MONDAY + timedelta(days=2)) is None
    assert mean_of_week(values, MONDAY + timedelta(days=3)) == 3.0


def test_the_trend_begins_with_the_first_value_and_ends_today() -> None:
    values = {MONDAY: None, MONDAY + timedelta(days=1): 2.0}
    days = shown_days(MONDAY + timedelta(days=4), values, 80)
    assert (days[0], days[-1]) == (MONDAY + timedelta(days=1), MONDAY + timedelta(days=4))
    assert len(shown_days(MONDAY + timedelta(days=400), values, 80)) == 80


async def test_a_row_says_what_is_planned_and_done_of_the_exercises_and_is_away_before_the_first(
    dashboard: Open, tmp_path: Path
) -> None:
    feed = recorded_feed(tmp_path)
    assert feed.stored is not None
    async with history_mode(dashboard, feed) as stage:
        assert not screen(stage).query_one(ProgrammeRow).display
        await stage.app.shared.disk.call(lambda: add_sessions(feed.stored))
        await screen(stage).refresh_data()
        await stage.frame()
        row = stage.text("ProgrammeRow")
        assert "Exercises: 5 of 42 days done, 6 missed: it goes on to" in row
        assert "Week 2: stretches ●○○○○○○ 1 of 7 days, strengthening ●○○ 1 of 3, abdominals ○○ 0 of 2" in row
        assert "Week 1: stretches ●●○○○○○ 2 of 7 days, strengthening ●●● 3 of 3, abdominals ●○ 1 of 2" in row
    feed.is_followed.clear()
    async with history_mode(dashboard, feed, (50, 30)) as stage:
        assert stage.text("ProgrammeRow").strip() == "stretch 1/7, strength 1/3, abs 0/2"
    feed.stored.store.close()


def add_sessions(history: History | None) -> None:
    """Add exercises of eleven days, the last of which is today."""
    assert history is not None
    done = {10: "pec-stretch lat-stretch chin-tuck", 9: "pec-stretch lat-stretch", 8: "dead-bug", 5: "chin-tuck"}
    done |= {0: "pec-stretch lat-stretch chin-tuck"}
    for days_ago, ids in done.items():
        for number, id in enumerate(ids.split()):
            start_ms = DAY_UNTIL_UTC_MS - days_ago * 86_400_000 - (number + 1) * 120_000
            history.store.words.add_session(id, start_ms, start_ms + 60_000, repetitions=None, is_complete=True)


# Before anything is read


async def test_while_the_days_are_read_nothing_is_said_of_what_they_hold(dashboard: Open, feed: FakeFeed) -> None:
    feed.is_followed.clear()
    async with dashboard(feed=feed) as stage:
        may_read = threading.Event()
        stage.app.shared.disk.post(may_read.wait)
        await stage.pilot.press("3")
        await stage.frame()
        text = stage.screen_text()
        may_read.set()
        await stage.settle()
        assert "The recorded days are being read." in text
        assert "no valid day yet" not in text
        assert "being read" not in stage.screen_text()


async def test_another_sensors_days_are_not_shown_as_those_of_the_one_that_is_followed_now(
    dashboard: Open, feed: FakeFeed
) -> None:
    async with history_mode(dashboard, feed) as stage:
        assert "upright share" in stage.screen_text().lower()
        screen(stage).forget_sensor()
        await stage.pilot.pause()
        assert "The recorded days are being read." in stage.screen_text()
        assert "coverage" not in stage.screen_text()


@pytest.mark.parametrize("tab", ["compare", "goals"])
async def test_the_tables_are_whole_at_eighty_cells(dashboard: Open, feed: FakeFeed, tab: str) -> None:
    async with history_mode(dashboard, feed, (80, 24)) as stage:
        screen(stage).query_one("#periods", TabbedContent).active = f"tab-{tab}"
        await stage.settle()
        table = screen(stage).query_one(f"#{tab}", DataTable)
        await stage.until(lambda: table.virtual_size.height > 1)
        assert table.max_scroll_x == 0


async def test_at_forty_cells_the_lists_come_into_sight_with_the_keys(dashboard: Open, feed: FakeFeed) -> None:
    async with history_mode(dashboard, feed, (40, 12)) as stage:
        assert "Compare" in stage.screen_text()
        await stage.press("c")
        await stage.until(lambda: "upright share" in stage.screen_text())
        assert "Compare" in stage.screen_text()
