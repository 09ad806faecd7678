"""The Sensor mode: calibration and profiles, settings, health, and pairing, each a part of the screen."""

import time
from collections.abc import Hashable
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import ContentSwitcher, Static

from unslouch.errors import NoData
from unslouch.tui.bindings import binding
from unslouch.tui.widgets.calibration_panel import CalibrationPanel
from unslouch.tui.widgets.health_panel import HealthPanel
from unslouch.tui.widgets.pairing_panel import PairingPanel
from unslouch.tui.widgets.part_bar import Part, PartBar
from unslouch.tui.widgets.profiles_panel import ProfileList, ProfilesPanel
from unslouch.tui.widgets.settings_panel import SettingsPanel
from unslouch.tui.workers import run_latest

from .sensor_commands import SensorCommands

if TYPE_CHECKING:
    from unslouch.analysis.history import History
    from unslouch.link.client import Client
    from unslouch.link.model import SensorInfo
    from unslouch.tuning.trial import TrialDay

CALIBRATION, SETTINGS, HEALTH, PAIRING = "calibration", "settings", "health", "pairing"
PARTS = (
    Part(CALIBRATION, "c", "Calibrate"),
    Part(SETTINGS, "e", "Settings"),
    Part(HEALTH, "h", "Health"),
    Part(PAIRING, "a", "Pairing"),
)
READ_TODAY_EVERY_S = 300.0
"""How often the day that is replayed is read again while it is today, because there is no earlier one."""
TOAST_ROWS = 4


class SensorScreen(SensorCommands):
    """Shows one part at a time."""

    MODE = "sensor"
    HELP = """\
## Sensor

Everything about the sensor itself. **Calibrate** teaches it your upright posture, with a profile for each chair.
**Settings** has every setting, and what another value would have brought on the last day. **Health** says how the
sensor is, and **Pairing** which sensors and computers know each other. `w` goes through the first steps again.

`z` re-zeroes, and for a minute `Z` takes back the last calibration or re-zero.
"""
    DEFAULT_CSS = """
    SensorScreen ContentSwitcher { height: 1fr; }
    SensorScreen.-tall ContentSwitcher { margin-top: 1; }
    SensorScreen #calibration { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    SensorScreen #calibration .heading { text-style: bold; margin-top: 1; }
    SensorScreen.-short #calibration .heading { margin-top: 0; }
    SensorScreen CalibrationPanel { max-width: 116; }
    SensorScreen.-wide.-tall CalibrationPanel > SidePicture { width: 44; height: 19; }
    SensorScreen.-huge.-tall CalibrationPanel > SidePicture { width: 44; height: 19; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("sensor-mode", "e", "part('settings')", "Settings", "Show all settings.", False, name="settings"),
        binding(
            "sensor-mode", "h", "part('health')", "Health", "Show versions, battery and errors.", False, name="health"
        ),
        binding(
            "sensor-mode", "a", "part('pairing')", "Pairing", "Show what is paired with what.", False, name="pairing"
        ),
        binding("sensor-mode", "left_square_bracket", "next_part(-1)", "Previous part", "Go left.", False, name="left"),
        binding("sensor-mode", "right_square_bracket", "next_part(1)", "Next part", "Go right.", False, name="right"),
        binding(
            "sensor-mode",
            "w",
            "app.first_run",
            "First steps",
            "Go through the first steps again.",
            False,
            name="first-steps",
        ),
        binding("sensor-mode", "r", "retry", "Retry", "Look for the sensor now."),
    ]

    def compose_body(self) -> ComposeResult:
        """Lay out the parts, of which the first is shown."""
        shared = self.shared
        yield PartBar(PARTS)
        with ContentSwitcher(initial=CALIBRATION):
            with VerticalScroll(id=CALIBRATION, can_focus=False):
                yield CalibrationPanel(self._client, lambda: self.shared.sensor.live, stays=True)
                yield Static("Profiles", classes="heading")
                yield ProfilesPanel(self._client)
            yield SettingsPanel(self._client, id=SETTINGS)
            yield HealthPanel(self._client, shared.disk, self._is_powered, id=HEALTH)
            yield PairingPanel(self._client, shared.tools, shared.disk, shared.release, shared.retry, id=PAIRING)

    def on_mount(self) -> None:
        """Show the first part."""
        self._set_up: Hashable = None
        self._info: SensorInfo | None = None
        self._day: TrialDay | None = None
        self._day_on: date | None = None
        self._day_read_at_s = float("-inf")
        self.query_one(PartBar).show(CALIBRATION)
        self.query_one(CalibrationPanel).focus()

    def _is_powered(self) -> bool:
        """Whether this computer feeds the sensor by its cable."""
        info = self.shared.sensor.info
        return self.shared.feed.link_kind == "cable" and info is not None and not info.simulated

    def _client(self) -> "Client":
        return self.shared.feed.client

    # Frames and data

    def draw(self) -> None:
        """Show settings, health and profiles as they are now."""
        sensor = self.shared.sensor
        board = sensor.board
        self.query_one(SettingsPanel).show_settings(
            sensor.settings if board is not None and sensor.is_set_up_known else None, is_linked=sensor.is_linked
        )
        info = sensor.info if sensor.is_linked else None
        self.query_one(HealthPanel).show(info, board, sensor.deep_sleep)
        if info != self._info:
            self._info = info
            self._read_part()
        set_up = None if board is None else (sensor.info, board.profile, board.calibration_id, tuple(sensor.profiles))
        if set_up != self._set_up:
            self._set_up = set_up
            self.query_one(ProfilesPanel).read()

    async def refresh_data(self) -> None:
        """Read the day that the settings replay, if they are shown."""
        if self._part == SETTINGS:
            await self._read_day()

    async def _read_day(self) -> None:
        from unslouch.tuning.trial import day_title, last_whole_day

        def read(history: "History") -> "tuple[date, TrialDay | None]":
            now_ms = time.time_ns() // 1_000_000
            today = history.current_date(now_ms)
            is_current = self._day_on == today and (self._day is None or self._day.day.day != today)
            is_fresh = self.shared.clock() - self._day_read_at_s < READ_TODAY_EVERY_S
            if self._day is not None and (is_current or (self._day_on == today and is_fresh)):
                return today, self._day
            return today, last_whole_day(history, now_ms)

        try:
            today, day = await self.shared.read_history(read)
        except NoData:
            self.query_one(SettingsPanel).show_day(None, "")
            return
        if day is None or day is not self._day or today != self._day_on:
            self._day, self._day_on, self._day_read_at_s = day, today, self.shared.clock()
            self.query_one(SettingsPanel).show_day(day, "" if day is None else day_title(day.day.day, today))

    def forget_sensor(self) -> None:
        """Another sensor has another past."""
        self._day = self._day_on = self._set_up = None
        self._day_read_at_s = float("-inf")

    def key_state(self) -> Hashable:
        """Return what the keys depend on."""
        return super().key_state(), self._part

    def toast_row(self) -> int:
        """Show notifications above the footer."""
        return max(1, self.size.height - TOAST_ROWS)

    def _read_part(self) -> None:
        """Ask the sensor that is linked now for what the shown part has of it."""
        if self._part == HEALTH:
            self.query_one(HealthPanel).action_read()
        elif self._part == PAIRING:
            self.query_one(PairingPanel).action_read()

    # Keys

    @property
    def _part(self) -> str:
        return str(self.query_one(ContentSwitcher).current)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to retry only while no attempt is under way."""
        if action == "retry":
            return self.shared.sensor.is_paused
        return super().check_action(action, parameters)

    def action_part(self, part: str) -> None:
        """Show a part and give it the keys."""
        self.query_one(ContentSwitcher).current = part
        self.query_one(PartBar).show(part)
        match part:
            case "settings":
                self.query_one(SettingsPanel).focus_first()
                run_latest(self, self._read_day, group="day")
            case "health":
                self.query_one(HealthPanel).focus()
                self.query_one(HealthPanel).action_read()
            case "pairing":
                self.query_one(PairingPanel).focus_first()
                self.query_one(PairingPanel).action_read()
            case _:
                self.query_one(CalibrationPanel).focus()
        self.refresh_bindings()

    def action_next_part(self, places: int) -> None:
        """Show the part beside this one."""
        ids = [part.id for part in PARTS]
        self.action_part(ids[(ids.index(self._part) + places) % len(ids)])

    def action_calibrate(self) -> None:
        """Begin a calibration here."""
        self.action_part(CALIBRATION)
        self.query_one(CalibrationPanel).begin()

    def action_profiles(self) -> None:
        """Go to the profiles."""
        self.action_part(CALIBRATION)
        self.query_one(ProfileList).focus()

    def action_retry(self) -> None:
        """Look for the sensor now."""
        self.shared.retry()

    # What the parts report

    def on_settings_panel_written(self, message: SettingsPanel.Written) -> None:
        """Say that a setting was written."""
        self.notify(message.sentence, markup=False)

    def on_settings_panel_failed(self, message: SettingsPanel.Failed) -> None:
        """Say why a setting was not written."""
        self.notify_error(message.error)

    def on_profiles_panel_selected(self, message: ProfilesPanel.Selected) -> None:
        """Say how to calibrate a profile that has no calibration."""
        if not message.profile.calibration_id:
            self.notify(f"{message.profile.title} has no calibration yet: press c.", markup=False)

    def on_profiles_panel_renamed(self, message: ProfilesPanel.Renamed) -> None:
        """Have the names read again for the other modes."""
        self.shared.set_up.forget()
