"""`unslouch programme`: the plan of today out of six weeks, and how the last weeks went."""

import argparse
from typing import TYPE_CHECKING, Any

from unslouch.errors import ExitCode

from .wearer import add_wearer_arguments, opened_history, situation

if TYPE_CHECKING:
    from unslouch.coach.adherence import ProgrammeRecord
    from unslouch.coach.programme import Plan

EXAMPLES = """\
Stretches every day, strengthening on three days a week and more, abdominals included, and for beginners five steps that
build on each other. Days that you miss shift the programme; they never pile up. `unslouch session` leads through an
exercise. The exercises train awareness and keep you moving; they treat nothing.

examples:
  unslouch programme
  unslouch programme --minutes 2
  unslouch programme --minutes 15 --place home --needs floor,wall,pillow --circuit
"""
HEADINGS = ("exercise", "dose", "about", "because")
WEEKS_SHOWN = 6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLES
    parser.add_argument("--circuit", action="store_true", help="one set of each, then another round")
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    add_wearer_arguments(parser)


def run(args: argparse.Namespace) -> ExitCode:
    from unslouch.coach.adherence import programme_record
    from unslouch.coach.programme import Mode, plan_today
    from unslouch.coach.programme_texts import heading

    from .console import emit, emit_table

    with opened_history(args) as history:
        now = situation(args, history)
        plan = plan_today(now, now.preferences.minutes, Mode.CIRCUIT if args.circuit else Mode.SINGLE)
        record = None
        if history is not None:
            sessions = history.store.words.sessions(0, now.now_utc_ms + 1)
            record = programme_record(now.catalogue, sessions, now.past.today, now.tz)
    if args.json:
        emit(_as_json(plan, record))
        return ExitCode.OK
    emit(heading(plan))
    if plan.items:
        emit_table(HEADINGS, rows(plan))
    else:
        emit(f"Nothing fits {plan.minutes} min here: give more time, or name what is at hand with --needs.")
    for line in closing(plan, record):
        emit(line)
    return ExitCode.OK


def rows(plan: "Plan") -> list[tuple[str, ...]]:
    """Return the cells of a plan under HEADINGS."""
    from unslouch.coach.programme_texts import dose

    return [(item.exercise.id, dose(item), f"{item.length_s} s", item.why) for item in plan.items]


def closing(plan: "Plan", record: "ProgrammeRecord | None") -> list[str]:
    """Return what follows a plan: the weeks so far, and the words on pain."""
    from unslouch.coach.programme_texts import days_text, week_text
    from unslouch.safety import clinician_first

    lines = []
    if record is not None:
        lines.append(f"{days_text(record)}.")
        lines += [f"Week from {week.first:%d %B}: {week_text(week)}." for week in record.weeks[-WEEKS_SHOWN:]]
    if plan.items:
        lines.append("`unslouch session` with the same options leads through it.")
    lines.append("Keep it up for six weeks: improvements are small at first.")
    return [*lines, clinician_first()]


def _as_json(plan: "Plan", record: "ProgrammeRecord | None") -> str:
    import json

    fields: dict[str, Any] = {
        "day": plan.day,
        "week": plan.week,
        "is_over": plan.is_over,
        "minutes": plan.minutes,
        "mode": plan.mode,
        "length_s": plan.length_s,
        "is_strength_day": plan.is_strength_day,
        "exercises": [
            {
                "exercise": item.exercise.id,
                "step": item.step + 1,
                "sets": item.sets,
                "dose": item.exercise.steps[item.step].dose,
                "length_s": item.length_s,
                "why": item.why,
            }
            for item in plan.items
        ],
        "weeks": [
            {
                "first": str(week.first),
                "days": week.days,
                "stretch_days": week.stretch_days,
                "strength_days": week.strength_days,
                "abdominals": week.abdominals,
                "missed_days": week.missed_days,
                "share": round(week.share, 3),
            }
            for week in (() if record is None else record.weeks[-WEEKS_SHOWN:])
        ],
        "days_done": 0 if record is None else record.days_done,
        "missed_days": 0 if record is None else record.missed_days,
        "earliest_end": None if record is None or record.earliest_end is None else str(record.earliest_end),
    }
    return json.dumps(fields, ensure_ascii=False, indent=2)
