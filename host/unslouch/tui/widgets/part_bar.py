"""A line with the parts of a screen; the one that is shown is marked, a click shows another."""

from collections.abc import Sequence
from typing import NamedTuple

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

ROOMY_CELLS = 60


class Part(NamedTuple):
    """A part of a screen: its id, the key that shows it, and its title."""

    id: str
    key: str
    title: str


class PartTab(Static):
    """One part."""

    def __init__(self, part: Part) -> None:
        super().__init__(id=f"part-{part.id}")
        self._part = part

    def show_narrow(self, is_narrow: bool) -> None:
        """Leave out the space between key and title where there is little room."""
        self.update(Content.assemble((self._part.key, "bold"), f"{'' if is_narrow else ' '}{self._part.title}"))

    async def on_click(self) -> None:
        """Show the part."""
        await self.run_action(f"screen.part('{self._part.id}')")


class PartBar(Horizontal):
    """One line high; the screen has an action `part(id)`."""

    DEFAULT_CSS = """
    PartBar { height: 1; padding: 0 1; }
    PartBar PartTab { width: auto; margin-right: 3; color: $text-muted; }
    PartBar PartTab:hover { color: $text; background: $panel; }
    PartBar PartTab.-shown { color: $text-accent; text-style: bold underline; }
    .-narrow PartBar { padding: 0; }
    .-narrow PartBar PartTab { margin-right: 1; }
    """
    SCOPED_CSS = False  # the screen's size classes matter

    def __init__(self, parts: Sequence[Part]) -> None:
        super().__init__(id="parts")
        self._tabs = [PartTab(part) for part in parts]

    def compose(self) -> ComposeResult:
        """Lay out the parts."""
        yield from self._tabs

    def on_resize(self) -> None:
        """Move closer together where there is little room."""
        for tab in self._tabs:
            tab.show_narrow(self.size.width < ROOMY_CELLS)

    def show(self, id: str) -> None:
        """Mark a part as shown."""
        for tab in self._tabs:
            tab.set_class(tab.id == f"part-{id}", "-shown")
