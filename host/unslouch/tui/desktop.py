"""Notifications of the desktop, for a dashboard that nobody looks at: a suggestion, and a sensor that is lost.

Nothing comes while it is quiet, or while the terminal has the focus and so shows the same. They are an option of the
settings file, and need the extra `desktop`.
"""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from unslouch.link.model import LinkState

if TYPE_CHECKING:
    from desktop_notifier import DesktopNotifier

    from .shared import Shared

LOST_AFTER_S = 60.0
"""A link that is lost for less is not worth an interruption."""
NOT_INSTALLED = "Notifications of the desktop need another package: pip install 'unslouch[desktop]'."
NOT_TAKEN = (
    "The desktop takes no notifications: there is no session bus here, or nothing that shows them. "
    "They are off until the dashboard starts again."
)


@dataclass(frozen=True)
class Note:
    """A notification."""

    title: str
    message: str


class DesktopNotes:
    """Says what is due, each thing once; has_focus is to be kept up to date: None until the terminal has said it."""

    def __init__(self) -> None:
        self.has_focus: bool | None = None
        self._suggestion: object = None
        self._lost_since_s: float | None = None
        self._has_announced_loss = False

    def due(self, shared: "Shared") -> Note | None:
        """Return the notification that is due now; called once a frame."""
        note = self._about_suggestion(shared) or self._about_loss(shared)
        is_wanted = not self.has_focus and shared.quiet.current is None
        return note if is_wanted else None

    def _about_suggestion(self, shared: "Shared") -> Note | None:
        suggestion = shared.coach.suggestion
        if suggestion is self._suggestion:
            return None
        self._suggestion = suggestion
        if suggestion is None:
            return None
        return Note(suggestion.exercise.name, suggestion.why)

    def _about_loss(self, shared: "Shared") -> Note | None:
        sensor = shared.sensor
        if sensor.state is not LinkState.WAITING or sensor.info is None:
            self._lost_since_s, self._has_announced_loss = None, False
            return None
        now_s = shared.clock()
        if self._lost_since_s is None:
            self._lost_since_s = now_s
        if self._has_announced_loss or now_s - self._lost_since_s < LOST_AFTER_S:
            return None
        self._has_announced_loss = True
        return Note("The sensor is lost", sensor.reason)


class Desktop:
    """The desktop's notification service."""

    def __init__(self) -> None:
        self._notifier: DesktopNotifier | None = None

    async def show(self, note: Note) -> str:
        """Show a notification; return why it can't be shown, "" if it is."""
        try:
            from desktop_notifier import DesktopNotifier
        except ImportError:
            return NOT_INSTALLED
        logging.getLogger("desktop_notifier").setLevel(logging.CRITICAL)  # it logs a traceback where there is no bus
        if self._notifier is None:
            self._notifier = DesktopNotifier(app_name="unslouch", app_icon=None)
        dispatched: list[bool] = []
        await self._notifier.send(note.title, note.message, on_dispatched=lambda: dispatched.append(True))
        return "" if dispatched else NOT_TAKEN
