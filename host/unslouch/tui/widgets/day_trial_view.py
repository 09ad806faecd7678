"""A past day twice, one below the other: under the sensor's settings, and under those that are tried out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from unslouch_device.contract.states import CHARGING, OFF_BODY, UNCALIBRATED, UNKNOWN

from .timeline import HOUR_MS, shown_stretch, states_by_cell, tick_row

if TYPE_CHECKING:
    from unslouch.analysis.day import Day
    from unslouch.tuning.trial import Trial

LABEL_CELLS = 7
NOT_WORN = (None, UNKNOWN, OFF_BODY, CHARGING, UNCALIBRATED)
WORN, PARTLY, SLOUCHED, ALERTED, ALERTED_IN_SLOUCH, NOTHING = range(6)
MARKS = {WORN: "·", PARTLY: "▄", SLOUCHED: "█", ALERTED: "▲", ALERTED_IN_SLOUCH: "▲", NOTHING: " "}
LEGEND = "█ slouch  ▲ alert  · no slouch"


class DayTrialView(Widget):
    """Two ribbons of a day, with the hours below."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "trial--label",
        "trial--worn",
        "trial--slouch",
        "trial--alert",
        "trial--alert-in-slouch",
    }
    DEFAULT_CSS = """
    DayTrialView { height: 3; }
    DayTrialView > .trial--label { color: $text-muted; }
    DayTrialView > .trial--worn { color: $text-disabled; }
    DayTrialView > .trial--slouch { color: $state-slouching; }
    DayTrialView > .trial--alert { color: $text; text-style: bold; }
    DayTrialView > .trial--alert-in-slouch { background: $state-slouching; color: $background; text-style: bold; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._day: Day | None = None
        self._rows: list[tuple[str, Trial]] = []

    def show(self, day: "Day", rows: "Sequence[tuple[str, Trial]]") -> None:
        """Draw a day under several settings, each with a label of up to 6 cells; at most two."""
        self._day = day
        self._rows = list(rows)
        self.refresh()

    def clear(self) -> None:
        """Draw nothing."""
        self._day = None
        self._rows = []
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one ribbon, or the hours."""
        width = self.size.width - LABEL_CELLS
        if self._day is None or width < 1 or y > len(self._rows):
            return Strip.blank(self.size.width, self.rich_style)
        label_style = self.get_component_rich_style("trial--label")
        start_ms, end_ms = worn_stretch(self._day)
        if y == len(self._rows):
            ticks = " " * LABEL_CELLS + tick_row(start_ms, end_ms, self._day.start.tzinfo, width)
            return Strip([Segment(ticks, label_style)])
        label, trial = self._rows[y]
        segments = [Segment(label[: LABEL_CELLS - 1].rjust(LABEL_CELLS - 1) + " ", label_style)]
        styles = {
            WORN: self.get_component_rich_style("trial--worn"),
            PARTLY: self.get_component_rich_style("trial--slouch"),
            SLOUCHED: self.get_component_rich_style("trial--slouch"),
            ALERTED: self.get_component_rich_style("trial--alert"),
            ALERTED_IN_SLOUCH: self.get_component_rich_style("trial--alert-in-slouch"),
            NOTHING: self.rich_style,
        }
        kinds = trial_cells(self._day, trial, start_ms, end_ms, width)
        segments += [Segment(MARKS[kind], styles[kind]) for kind in kinds]
        return Strip(segments)


def worn_stretch(day: "Day") -> tuple[int, int]:
    """Return the UTC in ms, in whole hours of the day, from when to when the sensor was worn; else the whole day."""
    day_ms = int(day.start.timestamp() * 1000)
    worn = [span for span in day.spans if span.state not in NOT_WORN]
    if not worn:
        return shown_stretch(day)
    first, last = (worn[0].start_utc_ms - day_ms) // HOUR_MS, -(-(worn[-1].end_utc_ms - day_ms) // HOUR_MS)
    return day_ms + first * HOUR_MS, day_ms + max(last, first + 1) * HOUR_MS


def trial_cells(day: "Day", trial: "Trial", start_ms: int, end_ms: int, cells: int) -> list[int]:
    """Return what each cell shows: an alert, a slouch for most or some of its time, time worn, or nothing."""
    states = states_by_cell(day.spans, start_ms, min(end_ms, day.until_utc_ms), end_ms, cells)
    kinds = [NOTHING if state in NOT_WORN else WORN for state in states]
    cell_ms = (end_ms - start_ms) / cells
    slouched_ms = [0.0] * cells
    for slouch_start_ms, slouch_end_ms in trial.slouches:
        first, last = (int((edge_ms - start_ms) // cell_ms) for edge_ms in (slouch_start_ms, slouch_end_ms))
        for cell in range(max(0, first), min(cells - 1, last) + 1):
            left_ms = start_ms + cell * cell_ms
            slouched_ms[cell] += min(slouch_end_ms, left_ms + cell_ms) - max(slouch_start_ms, left_ms)
    for cell, length_ms in enumerate(slouched_ms):
        if length_ms > 0:
            kinds[cell] = SLOUCHED if length_ms >= cell_ms / 2 else PARTLY
    for alert_ms in trial.alerts_utc_ms:
        cell = int((alert_ms - start_ms) // cell_ms)
        if 0 <= cell < cells:
            kinds[cell] = ALERTED_IN_SLOUCH if slouched_ms[cell] >= cell_ms / 2 else ALERTED
    return kinds
