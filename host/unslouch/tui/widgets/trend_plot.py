"""The trend of the History mode: a value day by day with its mean of seven days, and the coverage below."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from statistics import fmean
from typing import ClassVar

from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

AXIS_CELLS = 9
MEAN_DAYS = 7
COVERAGE_STEPS = " ▁▂▃▄▅▆▇█"
FIXED_ROWS = 2
DAY, MEAN = "•", "─"


class TrendPlot(Widget):
    """Draws the last days that fit, one column or more for each."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"trend--axis", "trend--day", "trend--mean", "trend--coverage"}
    DEFAULT_CSS = """
    TrendPlot { height: 1fr; min-height: 6; }
    TrendPlot > .trend--axis { color: $text-muted; }
    TrendPlot > .trend--day { color: $text-accent; }
    TrendPlot > .trend--mean { color: $state-upright; text-style: bold; }
    TrendPlot > .trend--coverage { color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__(id="trend")
        self._values: Mapping[date, float | None] = {}
        self._coverage: Mapping[date, float | None] = {}
        self._today: date | None = None
        self._texts: tuple[str, str] = ("", "")
        self._least = self._most = 0.0
        self._marks: dict[int, list[tuple[int, str, str]]] = {}
        self._marked_size: Size | None = None

    def show(
        self,
        values: Mapping[date, float | None],
        coverage: Mapping[date, float | None],
        today: date,
        limits: tuple[float, float],
        texts: tuple[str, str],
    ) -> None:
        """Draw values by day; limits: the least and greatest of the axis, and texts: what stands beside them."""
        self._values, self._coverage, self._today = values, coverage, today
        (self._least, self._most), self._texts = limits, texts
        self._marked_size = None
        self.refresh()

    def clear(self) -> None:
        """Show nothing until days are read."""
        self._values, self._coverage, self._today = {}, {}, None
        self._marked_size = None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        axis = self.get_component_rich_style("trend--axis")
        plot_rows = height - FIXED_ROWS
        days = shown_days(self._today, self._values, width - AXIS_CELLS)
        if not days or plot_rows < 1:
            text = "no valid day yet" if y == 0 and self._today is not None else ""
            return Strip([Segment(text, axis)]).adjust_cell_length(width, self.rich_style)
        per_day = (width - AXIS_CELLS) // len(days)
        if y == height - 1:
            return Strip([Segment(_date_row(days, per_day), axis)]).adjust_cell_length(width, self.rich_style)
        if y == height - 2:
            return Strip([Segment(f"{'coverage':<{AXIS_CELLS}}", axis), *self._coverage_row(days, per_day)])
        label = self._texts[1] if y == 0 else self._texts[0] if y == plot_rows - 1 else ""
        segments = [Segment(f"{label:>{AXIS_CELLS - 2}} {'┤' if label else '│'}", axis)]
        if self._marked_size != self.size:
            self._place_marks(days, plot_rows)
        before, column = (per_day - 1) // 2, 0
        for number, mark, name in self._marks.get(y, ()):
            if number > column:
                segments.append(Segment(" " * per_day * (number - column), self.rich_style))
            fill = mark if mark == MEAN else " "
            style = self.get_component_rich_style(name)
            segments.append(Segment(fill * before + mark + fill * (per_day - 1 - before), style))
            column = number + 1
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _place_marks(self, days: Sequence[date], rows: int) -> None:
        """Decide once for all rows what stands in them: (number of the day, mark, name of its style), in order."""
        self._marks, self._marked_size = {}, self.size
        for number, day in enumerate(days):
            value, mean = self._values.get(day), mean_of_week(self._values, day)
            value_row = None if value is None else self._row(value, rows)
            if value_row is not None:
                self._marks.setdefault(value_row, []).append((number, DAY, "trend--day"))
            if mean is not None and (mean_row := self._row(mean, rows)) != value_row:
                self._marks.setdefault(mean_row, []).append((number, MEAN, "trend--mean"))

    def _row(self, value: float, rows: int) -> int:
        share = (value - self._least) / (self._most - self._least) if self._most > self._least else 0.5
        return max(0, min(rows - 1, round((1 - share) * (rows - 1))))

    def _coverage_row(self, days: Sequence[date], per_day: int) -> list[Segment]:
        style = self.get_component_rich_style("trend--coverage")
        cells = []
        for day in days:
            share = self._coverage.get(day)
            step = 0 if share is None else max(1, round(share * (len(COVERAGE_STEPS) - 1)))
            cells.append(COVERAGE_STEPS[step] * per_day)
        return [Segment("".join(cells), style)]


def mean_of_week(values: Mapping[date, float | None], day: date) -> float | None:
    """Return the mean of a day and the six before it, of those with a value; None with fewer than three."""
    known = [value for back in range(MEAN_DAYS) if (value := values.get(day - timedelta(days=back))) is not None]
    return fmean(known) if len(known) >= 3 else None


def shown_days(today: date | None, values: Mapping[date, float | None], cells: int) -> list[date]:
    """Return the last days that fit into so many cells, from the first with a value on at the earliest."""
    known = [day for day, value in values.items() if value is not None]
    if today is None or not known or cells < 1:
        return []
    count = min(cells, (today - min(known)).days + 1)
    return [today - timedelta(days=back) for back in range(count - 1, -1, -1)]


def _date_row(days: Sequence[date], per_day: int) -> str:
    row = [" "] * (AXIS_CELLS + len(days) * per_day + 8)
    free_from = 0
    for number, day in enumerate(days):
        at = AXIS_CELLS + number * per_day
        if at >= free_from and (day.weekday() == 0 or number == 0):
            name = f"{day.day} {day:%b}"
            row[at : at + len(name)] = name
            free_from = at + len(name) + 2
    return "".join(row)
