"""What commands of the coach know about the wearer: the catalogue, the preferences, and what the database holds."""

import argparse
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from unslouch.errors import BadInput, NoData

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unslouch.analysis.history import History
    from unslouch.coach.catalogue import Catalogue
    from unslouch.coach.preferences import Preferences
    from unslouch.coach.situation import Situation

PLACE = "where you are: desk, office or home"
NEEDS = (
    "what is at hand: none, or some of wall, chair, floor, band, ball, foam-roll, post and pillow, with commas between"
)
WITHOUT = "leave out what these exclude: osteoporosis, shoulder, wrist-or-knee, pregnancy, dizziness"
EARLIEST_MINUTES, MOST_MINUTES = 1, 60


def add_wearer_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what stands in for the settings file, and whose days they are."""
    from .arguments import add_config_argument, add_database_argument

    add_preference_arguments(parser)
    parser.add_argument("--timezone", metavar="ZONE", help="like Europe/Berlin; default: this computer's")
    parser.add_argument(
        "--demo", action="store_true", default=argparse.SUPPRESS, help="about the simulated wearer instead"
    )
    add_database_argument(parser)
    add_config_argument(parser)


def add_preference_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what stands in for the settings file."""
    from .arguments import whole_number

    parser.add_argument("--place", metavar="PLACE", help=f"{PLACE} (default: the settings')")
    parser.add_argument("--needs", metavar="EQUIPMENT", help=f"{NEEDS} (default: the settings')")
    parser.add_argument("--without", metavar="CONDITION", help=f"{WITHOUT} (default: the settings')")
    parser.add_argument(
        "--gentle", action="store_true", help="no loaded or far bending of the spine, as in the settings"
    )
    parser.add_argument(
        "--minutes",
        type=whole_number(EARLIEST_MINUTES, MOST_MINUTES),
        metavar="N",
        help="how much time there is (default: the settings')",
    )


def preferences(args: argparse.Namespace) -> "Preferences":
    """Return the preferences of the settings file, with what the arguments say instead."""
    from unslouch.config import load_config

    from .console import log_line

    loaded = load_config(args.config)
    for problem in loaded.problems:
        log_line(str(problem))
    return replace(loaded.config.coach.preferences, **_named_preferences(args))


def _named_preferences(args: argparse.Namespace) -> dict[str, Any]:
    """Return what the arguments say of the preferences, by the names of the fields; raises BadInput."""
    from .exercises import conditions_named, equipment_named, place_named

    changes: dict[str, Any] = {}
    if args.place is not None:
        changes["place"] = place_named(args.place)
    if args.needs is not None:
        changes["equipment"] = frozenset(equipment_named(args.needs) or ())
    if args.without is not None:
        changes["conditions"] = frozenset(conditions_named(args.without))
    if args.gentle:
        changes["gentle"] = True
    if args.minutes is not None:
        changes["minutes"] = args.minutes
    return changes


def catalogue() -> "Catalogue":
    """Return the exercises, the wearer's own included; what is wrong with those goes to stderr."""
    from unslouch.coach.catalogue_file import load_catalogue, own_exercises_path

    from .console import log_line

    loaded, problems = load_catalogue(own_exercises_path())
    for problem in problems:
        log_line(str(problem))
    return loaded


@contextmanager
def opened_history(args: argparse.Namespace) -> "Iterator[History | None]":
    """Open the history that the arguments name; None if nothing was recorded yet.

    Raises BadInput for arguments that are wrong whatever is recorded, before it is read, NoData and StoreError.
    """
    from unslouch.analysis.history import History
    from unslouch.analysis.zones import zone

    from .databases import open_database

    tz = zone(args.timezone)
    _named_preferences(args)
    try:
        store = open_database(args.db, args.demo)
    except NoData:
        if args.db is not None:
            raise
        yield None
        return
    with store:
        yield History(store, tz)


def situation(args: argparse.Namespace, history: "History | None", at: str | None = None) -> "Situation":
    """Return what the coach's rules are asked about: now, or at a moment like 14:05 or 2026-03-02T14:05."""
    from unslouch.analysis.zones import zone
    from unslouch.coach.past import local_date, past_of, read_past
    from unslouch.coach.read_posture import read_posture
    from unslouch.coach.situation import Situation
    from unslouch_device.contract.settings import DEFAULTS, THRESHOLD_DEG

    tz = zone(args.timezone)
    exercises, wanted = catalogue(), preferences(args)
    now_ms = time.time_ns() // 1_000_000
    if history is not None and history.store.simulated:
        now_ms = history.last_record_utc_ms() or now_ms
    if at is not None:
        now_ms = moment_ms(at, now_ms, tz)
    if history is None:
        return Situation(exercises, now_ms, tz, past_of(exercises, [], [], now_ms, tz), wanted)
    day = history.day(local_date(now_ms, tz))
    posture = read_posture(day, now_ms, DEFAULTS[THRESHOLD_DEG]) if len(day.epochs) else None
    return Situation(exercises, now_ms, tz, read_past(history.store, exercises, now_ms, tz), wanted, posture)


def moment_ms(text: str, now_ms: int, tz: Any) -> int:
    """Return the UTC in ms of HH:MM on the day of now, or of YYYY-MM-DDTHH:MM; raises BadInput for anything else."""
    from datetime import datetime

    today = datetime.fromtimestamp(now_ms / 1000, tz).date()
    try:
        moment = datetime.fromisoformat(text if "-" in text else f"{today}T{text}")
    except ValueError:
        raise BadInput(f"{text!r} is no time: use 14:05 for today, or 2026-03-02T14:05.") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=tz)).timestamp() * 1000)
