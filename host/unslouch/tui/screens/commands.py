"""The command palette. Keys, clicks and a changed size that come together would end that of Textual (8.2)."""

from contextlib import suppress

from textual import on, work
from textual.app import ComposeResult
from textual.command import CommandList, CommandPalette
from textual.css.query import NoMatches
from textual.errors import NoWidget
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from unslouch.tui.widgets.paged_list import PagedList

from .dialog import AnswersOnce
from .selection import KeepsSelecting


class _Commands(CommandList, PagedList):
    """The commands that were found: fewer, maybe, than when the one was drawn that is clicked on."""


class CommandScreen(AnswersOnce[None], KeepsSelecting, CommandPalette):
    """The command palette, whose list is empty while it searches, and which may be closed meanwhile."""

    def compose(self) -> ComposeResult:
        """Compose Textual's palette, with a list of our own."""
        for part in super().compose():
            yield _Commands() if isinstance(part, CommandList) else part

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    def _run_once(self, event: Message) -> None:
        """Run no second command: a double click and a second Enter would have Textual run the same one again."""
        if self._has_answered or self._waiting_answer is not None:
            event.stop()
            event.prevent_default()

    def is_ready_for(self, key: str) -> bool:
        """Return whether a key can be handled: Enter not while the commands are being searched."""
        return key != "enter" or not self._searches

    async def until_ready_for(self, key: str) -> None:
        """Wait until the search has ended."""
        with suppress(WorkerCancelled, WorkerFailed):
            await self.app.workers.wait_for_complete(self._searches)

    @property
    def _searches(self) -> list[Worker[None]]:
        group = CommandPalette._GATHER_COMMANDS_GROUP
        workers = self.app.workers
        return [each for each in workers if each.node is self and each.group == group and not each.is_finished]

    def get_widget_at(self, x: int, y: int) -> tuple[Widget, Region]:
        """Return what is at a place; the palette where there is nothing, since the terminal has become smaller."""
        try:
            return super().get_widget_at(x, y)
        except NoWidget:
            return self, self.region

    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP)
    async def _gather_commands(self, search_value: str) -> None:
        with suppress(NoMatches):
            await CommandPalette._gather_commands.__wrapped__(self, search_value)  # type: ignore[attr-defined]
