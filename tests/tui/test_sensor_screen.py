"""The Sensor mode: its parts, and what each does with the sensor."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from textual.widgets import ContentSwitcher, Static

from lively_days import lively_days
from tui.conftest import Open, Stage
from tui.fake_feed import FakeFeed
from unslouch.analysis.history import History
from unslouch.errors import BadInput, NoSensor, Refused, UnslouchError
from unslouch.link.model import LinkState
from unslouch.sensor.events import LinkChanged
from unslouch.sensor.health import HealthRow
from unslouch.sensor.paired import PairedSensor
from unslouch.sensor.pairing import PairingResult
from unslouch.sensor.pairing_steps import AttemptBegan, ButtonNeeded, OnStep
from unslouch.store import Store
from unslouch.tui.screens.sensor import CALIBRATION, PARTS
from unslouch.tui.sensor_tools import SensorTools
from unslouch.tui.widgets.fact_table import FactTable
from unslouch.tui.widgets.part_bar import Part
from unslouch.tui.widgets.setting_slider import SettingSlider
from unslouch.tuning import replay as replays
from unslouch_device.contract import messages
from unslouch_device.contract.board_test import TEST_PASSED, TEST_SILENT
from unslouch_device.contract.settings import SETTINGS as ALL_SETTINGS

NOW_MS = int(datetime(2026, 3, 2, 18, tzinfo=UTC).timestamp() * 1000)
MINE = PairedSensor("my back", "24ec4a0c9f51d3e8", "74:4D:BD:12:34:56")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("sensor") / "days.db"
    with Store.open(path, simulated=False) as store:
        store.add_pages(lively_days(date(2026, 3, 1), 2, hours=6).pages())
    return path


@pytest.fixture(autouse=True)
def evening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unslouch.tui.screens.sensor.time.time_ns", lambda: NOW_MS * 1_000_000)


async def open_part(stage: Stage, key: str, database: Path | None = None) -> None:
    """Show a part of the Sensor mode, of a wearer with a past if a database is given."""
    if database is not None:
        path = database

        def open_history() -> None:
            stage.feed.stored = History(Store.open(path, simulated=None, readonly=True), UTC)

        await stage.app.shared.disk.call(open_history)
    await stage.press("5")
    await stage.press(key)


def sentences(stage: Stage, *selectors: str) -> str:
    return " ".join(" ".join(stage.text(selector) for selector in selectors).split())


def results_of_test(stage: Stage) -> str:
    """Return the rows of the self-test."""
    cells = stage.app.screen.query("#tested Static")
    return " ".join(" ".join(strip.text for cell in cells for strip in cell.render_lines(cell.size.region)).split())


def shown_part(stage: Stage) -> str:
    return str(stage.app.screen.query_one(ContentSwitcher).current)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.id)
async def test_each_part_has_a_key_a_place_to_click_and_the_palette(dashboard: Open, part: Part) -> None:
    async with dashboard() as stage:
        await stage.press("5")
        await stage.press(part.key)
        assert shown_part(stage) == part.id
        await stage.press("right_square_bracket")
        assert shown_part(stage) != part.id
        await stage.pilot.click(f"#part-{part.id}")
        await stage.settle()
        assert shown_part(stage) == part.id
        titles = [command.title for command in stage.app.get_system_commands(stage.app.screen)]
        assert part.title in titles


# Calibration and profiles


async def test_calibrating_begins_again_where_it_ended(dashboard: Open) -> None:
    async with dashboard() as stage:
        await open_part(stage, "c")
        await stage.press("enter", "n")
        assert stage.feed.commands[-1] == "calibrate"
        assert "Enter begins again" in sentences(stage, "#choices")
        await stage.press("enter")
        assert "Sit upright and still" in sentences(stage, "#guidance")
        assert shown_part(stage) == CALIBRATION


async def test_a_click_on_a_key_of_a_panel_does_what_the_key_does(dashboard: Open) -> None:
    async with dashboard() as stage:
        await open_part(stage, "c")
        await stage.pilot.click("#choices", offset=(2, 0))
        await stage.settle()
        assert stage.feed.commands[-1] == "calibrate"


async def test_a_refusal_is_a_sentence_beside_the_picture(dashboard: Open) -> None:
    async with dashboard() as stage:
        await open_part(stage, "c")
        stage.feed.error = Refused("You moved; keep still and repeat.", messages.MOVED)
        await stage.press("enter")
        assert "You moved; keep still and repeat." in sentences(stage, "#result")


async def test_without_a_link_a_calibration_says_so(dashboard: Open) -> None:
    async with dashboard() as stage:
        await open_part(stage, "c")
        stage.feed.publish(LinkChanged(LinkState.WAITING, "The link broke."))
        stage.feed.error = NoSensor("No sensor is linked at the moment; wait until it is.")
        await stage.press("enter")
        assert "No sensor is linked" in sentences(stage, "#result")


async def test_a_profile_is_selected_in_place(dashboard: Open) -> None:
    async with dashboard() as stage:
        await open_part(stage, "f")
        await stage.press("down", "enter")
        assert "select 1" in stage.feed.commands
        assert "standing desk has no calibration yet: press c." in stage.notified


# Settings


async def test_every_setting_of_the_contract_has_a_slider_with_its_meaning_and_range(dashboard: Open) -> None:
    async with dashboard() as stage:
        await open_part(stage, "e")
        assert [slider.setting for slider in stage.app.screen.query(SettingSlider)] == list(ALL_SETTINGS)
        for setting in ALL_SETTINGS:
            said = sentences(stage, "#meaning", "#range")
            assert setting.meaning in said
            assert "default" in said
            await stage.press("down")


async def test_a_value_is_written_only_with_enter_and_escape_leaves_it(dashboard: Open) -> None:
    async with dashboard() as stage:
        await open_part(stage, "e")
        await stage.press("right", "right")
        assert "Enter sets threshold to 14°" in sentences(stage, "#set")
        assert not [command for command in stage.feed.commands if command.startswith("set ")]
        await stage.press("escape")
        assert "12°" in sentences(stage, "#setting-threshold")
        await stage.press("left", "enter")
        assert "set threshold 11" in stage.feed.commands
        assert "threshold is 11° now." in stage.notified


async def test_a_slider_follows_the_mouse(dashboard: Open) -> None:
    async with dashboard() as stage:
        await open_part(stage, "e")
        await stage.pilot.click("#setting-strength", offset=(17, 0))
        await stage.settle()
        assert "20 %" in sentences(stage, "#setting-strength")
        await stage.pilot.click("#setting-tracking-only", offset=(30, 0))
        await stage.settle()
        assert stage.app.screen.query_one("#setting-tracking-only", SettingSlider).tried == 1


async def test_keys_of_a_slider(dashboard: Open) -> None:
    async with dashboard() as stage:
        await open_part(stage, "e")
        await stage.press("down", "down")
        slider = stage.app.screen.query_one("#setting-delay", SettingSlider)
        for key, value in (("home", 5), ("end", 600), ("shift+right", 31), ("right", 40), ("left", 20)):
            await stage.press("escape", key)
            assert slider.tried == value, key


async def test_leaving_a_setting_leaves_its_value(dashboard: Open) -> None:
    async with dashboard() as stage:
        await open_part(stage, "e")
        await stage.press("right", "down")
        assert stage.app.screen.query_one("#setting-threshold", SettingSlider).tried == 12


async def test_what_a_value_would_have_done_is_shown_beside_what_was(dashboard: Open, database: Path) -> None:
    async with dashboard() as stage:
        await open_part(stage, "e", database)
        before = sentences(stage, "#summary")
        assert before.startswith("Yesterday: ")
        await stage.press(*["right"] * 8)
        after = sentences(stage, "#summary")
        assert after.startswith("Yesterday at 20°: ")
        assert "(now " in after
        rows = stage.text("#trial").split("\n")
        assert rows[1].startswith("   now")
        assert rows[2].startswith("   20°")
        assert any(mark in rows[1] for mark in "▲█▄")


async def test_a_setting_that_moves_no_alert_says_what_it_does(dashboard: Open, database: Path) -> None:
    async with dashboard() as stage:
        await open_part(stage, "e", database)
        await stage.press(*["down"] * 7)
        assert "It changes how an alert feels" in sentences(stage, "#summary")


async def test_settings_that_do_not_go_together_are_named_before_they_are_written(
    dashboard: Open, database: Path
) -> None:
    async with dashboard() as stage:
        await open_part(stage, "e", database)
        await stage.press("down", "end")
        assert "hysteresis (15) must stay below threshold (12)" in sentences(stage, "#summary")
        await stage.press("enter")
        assert "hysteresis (15) must stay below threshold (12)" in stage.notified
        assert not [command for command in stage.feed.commands if command.startswith("set ")]


async def test_without_a_recorded_day_a_setting_can_be_changed_all_the_same(dashboard: Open) -> None:
    async with dashboard() as stage:
        await open_part(stage, "e")
        assert "Once a day is recorded" in sentences(stage, "#summary")
        await stage.press("right", "enter")
        assert "set threshold 13" in stage.feed.commands


async def test_a_replay_is_cancelled_when_the_slider_moves_on(
    dashboard: Open, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    real = replays.replay

    def counting(*arguments: object, is_cancelled: Callable[[], bool], **options: object) -> object:
        if is_cancelled():
            raise replays.ReplayCancelled
        started.append(1)
        return real(*arguments, is_cancelled=is_cancelled, **options)  # type: ignore[arg-type]

    async with dashboard() as stage:
        await open_part(stage, "e", database)
        monkeypatch.setattr("unslouch.tuning.trial.replay", counting)
        slider = stage.app.screen.query_one("#setting-threshold", SettingSlider)
        for value in range(13, 33):
            slider.try_value(value)
        await stage.settle()
        assert sentences(stage, "#summary").startswith("Yesterday at 32°")
        assert len(started) < 10, "most of the 20 values were passed over"


# Health


async def test_health_names_what_needs_attention(dashboard: Open) -> None:
    async with dashboard() as stage:
        await open_part(stage, "h")
        said = stage.screen_text()
        assert "24ec4a0c9f51d3e8" in said
        assert "! watchdog" in said
        assert "! 1 in a row" in said
        assert "60 KiB free, 31 in one piece" in said
        assert "days of wear left" in said


async def test_the_last_crash_is_shown(dashboard: Open) -> None:
    async with dashboard() as stage:
        await open_part(stage, "h")
        await stage.press("k")
        assert "knows of no crash" in sentences(stage, "#answer")
        stage.feed.connection.crash = b"Traceback:\nValueError: no good\n"
        await stage.press("k")
        assert "ValueError: no good" in sentences(stage, "#answer")


async def test_the_self_test_says_what_it_has_found_of_each_part(dashboard: Open) -> None:
    async with dashboard((120, 60)) as stage:
        await open_part(stage, "h")
        await stage.press("m")
        said = results_of_test(stage)
        assert "motor its driver has found it" in said
        assert "flash reads what it writes" in said
        assert "acceleration x passed" in said
        assert "!" not in said
        stage.feed.connection.failed_axes = 1
        stage.feed.connection.board_test = TEST_SILENT, 1, 3912, TEST_PASSED, TEST_PASSED, TEST_PASSED
        await stage.press("m")
        said = results_of_test(stage)
        assert "! its driver doesn't answer" in said
        assert "acceleration x ! failed" in said
        assert "must lie still" in sentences(stage, "#answer")


async def test_without_a_link_health_says_so(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.publish(LinkChanged(LinkState.WAITING, "The link broke."))
        await open_part(stage, "h")
        assert "No sensor is linked" in stage.screen_text()
        assert "24ec4a0c9f51d3e8" not in stage.screen_text()


async def test_a_table_of_facts_that_changes_before_it_is_laid_out_shows_the_last_facts(dashboard: Open) -> None:
    async with dashboard() as stage:
        table = FactTable([HealthRow("uptime", "1 s")])
        await stage.app.screen.mount(table)
        for second in range(2, 6):
            table.show([HealthRow("battery", f"{second} %"), HealthRow("uptime", f"{second} s")])
        await stage.settle()
        assert [str(cell.visual) for cell in table.query(Static)] == ["battery", "5 %", "uptime", "5 s"]
        table.show([HealthRow("battery", "6 %", is_concerning=True), HealthRow("uptime", "5 s")])
        assert [str(cell.visual) for cell in table.query(Static)] == ["battery", "! 6 %", "uptime", "5 s"]


# Pairing


class Tools:
    """Pairing that needs no radio."""

    def __init__(self, error: UnslouchError | None = None) -> None:
        self.sensors = [MINE]
        self.removed: list[str] = []
        self.error = error

    async def pair(self, on_step: OnStep) -> PairingResult:
        on_step(ButtonNeeded())
        on_step(AttemptBegan(MINE.address))
        if self.error is not None:
            raise self.error
        return PairingResult(MINE, is_calibrated=True)

    async def unpair(self, name: str, on_step: OnStep) -> str:
        self.removed.append(name)
        self.sensors = []
        return name

    def made(self) -> SensorTools:
        return SensorTools(paired=lambda: self.sensors, pair=self.pair, unpair=self.unpair)


@pytest.fixture
def pairing(dashboard: Open) -> Callable[[Tools], Open]:
    """Opens a dashboard whose pairing is done by some tools."""
    from contextlib import asynccontextmanager

    def with_tools(tools: Tools) -> Open:
        @asynccontextmanager
        async def open(**options: object):  # type: ignore[no-untyped-def]
            async with dashboard(**options) as stage:
                stage.app.shared.tools = tools.made()
                yield stage

        return open

    return with_tools


async def test_both_sides_of_the_pairings_are_listed(pairing: Callable[[Tools], Open]) -> None:
    async with pairing(Tools())() as stage:
        await open_part(stage, "a")
        assert "my back" in sentences(stage, "#paired")
        assert "* C0:C1:C2:C3:C4:C5" in sentences(stage, "#hosts")
        assert "01:02:03:04:05:06" in sentences(stage, "#hosts")


async def test_pairing_shows_its_steps_and_its_end(pairing: Callable[[Tools], Open]) -> None:
    async with pairing(Tools())() as stage:
        await open_part(stage, "a")
        await stage.press("p")
        said = sentences(stage, "#steps")
        assert "Hold the sensor's button for 3 s" in said
        assert "Paired. unslouch finds 'my back'" in said


async def test_pairing_that_fails_says_why_and_can_be_tried_again(pairing: Callable[[Tools], Open]) -> None:
    async with pairing(Tools(BadInput("Bluetooth is off; switch it on.")))() as stage:
        await open_part(stage, "a")
        await stage.press("p")
        assert "Bluetooth is off" in sentences(stage, "#steps")
        assert "p pairs with a sensor" in sentences(stage, "#pairing-keys")


async def test_nothing_can_be_forgotten_while_a_sensor_is_paired(pairing: Callable[[Tools], Open]) -> None:
    tools = Tools()
    began = asyncio.Event()

    async def never(on_step: OnStep) -> PairingResult:
        began.set()
        await asyncio.Event().wait()
        raise AssertionError

    tools.pair = never  # type: ignore[method-assign]
    async with pairing(tools)() as stage:
        await open_part(stage, "a")
        await stage.pilot.press("p")
        async with asyncio.timeout(60):
            await began.wait()
        await stage.pilot.press("x")
        await stage.frame()
        assert stage.app.screen is stage.app.mode_screen
        assert "Esc stops pairing" in sentences(stage, "#pairing-keys")
        await stage.press("escape", "x", "y")
        assert tools.removed == ["my back"]


async def test_a_sensor_is_removed_only_after_a_question_and_while_its_link_is_released(
    pairing: Callable[[Tools], Open],
) -> None:
    tools = Tools()
    async with pairing(tools)() as stage:
        await open_part(stage, "a")
        await stage.press("x", "escape")
        assert tools.removed == []
        await stage.press("x", "y")
        assert tools.removed == ["my back"]
        assert stage.feed.stopped
        assert stage.feed.runs == 2, "the sensor is looked for again"
        assert "no longer paired" in sentences(stage, "#steps")


async def test_the_sensor_forgets_a_computer_after_a_question(pairing: Callable[[Tools], Open]) -> None:
    async with pairing(Tools())() as stage:
        await open_part(stage, "a")
        await stage.press("tab", "down", "x")
        assert "the computer 01:02:03:04:05:06" in stage.screen_text()
        await stage.press("y")
        assert "01:02:03:04:05:06" not in sentences(stage, "#hosts")
        assert "The sensor has forgotten 01:02:03:04:05:06." in sentences(stage, "#steps")


# What holds for all parts


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.id)
async def test_every_widget_that_takes_the_keys_has_help(dashboard: Open, part: Part) -> None:
    async with dashboard() as stage:
        await open_part(stage, part.key)
        chain = stage.app.screen.focus_chain
        assert chain
        for widget in chain:
            assert widget.HELP, widget
            assert widget.HELP.startswith("## ")


async def test_another_sensor_brings_another_past(dashboard: Open, database: Path) -> None:
    async with dashboard() as stage:
        await open_part(stage, "e", database)
        stage.app.shared.follow(FakeFeed(is_simulated=True), stage.app.shared.sensor, stage.app.shared.coach)
        screen = stage.app.mode_screen
        assert screen is not None
        screen.follow_sensor()
        await stage.settle()
        assert "Once a day is recorded" in sentences(stage, "#summary")


# What becomes known, or changes, while a part is shown


async def test_the_first_setting_says_what_the_sensor_has_as_soon_as_that_is_known(dashboard: Open) -> None:
    async with dashboard(connected=False) as stage:
        stage.feed.values["threshold"] = 12
        await open_part(stage, "e")
        assert "no sensor is linked" in sentences(stage, "#range")
        stage.feed.connect()
        await stage.settle()
        assert sentences(stage, "#range").strip() == "5° to 45°, default 12°; the sensor has 12°."


async def test_what_is_said_of_a_setting_follows_a_value_that_another_program_has_set(dashboard: Open) -> None:
    async with dashboard() as stage:
        await open_part(stage, "e")
        stage.feed.values["threshold"] = 20
        stage.feed.status(settings_revision=2)
        await stage.settle()
        assert "the sensor has 20°" in sentences(stage, "#range")


async def test_settings_and_profile_of_a_sensor_that_is_linked_again_are_read_again(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.settle()
        stage.feed.publish(LinkChanged(LinkState.WAITING, "It is out of reach."))
        await stage.settle()
        stage.feed.values["threshold"] = 20
        stage.feed.connect()
        await stage.settle()
        assert stage.app.shared.sensor.settings["threshold"] == 20
        assert stage.app.shared.sensor.profile is not None


async def test_health_and_pairing_ask_a_sensor_that_is_linked_while_they_are_shown(dashboard: Open) -> None:
    async with dashboard(connected=False) as stage:
        await open_part(stage, "h")
        assert "No sensor is linked" in sentences(stage, "#no-sensor")
        asked = len(stage.feed.connection.asked)
        stage.feed.connect()
        await stage.settle()
        assert len(stage.feed.connection.asked) > asked
        assert stage.app.screen.query("#figures Static")


async def test_the_rows_of_a_self_test_are_whole_and_stand_apart_from_the_figures(dashboard: Open) -> None:
    async with dashboard(size=(80, 50)) as stage:
        await open_part(stage, "h")
        await stage.press("m")
        lines = [line.strip() for line in stage.screen_text().splitlines()]
        assert any(line.split() == ["acceleration", "x", "passed"] for line in lines)
        first = next(row for row, line in enumerate(lines) if line.startswith("motor"))
        assert not lines[first - 1]
