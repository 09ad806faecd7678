"""How the programme of exercises goes: what this week and the last one have of what is planned."""

from typing import TYPE_CHECKING

from textual.widgets import Static

if TYPE_CHECKING:
    from unslouch.analysis.history import History
    from unslouch.coach.adherence import ProgrammeRecord
    from unslouch.tui.shared import Shared

LONG_FROM = (100, 32)
"""From so many cells and lines of the screen on there is room for whole sentences."""
MEDIUM_FROM = 60


class ProgrammeRow(Static):
    """Shows nothing before the first exercise was done."""

    DEFAULT_CSS = """
    ProgrammeRow { height: auto; padding: 0 1; display: none; }
    ProgrammeRow.-shown { display: block; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._record: ProgrammeRecord | None = None

    async def read(self, shared: "Shared") -> None:
        """Read the exercises that were done; raises NoData and StoreError."""
        now_ms = shared.coach.utc_ms
        self._record = await shared.read_history(lambda history: _read(history, now_ms))
        self.show()

    def show(self) -> None:
        """Show what was read, as the screen has room for it."""
        record = self._record
        self.set_class(record is not None, "-shown")
        if record is not None:
            self.update("\n".join(lines_of(record, *self.screen.size)))

    def on_resize(self) -> None:
        self.show()


def lines_of(record: "ProgrammeRecord", width: int, height: int) -> list[str]:
    """Return this week and, where there is room, the days until now and the week before."""
    from unslouch.coach.adherence import DAYS
    from unslouch.coach.programme_texts import days_text, short_week_text, week_text

    if width < MEDIUM_FROM:
        return [short_week_text(record.weeks[-1])]
    if width < LONG_FROM[0] or height < LONG_FROM[1]:
        days = f"{record.days_done} of {DAYS} days, {record.missed_days} missed"
        return [f"Exercises, week {len(record.weeks)}: {short_week_text(record.weeks[-1])}; {days}"]
    lines = [f"Exercises: {days_text(record)}.", f"  Week {len(record.weeks)}: {week_text(record.weeks[-1])}"]
    if len(record.weeks) > 1:
        lines.append(f"  Week {len(record.weeks) - 1}: {week_text(record.weeks[-2])}")
    return lines


def _read(history: "History", now_ms: int) -> "ProgrammeRecord | None":
    from unslouch.coach.adherence import programme_record
    from unslouch.coach.catalogue_file import load_catalogue, own_exercises_path
    from unslouch.coach.past import local_date

    catalogue, _ = load_catalogue(own_exercises_path())
    sessions = history.store.words.sessions(0, now_ms + 1)
    return programme_record(catalogue, sessions, local_date(now_ms, history.tz), history.tz)
