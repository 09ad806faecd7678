"""One setting as a slider: its value on the sensor, the value that is tried out, and the range between."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from unslouch.sensor.settings import value_text
from unslouch.tui.bindings import binding
from unslouch_device.contract.settings import Setting

KEY_CELLS = 17
VALUE_CELLS = 9
CHOICE_CELLS = 10
LEAST_TRACK_CELLS = 6
FAST_STEPS = 20
"""How many steps of a key or of the mouse's wheel a long range has."""


class SettingSlider(Widget, can_focus=True):
    """Left and right try out another value, Enter writes it to the sensor, Esc goes back to the sensor's own.

    Its value is shown even before the sensor has said what it is: as the default, greyed.
    """

    HELP = """\
## A setting

`←` and `→` try out a value, with Shift in steps of one; Home and End go to the ends of the range, `d` to the default.
What the value would have brought on the last day is below. **Enter** writes it to the sensor, **Esc** goes back to what
the sensor has. On the track `●` is the value that is tried, `│` the sensor's own. In the day, `█` is a slouch, `▲` an
alert, and `·` time without either.
"""
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "slider--key",
        "slider--track",
        "slider--filled",
        "slider--knob",
        "slider--own",
        "slider--value",
        "slider--unknown",
    }
    DEFAULT_CSS = """
    SettingSlider { height: 1; }
    SettingSlider:focus { background: $panel; }
    SettingSlider:hover { background: $panel; }
    SettingSlider > .slider--key { color: $text-muted; }
    SettingSlider:focus > .slider--key { color: $text-accent; text-style: bold; }
    SettingSlider > .slider--track { color: $text-disabled; }
    SettingSlider > .slider--filled { color: $text-accent; }
    SettingSlider > .slider--knob { color: $text-accent; text-style: bold; }
    SettingSlider > .slider--own { color: $text; }
    SettingSlider > .slider--value { color: $text; }
    SettingSlider.-changed > .slider--value { color: $text-warning; text-style: bold; }
    SettingSlider > .slider--unknown { color: $text-disabled; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("setting", "left", "step(-1)", "Less", "Try out a smaller value.", show=False, name="less"),
        binding("setting", "right", "step(1)", "More", "Try out a larger value.", show=False, name="more"),
        binding(
            "setting", "shift+left", "fine_step(-1)", "One less", "Make the value one smaller.", False, name="one-less"
        ),
        binding(
            "setting", "shift+right", "fine_step(1)", "One more", "Make the value one larger.", False, name="one-more"
        ),
        binding("setting", "home", "end_of_range(False)", "Least", "Try out the least value.", False, name="least"),
        binding("setting", "end", "end_of_range(True)", "Greatest", "Try out the greatest value.", False, name="most"),
        binding("setting", "d", "default", "Default", "Try out the default.", show=False),
        binding("setting", "enter", "write", "Set", "Write the value to the sensor."),
        binding("setting", "escape", "reset", "Leave", "Go back to the value that the sensor has.", show=False),
    ]

    class Tried(Message):
        """Another value is tried out."""

        def __init__(self, slider: "SettingSlider") -> None:
            super().__init__()
            self.slider = slider

    class Confirmed(Message):
        """The value shall be written to the sensor."""

        def __init__(self, slider: "SettingSlider") -> None:
            super().__init__()
            self.slider = slider

    def __init__(self, setting: Setting) -> None:
        super().__init__(id=f"setting-{setting.key}")
        self.setting = setting
        self.own = setting.default
        """The sensor's value."""
        self.tried = setting.default
        self.is_known = False
        """Whether the sensor has said what its value is."""
        self.tooltip = setting.meaning

    @property
    def is_changed(self) -> bool:
        """Whether the value that is tried out is not the sensor's."""
        return self.tried != self.own

    def show_own(self, value: int | None) -> None:
        """Show the sensor's value, None where it isn't known. A value that is being tried out stays."""
        own = self.setting.default if value is None else value
        if (own, value is not None) == (self.own, self.is_known):
            return
        was_changed = self.is_changed
        self.own, self.is_known = own, value is not None
        if not was_changed:
            self.tried = own
        self._changed()

    def try_value(self, value: int) -> None:
        """Try out a value, or the nearest in the range."""
        value = max(self.setting.least, min(self.setting.greatest, value))
        if value != self.tried:
            self.tried = value
            self._changed()
            self.post_message(self.Tried(self))

    def _changed(self) -> None:
        self.set_class(self.is_changed, "-changed")
        self.refresh()
        if self.is_running:
            self.screen.refresh_bindings()

    @property
    def _span(self) -> int:
        return self.setting.greatest - self.setting.least

    @property
    def _step(self) -> int:
        """What a key changes: one, or a round share of a long range."""
        wanted = self._span / FAST_STEPS
        return max((step for step in (1, 2, 5, 10, 30, 60) if step <= wanted), default=1) if self._span > 40 else 1

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to write or to leave a value only where there is another one."""
        return action not in ("write", "reset") or self.is_changed

    def action_step(self, direction: int) -> None:
        """Go to the next round value in a direction."""
        step = self._step
        rounded = self.tried // step * step if direction < 0 else -(-self.tried // step) * step
        self.try_value(rounded if rounded != self.tried else self.tried + direction * step)

    def action_fine_step(self, direction: int) -> None:
        """Change the value by one."""
        self.try_value(self.tried + direction)

    def action_end_of_range(self, greatest: bool) -> None:
        """Go to an end of the range."""
        self.try_value(self.setting.greatest if greatest else self.setting.least)

    def action_default(self) -> None:
        """Go to the default."""
        self.try_value(self.setting.default)

    def action_reset(self) -> None:
        """Go back to the sensor's value."""
        self.try_value(self.own)

    def action_write(self) -> None:
        """Have the value written to the sensor."""
        self.post_message(self.Confirmed(self))

    # The mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take the value under the mouse, and follow it."""
        if self._span == 1:
            self.try_value(self.setting.least + (event.x >= KEY_CELLS + CHOICE_CELLS))
        elif self._track[0] <= event.x < self._track[0] + self._track[1]:
            self.capture_mouse()
            self._follow(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Follow the mouse while its button is down."""
        if self.app.mouse_captured is self:
            self._follow(event.x)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Leave the mouse."""
        self.release_mouse()

    def _follow(self, x: int) -> None:
        start, width = self._track
        share = max(0.0, min(1.0, (x - start) / max(1, width - 1)))
        exact = self.setting.least + share * self._span
        step = self._step if self._span > width else 1
        at_end = share in (0.0, 1.0)
        self.try_value(round(exact) if at_end else round(exact / step) * step)

    # Drawing

    @property
    def _track(self) -> tuple[int, int]:
        """Where the track begins, and its width."""
        return KEY_CELLS, max(0, self.size.width - KEY_CELLS - VALUE_CELLS)

    def _cell(self, value: int) -> int:
        return round((value - self.setting.least) / self._span * (self._track[1] - 1))

    def render_line(self, y: int) -> Strip:
        """Draw key, track and value in one line; without room for a track, key and value alone."""
        width = self._track[1]
        base = self.rich_style
        if self._span == 1:
            return Strip(self._choice_segments()).adjust_cell_length(self.size.width, base)
        value_style = self._style("slider--value" if self.is_known or self.is_changed else "slider--unknown")
        segments = [Segment(f" {self.setting.key}".ljust(KEY_CELLS), self._style("slider--key"))]
        if width >= LEAST_TRACK_CELLS:
            segments += self._track_segments(width)
        else:
            segments.append(Segment(" " * width, base))
        segments.append(
            Segment(f"  {value_text(self.setting, self.tried)}"[:VALUE_CELLS].ljust(VALUE_CELLS), value_style)
        )
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def _choice_segments(self) -> list[Segment]:
        """Return both values of a setting that has two, the one that is tried out marked."""
        segments = [Segment(f" {self.setting.key}".ljust(KEY_CELLS), self._style("slider--key"))]
        for value in (self.setting.least, self.setting.greatest):
            text = f"{'●' if value == self.tried else '○'} {value_text(self.setting, value)}".ljust(CHOICE_CELLS)
            known = "slider--value" if self.is_known or self.is_changed else "slider--unknown"
            segments.append(Segment(text, self._style(known if value == self.tried else "slider--track")))
        return segments

    def _track_segments(self, width: int) -> list[Segment]:
        tried, own = self._cell(self.tried), self._cell(self.own)
        cells = []
        for cell in range(width):
            if cell == tried:
                cells.append(Segment("●", self._style("slider--knob")))
            elif cell == own and self.is_known:
                cells.append(Segment("│", self._style("slider--own")))
            elif cell < tried:
                cells.append(Segment("━", self._style("slider--filled")))
            else:
                cells.append(Segment("─", self._style("slider--track")))
        return cells

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name)
