"""The first run: each step can be done, skipped and repeated, and an empty board gets its firmware."""

import threading
from pathlib import Path

import pytest
from textual.widgets import ContentSwitcher

from tui.conftest import Open, Stage
from unslouch.config.load import load_config
from unslouch.errors import NoSensor, Refused, UnslouchError
from unslouch.flashing.empty_board import EmptyBoard
from unslouch.flashing.install import Reporter
from unslouch.link.model import LinkState, SensorInfo
from unslouch.safety import safety_rules
from unslouch.sensor.events import LinkChanged
from unslouch.sensor.no_sensor import NO_SENSOR
from unslouch.sensor.paired import sensors_file
from unslouch.store import default_path
from unslouch.tui.bindings import offered_bindings
from unslouch.tui.first_run.needed import is_first_run
from unslouch.tui.screens.confirm import ConfirmScreen
from unslouch.tui.screens.first_run import STAYS, FirstRunScreen
from unslouch.tui.screens.no_sensor import NoSensorScreen
from unslouch.tui.sensor_tools import SensorTools
from unslouch_device.contract import messages

from .fake_feed import INFO

STEPS = 7


def shown(stage: Stage) -> str:
    """All words on the screen, without the pictures."""
    return " ".join("".join(c for c in stage.screen_text() if not "⠀" <= c <= "⣿").split())


async def draw(stage: Stage) -> None:
    assert isinstance(stage.app.screen, FirstRunScreen)
    stage.app.screen.draw()
    await stage.settle()
    if isinstance(stage.app.screen, FirstRunScreen):
        stage.app.screen.draw()
        await stage.frame()


async def find_nothing(stage: Stage) -> None:
    """Let the search end without a sensor."""
    await stage.until(lambda: stage.feed.consumer)
    stage.feed.publish(LinkChanged(LinkState.WAITING, NO_SENSOR))
    await draw(stage)


class Boards:
    """A board without firmware, and how installing goes."""

    def __init__(self, error: UnslouchError | None = None) -> None:
        self.error = error
        self.flashed: list[str] = []
        self.was_free = False
        self.stage: Stage | None = None
        self.go_on = threading.Event()
        self.go_on.set()

    def flash(self, port: str, reporter: Reporter) -> SensorInfo:
        assert self.stage is not None
        self.was_free = self.stage.feed.stopped
        self.flashed.append(port)
        reporter.say("Transferring the firmware.")
        reporter.progress(40, 100)
        assert self.go_on.wait(60)
        if self.error is not None:
            raise self.error
        return INFO

    def tools(self, stage: Stage) -> SensorTools:
        self.stage = stage
        return SensorTools(empty_boards=lambda: [EmptyBoard("/dev/ttyACM7")], flash=self.flash)


async def test_every_step_can_be_skipped_and_gone_back_to_without_a_sensor(dashboard: Open) -> None:
    async with dashboard(connected=False, first_run=True) as stage:
        stage.app.shared.tools = SensorTools(empty_boards=list)
        await find_nothing(stage)
        titles = []
        for step in range(1, STEPS + 1):
            assert f"{step} of {STEPS}" in shown(stage)
            titles.append(shown(stage).split(f"{step} of {STEPS} ")[1][:12])
            if step < STEPS:
                await stage.press("right")
        assert len(set(titles)) == STEPS
        assert "Calibrate: skipped" in shown(stage)
        await stage.press("left")
        assert "6 of 7" in shown(stage)
        await stage.press("escape")
        assert not isinstance(stage.app.screen, FirstRunScreen | NoSensorScreen)


async def test_a_sensor_that_is_found_calibrated_and_felt_is_in_the_last_step(dashboard: Open) -> None:
    async with dashboard(connected=False, first_run=True) as stage:
        await stage.until(lambda: stage.feed.consumer)
        stage.feed.connect()
        stage.feed.live(3.0)
        await draw(stage)
        assert "The sensor xiao-esp32s3 (51d3e8) is linked by cable." in shown(stage)
        await stage.press("enter")
        assert "between the shoulder blades" in shown(stage)
        assert "no magnet mount" in shown(stage)
        await stage.press("enter", "enter")
        assert stage.feed.commands[-1] == "calibrate"
        await stage.press("n")
        assert "Enter goes on" in shown(stage)
        await stage.press("enter", "m")
        assert stage.feed.commands[-2:] == ["set strength 70", "buzz"]
        await stage.press("right", "right", "right")
        said = shown(stage)
        assert "the sensor xiao-esp32s3 is linked" in said
        assert "your upright is calibrated" in said
        assert "the vibration is medium" in said
        assert "What suits you: skipped" in said
        await stage.press("enter")
        assert "● UPRIGHT" in stage.screen_text()


async def test_the_demo_can_be_taken(dashboard: Open) -> None:
    async with dashboard(connected=False, first_run=True) as stage:
        stage.app.shared.tools = SensorTools(empty_boards=list)
        await find_nothing(stage)
        await stage.press("d")
        await stage.until(lambda: stage.demo.consumer)
        stage.demo.connect()
        await draw(stage)
        assert stage.feed.stopped
        assert stage.app.shared.feed is stage.demo  # type: ignore[comparison-overlap]


async def test_an_empty_board_gets_its_firmware_with_progress_and_is_looked_for_afterwards(dashboard: Open) -> None:
    boards = Boards()
    boards.go_on.clear()
    async with dashboard(connected=False, first_run=True) as stage:
        stage.app.shared.tools = boards.tools(stage)
        await find_nothing(stage)
        assert "The board at /dev/ttyACM7 has no firmware of ours yet." in shown(stage)
        assert boards.flashed == [], "it is offered, not done"
        await stage.pilot.press("i")
        await stage.until(lambda: "40%" in stage.screen_text())
        assert "Transferring the firmware." in shown(stage)
        boards.go_on.set()
        await stage.settle()
        assert boards.flashed == ["/dev/ttyACM7"]
        assert boards.was_free, "the port is free while the firmware is installed"
        assert "The board runs firmware 0.1.0 now." in shown(stage)
        assert stage.feed.runs == 2


async def test_the_first_steps_stay_while_firmware_is_installed_and_its_thread_ends_with_them(dashboard: Open) -> None:
    boards = Boards()
    boards.go_on.clear()
    async with dashboard(connected=False, first_run=True, notifications=True) as stage:
        stage.app.shared.tools = boards.tools(stage)
        await find_nothing(stage)
        await stage.pilot.press("i")
        await stage.until(lambda: "40%" in stage.screen_text())
        await stage.pilot.press("escape")
        await stage.until(lambda: STAYS in stage.notified)
        assert isinstance(stage.app.screen, FirstRunScreen)
        await stage.pilot.press("right")
        await stage.until(lambda: f"2 of {STEPS}" in shown(stage))
        for answer in ("escape", "n"):
            await stage.pilot.press("q")
            await stage.until(lambda: isinstance(stage.app.screen, ConfirmScreen))
            await stage.pilot.press(answer)
            await stage.until(lambda: isinstance(stage.app.screen, FirstRunScreen))
        boards.go_on.set()
        await stage.settle()
        await stage.press("escape")
        assert stage.app.screen is stage.app.mode_screen
        for thread in board_threads():
            thread.join(60)
        assert board_threads() == []


async def test_who_quits_amid_an_installation_is_asked_once(dashboard: Open) -> None:
    boards = Boards()
    boards.go_on.clear()
    async with dashboard(connected=False, first_run=True) as stage:
        stage.app.shared.tools = boards.tools(stage)
        await find_nothing(stage)
        await stage.pilot.press("i")
        await stage.until(lambda: "40%" in stage.screen_text())
        await stage.pilot.press("ctrl+c", "ctrl+c")
        await stage.until(lambda: not stage.app.is_running or stage.app._exit)
    boards.go_on.set()


def board_threads() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "first-run-board"]


async def test_an_installation_that_fails_says_why_and_is_offered_again(dashboard: Open) -> None:
    boards = Boards(NoSensor("The board at /dev/ttyACM7 was unplugged; plug it in and repeat."))
    async with dashboard(connected=False, first_run=True) as stage:
        stage.app.shared.tools = boards.tools(stage)
        await find_nothing(stage)
        await stage.press("i")
        await draw(stage)
        assert "was unplugged; plug it in and repeat." in shown(stage)
        assert "i puts the firmware on it" in shown(stage)


async def test_what_suits_the_wearer_goes_into_the_settings_file_and_keeps_its_comments(
    dashboard: Open, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_text("# mine\n[coach]\nminutes = 3\n", encoding="utf-8")
    async with dashboard(first_run=True) as stage:
        stage.app.shared.config_path = path
        await stage.press(*["right"] * 4)
        await stage.press("down", "down", "space", "tab", "space", "down", "space", "tab", "enter")
        coach = load_config(path).config.coach
        assert (str(coach.place), [str(each) for each in coach.equipment]) == ("home", ["wall", "chair"])
        assert [str(each) for each in coach.conditions] == ["shoulder"]
        assert coach.minutes == 3
        assert path.read_text(encoding="utf-8").startswith("# mine\n")
        assert stage.app.shared.config.coach == coach
        await stage.press("space")
        assert load_config(path).config.coach.conditions == ()


async def test_one_checkbox_asks_for_the_gentle_exercises_and_no_age_or_sex(dashboard: Open, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[coach]\nconditions = ["osteoporosis", "shoulder"]\n', encoding="utf-8")
    async with dashboard(first_run=True) as stage:
        stage.app.shared.config_path = path
        await stage.press(*["right"] * 4)
        assert "○ only gentle exercises" in shown(stage)
        await stage.press("tab", "tab", "tab", "space")
        assert "● only gentle exercises" in shown(stage)
        coach = load_config(path).config.coach
        assert coach.gentle
        assert coach.preferences.wants_gentle_set
        await stage.press("space")
        assert not load_config(path).config.coach.preferences.wants_gentle_set


async def test_a_refused_buzz_is_a_sentence(dashboard: Open) -> None:
    async with dashboard(first_run=True) as stage:
        await stage.press(*["right"] * 3)
        stage.feed.error = Refused("The sensor is busy; wait and repeat.", messages.BUSY)
        await stage.press("b")
        assert "The sensor is busy; wait and repeat." in shown(stage)


async def test_all_safety_rules_are_shown(dashboard: Open) -> None:
    async with dashboard(size=(120, 50), first_run=True) as stage:
        await stage.press(*["right"] * 5)
        said = shown(stage)
        for rule in safety_rules():
            assert rule.title in said
            assert " ".join(rule.text.split()[:6]) in said


async def test_w_in_the_sensor_mode_begins_the_first_steps_again(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("5", "w")
        assert isinstance(stage.app.screen, FirstRunScreen)
        await stage.press("escape")
        assert not isinstance(stage.app.screen, FirstRunScreen)


async def test_every_key_of_every_step_is_described_and_every_widget_with_keys_has_help(dashboard: Open) -> None:
    async with dashboard(first_run=True) as stage:
        for step in range(STEPS):
            if step:
                await stage.press("right")
            screen = stage.app.screen
            assert str(screen.query_one(ContentSwitcher).current).startswith("step-")
            for widget in screen.focus_chain:
                assert (widget.HELP or "").startswith("## "), widget
            offered = list(offered_bindings(screen))
            for each in offered:
                assert each.binding.description, each.binding.id
                assert each.binding.tooltip.endswith("."), each.binding.id
            commands = {command.title for command in stage.app.get_system_commands(screen)}
            assert {each.binding.description for each in offered if each.enabled} - {"Commands"} <= commands


@pytest.mark.parametrize("known", ["days", "demo", "sensors", "settings"])
def test_the_first_run_is_for_computers_that_know_nothing_of_the_wearer(
    known: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("UNSLOUCH_CONFIG", raising=False)
    assert is_first_run()
    path = {
        "days": default_path(simulated=False),
        "demo": default_path(simulated=True),
        "sensors": sensors_file(),
        "settings": load_config().path,
    }[known]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    assert not is_first_run()


async def test_esc_that_is_handled_below_the_palette_ends_the_first_run_once_the_palette_is_closed(
    dashboard: Open,
) -> None:
    async with dashboard(first_run=True) as stage:
        await stage.until(lambda: isinstance(stage.app.screen, FirstRunScreen))
        first_run = stage.app.screen
        await stage.press("ctrl+p")
        assert stage.app.screen is not first_run
        first_run.call_later(first_run.action_end)
        await stage.settle()
        await stage.pilot.press("escape")
        await stage.until(lambda: stage.app.screen is stage.app.mode_screen)


async def test_a_demo_that_is_chosen_twice_is_opened_once(dashboard: Open) -> None:
    async with dashboard(connected=False, first_run=True) as stage:
        await stage.until(lambda: isinstance(stage.app.screen, FirstRunScreen))
        for _ in range(2):
            await stage.app.show_demo()
        await stage.until(stage.demo.is_followed.is_set)
        assert stage.app.shared.feed is stage.demo
        assert stage.demo.runs == 1
