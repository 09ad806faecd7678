"""Exercises: the wearer's sessions, one row each, and a picture of every exercise that was done."""

from collections.abc import Callable, Sequence

from unslouch.analysis.day import Day

from .html import Cells, DataTable, Markup, element, section, table, text
from .lists import when
from .times import minutes_of_ms

Pictures = Callable[[str], tuple[str, Markup, Markup] | None]
"""Returns an exercise's name, its moving picture and its steps as SVG, for its key; None for one that isn't known."""
MOST_PICTURES = 12


def no_pictures(exercise: str) -> None:
    """Know no exercise: the rows show keys."""
    return None


def sessions(days: Sequence[Day], pictures: Pictures) -> Markup:
    """Return the exercise sessions."""
    done = [(day, session) for day in days for session in day.sessions]
    if not done:
        return ""
    shown = {session.exercise: pictures(session.exercise) for _, session in done}
    names = {key: known[0] if known else key.replace("_", " ").replace("-", " ") for key, known in shown.items()}
    rows = [
        (
            when(day, session.start_utc_ms, len(days) > 1),
            names[session.exercise],
            minutes_of_ms(session.end_utc_ms - session.start_utc_ms),
            "–" if session.repetitions is None else str(session.repetitions),
            "yes" if session.is_complete else "ended early",
        )
        for day, session in done
    ]
    headings = ("start", "exercise", "length", "repetitions", "completed")
    data = DataTable(headings, rows, cells=Cells.WORDS)
    figures = [_figure(*known) for known in shown.values() if known and known[1]][:MOST_PICTURES]
    drawn = element("div", *figures, class_="exercises") if figures else ""
    return section(
        "Exercises",
        table(data, "Exercise sessions"),
        drawn,
        lead="Repetitions are those that the sensor counted; no recording of people backs these counts yet.",
    )


def _figure(name: str, moving: Markup, steps: Markup) -> Markup:
    """Return a picture that moves, and that shows its steps on paper and where less motion is preferred."""
    return element(
        "figure",
        element("div", moving, class_="moving"),
        element("div", steps, class_="steps"),
        element("figcaption", text(name)),
    )
