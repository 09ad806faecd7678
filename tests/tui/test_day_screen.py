"""The Day mode on a real database: what it shows, every key of it, marks, notes, copies, exports and time travel."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from textual.widgets import DataTable, Input, Select, TabbedContent

from tui.conftest import Open, Stage
from tui.fake_feed import FakeFeed
from tui.recorded import FIRST, LAST
from unslouch.analysis.day import Day
from unslouch.export.formats import FORMATS
from unslouch.store.words import WRONG_ALARM
from unslouch.tui.day_texts import LISTINGS, as_markdown, clock
from unslouch.tui.past import moment_title, past_state
from unslouch.tui.screens.day import DayScreen
from unslouch.tui.screens.export import FolderList
from unslouch.tui.widgets.day_timeline import DayTimeline
from unslouch.tui.widgets.hour_bars import HourBars


@asynccontextmanager
async def day_mode(dashboard: Open, feed: FakeFeed, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Stage]:
    """Open the dashboard on today, the last recorded day."""
    feed.is_followed.clear()
    async with dashboard(size=size, feed=feed) as stage:
        await stage.press("2")
        yield stage


def screen(stage: Stage) -> DayScreen:
    shown = stage.app.mode_screen
    assert isinstance(shown, DayScreen)
    return shown


def timeline(stage: Stage) -> DayTimeline:
    return screen(stage).query_one(DayTimeline)


def day_of(feed: FakeFeed, back: int = 0) -> Day:
    assert feed.stored is not None
    return feed.stored.day(LAST - timedelta(days=back))


def moment(stage: Stage) -> str:
    return stage.text("#moment").strip()


async def test_today_is_shown_with_its_slouches_hours_and_numbers(dashboard: Open, feed: FakeFeed) -> None:
    async with day_mode(dashboard, feed) as stage:
        day = day_of(feed)
        assert "Sunday, 1 March 2026" in stage.screen_text()
        for row in LISTINGS["slouches"](day).rows[:5]:
            assert row.texts[0] in stage.text("#slouches")
        assert "07:00" in stage.text("#hour-bars")
        assert screen(stage).query_one("#numbers", DataTable).row_count > 50


async def test_brackets_go_to_the_day_before_and_after_and_t_to_today(dashboard: Open, feed: FakeFeed) -> None:
    async with day_mode(dashboard, feed) as stage:
        await stage.press("left_square_bracket")
        assert "Saturday, 28 February 2026" in stage.screen_text()
        await stage.press("left_square_bracket")
        await stage.press("right_square_bracket")
        assert "Saturday, 28 February 2026" in stage.screen_text()
        await stage.press("left_square_bracket", "t")
        assert "Sunday, 1 March 2026" in stage.screen_text()


async def test_before_the_first_day_a_sentence_says_so_and_today_has_no_day_after(
    dashboard: Open, feed: FakeFeed
) -> None:
    async with day_mode(dashboard, feed) as stage:
        await stage.press("g")
        stage.app.screen.query_one(Input).value = str(FIRST)
        await stage.press("enter")
        assert "Wednesday, 25 February 2026" in stage.screen_text()
        await stage.press("left_square_bracket")
        assert "no recorded day before" in stage.notified
        await stage.press("t", "right_square_bracket")
        assert "Sunday, 1 March 2026" in stage.screen_text()


@pytest.mark.parametrize(("text", "refusal"), [("tomorow", "is no day"), ("2999-01-01", "has not begun")])
async def test_a_date_that_cannot_be_shown_is_refused_and_can_be_corrected(
    dashboard: Open, feed: FakeFeed, text: str, refusal: str
) -> None:
    async with day_mode(dashboard, feed) as stage:
        await stage.press("g")
        stage.app.screen.query_one(Input).value = text
        await stage.press("enter")
        assert refusal in stage.screen_text()
        stage.app.screen.query_one(Input).value = "yesterday"
        await stage.press("enter")
        assert "Saturday, 28 February 2026" in stage.screen_text()


async def test_the_arrows_beside_the_date_are_for_the_mouse(dashboard: Open, feed: FakeFeed) -> None:
    async with day_mode(dashboard, feed) as stage:
        await stage.pilot.click("#head Step")
        await stage.settle()
        assert "Saturday, 28 February 2026" in stage.screen_text()


async def test_the_cursor_moves_by_key_and_click_and_says_what_was(dashboard: Open, feed: FakeFeed) -> None:
    async with day_mode(dashboard, feed) as stage:
        day = day_of(feed)
        await stage.press("home")
        assert moment(stage).startswith(clock(day, day.spans[1].start_utc_ms, seconds=True))
        before = timeline(stage).cursor_ms
        await stage.press("right")
        one = (timeline(stage).cursor_ms or 0) - (before or 0)
        await stage.press("shift+right", "left")
        assert (timeline(stage).cursor_ms or 0) - (before or 0) == 10 * one
        await stage.pilot.click("#day-timeline", offset=(50, 5))
        await stage.settle()
        window = timeline(stage).window
        assert window is not None
        assert window.cell_of(window.cursor_ms, timeline(stage).size.width) == 50


async def test_comma_and_full_stop_go_from_event_to_event(dashboard: Open, feed: FakeFeed) -> None:
    async with day_mode(dashboard, feed) as stage:
        day = day_of(feed)
        moments = sorted({alert.utc_ms for alert in day.alerts} | {episode.start_utc_ms for episode in day.episodes})
        await stage.press("home", "full_stop", "full_stop")
        assert timeline(stage).cursor_ms == moments[1]
        await stage.press("comma")
        assert timeline(stage).cursor_ms == moments[0]


async def test_zooming_keeps_the_cursor_and_0_shows_the_whole_day(dashboard: Open, feed: FakeFeed) -> None:
    async with day_mode(dashboard, feed) as stage:
        await stage.press("home", "shift+right", "plus", "plus")
        window = timeline(stage).window
        assert window is not None
        assert window.end_ms - window.start_ms <= 3 * 3_600_000
        assert window.start_ms <= window.cursor_ms < window.end_ms
        await stage.press("minus")
        assert not window.is_whole
        await stage.press("0")
        assert window.is_whole


async def test_choosing_a_slouch_moves_the_timelines_cursor(dashboard: Open, feed: FakeFeed) -> None:
    async with day_mode(dashboard, feed) as stage:
        screen(stage).query_one("#slouches").focus()
        await stage.press("down", "down")
        assert timeline(stage).cursor_ms == day_of(feed).episodes[2].start_utc_ms


async def test_enter_shows_the_moment_on_live_as_it_was(dashboard: Open, feed: FakeFeed) -> None:
    async with day_mode(dashboard, feed) as stage:
        screen(stage).query_one("#slouches").focus()
        await stage.press("down", "enter")
        shared = stage.app.shared
        episode = day_of(feed).episodes[1]
        assert shared.moment is not None
        assert shared.moment.utc_ms == episode.start_utc_ms
        assert stage.app.mode_screen is not None
        assert stage.app.mode_screen.MODE == "live"


async def test_arrows_go_through_the_past_second_by_second_as_far_as_the_day_has_records(
    dashboard: Open, feed: FakeFeed
) -> None:
    async with day_mode(dashboard, feed) as stage:
        screen(stage).query_one("#slouches").focus()
        await stage.press("down", "enter")
        shared, day = stage.app.shared, day_of(feed)
        at_ms = day.episodes[1].start_utc_ms
        for key, by_s in (("right", 1), ("right", 1), ("left", -1), ("shift+right", 60), ("shift+left", -60)):
            await stage.press(key)
            at_ms += by_s * 1000
            assert shared.moment is not None
            assert shared.moment.utc_ms == at_ms
            assert shared.moment.sensor.sample == past_state(day, at_ms, shared.sensor.settings).sensor.sample
        await stage.frame()
        assert f"The past: {moment_title(day, at_ms)}" in stage.screen_text()
        assert "← 1 s back → 1 s on" in stage.screen_text()
        shared.moment = past_state(day, day.until_utc_ms - 500)
        await stage.press("right", "right")
        assert shared.moment.utc_ms == day.until_utc_ms
        await stage.press("escape", "right")
        assert shared.moment is None


async def test_w_marks_the_chosen_alert_as_wrong_and_takes_the_mark_away(dashboard: Open, feed: FakeFeed) -> None:
    async with day_mode(dashboard, feed) as stage:
        screen(stage).query_one("#left", TabbedContent).active = "tab-alerts"
        await stage.settle()
        screen(stage).query_one("#alerts").focus()
        await stage.press("down", "w")
        alert = day_of(feed).alerts[1]
        (mark,) = day_of(feed).alert_marks
        assert (mark.journal, mark.sequence, mark.mark) == (alert.journal, alert.sequence, WRONG_ALARM)
        assert "wrong" in stage.text("#alerts")
        assert "△" in stage.text("#day-timeline")
        await stage.press("w")
        assert day_of(feed).alert_marks == []


async def test_n_writes_changes_and_deletes_a_note(dashboard: Open, feed: FakeFeed) -> None:
    async with day_mode(dashboard, feed) as stage:
        await stage.press("home", "shift+right", "n")
        stage.app.screen.query_one(Input).value = "long call [/sic] [red]"
        await stage.press("enter")
        at_ms = timeline(stage).cursor_ms
        assert [(note.utc_ms, note.text) for note in day_of(feed).moment_notes] == [(at_ms, "long call [/sic] [red]")]
        assert "✎" in stage.text("#day-timeline")
        assert "long call [/sic] [red]" in moment(stage)
        stage.app.screen.query_one("#left", TabbedContent).active = "tab-notes"
        await stage.settle()
        assert "long call [/sic] [red]" in stage.text("#notes")
        await stage.press("n")
        assert stage.app.screen.query_one(Input).value == "long call [/sic] [red]"
        stage.app.screen.query_one(Input).value = "meeting"
        await stage.press("enter")
        assert [note.text for note in day_of(feed).moment_notes] == ["meeting"]
        await stage.press("n")
        stage.app.screen.query_one(Input).value = ""
        await stage.press("enter")
        assert day_of(feed).moment_notes == []


async def test_escape_stores_no_note(dashboard: Open, feed: FakeFeed) -> None:
    async with day_mode(dashboard, feed) as stage:
        await stage.press("n")
        stage.app.screen.query_one(Input).value = "never"
        await stage.press("escape")
        assert day_of(feed).moment_notes == []


async def test_i_explains_the_chosen_number_with_definition_and_source(dashboard: Open, feed: FakeFeed) -> None:
    async with day_mode(dashboard, feed) as stage:
        screen(stage).query_one("#right", TabbedContent).active = "tab-numbers"
        await stage.settle()
        screen(stage).query_one("#numbers").focus()
        await stage.press("down", "down", "i")
        assert "Where the definition comes from" in stage.screen_text()
        await stage.press("escape", "enter")
        assert "How it follows from the records" in stage.screen_text()


async def test_the_shown_table_is_copied_as_markdown_or_csv(dashboard: Open, feed: FakeFeed) -> None:
    async with day_mode(dashboard, feed) as stage:
        day = day_of(feed)
        await stage.press("y")
        assert stage.app.clipboard == as_markdown(day, LISTINGS["slouches"](day))
        assert f"| {clock(day, day.episodes[0].start_utc_ms)} |" in stage.app.clipboard
        await stage.press("Y")
        assert stage.app.clipboard.startswith("start,start_utc,end,end_utc,peak_deg")
        assert stage.app.clipboard.count("\n") == len(day.episodes) + 1


async def test_e_writes_the_day_in_the_format_and_folder_that_are_chosen(
    dashboard: Open, feed: FakeFeed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "logs").mkdir()
    monkeypatch.chdir(tmp_path)
    async with day_mode(dashboard, feed) as stage:
        for format in ("csv", "json", "jsonl", "fhir"):
            await stage.press("e")
            stage.app.screen.query_one("#format", Select).value = format
            stage.app.screen.query_one(FolderList).focus()
            await stage.press("down", "down", "enter", "ctrl+s")
            path = tmp_path / "logs" / f"unslouch-demo-2026-03-01{FORMATS[format].suffix}"
            assert f"Wrote {path}" in stage.notified.replace("\n", "")
            assert path.stat().st_size > 1000


def test_the_export_dialog_offers_every_format() -> None:
    from unslouch.tui.screens.export import MEANINGS

    assert MEANINGS.keys() == FORMATS.keys()


async def test_an_export_without_a_file_name_or_into_no_folder_is_refused(
    dashboard: Open, feed: FakeFeed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    async with day_mode(dashboard, feed) as stage:
        await stage.press("e")
        for text, refusal in (
            (str(tmp_path), "name of a file"),
            (str(tmp_path / "no" / "x.csv"), "There is no folder"),
            (str(tmp_path / ("x" * 300)), "file name too long"),
            (str(tmp_path / "file" / "x.csv"), "not a directory"),
            ("~nobody-of-that-name/x.csv", "There is no user"),
            ("x\0.csv", "null"),
        ):
            stage.app.screen.query_one("#path", Input).value = text
            await stage.press("ctrl+s")
            assert refusal in stage.screen_text()
        await stage.press("escape")
        assert list(tmp_path.iterdir()) == [tmp_path / "file"]


async def test_where_the_working_directory_was_removed_a_day_can_be_exported_into_the_own_folder(
    dashboard: Open, feed: FakeFeed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "removed").mkdir()
    monkeypatch.chdir(tmp_path / "removed")
    (tmp_path / "removed").rmdir()
    async with day_mode(dashboard, feed) as stage:
        await stage.press("e")
        await stage.press("ctrl+s")
        assert (tmp_path / "unslouch-demo-2026-03-01.csv").exists()


async def test_without_a_database_a_sentence_stands_there_and_no_key_does_harm(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("2")
        assert "Nothing is recorded yet" in stage.screen_text()
        await stage.press(
            "enter", "left_square_bracket", "w", "n", "e", "y", "plus", "left", "comma", "i", "g", "m", "Y"
        )
        assert stage.notified == ""


async def test_every_widget_that_can_have_the_focus_explains_itself(dashboard: Open, feed: FakeFeed) -> None:
    async with day_mode(dashboard, feed) as stage:
        kinds = DayTimeline | HourBars | DataTable
        own = [each for each in screen(stage).query("*") if each.focusable and isinstance(each, kinds)]
        assert len(own) >= 3
        assert all(widget.HELP for widget in own)


async def test_the_table_of_slouches_is_whole_at_forty_cells_and_spreads_in_a_wider_terminal(
    dashboard: Open, feed: FakeFeed
) -> None:
    async with day_mode(dashboard, feed, (40, 12)) as stage:
        screen(stage).query_one("#slouches").focus()
        await stage.until(lambda: "start length peak corrected alerts" in stage.screen_text())
        await stage.pilot.resize_terminal(120, 40)
        await stage.until(lambda: "start  length  peak  corrected  alerts" in stage.screen_text())


async def test_another_sensors_day_is_not_shown_as_that_of_the_one_that_is_followed_now(
    dashboard: Open, feed: FakeFeed
) -> None:
    async with day_mode(dashboard, feed) as stage:
        assert "nothing recorded" not in stage.screen_text()
        screen(stage).forget_sensor()
        await stage.pilot.pause()
        shown = stage.screen_text()
        assert "The day is being read." in shown
        assert "2026" not in shown
        assert "corrected" not in shown
        assert "nothing recorded" not in shown
        await stage.press("left", "plus", "comma", "enter")
        assert stage.notified == ""
