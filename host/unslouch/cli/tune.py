"""`unslouch tune`: replays past days under other settings, and says what they would have brought."""

import argparse
import time
from datetime import date, timedelta, tzinfo
from typing import TYPE_CHECKING

from unslouch.errors import BadInput, ExitCode, NoData

from .arguments import add_database_argument

if TYPE_CHECKING:
    from unslouch.analysis.history import History
    from unslouch.tuning.tuner import Choice, Outcome, Recording

EXAMPLES = """\
examples:
  unslouch tune                                 the last 14 days, every threshold and delay of the usual range
  unslouch tune --day yesterday --threshold 12  one day, one threshold, every delay
  unslouch tune --days 30 --threshold 8:20:2 --delay 10:60:10
  unslouch tune --mode budget                   alerts by holding time instead of after a delay
  unslouch tune --apply                         write the best setting to the sensor
  unslouch tune --apply 12:30                   write this threshold and delay to the sensor
"""
DEFAULT_DAYS = 14
MAX_DAYS = 366
NO_DELAY = "In budget mode alerts come by holding time and the delay plays no part: leave out --delay."
HEADINGS = ("threshold", "delay", "alerts", "caught", "after", "other alerts", "")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from .arguments import whole_number

    parser.description = (
        "Run past days through the firmware's detector under other settings, and print how many alerts each would "
        "have given and how many slouches of a minute or more it would have caught. How you would have answered "
        "other alerts isn't known: slouches end when they ended."
    )
    parser.epilog = EXAMPLES
    days = parser.add_mutually_exclusive_group()
    days.add_argument(
        "--day",
        nargs="+",
        metavar="DAY",
        help="replay these days: today, yesterday or YYYY-MM-DD",
    )
    days.add_argument(
        "--days",
        type=whole_number(1, MAX_DAYS),
        default=DEFAULT_DAYS,
        metavar="N",
        help="replay the last N days, today included (default: %(default)s)",
    )
    parser.add_argument("--threshold", metavar="DEG", help="FIRST:LAST:STEP or one value (default: 8:20:2)")
    parser.add_argument("--delay", metavar="S", help="FIRST:LAST:STEP or one value (default: 10:60:10)")
    parser.add_argument("--mode", choices=("delay", "budget"), help="when to alert (default: as the sensor is set)")
    parser.add_argument(
        "--apply",
        nargs="?",
        const="best",
        metavar="DEG:S",
        help="write the best setting, or this threshold and delay, to the sensor",
    )
    parser.add_argument("--timezone", metavar="ZONE", help="like Europe/Berlin; default: this computer's")
    parser.add_argument(
        "--sensor",
        metavar="NAME|ADDRESS|PORT|URL",
        default=argparse.SUPPRESS,
        help="the sensor for --apply (default: look for one)",
    )
    add_database_argument(parser)
    parser.add_argument(
        "--demo", action="store_true", default=argparse.SUPPRESS, help="replay the simulated wearer's days instead"
    )


def run(args: argparse.Namespace) -> ExitCode:
    from unslouch.analysis.zones import zone
    from unslouch.tuning import tuner
    from unslouch.tuning.choices import parse_choice

    if args.apply and args.demo:
        raise BadInput("A simulated sensor ends with its command and keeps no setting: leave out --apply or --demo.")
    tz = zone(args.timezone)
    _check_options(args)
    if args.apply not in (None, "best"):
        return _apply(args, parse_choice(args.apply))
    recording = _recording(args, tz)
    choices = _choices(args, recording)
    outcomes = _outcomes(recording, choices)
    best = tuner.best(outcomes, recording.long_slouches)
    _print_outcomes(recording, outcomes, best)
    if best is None:
        raise NoData(
            "No slouch of a minute or more was recorded on these days, so nothing can be compared: replay more days."
        )
    return _apply(args, best.choice) if args.apply else ExitCode.OK


def _recording(args: argparse.Namespace, tz: tzinfo) -> "Recording":
    from unslouch.analysis.history import History
    from unslouch.tuning.tuner import Recording, settings_at

    from .databases import open_database, store_what_waits

    store_what_waits(args.db, args.demo)
    with open_database(args.db, args.demo) as store:
        history = History(store, tz)
        days = [day for day in map(history.day, _dates(args, history)) if len(day.epochs)]
        if not days:
            raise NoData(f"Nothing is recorded for these days in {store.path}: name others with --day or --days.")
        last = days[-1].epochs
        settings = settings_at(store, int(last.journal[-1]), int(last.sequence[-1]))
    return Recording(days, settings)


def _dates(args: argparse.Namespace, history: "History") -> list[date]:
    from .days import named_day

    current = history.current_date(time.time_ns() // 1_000_000)
    if not args.day:
        return [current - timedelta(days=before) for before in reversed(range(args.days))]
    return sorted({named_day(word, current) for word in args.day})


def _check_options(args: argparse.Namespace) -> None:
    """Raise BadInput for options that are wrong whatever is recorded, before it is read."""
    from unslouch.tuning.choices import delays_s, thresholds_deg

    from .days import check_days

    check_days(*args.day or ())
    if args.threshold is not None:
        thresholds_deg(args.threshold)
    if args.delay is not None:
        delays_s(args.delay)
        if args.mode == "budget":
            raise BadInput(NO_DELAY)


def _choices(args: argparse.Namespace, recording: "Recording") -> "list[Choice]":
    from unslouch.tuning import tuner
    from unslouch.tuning.choices import DELAYS, MODES, THRESHOLDS, delays_s, thresholds_deg

    mode = MODES[args.mode] if args.mode else recording.present.mode
    if mode == MODES["budget"] and args.delay:
        raise BadInput(NO_DELAY)
    thresholds = thresholds_deg(args.threshold or (str(recording.present.threshold_deg) if mode else THRESHOLDS))
    choices = tuner.grid(thresholds, delays_s(args.delay or DELAYS), mode, recording.settings)
    if not choices:
        raise BadInput("No such threshold is above the hysteresis that the sensor is set to: raise --threshold.")
    return choices if recording.present in choices else [recording.present, *choices]


def _outcomes(recording: "Recording", choices: "list[Choice]") -> "list[Outcome]":
    from .progress import Progress

    bar = Progress()
    try:
        return list(recording.outcomes(choices, bar.show))
    finally:
        bar.end()


def _print_outcomes(recording: "Recording", outcomes: "list[Outcome]", best: "Outcome | None") -> None:
    from unslouch.tuning.choices import describe, describe_choice

    from .console import emit, emit_table
    from .numbers import counted

    total = recording.long_slouches
    rows = []
    for outcome in outcomes:
        choice = outcome.choice
        marks = ["best"] * (outcome is best) + ["present"] * (choice == recording.present)
        rows.append(
            (
                f"{choice.threshold_deg}°",
                "budget" if choice.mode else f"{choice.delay_s} s",
                str(outcome.alerts),
                f"{outcome.caught} of {total}",
                "-" if outcome.latency_s is None else f"{outcome.latency_s:.0f} s",
                str(outcome.other_alerts),
                ", ".join(marks),
            )
        )
    emit_table(HEADINGS, rows, right=HEADINGS[:-1])
    present = next(outcome for outcome in outcomes if outcome.choice == recording.present)
    emit(
        f"The sensor gave {counted(recording.alerts_given, 'alert')}; replayed, its present settings "
        f"({describe_choice(present.choice)}) give {present.alerts}."
    )
    if best is not None:
        emit(describe(best, present, total))


def _apply(args: argparse.Namespace, choice: "Choice") -> ExitCode:
    from .running import run_cleanly

    return run_cleanly(_write(args, choice))


async def _write(args: argparse.Namespace, choice: "Choice") -> ExitCode:
    from unslouch.sensor.settings import change_setting, setting_by_key
    from unslouch.tuning.choices import describe_choice, setting_values

    from .console import log_line
    from .running import connected

    async with connected(args) as (client, _):
        for key, value in setting_values(choice):
            await change_setting(client, setting_by_key(key), value)
    log_line(f"The sensor is set to {describe_choice(choice)} now.")
    return ExitCode.OK
