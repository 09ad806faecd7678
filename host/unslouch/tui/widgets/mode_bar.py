"""The top line of every mode: all modes, each with its key; the one that is shown is marked, a click shows another."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from unslouch.tui.modes import Mode


class ModeTab(Static):
    """One mode: its key and its title."""

    def __init__(self, mode: Mode, is_shown: bool) -> None:
        key = f"[b]{mode.key}[/b][not bold] [/]"
        super().__init__(f"{key}{mode.title}", id=f"tab-{mode.id}", classes="-shown" if is_shown else "")
        self._mode = mode
        self.tooltip = mode.tooltip
        self.styles.width = cell_len(mode.key) + 1 + cell_len(mode.title)

    def show_narrow(self, is_narrow: bool) -> None:
        """Move the space between key and title behind both where there is little room: the width stays."""
        self.update(f"[b]{self._mode.key}[/b]{'' if is_narrow else ' '}{self._mode.title}", layout=False)

    async def on_click(self) -> None:
        """Show the mode."""
        await self.run_action(f"app.mode('{self._mode.id}')")


class ModeBar(Horizontal):
    """One line high, for terminals from 40 cells."""

    ROOMY_CELLS = 60
    DEFAULT_CSS = """
    ModeBar { height: 1; background: $panel; padding: 0 1; }
    ModeBar ModeTab { margin-right: 2; color: $text-muted; }
    ModeBar ModeTab:hover { color: $text; background: $lifted; }
    ModeBar ModeTab.-shown { color: $text-accent; text-style: bold underline; }
    ModeBar.-narrow { padding: 0; }
    ModeBar.-narrow ModeTab { margin-right: 0; }
    """

    def __init__(self, modes: Sequence[Mode], shown: str) -> None:
        super().__init__(id="modes")
        self._tabs = [ModeTab(mode, mode.id == shown) for mode in modes]

    def compose(self) -> ComposeResult:
        yield from self._tabs

    def on_resize(self) -> None:
        """Move closer together where there is little room."""
        is_narrow = self.size.width < self.ROOMY_CELLS
        self.set_class(is_narrow, "-narrow")
        for tab in self._tabs:
            tab.show_narrow(is_narrow)
