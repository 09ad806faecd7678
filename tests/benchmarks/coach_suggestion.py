"""What the coach costs: loading the catalogue, and a suggestion over a year of history.

    python tests/benchmarks/coach_suggestion.py [--json]

Goals: the catalogue loads in at most 20 ms; a suggestion over a year of sessions and answers in at most 20 ms, with
what it reads from the database. Beside it: the ranking alone, once the past is summed up. Figures are the least of
several runs, in processor time.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from coach.situations import AT_HOME, CATALOGUE, ZONE, at, posture
from unslouch.coach.catalogue_file import builtin_catalogue
from unslouch.coach.past import past_of, read_past
from unslouch.coach.situation import Situation
from unslouch.coach.suggest import suggest
from unslouch.store import Answer, CoachAnswer, ExerciseSession, Store

REPEATS = 15
DAY_MS = 86_400_000
SESSIONS_A_DAY = 4
SUGGESTIONS_A_DAY = 8


def least_ms(work: Callable[[], object]) -> float:
    """Return the least processor time of several runs in ms."""
    least_s = float("inf")
    for _ in range(REPEATS):
        begin_s = time.process_time()
        work()
        least_s = min(least_s, time.process_time() - begin_s)
    return round(least_s * 1000, 2)


def fill_year(store: Store, now_ms: int) -> None:
    """Store a year of four sessions and eight answered suggestions a day."""
    random = Random(1)
    ids = [exercise.id for exercise in CATALOGUE.exercises]
    sessions, answers = [], []
    for day in range(365):
        for number in range(SESSIONS_A_DAY):
            ms = now_ms - day * DAY_MS - number * 7_200_000
            sessions.append(ExerciseSession(f"{day}-{number}", ms - 90_000, ms, random.choice(ids), None, True))
        for number in range(SUGGESTIONS_A_DAY):
            ms, id = now_ms - day * DAY_MS - (number + 1) * 3_600_000, random.choice(ids)
            answers.append(CoachAnswer(f"{day}-{number}-s", ms, Answer.SUGGESTED, id))
            answers.append(CoachAnswer(f"{day}-{number}-a", ms + 60_000, Answer.NOT_TODAY, id, ms + 120_000))
    store.words.add(sessions)
    store.coach_answers.add_all(answers)


def measure() -> dict[str, float | int]:
    """Return the figures by name."""
    now_ms = at("12:00")
    seen = posture(forward_min=42.0, held_min=25.0, sitting_since_utc_ms=at("10:05"))

    def load() -> None:
        builtin_catalogue.cache_clear()
        builtin_catalogue()

    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "year.db", simulated=False) as store:
        fill_year(store, now_ms)

        def over_a_year() -> None:
            past = read_past(store, CATALOGUE, now_ms, ZONE)
            assert suggest(Situation(CATALOGUE, now_ms, ZONE, past, AT_HOME, seen)) is not None

        over_a_year_ms = least_ms(over_a_year)
        past = read_past(store, CATALOGUE, now_ms, ZONE)
    with_past = Situation(CATALOGUE, now_ms, ZONE, past, AT_HOME, seen)
    without = replace(with_past, past=past_of(CATALOGUE, [], [], now_ms, ZONE))
    return {
        "catalogue_ms": least_ms(load),
        "suggestion_over_a_year_ms": over_a_year_ms,
        "ranking_alone_ms": least_ms(lambda: suggest(with_past)),
        "ranking_without_a_past_ms": least_ms(lambda: suggest(without)),
        "sessions": 365 * SESSIONS_A_DAY,
        "answers": 2 * 365 * SUGGESTIONS_A_DAY,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one object")
    args = parser.parse_args()
    figures = measure()
    if args.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name.replace('_', ' '):30} {value:>10,}")


if __name__ == "__main__":
    main()
