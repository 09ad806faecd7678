"""What the dashboard's dialogs have in common: a box in the middle of a dimmed screen, and one answer."""

from typing import Generic, TypeVar, cast

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, Screen

from .selection import KeepsSelecting

T = TypeVar("T")

DIALOG_CSS = """
    NAME { align: center middle; }
    NAME > VerticalScroll { width: 64; max-width: 100%; height: auto; max-height: 100%; border: round $accent;
        border-title-color: $text-accent; border-title-style: bold; background: $surface; padding: 1 2; }
    NAME Static { height: auto; }
    NAME .hint { color: $text-muted; margin-top: 1; }
    NAME .result { text-style: bold; margin-top: 1; }
    NAME Horizontal { height: auto; margin-top: 1; }
    NAME Button { margin-right: 2; }
"""


def dialog_css(name: str) -> str:
    """Return the style of a dialog, given the name of its class."""
    return DIALOG_CSS.replace("NAME", name)


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
