"""Help: what the focused widget and the mode are for, what the shapes mean, and every key with what it does."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Markdown, Static

from unslouch.tui.bindings import OfferedBinding, binding
from unslouch.tui.palette import GLYPHS, STATES_SHOWN, in_state_colour
from unslouch_device.contract.states import STATE_NAMES

from .dialog import Dialog, dialog_css

MEANINGS = {
    "upright": "within the threshold of your calibrated upright",
    "leaning": "tilted forward beyond the threshold, not for long yet",
    "slouching": "beyond it for longer than the present delay",
    "reclined": "tilted backward beyond the threshold",
    "moving": "walking, or other vigorous motion",
    "lying": "lying down",
    "uncalibrated": "worn, but the sensor does not know your upright",
    "off body": "not worn",
    "charging": "on the charger",
    "lost": "unknown: there is no record, or no link",
}


class HelpScreen(Dialog[None]):
    DEFAULT_CSS = (
        dialog_css("HelpScreen")
        + """
    HelpScreen > VerticalScroll, HelpScreen.-short > VerticalScroll { width: 76; padding: 0 0 0 2; }
    HelpScreen .hint { padding: 0 1 0 0; }
    HelpScreen Markdown { height: auto; padding: 0 1 0 0; margin: 0 0 1 0; background: transparent; }
    HelpScreen MarkdownH2 { margin: 0; }
    HelpScreen MarkdownParagraph, HelpScreen MarkdownBulletList { margin: 0 0 1 0; }
    HelpScreen MarkdownList Horizontal, HelpScreen MarkdownList MarkdownParagraph { margin: 0; }
    HelpScreen Markdown > MarkdownBlock:last-child { margin-bottom: 0; }
    HelpScreen #shapes { margin: 0; }
    """
    )
    HELP = "## Help\n\nArrow keys, Page Up and Page Down scroll."
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("help", "escape,question_mark,q", "dismiss", "Close", "Back to the dashboard.")
    ]

    def __init__(self, bindings: Sequence[OfferedBinding], texts: Sequence[str]) -> None:
        """texts: Markdown on the focused widget and on the mode."""
        super().__init__()
        self._offered = bindings
        self._texts = texts

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = "Help"
            box.border_subtitle = "Esc closes"
            for text in self._texts:
                yield Markdown(text)
            shapes = [
                in_state_colour(state, f"{GLYPHS[state]} {STATE_NAMES[state]:<13}") + MEANINGS[STATE_NAMES[state]]
                for state in STATES_SHOWN
            ]
            yield Static("\n".join(shapes), id="shapes", classes="hint")
            yield Static(keys_table(self._offered), classes="hint")
            yield Static(
                "Forward tilt is the inclination of your upper back, not the bend of your spine: it cannot tell a "
                "slouch from leaning forward. unslouch trains awareness; it treats nothing.",
                classes="hint",
            )


def keys_table(bindings: Sequence[OfferedBinding]) -> Content:
    """Return a line for each binding: its keys, then what it does."""
    keys = [" ".join(each.keys) for each in bindings]
    width = max(map(len, keys), default=0)
    lines = [
        Content.assemble((key.ljust(width), "bold $text-accent"), "  ", each.binding.tooltip)
        for key, each in zip(keys, bindings, strict=True)
    ]
    return Content("\n").join(lines)
