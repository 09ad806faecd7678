"""The posture of this moment: the state with its shape and name, and both tilts in big digits."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from unslouch.link.model import LinkState, LiveSample
from unslouch.tui.palette import GLYPHS, in_state_colour
from unslouch.tui.sensor_state import SensorState
from unslouch_device.contract import states
from unslouch_device.contract.settings import BUDGET_MODE

from .angle import Angle

ABOVE_SATURATES_S = 255


class PosturePanel(Horizontal):
    """Three boxes side by side."""

    DEFAULT_CSS = """
    PosturePanel { height: 5; }
    PosturePanel > Vertical { border: round $panel-lighten-2; border-title-color: $text-muted;
        border-subtitle-color: $text; width: 5fr; padding: 0 1; }
    PosturePanel > #posture { width: 6fr; }
    PosturePanel Static { height: 1; }
    """

    def __init__(self, in_ascii: bool = False) -> None:
        super().__init__(id="posture-panel")
        self._state = Static(id="state")
        self._detail = Static(id="detail")
        self._motor = Static(id="motor")
        self._forward = Angle("forward", "backward", id="forward", in_ascii=in_ascii)
        self._lateral = Angle("right", "left", id="lateral", in_ascii=in_ascii)
        self._posture = Vertical(self._state, self._detail, self._motor, id="posture")
        self._forward_box = Vertical(self._forward, id="forward-box")
        self._lateral_box = Vertical(self._lateral, id="lateral-box")
        self._shown = ("", "", "")
        self._profile = ""

    def compose(self) -> ComposeResult:
        self._posture.border_title = "Posture"
        yield self._posture
        self._forward_box.border_title = "Forward tilt"
        yield self._forward_box
        self._lateral_box.border_title = "Lateral tilt"
        yield self._lateral_box

    def show(self, sensor: SensorState, is_demo: bool) -> None:
        """Draw what has changed."""
        live = sensor.live
        shown = state_line(sensor), detail_line(sensor, is_demo), motor_line(sensor)
        for line, old, new in zip((self._state, self._detail, self._motor), self._shown, shown, strict=True):
            if old != new:
                line.update(new, layout=False)
        self._shown = shown
        self._show_profile("" if sensor.profile is None else sensor.profile.title)
        show_angle(self._forward_box, self._forward, None if live is None else live.forward_deg)
        show_angle(self._lateral_box, self._lateral, None if live is None else live.lateral_deg)

    def _show_profile(self, name: str) -> None:
        if name != self._profile:
            self._profile = name
            self._posture.border_subtitle = Content(name)  # brackets in a name are no markup


def show_angle(box: Vertical, angle: Angle, degrees: float | None) -> None:
    """Draw an angle, and the name of its direction on the border of its box."""
    direction = angle.show(degrees)
    if box.border_subtitle != direction:
        box.border_subtitle = direction


def state_line(sensor: SensorState) -> str:
    """Return the state with its shape, in its colour; while the sensor rests, that it isn't shown."""
    state = sensor.posture
    word = "not shown" if sensor.state is LinkState.RESTING else states.STATE_NAMES[state]
    return in_state_colour(state, f"[bold]{GLYPHS[state]} {word.upper()}[/bold]")


def detail_line(sensor: SensorState, is_demo: bool) -> str:
    """Return a detail of the state, such as how long the threshold has been passed."""
    live = sensor.live
    if sensor.state is LinkState.RESTING:
        return "recorded all the same"
    if live is None:
        return "no live data"
    if live.state == states.UNKNOWN:
        return "motion sensor is silent"
    if live.state == states.UNCALIBRATED:
        by_itself = is_demo and sensor.board is not None and not sensor.board.profile
        return "calibrates itself" if by_itself else "press c to calibrate"
    if live.above_threshold_s:
        return f"above threshold {time_above(live, sensor)} s"
    return ""


def time_above(live: LiveSample, sensor: SensorState) -> str:
    """Return how many seconds the threshold has been passed; and out of how many, if an alert waits for that."""
    above = f"{'> ' if live.above_threshold_s >= ABOVE_SATURATES_S else ''}{live.above_threshold_s}"
    is_rule = live.state == states.LEANING and sensor.settings["alert-mode"] != BUDGET_MODE
    return f"{above}/{sensor.board.delay_s}" if sensor.board is not None and is_rule else above


def motor_line(sensor: SensorState) -> str:
    """Return what the motor does or did lately, or why it doesn't vibrate."""
    live, status = sensor.live, sensor.board
    if live is None:
        return ""
    if live.alerting:  # the motor also confirms a calibration or a correction, which is no alert
        is_alert = sensor.alerted_s_ago is not None or live.state in (states.LEANING, states.SLOUCHING)
        return "[bold reverse] ALERT [/] vibrating" if is_alert else "vibrating"
    if live.snoozed:
        left_s = status.snooze_left_s if status is not None else 0
        return f"snoozed, {left_s // 60}:{left_s % 60:02d} left" if left_s else "snoozed"
    if sensor.alerted_s_ago is not None:
        return f"[bold reverse] ALERT [/] {sensor.alerted_s_ago} s ago"
    if live.tracking_only:
        return "tracking only, no alerts"
    if sensor.settings["alert-mode"] == BUDGET_MODE:
        return "alerts by holding time"
    if status is not None and status.delay_s != sensor.settings["delay"]:
        return f"delay now {status.delay_s} s (fading)"
    return ""
