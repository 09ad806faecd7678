"""Jump mode: a letter on each widget that can have the focus; pressing it takes the focus there."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Click, Key, Resize
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from unslouch.tui.bindings import binding

from .dialog import Dialog

LETTERS = "asdfghjklqwertyuiopzxcvbnm"


class JumpScreen(Dialog[Widget | None]):
    """Answers with the widget that the wearer chose, None if none."""

    HELP = "## Jump\n\nA letter stands on each part that can have the focus. Press it, or click it."
    DEFAULT_CSS = """
    JumpScreen { background: $background 40%; }
    JumpScreen .target { position: absolute; width: 3; height: 1; text-style: bold reverse; color: $text-accent;
        text-align: center; }
    JumpScreen #hint { dock: bottom; width: 100%; height: 1; background: $panel; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("jump", "escape,ctrl+o", "dismiss(None)", "Close", "Leave the focus where it is.", name="close")
    ]

    def __init__(self, widgets: Sequence[Widget]) -> None:
        super().__init__()
        self._targets = dict(zip(LETTERS, widgets, strict=False))
        self._opened_size: Size | None = None

    def compose(self) -> ComposeResult:
        for letter, widget in self._targets.items():
            label = Static(letter, id=f"jump-{letter}", classes="target")
            label.styles.offset = (widget.region.x, widget.region.y)
            yield label
        yield Static("A letter goes there, Esc goes back.", id="hint")

    def on_key(self, event: Key) -> None:
        """Go where a letter stands."""
        if event.key in self._targets:
            event.stop()
            self.dismiss(self._targets[event.key])

    def on_click(self, event: Click) -> None:
        """Go where the clicked letter stands; a click beside them goes back."""
        clicked = event.widget.id if event.widget is not None else None
        self.dismiss(self._targets.get((clicked or "").removeprefix("jump-")))

    def on_resize(self, event: Resize) -> None:
        """Go back when the terminal's size changes: the letters no longer stand where the parts are."""
        if self._opened_size is None:
            self._opened_size = event.size
        elif event.size != self._opened_size:
            self.dismiss(None)
