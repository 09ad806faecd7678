"""The posture of this moment: the state with its shape and name, what the motor does, and both tilts in big digits."""

from textwrap import wrap

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from unslouch.link.model import LinkState, LiveSample
from unslouch.sensor.quiet import Quiet
from unslouch.tui.palette import GLYPHS, in_state_colour
from unslouch.tui.sensor_state import SensorState
from unslouch_device.contract import states
from unslouch_device.contract.settings import BUDGET_MODE

from .angle import Angle

ABOVE_SATURATES_S = 255
BAR_CELLS = 10
HOURS_AGO_FROM_S = 2 * 3600
BRIEF_CELLS = 24
"""In fewer cells the brief words are used."""
BRIEF = (
    ("above threshold", "above for"),
    ("recorded all the same", "still recorded"),
    ("motion sensor is silent", "no motion data"),
    ("alerts by holding time", "by holding time"),
    ("delay now", "delay"),
)
"""What is said where there is room, and what in a narrow box."""


class PosturePanel(Horizontal):
    """Three boxes side by side."""

    DEFAULT_CSS = """
    PosturePanel { height: 5; }
    PosturePanel > Vertical { border: round $frame; border-title-color: $text-muted;
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
        self._posture.tooltip = "What you do now, for how long you lean too far, and what the motor does."
        self._forward_box.tooltip = "How far your upper back leans forward of your calibrated upright."
        self._lateral_box.tooltip = "How far your upper back leans sideways of your calibrated upright."
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
        """Draw what has changed; while there is no live data, the last tilt in grey with its age."""
        shown = state_line(sensor), detail_line(sensor, is_demo), motor_line(sensor)
        if 0 < self._detail.size.width < BRIEF_CELLS:
            shown = shown[0], brief(shown[1]), brief(shown[2])
        if sensor.deep_sleep is not None:  # and the motor's line is empty
            shown = shown[0], *in_two_lines(sensor.deep_sleep.remedy, self._detail.size.width)
        for line, old, new in zip((self._state, self._detail, self._motor), self._shown, shown, strict=True):
            if old != new:
                line.update(new, layout=False)
        self._shown = shown
        self._show_profile("" if sensor.profile is None else sensor.profile.title)
        sample, age = sensor.sample, ""
        if sample is not None and sensor.live is None:
            age = describe_age(sensor.sample_age_s)
        show_angle(self._forward_box, self._forward, None if sample is None else sample.forward_deg, age)
        show_angle(self._lateral_box, self._lateral, None if sample is None else sample.lateral_deg, age)

    def _show_profile(self, name: str) -> None:
        if name != self._profile:
            self._profile = name
            self._posture.border_subtitle = Content(name)  # brackets in a name are no markup


def show_angle(box: Vertical, angle: Angle, degrees: float | None, age: str) -> None:
    """Draw an angle, and on the border of its box the name of its direction, or how old it is."""
    direction = angle.show(degrees, is_old=bool(age))
    subtitle = age if age and degrees is not None else direction
    if box.border_subtitle != subtitle:
        box.border_subtitle = subtitle


def describe_age(age_s: float) -> str:
    """Return how long ago a value was measured."""
    if age_s < 100:
        return f"{age_s:.0f} s ago"
    return f"{age_s / 60:.0f} min ago" if age_s < HOURS_AGO_FROM_S else f"{age_s / 3600:.0f} h ago"


def state_line(sensor: SensorState) -> str:
    """Return the state with its shape, in its colour; while the sensor rests, that it isn't shown."""
    state = sensor.posture
    name = "resting" if sensor.state is LinkState.RESTING else states.STATE_NAMES[state]
    if sensor.deep_sleep is not None:
        name = sensor.deep_sleep.name
    return in_state_colour(state, f"[bold]{GLYPHS[state]} {name.upper()}[/bold]")


def brief(line: str) -> str:
    """Return a line in fewer words."""
    for long, short in BRIEF:
        line = line.replace(long, short)
    return line


def in_two_lines(text: str, width: int) -> tuple[str, str]:
    """Return a text on two lines of a width in cells; the second is cut off where it is too long."""
    first, *rest = wrap(text, max(1, width)) or [""]
    return first, " ".join(rest)


def detail_line(sensor: SensorState, is_demo: bool) -> str:
    """Return a detail of the state, such as how long the threshold has been passed."""
    live = sensor.live
    if sensor.state is LinkState.RESTING:
        return "recorded all the same"
    if live is None:
        return "no live data" if sensor.sample is None else f"was {states.STATE_NAMES[sensor.sample.state]}"
    if live.state == states.UNKNOWN:
        return "motion sensor is silent"
    if live.state == states.UNCALIBRATED:
        by_itself = is_demo and sensor.board is not None and not sensor.board.profile
        return "calibrates itself" if by_itself else "press c to calibrate"
    if live.above_threshold_s:
        return time_above(live, sensor)
    return ""


def time_above(live: LiveSample, sensor: SensorState) -> str:
    """Return how many seconds the threshold has been passed; and out of how many, if an alert waits for that."""
    above_s = live.above_threshold_s
    shown = f"{'> ' if above_s >= ABOVE_SATURATES_S else ''}{above_s} s"
    is_rule = live.state == states.LEANING and sensor.settings["alert-mode"] != BUDGET_MODE
    if sensor.board is None or not is_rule:
        return f"above threshold {shown}"
    delay_s = max(1, sensor.board.delay_s)
    filled = min(BAR_CELLS, BAR_CELLS * above_s // delay_s)
    return f"{shown} of {delay_s}  {'█' * filled}{'░' * (BAR_CELLS - filled)}"


def motor_line(sensor: SensorState) -> str:
    """Return what the motor does or did lately, and what decides when it will."""
    live, status = sensor.live, sensor.board
    if live is None:
        return ""
    if live.alerting:  # the motor also confirms a calibration or a correction, which is no alert
        is_alert = sensor.alerted_s_ago is not None or live.state in (states.LEANING, states.SLOUCHING)
        return "[bold reverse] ALERT [/] vibrating" if is_alert else "vibrating"
    if sensor.alerted_s_ago is not None:
        return f"[bold reverse] ALERT [/] {sensor.alerted_s_ago} s ago"
    if sensor.settings["alert-mode"] == BUDGET_MODE:
        return "alerts by holding time"
    if status is not None and status.delay_s != sensor.settings["delay"]:
        return f"delay now {status.delay_s} s (fading)"
    return ""


def silence_line(sensor: SensorState, quiet: Quiet | None = None) -> str:
    """Return why the motor would not run now and until when; that it would, if so; empty without live data."""
    if sensor.live is None:
        return ""
    silence = sensor.silence.why(sensor.settings, quiet)
    return "Motor ready." if silence is None else f"Motor silent: {silence}."
