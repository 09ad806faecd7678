"""`unslouch session`: leads through an exercise, or through some that fit a time, with a sensor or without."""

import argparse
from typing import TYPE_CHECKING

from unslouch.errors import ExitCode

from .arguments import add_database_argument, add_sensor_arguments

if TYPE_CHECKING:
    from unslouch.coach.catalogue import Exercise
    from unslouch.coach.progress import Progress
    from unslouch.coach.session_plan import SessionItem
    from unslouch.coach.situation import Situation

EXAMPLES = """\
With --minutes it is today's plan of `unslouch programme`. Place, equipment and conditions come from the settings file,
which `unslouch config edit` changes. Without a sensor, and where the sensor can't see an exercise, a timer runs. What
you did is stored, and appears in the day and the report.

examples:
  unslouch session chin-tuck
  unslouch session --minutes 5
  unslouch session --minutes 15 --place home --needs floor,band --circuit
  unslouch session spine-wave --voice --metronome
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from .wearer import add_preference_arguments

    parser.epilog = EXAMPLES
    parser.add_argument("id", nargs="?", metavar="ID", help="as `unslouch exercises` lists it")
    add_preference_arguments(parser)
    parser.add_argument("--circuit", action="store_true", help="one set of each, then another round")
    parser.add_argument("--no-sensor", action="store_true", help="use a timer alone")
    parser.add_argument("--voice", action="store_true", help="read it aloud, through the system's speech")
    parser.add_argument("--metronome", action="store_true", help="let the sensor buzz as a metronome")
    parser.add_argument("--lines", action="store_true", help="print lines instead of drawing, for screen readers")
    parser.set_defaults(timezone=None)
    add_sensor_arguments(parser)
    add_database_argument(parser)


def run(args: argparse.Namespace) -> ExitCode:
    from unslouch.config import load_config
    from unslouch.errors import BadInput

    from .console import can_ask
    from .databases import check_database
    from .running import run_cleanly
    from .session_run import SessionRun

    if args.id is not None and args.minutes is not None:
        raise BadInput("An exercise and --minutes can't be used together: leave one of them out.")
    if args.id is not None and args.circuit:
        raise BadInput("A circuit has several exercises: leave out the exercise or --circuit.")
    check_database(args.db)
    items, is_first = _items(args)
    if is_first and not _read_the_rules(may_ask=can_ask() and not args.lines):
        return ExitCode.OK
    coach = load_config(args.config).config.coach
    session = SessionRun(
        args,
        items,
        is_short=args.id is None,
        speaks=args.voice or coach.voice,
        metronome=args.metronome or coach.metronome,
        draws=not args.lines,
    )
    return run_cleanly(session.lead())


def _items(args: argparse.Namespace) -> tuple[list["SessionItem"], bool]:
    """Return the exercises to do, and whether this is the wearer's first session."""
    from unslouch.coach.session_plan import SessionItem

    from .databases import database
    from .exercises import named_exercise
    from .wearer import opened_history, situation

    if database(args.db, args.demo)[0].exists():
        with opened_history(args) as history:
            now = situation(args, history)
            is_first = history is None or not history.store.words.has_sessions()
    else:
        now, is_first = situation(args, None), True
    if args.id is None:
        return _planned(now, args.circuit), is_first
    exercise = named_exercise(now.catalogue, args.id)
    _refuse_what_hurt(exercise, now.past.progress)
    return [SessionItem(exercise, now.past.progress.step_of(exercise))], is_first


def _planned(now: "Situation", is_circuit: bool) -> list["SessionItem"]:
    """Return today's plan of the programme, or what was done longest ago where that is empty."""
    from unslouch.coach.programme import Mode
    from unslouch.coach.session_choice import todays_session
    from unslouch.errors import BadInput

    items = todays_session(now, now.preferences.minutes, Mode.CIRCUIT if is_circuit else Mode.SINGLE)
    if not items:
        raise BadInput(
            "No exercise is left for this place, equipment and your conditions: `unslouch exercises` lists all, and "
            "`unslouch exercises allow ID` brings one back that hurt."
        )
    return items


def _refuse_what_hurt(exercise: "Exercise", progress: "Progress") -> None:
    from datetime import datetime

    from unslouch.errors import BadInput
    from unslouch.safety import clinician_first

    hurt_utc_ms = progress.hurt_utc_ms.get(exercise.id)
    if hurt_utc_ms is not None:
        day = f"{datetime.fromtimestamp(hurt_utc_ms / 1000):%Y-%m-%d}"
        raise BadInput(
            f"{exercise.name} is left out because it hurt on {day}. {clinician_first()} "
            f"`unslouch exercises allow {exercise.id}` brings it back."
        )


def _read_the_rules(may_ask: bool) -> bool:
    """Show what has to be known before the first session; return False if the wearer would rather not begin."""
    import shutil
    import textwrap

    from unslouch.safety import Before, safety_rules

    from .console import ask, log_line

    width = min(shutil.get_terminal_size().columns, 80)
    for rule in safety_rules():
        if rule.before is Before.EXERCISING or rule.id == "not-medical":
            log_line(textwrap.fill(f"{rule.title}. {rule.text}", width))
    return not may_ask or ask("Enter begins, n + Enter doesn't: ").lower() not in ("n", "no", "q")
