"""All settings of the sensor as sliders, and below them a past day under the value that is tried out.

The rows are made from contract.settings. Trying a value changes nothing on the sensor.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from unslouch.errors import BadInput, UnslouchError
from unslouch.sensor.settings import change_setting, check_together, range_text, value_text
from unslouch.tui.bindings import binding
from unslouch.tui.trial_runner import TrialRunner
from unslouch.tui.workers import run_latest
from unslouch_device.contract.settings import SETTINGS

from .action_line import ActionLine, OfferedAction
from .day_trial_view import LEGEND, DayTrialView
from .setting_slider import SettingSlider

if TYPE_CHECKING:
    from unslouch.link.client import Client
    from unslouch.tuning.trial import Trial, TrialDay

NO_DAY = "Once a day is recorded, this shows what a value would have brought on it."
NO_SENSOR = "no sensor is linked"
UNREAD = "the sensor's own value is being read"
READING = "Reading the last day."


class _Sliders(VerticalScroll, inherit_bindings=False):
    """The list of sliders, which leaves the arrow keys to the panel also where it has to scroll."""


class SettingsPanel(Vertical):
    """Sliders, and what the focused one means."""

    DEFAULT_CSS = """
    SettingsPanel { height: 1fr; }
    SettingsPanel > VerticalScroll { height: 1fr; max-height: 16; scrollbar-size-vertical: 1; }
    SettingsPanel > #detail { height: auto; margin-top: 1; padding: 0 1; }
    SettingsPanel #detail Static { height: auto; }
    SettingsPanel #range, SettingsPanel #legend { color: $text-muted; }
    SettingsPanel #summary { text-style: bold; }
    SettingsPanel #legend { display: none; }
    .-tall SettingsPanel #legend { display: block; }
    .-tall SettingsPanel #summary, .-tall SettingsPanel #set { margin-top: 1; }
    .-short SettingsPanel > #detail { margin-top: 0; }
    .-short SettingsPanel #summary { max-height: 2; }
    .-short SettingsPanel #meaning { max-height: 2; }
    .-short SettingsPanel #range, .-short SettingsPanel DayTrialView { display: none; }
    """
    SCOPED_CSS = False  # the screen's size classes matter
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("settings", "up", "move(-1)", "Previous", "Go to the setting above.", show=False, name="previous"),
        binding("settings", "down", "move(1)", "Next", "Go to the setting below.", show=False, name="next"),
    ]

    class Written(Message):
        """A setting was written to the sensor."""

        def __init__(self, sentence: str) -> None:
            super().__init__()
            self.sentence = sentence

    class Failed(Message):
        """A setting could not be written."""

        def __init__(self, error: UnslouchError) -> None:
            super().__init__()
            self.error = error

    def __init__(self, client: "Callable[[], Client]", *, id: str | None = None) -> None:
        """client: raises NoSensor without a link."""
        super().__init__(id=id)
        self._client = client
        self._sliders = [SettingSlider(setting) for setting in SETTINGS]
        self._focused = self._sliders[0]
        self._runner = TrialRunner()
        self._day: TrialDay | None = None
        self._day_title = ""
        self._present: Trial | None = None
        self._no_day = READING
        self._is_linked = False

    def compose(self) -> ComposeResult:
        """Lay out the sliders and the detail of one."""
        yield _Sliders(*self._sliders, id="sliders", can_focus=False)
        with Vertical(id="detail"):
            yield Static(id="meaning", markup=False)
            yield Static(id="range", markup=False)
            yield Static(id="summary", markup=False)
            yield DayTrialView(id="trial")
            yield Static(LEGEND, id="legend", markup=False)
            yield ActionLine(self, id="set")

    def on_mount(self) -> None:
        """Show the first setting."""
        self._show_detail()

    # What is known

    def show_settings(self, values: Mapping[str, int] | None, *, is_linked: bool) -> None:
        """Show the sensor's values by key; None while they aren't known."""
        before, shown_before = self._own_values(), self._detail_state()
        self._is_linked = is_linked
        for slider in self._sliders:
            slider.show_own(None if values is None else values.get(slider.setting.key))
        if self._detail_state() != shown_before:
            self._show_detail()
        if self._own_values() != before:
            self._present = None
            self._try()

    def show_day(self, day: "TrialDay | None", title: str) -> None:
        """Take the day to replay, and what to call it; None if none is recorded."""
        self._day, self._day_title, self._present = day, title, None
        self._no_day = NO_DAY
        self._try()

    def _detail_state(self) -> tuple[int, bool, bool]:
        """Return what the detail says of the sensor."""
        return self._focused.own, self._focused.is_known, self._is_linked

    def _own_values(self) -> dict[int, int]:
        return {slider.setting.id: slider.own for slider in self._sliders}

    # Keys

    def action_move(self, rows: int) -> None:
        """Go to another setting."""
        place = self._sliders.index(self._focused) + rows
        self._sliders[max(0, min(len(self._sliders) - 1, place))].focus()

    def focus_first(self) -> None:
        """Give the keys to the setting that had them last."""
        self._focused.focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Show what the focused setting means, and leave what was tried with another one."""
        if isinstance(event.widget, SettingSlider) and event.widget is not self._focused:
            self._focused.action_reset()
            self._focused = event.widget
            self._show_detail()
            self._try()

    def on_setting_slider_tried(self, message: SettingSlider.Tried) -> None:
        """Replay the day with the value."""
        message.stop()
        if message.slider is self._focused:
            self._show_detail()
            self._try()

    def on_setting_slider_confirmed(self, message: SettingSlider.Confirmed) -> None:
        """Write the value to the sensor."""
        message.stop()
        run_latest(self, self._write, message.slider, group="write")

    def action_write(self) -> None:
        """Write the value that is tried out to the sensor."""
        run_latest(self, self._write, self._focused, group="write")

    def action_reset(self) -> None:
        """Go back to the sensor's value."""
        self._focused.action_reset()

    async def _write(self, slider: SettingSlider) -> None:
        setting, value = slider.setting, slider.tried
        try:
            await change_setting(self._client(), setting, value)
        except UnslouchError as error:
            self.post_message(self.Failed(error))
            return
        slider.show_own(value)
        self._present = None
        self._show_detail()
        self._try()
        self.post_message(self.Written(f"{setting.key} is {value_text(setting, value)} now."))

    # The detail

    def _show_detail(self) -> None:
        slider = self._focused
        setting = slider.setting
        self.query_one("#meaning", Static).update(setting.meaning)
        own = f"the sensor has {value_text(setting, slider.own)}"
        if not slider.is_known:
            own = UNREAD if self._is_linked else NO_SENSOR
        self.query_one("#range", Static).update(f"{range_text(setting)}; {own}.")
        offered = [
            OfferedAction("Enter", f"sets {setting.key} to {value_text(setting, slider.tried)}", "write"),
            OfferedAction("Esc", "leaves it", "reset"),
        ]
        keys = self.query_one("#set", ActionLine)
        keys.display = slider.is_changed
        keys.offer(offered if slider.is_changed else [])

    def _try(self) -> None:
        """Replay the day, in the background; what was replayed before for another value is cancelled."""
        if self.is_mounted:
            run_latest(self, self._replay, group="replay")

    async def _replay(self) -> None:
        from unslouch.tuning.trial import REPLAYED, describe_trial, describe_unreplayed

        slider, day = self._focused, self._day
        summary, view = self.query_one("#summary", Static), self.query_one(DayTrialView)
        if day is None:
            summary.update(self._no_day)
            view.clear()
            return
        if slider.setting.id not in REPLAYED:
            summary.update(f"{self._day_title.capitalize()}: {describe_unreplayed(slider.setting, day)}")
            view.clear()
            return
        own = self._own_values()
        if self._present is None:
            self._present = await self._runner.trial(day, own)
        present = self._present
        if present is None:
            return
        rows = [("now", present)]
        title = self._day_title
        wanted = present
        if slider.is_changed:
            label = value_text(slider.setting, slider.tried)
            try:
                check_together(slider.setting, slider.tried, self._by_key())
            except BadInput as error:
                summary.update(str(error))
                view.show(day.day, rows)
                return
            tried = await self._runner.trial(day, {**own, slider.setting.id: slider.tried})
            if tried is None:
                return
            wanted = tried
            rows.append((label, wanted))
            title = f"{title} at {label}"
        summary.update(f"{title.capitalize()}: {describe_trial(wanted, present)}.")
        view.show(day.day, rows)

    def _by_key(self) -> dict[str, int]:
        return {slider.setting.key: slider.own for slider in self._sliders}

    def on_unmount(self) -> None:
        """End the replay that is under way."""
        self._runner.cancel()
