"""The footer of a mode: its keys, and at the right end those of the app, which are never cut off."""

from collections.abc import Callable, Iterable, Iterator

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import HorizontalGroup
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

ALWAYS = ("app.help", "help", "app.quit", "quit")
"""The actions whose keys are always in sight."""


class KeyFooter(Footer):
    """Lists keys from the left. Where they don't all fit, the last of the mode's are left out."""

    DEFAULT_CSS = """
    KeyFooter > #always { dock: right; width: auto; height: 1; background: $footer-background; padding-left: 1; }
    KeyFooter > #always > .-last { margin-right: 0; }
    """

    def __init__(self, is_timely: Callable[[str], bool] = lambda action: True) -> None:
        """is_timely: whether the key of an action is worth a place now; it works in any case."""
        super().__init__(compact=True, show_command_palette=False)
        self._is_timely = is_timely
        self._needed_cells = 0

    def compose(self) -> ComposeResult:
        """Lay out the keys; in two groups where they don't all fit."""
        keys: list[Widget] = [
            key for key in super().compose() if not isinstance(key, FooterKey) or self._is_timely(key.action)
        ]
        self._needed_cells = sum(_cells(key) for key in keys if isinstance(key, FooterKey))
        if self._needed_cells <= self.app.size.width:
            yield from keys
            return
        always = [key for key in keys if isinstance(key, FooterKey) and key.action in ALWAYS]
        yield from _fitting((key for key in keys if key not in always), self.app.size.width - sum(map(_cells, always)))
        if always:
            always[-1].add_class("-last")
            yield HorizontalGroup(*always, id="always")

    async def on_resize(self, event: Resize) -> None:
        """Lay the keys out anew where others fit now."""
        if self._needed_cells > self.app.size.width or self.query_children("#always"):
            await self.recompose()


def _fitting(keys: Iterable[Widget], cells: int) -> Iterator[Widget]:
    """Yield the keys up to the first one that does not fit, which would be cut."""
    for key in keys:
        if isinstance(key, FooterKey):
            cells -= _cells(key)
        if cells < 0:
            return
        yield key


def _cells(key: FooterKey) -> int:
    """Return how many cells a key takes in the compact style, with the space after it."""
    return cell_len(key.key_display) + 1 + cell_len(key.description) + 1
