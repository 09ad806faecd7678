"""The posture of this moment: its state by shape and word, and both tilts in big digits."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from unslouch.link.model import LinkState, LiveSample
from unslouch.tui.palette import GLYPHS, marked
from unslouch.tui.picture import Picture
from unslouch.tui.widgets.angle import Angle
from unslouch_device.contract import states
from unslouch_device.contract.settings import BUDGET_MODE

ABOVE_SATURATES_S = 255


class PosturePanel(Horizontal):
    """Three boxes side by side."""

    DEFAULT_CSS = """
    PosturePanel { height: 5; }
    PosturePanel > Vertical { border: round $panel-lighten-2; border-title-color: $text-muted;
        border-subtitle-color: $text; width: 1fr; padding: 0 1; }
    PosturePanel > #posture { width: 1.2fr; }
    PosturePanel Static { height: 1; }
    """

    def __init__(self) -> None:
        super().__init__(id="posture-panel")
        self._state = Static(id="state")
        self._detail = Static(id="detail")
        self._motor = Static(id="motor")
        self._forward = Angle("forward", "backward", id="forward")
        self._lateral = Angle("right", "left", id="lateral")
        self._posture = Vertical(self._state, self._detail, self._motor, id="posture")
        self._forward_box = Vertical(self._forward, id="forward-box")
        self._lateral_box = Vertical(self._lateral, id="lateral-box")
        self._shown = ("", "", "")
        self._profile = ""

    def compose(self) -> ComposeResult:
        """Lay out the boxes."""
        self._posture.border_title = "Posture"
        yield self._posture
        self._forward_box.border_title = "Forward tilt"
        yield self._forward_box
        self._lateral_box.border_title = "Lateral tilt"
        yield self._lateral_box

    def show(self, picture: Picture, is_demo: bool) -> None:
        """Draw what has changed."""
        live = picture.live
        shown = state_words(picture), detail_words(picture, is_demo), motor_words(picture)
        for line, old, new in zip((self._state, self._detail, self._motor), self._shown, shown, strict=True):
            if old != new:
                line.update(new, layout=False)
        self._shown = shown
        self._show_profile("" if picture.profile is None else picture.profile.title)
        show_angle(self._forward_box, self._forward, None if live is None else live.forward_deg)
        show_angle(self._lateral_box, self._lateral, None if live is None else live.lateral_deg)

    def _show_profile(self, name: str) -> None:
        if name != self._profile:
            self._profile = name
            self._posture.border_subtitle = Content(name)  # brackets in a name are no markup


def show_angle(box: Vertical, angle: Angle, degrees: float | None) -> None:
    """Draw an angle, and its direction on the border of its box."""
    direction = angle.show(degrees)
    if box.border_subtitle != direction:
        box.border_subtitle = direction


def state_words(picture: Picture) -> str:
    """Shape and word of the state, in its colour; nothing is lost while the sensor rests."""
    state = picture.posture
    word = "not shown" if picture.state is LinkState.RESTING else states.STATE_NAMES[state]
    return marked(state, f"[bold]{GLYPHS[state]} {word.upper()}[/bold]")


def detail_words(picture: Picture, is_demo: bool) -> str:
    """What the state means just now."""
    live = picture.live
    if picture.state is LinkState.RESTING:
        return "recorded all the same"
    if live is None:
        return "no live data"
    if live.state == states.UNKNOWN:
        return "motion sensor is silent"
    if live.state == states.UNCALIBRATED:
        by_itself = is_demo and picture.board is not None and not picture.board.profile
        return "calibrates itself" if by_itself else "press c to calibrate"
    if live.above_threshold_s:
        return f"above threshold {above_words(live, picture)} s"
    return ""


def above_words(live: LiveSample, picture: Picture) -> str:
    """For how many seconds the threshold has been passed, and of how many where they are what an alert waits for."""
    above = f"{'> ' if live.above_threshold_s >= ABOVE_SATURATES_S else ''}{live.above_threshold_s}"
    is_rule = live.state == states.LEANING and picture.settings["alert-mode"] != BUDGET_MODE
    return f"{above}/{picture.board.delay_s}" if picture.board is not None and is_rule else above


def motor_words(picture: Picture) -> str:
    """What the motor does or lately did, or why it does not."""
    live, status = picture.live, picture.board
    if live is None:
        return ""
    if live.alerting:  # the motor also confirms a calibration or a correction, which is no alert
        is_alert = picture.alerted_s_ago is not None or live.state in (states.LEANING, states.SLOUCHING)
        return "[bold reverse] ALERT [/] vibrating" if is_alert else "vibrating"
    if live.snoozed:
        left_s = status.snooze_left_s if status is not None else 0
        return f"snoozed, {left_s // 60}:{left_s % 60:02d} left" if left_s else "snoozed"
    if picture.alerted_s_ago is not None:
        return f"[bold reverse] ALERT [/] {picture.alerted_s_ago} s ago"
    if live.tracking_only:
        return "tracking only, no alerts"
    if picture.settings["alert-mode"] == BUDGET_MODE:
        return "alerts by holding time"
    if status is not None and status.delay_s != picture.settings["delay"]:
        return f"delay now {status.delay_s} s (fading)"
    return ""
