"""Everything about one exercise: picture, dose, instructions, form, steps, sources."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from unslouch.coach.catalogue import Catalogue, Exercise
from unslouch.coach.session_sensing import sensing_note
from unslouch.safety import clinician_first

from .exercise_figure import ExerciseFigure

BESIDE_LINES = 14
"""Lines of the screen that the picture leaves to other things where the texts have to be scrolled."""
SMALLEST_FITTED = 8
"""Lines of a picture below which the texts are rather scrolled."""
LARGEST_BESIDE_SCROLLED = 16
TEXT_MARGIN = 1


class ExerciseDetail(VerticalScroll):
    """Shows one exercise, with the wearer's step of it."""

    HELP = """## Exercise

How it is done, how often, and what to mind. `*` marks your step. The arrow keys scroll.
"""
    DEFAULT_CSS = """
    ExerciseDetail { border: round $frame; border-title-color: $text-accent; border-title-style: bold;
        border-subtitle-color: $text; padding: 0 1; scrollbar-size-vertical: 1; }
    ExerciseDetail:focus { border: round $frame-accent; }
    ExerciseDetail Static { height: auto; margin-top: 1; }
    ExerciseDetail #how { color: $text; }
    ExerciseDetail #facts, ExerciseDetail #note { color: $text-muted; }
    ExerciseDetail #left-out { color: $text-warning; display: none; }
    ExerciseDetail #left-out.-shown { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._exercise: Exercise | None = None

    def on_resize(self) -> None:
        """Give the picture what the texts leave."""
        self._fit_figure()

    def _fit_figure(self) -> None:
        """Make the picture so large that nothing has to be scrolled, or, where that would be too small, as it likes."""
        texts = [text for text in self.query(Static) if text.styles.display != "none"]
        width = self.outer_size.width - self.gutter.width
        height = self.outer_size.height - self.gutter.height
        if width <= 0 or height <= 0:
            return
        lines = sum(text.get_content_height(self.size, self.screen.size, width) + TEXT_MARGIN for text in texts)
        figure = self.query_one(ExerciseFigure)
        fits = height - lines >= SMALLEST_FITTED
        room = height - lines if fits else min(LARGEST_BESIDE_SCROLLED, self.screen.size.height - BESIDE_LINES)
        figure.beside_lines = self.screen.size.height - room
        figure.refresh(layout=True)

    def compose(self) -> ComposeResult:
        yield ExerciseFigure(id="figure", most_lines=26, beside_lines=BESIDE_LINES, least_lines=6)
        for part in ("left-out", "how", "form", "steps", "note", "facts"):
            yield Static(id=part, markup=False)

    def animate_figure(self, time_s: float) -> None:
        """Move the figure to a time of its movement."""
        if self._exercise is not None:
            self.query_one(ExerciseFigure).show(self._exercise.id, time_s)

    def show(self, catalogue: Catalogue, exercise: Exercise, step: int, left_out: str, last_done: str) -> None:
        """Show an exercise.

        left_out: why it isn't offered, and when to see a clinician; last_done: a phrase; each empty for none.
        """
        if exercise is not self._exercise:
            self._exercise = exercise
            self.scroll_home(animate=False)
        self.border_title = Content(exercise.name)  # brackets in one of your own are no markup
        self.border_subtitle = Content(exercise.steps[step].dose)
        self.query_one("#left-out").set_class(bool(left_out), "-shown")
        facts = _facts(catalogue, exercise, last_done)
        if not left_out:  # which says it, too
            facts.append(clinician_first())
        texts = {
            "left-out": left_out,
            "how": "\n".join(f"{number}. {sentence}" for number, sentence in enumerate(exercise.how, 1)),
            "form": f"Form: {' '.join(exercise.form)}\nAvoid: {' '.join(exercise.mistakes)}",
            "steps": "\n".join(_steps(exercise, step)),
            "note": sensing_note(exercise, ""),
            "facts": "\n".join(facts),
        }
        for id, text in texts.items():
            self.query_one(f"#{id}", Static).update(text)
        self._fit_figure()


def _steps(exercise: Exercise, current: int) -> list[str]:
    lines = ["Steps, the easiest first (* is yours):"]
    for index, step in enumerate(exercise.steps):
        mark = "*" if index == current else " "
        lines.append(f"{mark} {index + 1}. {step.text} {step.dose[0].upper()}{step.dose[1:]}.")
    return lines


def _facts(catalogue: Catalogue, exercise: Exercise, last_done: str) -> list[str]:
    needs = ", ".join(" or ".join(sorted(alternatives)) for alternatives in exercise.needs) or "nothing"
    lines = [
        f"{', '.join(exercise.kinds).capitalize()}; {' or '.join(exercise.positions)}. Needs {needs}. "
        f"Where: {', '.join(exercise.places)}."
    ]
    about = []
    if exercise.primary:
        also = f"; also {', '.join(exercise.secondary)}" if exercise.secondary else ""
        about.append(f"For: {', '.join(exercise.primary)}{also}.")
    if exercise.excluded_by:
        about.append(f"Not with: {', '.join(sorted(exercise.excluded_by))}.")
    if about:
        lines.append(" ".join(about))
    done = f"Last done: {last_done}." if last_done else "Not done yet."
    return [*lines, f"From: {'; '.join(catalogue.titles(exercise.sources)) or 'your own file'}. {done}"]
