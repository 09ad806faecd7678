"""What all steps of the first run have in common."""

from typing import ClassVar

from textual.containers import VerticalScroll
from textual.message import Message

from unslouch.tui.shared import Shared


class FirstStep(VerticalScroll, can_focus=True):
    """One step. It is shown as often as the wearer goes back to it."""

    TITLE: ClassVar[str]
    has_outcome: ClassVar[bool] = True
    """Whether the step changes something, so that it can be skipped; else there is only something to read."""
    DEFAULT_CSS = """
    FirstStep { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    FirstStep Static { height: auto; }
    FirstStep .hint { color: $text-muted; margin-top: 1; }
    FirstStep .state { text-style: bold; margin-top: 1; }
    FirstStep ActionLine { margin-top: 1; }
    .-short FirstStep .hint, .-short FirstStep .state, .-short FirstStep ActionLine { margin-top: 0; }
    """
    SCOPED_CSS = False  # the screen's size classes matter

    class Done(Message):
        """The wearer has done what the step is for: the next one may be shown."""

    def __init__(self, shared: Shared) -> None:
        super().__init__(id=f"step-{type(self).__name__.lower()}")
        self.shared = shared

    def begin(self) -> None:
        """Take the keys; called each time the step is shown."""
        self.focus()

    def draw(self) -> None:
        """Show what has changed; called four times a second while the step is shown."""

    @property
    def outcome(self) -> str:
        """What came of the step, as a phrase for the last one; empty if nothing did."""
        return ""
