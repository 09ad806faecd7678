"""`unslouch coach`: what the coach suggests now and why, and the trial that asks whether it helps."""

import argparse
from datetime import UTC
from typing import TYPE_CHECKING, Any

from unslouch.errors import ExitCode

from .wearer import add_wearer_arguments, moment_ms, opened_history, situation

if TYPE_CHECKING:
    from unslouch.analysis.history import History
    from unslouch.coach.situation import Situation
    from unslouch.coach.suggest import Ranking
    from unslouch.coach.trial import Finding

EXAMPLES = """\
Place, equipment, conditions and time come from the settings file. No sensor is needed: the coach looks at what was
recorded and done. The exercises train awareness and keep you moving; they treat nothing.

examples:
  unslouch coach
  unslouch coach --explain                    every exercise, with what each rule says about it
  unslouch coach --explain --at 14:05
  unslouch coach --trial on                   let a coin decide at some moments, to learn whether it helps you
  unslouch coach --trial                      what the trial says so far
"""
HEADINGS = ("points", "exercise", "because")
CONSENT = (
    "The trial is on. Where the coach would suggest an exercise, a coin decides whether it does, and the next half "
    "hour is compared: its median forward tilt and its posture changes. So about half of the suggestions are left out. "
    "Nothing leaves this computer. `unslouch coach --trial off` ends it."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLES
    parser.add_argument("--explain", action="store_true", help="print the ranking, with what each rule contributes")
    parser.add_argument("--at", metavar="TIME", help="at another moment: 14:05 today, or 2026-03-02T14:05")
    parser.add_argument(
        "--trial",
        nargs="?",
        const="show",
        choices=("on", "off", "show"),
        metavar="on|off",
        help="agree to the trial, end it, or show what it says so far",
    )
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    add_wearer_arguments(parser)


def run(args: argparse.Namespace) -> ExitCode:
    from unslouch.coach.suggest import rank

    from .console import emit, emit_table

    if args.trial is not None:
        _refuse_moment(args)
    if args.trial in ("on", "off"):
        return _agree(args, args.trial == "on")
    if args.at is not None:
        moment_ms(args.at, 0, UTC)  # what is no moment is refused before days are read
    with opened_history(args) as history:
        if args.trial is not None:
            emit(_trial(args, history))
            return ExitCode.OK
        now = situation(args, history, args.at)
    ranking = rank(now)
    if args.json:
        emit(_as_json(_fields(now, ranking)))
        return ExitCode.OK
    emit(_suggestion(now, ranking))
    if args.explain:
        emit("")
        emit_table(HEADINGS, _rows(ranking), right=("points",))
    return ExitCode.OK


def _suggestion(now: "Situation", ranking: "Ranking") -> str:
    from unslouch.coach.suggest import suggestion_of
    from unslouch.safety import clinician_first

    lines = [f"{now.local:%A %d %B %Y, %H:%M}. {_preferences(now)}"]
    if now.posture is None:
        lines.append("Nothing is recorded of this day, so the posture asks for nothing.")
    if ranking.best is None:
        lines.append("The posture of this moment asks for no exercise. `unslouch programme` plans today's.")
        return "\n".join(lines)
    suggestion = suggestion_of(ranking.best, now)
    held = [hold.why for _, hold in ranking.holds]
    lines.append(f"{'It would be: ' if held else ''}{suggestion}.")
    lines += held
    lines += [f"  {number}. {line}" for number, line in enumerate(suggestion.exercise.how, 1)]
    dose = now.step_of(suggestion.exercise).dose
    return "\n".join([*lines, f"  {dose[0].upper()}{dose[1:]}.", clinician_first()])


def _preferences(now: "Situation") -> str:
    wanted = now.preferences
    parts = [f"At the {wanted.place}" if wanted.place != "home" else "At home"]
    parts.append(f"with {', '.join(sorted(wanted.equipment))}" if wanted.equipment else "nothing at hand")
    parts.append(f"{wanted.minutes} min")
    parts += [f"not for {condition}" for condition in sorted(wanted.conditions)]
    if wanted.gentle:
        parts.append("the gentle set")
    return f"{', '.join(parts)}."


def _rows(ranking: "Ranking") -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for ranked in ranking.ranked:
        reasons = "; ".join(f"{score.points:+d} {rule.id} ({score.why})" for rule, score in ranked.scores)
        rows.append((str(ranked.points), ranked.exercise.id, reasons or "no rule says anything"))
    rows += [("out", one.exercise.id, f"{one.rule.id}: {one.why}") for one in ranking.excluded]
    return rows


def _fields(now: "Situation", ranking: "Ranking") -> dict[str, Any]:
    from unslouch.coach.suggest import suggestion_of

    best = None if ranking.best is None else suggestion_of(ranking.best, now)
    return {
        "utc_ms": now.now_utc_ms,
        "suggestion": None
        if best is None
        else {"exercise": best.exercise.id, "reasons": list(best.reasons), "length_s": now.length_s(best.exercise)},
        "holds": [
            {"rule": rule.id, "why": hold.why, "until_utc_ms": hold.until_utc_ms} for rule, hold in ranking.holds
        ],
        "ranking": [
            {
                "exercise": ranked.exercise.id,
                "points": ranked.points,
                "need": ranked.need,
                "rules": [
                    {"rule": rule.id, "role": rule.role, "points": score.points, "why": score.why}
                    for rule, score in ranked.scores
                ],
            }
            for ranked in ranking.ranked
        ],
        "excluded": [{"exercise": one.exercise.id, "rule": one.rule.id, "why": one.why} for one in ranking.excluded],
    }


def _refuse_moment(args: argparse.Namespace) -> None:
    """Raise BadInput for options that say which moment or exercises are meant: the trial is about neither."""
    from unslouch.errors import BadInput

    for option in ("explain", "at", "place", "needs", "without", "gentle", "minutes"):
        if getattr(args, option) not in (None, False):
            raise BadInput(f"--trial and --{option} can't be used together: leave one of them out.")


def _agree(args: argparse.Namespace, agrees: bool) -> ExitCode:
    import time

    from unslouch.store import Answer, Store

    from .console import log_line
    from .databases import database

    path, kind = database(args.db, args.demo)
    with Store.open(path, simulated=kind) as store:
        store.coach_answers.add(time.time_ns() // 1_000_000, Answer.TRIAL_ON if agrees else Answer.TRIAL_OFF)
    log_line(CONSENT if agrees else "The trial is off. What it measured is kept; `unslouch coach --trial` shows it.")
    return ExitCode.OK


def _trial(args: argparse.Namespace, history: "History | None") -> str:
    from unslouch.coach.past import past_of
    from unslouch.coach.read_trial import read_windows
    from unslouch.coach.trial import finding, tosses_of

    answers = [] if history is None else history.store.coach_answers.between(0, 1 << 62)
    windows = [] if history is None else list(read_windows(history, tosses_of(answers)))
    tilt = finding([(one.toss.suggests, one.median_deg) for one in windows if one.median_deg is not None])
    changes = finding(
        [(one.toss.suggests, one.changes_per_hour) for one in windows if one.changes_per_hour is not None]
    )
    left_out = sum(one.median_deg is None for one in windows)
    is_on = past_of(_empty_catalogue(), [], answers, 1 << 42, UTC).has_agreed_to_trial
    if args.json:
        fields = {"tilt_deg": _finding_fields(tilt), "changes_per_hour": _finding_fields(changes)}
        return _as_json({"on": is_on, "half_hours": len(windows), "not_measured": left_out, **fields})
    lines = [
        f"The trial is {'on' if is_on else 'off'}: `unslouch coach --trial {'off' if is_on else 'on'}` changes that."
    ]
    lines.append(f"{len(windows)} tosses, {left_out} of them followed by too little measured time.")
    lines.append(f"Median forward tilt in the half hour after: {_sentence(tilt, '°')}")
    lines.append(f"Posture changes per hour in it: {_sentence(changes, '')}")
    return "\n".join(lines)


def _sentence(found: "Finding", unit: str) -> str:
    seen = found.difference
    if seen is None:
        return f"can't tell yet ({found.tosses} of {found.needed} half hours)."
    verdict = "more than chance would bring" if seen.excludes_zero else "chance alone may bring this much"
    return (
        f"{seen.mean:+.1f}{unit} after a suggestion ({seen.low:+.1f}{unit} to {seen.high:+.1f}{unit}, "
        f"{seen.suggested} against {seen.waited}): {verdict}."
    )


def _finding_fields(found: "Finding") -> dict[str, Any]:
    from dataclasses import asdict

    return {"half_hours": found.tosses, "next_look_at": found.needed} | {
        "difference": None if found.difference is None else asdict(found.difference)
    }


def _empty_catalogue() -> Any:
    from unslouch.coach.catalogue import Catalogue

    return Catalogue(())


def _as_json(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, indent=2)
