"""A table of facts: a label and a text in each row; a concern has a mark and a colour."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Grid
from textual.content import Content
from textual.widgets import Static

from unslouch.sensor.health import HealthRow


class FactTable(Grid):
    """Rows with the same labels are changed in place."""

    DEFAULT_CSS = """
    FactTable { grid-size: 2; grid-columns: 15 1fr; grid-rows: auto; height: auto; }
    FactTable Static { height: auto; }
    FactTable .label { color: $text-muted; }
    """

    def __init__(self, rows: Sequence[HealthRow] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows = list(rows)
        self._composed: list[tuple[HealthRow, Static]] = []
        """The rows that are laid out, which other ones replace a little later than `show` says, with their texts."""

    def compose(self) -> ComposeResult:
        """Lay out the rows."""
        self._composed = [(row, Static(_text(row), classes="text")) for row in self._rows]
        for row, text in self._composed:
            yield Static(row.label, classes="label", markup=False)
            yield text

    def show(self, rows: Sequence[HealthRow]) -> None:
        """Show other rows."""
        if list(rows) == self._rows:
            return
        self._rows = list(rows)
        if [row.label for row in self._rows] != [row.label for row, _ in self._composed]:
            self.refresh(recompose=True)
            return
        for row, (old, text) in zip(self._rows, self._composed, strict=True):
            if row != old:
                text.update(_text(row))
        self._composed = [(row, text) for row, (_, text) in zip(self._rows, self._composed, strict=True)]


def _text(row: HealthRow) -> Content:
    return Content.styled(f"! {row.text}", "bold $text-warning") if row.is_concerning else Content(row.text)
