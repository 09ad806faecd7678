"""Writes docs/exercises.md and the pictures in docs/exercises/, from the catalogue and the figures.

usage: python docs/exercises.py
tests/docs/test_exercises.py checks that they are current.
"""

from collections.abc import Iterable
from pathlib import Path

from unslouch.coach.catalogue import OURS, Catalogue, Exercise, Kind, Sensing, Step
from unslouch.coach.catalogue_file import builtin_catalogue
from unslouch.coach.figure_file import Figure, figure_of
from unslouch.coach.figure_svg import description, moving_svg, steps_svg
from unslouch.safety import clinician_first

DOCS = Path(__file__).parent
HEAD = f"""\
# Exercises

<!-- made by docs/exercises.py from host/unslouch/coach/: change exercises.toml and the figures there -->

What the coach knows. The exercises train awareness and keep you moving; they treat nothing. {clinician_first()}

`unslouch exercises` lists those that suit a place, what is at hand and your conditions; `unslouch session ID` leads
through one. The instructions are ours; the doses are the articles' where they give one. An exercise of your own goes
into the file that `unslouch exercises --own-file` names.
"""
SENSING = {
    Sensing.TILT: "counts repetitions and holds (experimental: no recording of people backs this count yet)",
    Sensing.STILLNESS: "shows how still you hold (experimental), and a timer runs",
    Sensing.TIMER: "can't see it, so a timer runs",
    Sensing.OFF: "**take it off**: this exercise presses on it. A timer runs",
}


def files() -> dict[str, str]:
    """Return the files by their path below docs/."""
    catalogue = builtin_catalogue()
    made = {"exercises.md": page(catalogue)}
    for exercise in catalogue.exercises:
        figure = figure_of(exercise.id)
        if figure is not None:
            made[f"exercises/{exercise.id}.svg"] = moving_svg(figure, exercise.name) + "\n"
            made[f"exercises/{exercise.id}-steps.svg"] = steps_svg(figure, exercise.name) + "\n"
    return made


def page(catalogue: Catalogue) -> str:
    """Return the page: the exercises by kind, then the tips and the articles."""
    parts = [HEAD]
    for kind in Kind:
        chosen = [exercise for exercise in catalogue.exercises if exercise.kinds[0] is kind]
        parts += [f"## {str(kind).capitalize()}\n", *(_exercise(catalogue, exercise) for exercise in chosen)]
    parts.append("## Tips\n")
    parts.append("\n".join(f"- {tip.text} ({_sources(tip.sources)})" for tip in catalogue.tips) + "\n")
    parts.append("## Sources\n")
    articles = catalogue.articles.values()
    parts.append("\n".join(f"- **{one.letter}**: {one.title} ({one.authors})" for one in articles) + "\n")
    return "\n".join(parts)


def _exercise(catalogue: Catalogue, exercise: Exercise) -> str:
    figure = figure_of(exercise.id)
    also = f"; also {', '.join(exercise.secondary)}" if exercise.secondary else ""
    facts = [
        f"- **Dose**: {exercise.dose}",
        f"- **Position**: {' or '.join(exercise.positions)}. **Needs**: {_needs(exercise)}. "
        f"**Places**: {', '.join(exercise.places)}",
        *([f"- **For**: {', '.join(exercise.primary)}{also}"] if exercise.primary else []),
        *([f"- **Not with**: {', '.join(sorted(exercise.excluded_by))}"] if exercise.excluded_by else []),
        f"- **The sensor** {SENSING[exercise.sensing]}",
        f"- **Form**: {' '.join(exercise.form)}",
        f"- **Avoid**: {' '.join(exercise.mistakes)}",
        f"- **From**: {_sources(exercise.sources)}",
    ]
    how = [f"{number}. {sentence}" for number, sentence in enumerate(exercise.how, 1)]
    steps = ["Steps, the easiest first:\n", *(_step(number, step) for number, step in enumerate(exercise.steps, 1))]
    picture = [_picture(exercise, figure)] if figure else []
    blocks = ["\n".join(lines) for lines in (picture, how, facts, steps) if lines]
    return f'### <a id="{exercise.id}"></a>{exercise.name}\n\n' + "\n\n".join(blocks) + "\n"


def _picture(exercise: Exercise, figure: Figure) -> str:
    alternative = f"{exercise.name}. {description(figure)}".replace('"', "&quot;")
    return (
        f'<picture><source media="(prefers-reduced-motion: reduce)" srcset="exercises/{exercise.id}-steps.svg">'
        f'<img src="exercises/{exercise.id}.svg" height="180" alt="{alternative}"></picture>'
    )


def _step(number: int, step: Step) -> str:
    source = "" if step.source == OURS else f" ({step.source})"
    return f"{number}. {step.text} {step.dose[0].upper()}{step.dose[1:]}{source}."


def _needs(exercise: Exercise) -> str:
    return ", ".join(" or ".join(sorted(alternatives)) for alternatives in exercise.needs) or "nothing"


def _sources(sources: Iterable[str]) -> str:
    return ", ".join("ours" if source == OURS else source for source in sources)


def main() -> None:
    made = files()
    (DOCS / "exercises").mkdir(exist_ok=True)
    for old in (DOCS / "exercises").iterdir():
        if f"exercises/{old.name}" not in made:
            old.unlink()
    for name, text in made.items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
