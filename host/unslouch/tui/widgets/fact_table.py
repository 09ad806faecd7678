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
    FactTable { grid-size: 2; grid-columns: 13 1fr; grid-rows: auto; height: auto; }
    FactTable Static { height: auto; }
    FactTable .label { color: $text-muted; }
    """

    def __init__(self, rows: Sequence[HealthRow] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows = list(rows)

    def compose(self) -> ComposeResult:
        """Lay out the rows."""
        for row in self._rows:
            yield Static(row.label, classes="label", markup=False)
            yield Static(_text(row), classes="text")

    def show(self, rows: Sequence[HealthRow]) -> None:
        """Show other rows."""
        before, self._rows = self._rows, list(rows)
        if before == self._rows:
            return
        if [row.label for row in before] != [row.label for row in self._rows]:
            self.refresh(recompose=True)
            return
        for row, old, text in zip(self._rows, before, self.query(".text").results(Static), strict=True):
            if row != old:
                text.update(_text(row))


def _text(row: HealthRow) -> Content:
    return Content.styled(f"! {row.text}", "bold $text-warning") if row.is_concerning else Content(row.text)
