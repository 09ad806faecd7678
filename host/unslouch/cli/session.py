"""`unslouch session`: leads through an exercise, or through some that fit a time, with a sensor or without."""

import argparse
from typing import TYPE_CHECKING

from unslouch.errors import ExitCode

from .arguments import add_database_argument, add_sensor_arguments, number

if TYPE_CHECKING:
    from unslouch.coach.catalogue import Catalogue, Exercise
    from unslouch.coach.progress import Progress
    from unslouch.coach.session_plan import SessionItem
    from unslouch.config import Config

EXAMPLES = """\
Place, equipment and conditions come from the settings file; `unslouch config edit` changes them. Without a sensor, and
where the sensor can't see an exercise, a timer runs. What you did is stored, and appears in the day and the report.

examples:
  unslouch session chin-tuck
  unslouch session --minutes 5
  unslouch session --minutes 15 --place home --needs floor,band
  unslouch session spine-wave --voice --metronome
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLES
    parser.add_argument("id", nargs="?", metavar="ID", help="as `unslouch exercises` lists it")
    parser.add_argument(
        "--minutes", type=_minutes, metavar="N", help="exercises that fit so many minutes (default: the settings')"
    )
    parser.add_argument("--place", metavar="PLACE", help="where you are: desk, office or home")
    parser.add_argument("--needs", metavar="EQUIPMENT", help="what is at hand: none, or some, with commas between")
    parser.add_argument("--no-sensor", action="store_true", help="use a timer alone")
    parser.add_argument("--voice", action="store_true", help="read it aloud, through the system's speech")
    parser.add_argument("--metronome", action="store_true", help="let the sensor buzz as a metronome")
    parser.add_argument("--lines", action="store_true", help="print lines instead of drawing, for screen readers")
    add_sensor_arguments(parser)
    add_database_argument(parser)


def _minutes(text: str) -> float:
    value = number(text)
    if not 1 <= value <= 60:
        raise argparse.ArgumentTypeError(f"can't be {text}: give minutes from 1 to 60")
    return value


def run(args: argparse.Namespace) -> ExitCode:
    from unslouch.config import load_config
    from unslouch.errors import BadInput

    from .console import can_ask, log_line
    from .running import run_cleanly
    from .session_run import SessionRun

    if args.id is not None and args.minutes is not None:
        raise BadInput("An exercise and --minutes exclude each other: leave out one of them.")
    loaded = load_config(args.config)
    for problem in loaded.problems:
        log_line(str(problem))
    items, is_first = _items(args, loaded.config)
    if is_first and not _read_the_rules(may_ask=can_ask() and not args.lines):
        return ExitCode.OK
    coach = loaded.config.coach
    session = SessionRun(
        args,
        items,
        is_short=args.id is None,
        speaks=args.voice or coach.voice,
        metronome=args.metronome or coach.metronome,
        draws=not args.lines,
    )
    return run_cleanly(session.lead())


def _items(args: argparse.Namespace, config: "Config") -> tuple[list["SessionItem"], bool]:
    """Return the exercises to do, and whether this is the wearer's first session."""
    from unslouch.coach.catalogue_file import load_catalogue, own_exercises_path
    from unslouch.coach.progress import Progress, read_progress
    from unslouch.coach.session_plan import SessionItem
    from unslouch.store import Store

    from .console import log_line
    from .databases import database
    from .exercises import named_exercise

    catalogue, problems = load_catalogue(own_exercises_path())
    for problem in problems:
        log_line(str(problem))
    path, kind = database(args.db, args.demo)
    progress, last_done, is_first = Progress(), dict[str, int](), True
    if path.exists():
        with Store.open(path, simulated=kind, readonly=True) as store:
            progress, is_first = read_progress(store), not store.words.has_sessions()
            last_done = {session.exercise: session.end_utc_ms for session in store.words.sessions(0, 1 << 62)}
    if args.id is None:
        return _chosen(args, config, catalogue, progress, last_done), is_first
    exercise = named_exercise(catalogue, args.id)
    _refuse_what_hurt(exercise, progress)
    return [SessionItem(exercise, progress.step_of(exercise))], is_first


def _chosen(
    args: argparse.Namespace, config: "Config", catalogue: "Catalogue", progress: "Progress", last_done: dict[str, int]
) -> list["SessionItem"]:
    from unslouch.coach.session_choice import by_last_done, fitting
    from unslouch.errors import BadInput

    from .exercises import equipment_named, place_named

    coach = config.coach
    place = coach.place if args.place is None else place_named(args.place)
    equipment = coach.equipment if args.needs is None else equipment_named(args.needs)
    suitable = catalogue.suitable(place, equipment, coach.all_conditions)
    items = fitting(by_last_done(suitable, last_done), progress, (args.minutes or coach.minutes) * 60)
    if not items:
        raise BadInput(
            "No exercise is left for this place, equipment and your conditions: `unslouch exercises` lists all, and "
            "`unslouch exercises allow ID` brings one back that hurt."
        )
    return items


def _refuse_what_hurt(exercise: "Exercise", progress: "Progress") -> None:
    from datetime import datetime

    from unslouch.coach.catalogue import CLINICIAN_FIRST
    from unslouch.errors import BadInput

    hurt_utc_ms = progress.hurt_utc_ms.get(exercise.id)
    if hurt_utc_ms is not None:
        day = f"{datetime.fromtimestamp(hurt_utc_ms / 1000):%Y-%m-%d}"
        raise BadInput(
            f"{exercise.name} is left out because it hurt on {day}. {CLINICIAN_FIRST} "
            f"`unslouch exercises allow {exercise.id}` brings it back."
        )


def _read_the_rules(may_ask: bool) -> bool:
    """Show what has to be known before the first session; return False if the wearer would rather not begin."""
    import textwrap

    from unslouch.safety import Before, safety_rules

    from .console import ask, log_line

    for rule in safety_rules():
        if rule.before is Before.EXERCISING or rule.id == "not-medical":
            log_line(textwrap.fill(f"{rule.title}. {rule.text}", 80))
    return not may_ask or ask("Enter begins, n + Enter doesn't: ").lower() not in ("n", "no", "q")
