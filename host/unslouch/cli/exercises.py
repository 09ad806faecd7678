"""`unslouch exercises`: lists the exercises that suit a place and what is at hand, or shows one."""

import argparse
from typing import TYPE_CHECKING, Any

from unslouch.errors import ExitCode

from .arguments import add_database_argument

if TYPE_CHECKING:
    from unslouch.coach.catalogue import Catalogue, Condition, Equipment, Exercise

EXAMPLES = """\
Exercises of your own go into the file that `unslouch exercises --own-file` names, in the same form as unslouch's.

examples:
  unslouch exercises --place desk --needs none
  unslouch exercises --needs wall,band --without shoulder
  unslouch exercises show chin-tuck
  unslouch exercises allow chin-tuck                 offer it again, although it hurt once
"""
PICTURE_WIDTH = 25
"""Columns for each keyframe: three of them fit into 80."""
PICTURE_HEIGHT = 9
HEADINGS = ("exercise", "name", "kind", "position", "needs", "dose", "sensor")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLES
    parser.add_argument("--place", metavar="PLACE", help="only those that can be done there: desk, office or home")
    parser.add_argument(
        "--needs",
        metavar="EQUIPMENT",
        help="only those that need no more than this: none, or some of wall, chair, floor, band, ball, foam-roll, post "
        "and pillow, with commas between",
    )
    parser.add_argument(
        "--without",
        metavar="CONDITION",
        help="leave out what these exclude: osteoporosis, shoulder, wrist-or-knee, pregnancy, dizziness",
    )
    parser.add_argument("--json", action="store_true", help="as a list of JSON objects")
    parser.add_argument("--own-file", action="store_true", help="print where your own exercises go")
    add_database_argument(parser)
    parser.set_defaults(id=None, allowed=None)
    actions = parser.add_subparsers(metavar="ACTION")
    show = actions.add_parser("show", help="show one exercise")
    show.add_argument("id", metavar="ID", help="as the list shows it")
    show.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="as a JSON object")
    allow = actions.add_parser("allow", help="let an exercise be offered again that was left out because it hurt")
    allow.add_argument("allowed", metavar="ID", help="as the list shows it")
    add_database_argument(allow)


def run(args: argparse.Namespace) -> ExitCode:
    from unslouch.coach.catalogue_file import load_catalogue, own_exercises_path
    from unslouch.safety import clinician_first

    from .console import emit, emit_table, log_line

    if args.own_file:
        emit(str(own_exercises_path()))
        return ExitCode.OK
    catalogue, problems = load_catalogue(own_exercises_path())
    for problem in problems:
        log_line(str(problem))
    if args.allowed is not None:
        return _allow(named_exercise(catalogue, args.allowed), args)
    if args.id is not None:
        emit(_shown(catalogue, named_exercise(catalogue, args.id), args.json))
        return ExitCode.OK
    exercises = catalogue.suitable(place_named(args.place), equipment_named(args.needs), conditions_named(args.without))
    if args.json:
        emit(_as_json([_fields(catalogue, exercise) for exercise in exercises]))
    else:
        emit_table(HEADINGS, [row(exercise) for exercise in exercises])
        log_line(clinician_first())
    return ExitCode.OK


def _allow(exercise: "Exercise", args: argparse.Namespace) -> ExitCode:
    """Let an exercise be offered again that hurt."""
    import time

    from unslouch.coach.progress import read_progress
    from unslouch.safety import clinician_first
    from unslouch.store.coach_answers import Answer

    from .console import log_line
    from .databases import open_database

    with open_database(args.db, args.demo, for_writing=True) as store:
        if exercise.id not in read_progress(store).hurt_utc_ms:
            log_line(f"{exercise.name} isn't left out.")
            return ExitCode.OK
        store.coach_answers.add(time.time_ns() // 1_000_000, Answer.NO_LONGER_HURTS, exercise.id)
    log_line(f"{exercise.name} is offered again. {clinician_first()}")
    return ExitCode.OK


def row(exercise: "Exercise") -> tuple[str, ...]:
    """Return an exercise's cells under HEADINGS."""
    return (
        exercise.id,
        exercise.name,
        ", ".join(exercise.kinds),
        " or ".join(exercise.positions),
        _needs(exercise),
        exercise.dose,
        f"{exercise.sensing}{' (experimental)' if exercise.is_experimental else ''}",
    )


def _needs(exercise: "Exercise") -> str:
    return ", ".join(" or ".join(sorted(alternatives)) for alternatives in exercise.needs) or "none"


def named_exercise(catalogue: "Catalogue", id: str) -> "Exercise":
    import difflib

    from unslouch.errors import BadInput

    exercise = catalogue.find(id.lower())
    if exercise is None:
        near = difflib.get_close_matches(id.lower(), [known.id for known in catalogue.exercises], n=1)
        meant = f"; did you mean {near[0]}?" if near else "."
        raise BadInput(f"There is no exercise {id!r}{meant} `unslouch exercises` lists them.")
    return exercise


def place_named(text: str | None) -> Any:
    """Return the place with a name, None for none; raises BadInput, also for several places."""
    from unslouch.coach.catalogue import Place
    from unslouch.errors import BadInput

    if text is None:
        return None
    place, *others = _choices(text, Place, "place")
    if others:
        raise BadInput(f"You can be at one place only, not at {text}. Use {', '.join(Place)}.")
    return place


def equipment_named(text: str | None) -> "tuple[Equipment, ...] | None":
    """Return the equipment that a text names with commas between, None for no text; raises BadInput."""
    from unslouch.coach.catalogue import Equipment

    if text is None:
        return None
    return () if text == "none" else _choices(text, Equipment, "equipment")


def conditions_named(text: str | None) -> "tuple[Condition, ...]":
    from unslouch.coach.catalogue import Condition

    return () if text is None else _choices(text, Condition, "condition")


def _choices(text: str, enum: Any, noun: str) -> tuple[Any, ...]:
    """Return the members that a text names, with commas between and hyphens for spaces; BadInput if there is none."""
    import difflib

    from unslouch.errors import BadInput

    members = {str(member).replace(" ", "-"): member for member in enum}
    chosen = []
    for word in text.lower().split(","):
        name = word.strip().replace(" ", "-")
        if name not in members:
            near = difflib.get_close_matches(name, members, n=1)
            meant = f"; did you mean {near[0]}?" if near else "."
            raise BadInput(f"There is no {noun} {word.strip()!r}{meant} Use {', '.join(members)}.")
        chosen.append(members[name])
    return tuple(chosen)


def _shown(catalogue: "Catalogue", exercise: "Exercise", as_json: bool) -> str:
    """Return one exercise as text or as JSON."""
    from unslouch.coach.session_sensing import sensing_note
    from unslouch.safety import clinician_first

    if as_json:
        return _as_json(_fields(catalogue, exercise))
    lines = [f"{exercise.name} ({', '.join(exercise.kinds)}; {' or '.join(exercise.positions)})", ""]
    lines += _picture(exercise)
    lines += [sensing_note(exercise, ""), ""]
    lines += [f"{number}. {sentence}" for number, sentence in enumerate(exercise.how, 1)]
    lines += ["", "Form:", *(f"  {cue}" for cue in exercise.form), "Common mistakes:"]
    lines += [f"  {mistake}" for mistake in exercise.mistakes]
    lines += ["Steps, the easiest first (* begin here):"]
    for index, step in enumerate(exercise.steps):
        mark = "*" if index == exercise.start else " "
        lines.append(f"{mark} {index + 1}. {step.text} {step.dose[0].upper()}{step.dose[1:]}.")
    lines += ["", f"Needs: {_needs(exercise)}. Places: {', '.join(exercise.places)}."]
    if exercise.primary:
        also = f"; also {', '.join(exercise.secondary)}" if exercise.secondary else ""
        lines.append(f"For: {', '.join(exercise.primary)}{also}.")
    if exercise.excluded_by:
        lines.append(f"Not with: {', '.join(sorted(exercise.excluded_by))}.")
    lines += [f"From: {'; '.join(catalogue.titles(exercise.sources))}.", clinician_first()]
    return "\n".join(lines)


def _picture(exercise: "Exercise") -> list[str]:
    """Return the keyframes of the exercise's figure beside each other in braille, if stdout can show it."""
    from unslouch.coach.figure_drawing import strip
    from unslouch.coach.figure_file import figure_of

    from .console import can_show

    figure = figure_of(exercise.id)
    if figure is None or not can_show("\u28ff"):
        return []
    return [*strip(figure, PICTURE_WIDTH, PICTURE_HEIGHT), ""]


def _fields(catalogue: "Catalogue", exercise: "Exercise") -> dict[str, Any]:
    return {
        "id": exercise.id,
        "name": exercise.name,
        "kinds": list(exercise.kinds),
        "positions": list(exercise.positions),
        "places": list(exercise.places),
        "needs": [sorted(alternatives) for alternatives in exercise.needs],
        "set_up_s": exercise.set_up_s,
        "patterns": list(exercise.patterns),
        "primary_muscles": list(exercise.primary),
        "secondary_muscles": list(exercise.secondary),
        "excluded_by": sorted(exercise.excluded_by),
        "sensor": exercise.sensing,
        "sensor_is_experimental": exercise.is_experimental,
        "instructions": list(exercise.how),
        "form": list(exercise.form),
        "mistakes": list(exercise.mistakes),
        "steps": [
            {"text": step.text, "dose": step.dose, "length_s": step.length_s, "source": step.source}
            for step in exercise.steps
        ],
        "start": exercise.start + 1,
        "sources": list(exercise.sources),
        "source_titles": list(catalogue.titles(exercise.sources)),
    }


def _as_json(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, indent=2)
