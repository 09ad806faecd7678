"""Help: the keys with what they do, and what the shapes mean."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from unslouch.tui.palette import GLYPHS, STATES_SHOWN, in_state_colour
from unslouch_device.contract.states import STATE_NAMES

from .dialog import dialog_css

MEANINGS = (
    ("upright", "within the threshold of your calibrated upright"),
    ("leaning", "tilted forward beyond the threshold, not for long yet"),
    ("slouching", "beyond it for longer than the present delay"),
    ("reclined", "tilted backward beyond the threshold"),
    ("moving", "walking, or other vigorous motion"),
    ("lying", "lying down"),
    ("uncalibrated", "worn, but the sensor does not know your upright"),
    ("off body", "not worn"),
    ("charging", "on the charger"),
    ("lost", "unknown: there is no record, or no link"),
)


class HelpScreen(ModalScreen[None]):
    DEFAULT_CSS = dialog_css("HelpScreen") + "HelpScreen > VerticalScroll { width: 76; padding: 0 2; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss", "Close", id="help.close", tooltip="Back to the dashboard.")
    ]

    def __init__(self, bindings: list[Binding]) -> None:
        super().__init__()
        self._bindings_shown = bindings

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = "Help"
            box.border_subtitle = "Esc closes"
            keys = [
                f"[bold $text-accent]{binding.key_display or binding.key}[/]  {binding.tooltip}"
                for binding in self._bindings_shown
            ]
            yield Static("\n".join(keys))
            meanings = dict(MEANINGS)
            shapes = [
                in_state_colour(state, f"{GLYPHS[state]} {STATE_NAMES[state]:<13}") + meanings[STATE_NAMES[state]]
                for state in STATES_SHOWN
            ]
            yield Static("\n".join(shapes), classes="hint")
            yield Static(
                "Forward tilt is the inclination of your upper back, not the bend of your spine: it cannot tell a "
                "slouch from leaning forward. unslouch trains awareness; it treats nothing.",
                classes="hint",
            )
