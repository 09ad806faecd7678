"""A line with the parts of a screen; the one that is shown is marked, a click shows another."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
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
        self.styles.width = cell_len(part.key) + 1 + cell_len(part.title)

    def show_narrow(self, is_narrow: bool) -> None:
        """Move the space between key and title behind both where there is little room: the width stays."""
        key, title = (self._part.key, "bold"), self._part.title
        content = Content.assemble(key, title) if is_narrow else Content.assemble(key, " ", title)
        self.update(content, layout=False)

    async def on_click(self) -> None:
        """Show the part."""
        await self.run_action(f"screen.part('{self._part.id}')")


class PartBar(Horizontal):
    """One line high; the screen has an action `part(id)`."""

    DEFAULT_CSS = """
    PartBar { height: 1; padding: 0 1; }
    PartBar PartTab { margin-right: 3; color: $text-muted; }
    PartBar PartTab:hover { color: $text; background: $panel; }
    PartBar PartTab.-shown { color: $text-accent; text-style: bold underline; }
    PartBar.-narrow { padding: 0; }
    PartBar.-narrow PartTab { margin-right: 0; }
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        super().__init__(id="parts")
        self._tabs = [PartTab(part) for part in parts]

    def compose(self) -> ComposeResult:
        """Lay out the parts."""
        yield from self._tabs

    def on_resize(self) -> None:
        """Move closer together where there is little room."""
        is_narrow = self.size.width < ROOMY_CELLS
        self.set_class(is_narrow, "-narrow")
        for tab in self._tabs:
            tab.show_narrow(is_narrow)

    def show(self, id: str) -> None:
        """Mark a part as shown."""
        for tab in self._tabs:
            tab.set_class(tab.id == f"part-{id}", "-shown")
