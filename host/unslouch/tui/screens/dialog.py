"""What the dashboard's dialogs have in common: a box in the middle of a dimmed screen, and one answer."""

from typing import Generic, TypeVar, cast

from textual.await_complete import AwaitComplete
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from .selection import KeepsSelecting

T = TypeVar("T")

DIALOG_CSS = """
    NAME { align: center middle; }
    NAME > VerticalScroll { width: 64; max-width: 100%; height: auto; max-height: 100%; border: round $frame-accent;
        border-title-color: $text-accent; border-title-style: bold; background: $surface; padding: 1 2;
        scrollbar-size-vertical: 1; }
    NAME Static { height: auto; }
    NAME .hint { color: $text-muted; margin-top: 1; }
    NAME .result { text-style: bold; margin-top: 1; }
    NAME Horizontal { height: auto; margin-top: 1; }
    NAME Button { margin-right: 2; }
    NAME.-short { background: $background; }
    NAME.-short > VerticalScroll { padding: 0 1; }
    NAME.-short .hint, NAME.-short .result, NAME.-short Horizontal { margin-top: 0; }
"""


def dialog_css(name: str) -> str:
    """Return the style of a dialog, given the name of its class."""
    return DIALOG_CSS.replace("NAME", name)


class DialogKeys(Static):
    """Which key does what, as the last line of a dialog; in the border instead while that line is out of sight.

    It belongs right into the dialog's box.
    """

    DEFAULT_CSS = """
    DialogKeys { height: auto; color: $text-muted; margin-top: 1; }
    .-short DialogKeys { display: none; }
    """
    SCOPED_CSS = False  # the screen's size classes matter

    def __init__(self, sentence: str, brief: str = "") -> None:
        """brief: for the border, where the sentence is too long for a narrow screen."""
        super().__init__(sentence, markup=False)
        self._brief = brief or sentence

    def on_mount(self) -> None:
        """Follow what is in sight, which changes with the layout and with how far the box is scrolled."""
        self.screen.screen_layout_refresh_signal.subscribe(self, self._place)
        assert isinstance(self.parent, VerticalScroll)
        self.watch(self.parent, "scroll_y", self._place_later)

    def _place_later(self) -> None:
        self.call_after_refresh(self._place)

    def _place(self, _: object = None) -> None:
        box = self.parent
        if isinstance(box, VerticalScroll):
            shown_to = box.scroll_offset.y + box.scrollable_content_region.height
            is_in_sight = not self.screen.has_class("-short") and self.virtual_region.bottom <= shown_to
            box.border_subtitle = "" if is_in_sight else self._brief.rstrip(".")


class AnswersOnce(Generic[T]):
    """Makes a dialog answer once: a key and a click that come together may both want to close it.

    It comes before the screen among the bases. A key that was pressed before another dialog opened above it may be
    handled after that: then the answer waits until this dialog is on top again.
    """

    _has_answered = False
    _waiting_answer: tuple[T | None] | None = None

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close it and answer; without effect after the first time."""
        if self._has_answered:
            return AwaitComplete()
        if not cast("Screen[T]", self).is_active:
            self._waiting_answer = (result,)
            return AwaitComplete()
        self._has_answered = True
        closed: AwaitComplete = super().dismiss(result)  # type: ignore[misc]
        return closed

    def on_screen_resume(self) -> None:
        """Give the answer that waits, if one does."""
        if self._waiting_answer is not None:
            self.dismiss(*self._waiting_answer)


class Dialog(AnswersOnce[T], KeepsSelecting, ModalScreen[T]):
    """A screen above a mode that has an answer."""
