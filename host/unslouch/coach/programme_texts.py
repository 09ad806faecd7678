"""Programme texts: what a plan, and how the weeks went, say to the wearer, for every face."""

from .adherence import ABDOMINALS_PER_WEEK, DAYS, STRENGTH_DAYS_PER_WEEK, WEEK_DAYS, ProgrammeRecord, WeekAdherence
from .programme import Mode, Plan, PlannedExercise


def heading(plan: Plan) -> str:
    """Return which day it is and what it asks for."""
    when = "The six weeks are over; keep it up." if plan.is_over else f"Day {plan.day} of {DAYS}, week {plan.week}."
    if not plan.items:
        return when
    kind = "with strengthening" if plan.is_strength_day else "without strengthening, which has a day between"
    return f"{when} Today {kind}: {max(1, round(plan.length_s / 60))} of {plan.minutes} min, {_order(plan)}."


def _order(plan: Plan) -> str:
    rounds = "one round" if plan.rounds == 1 else f"{plan.rounds} rounds"
    if len(plan.items) == 1:
        return "one exercise" if plan.mode is Mode.SINGLE or plan.rounds == 1 else f"one exercise in {rounds}"
    return "one by one, with a minute's rest" if plan.mode is Mode.SINGLE else f"as a circuit of {rounds}"


def dose(item: PlannedExercise) -> str:
    """Return the dose of an exercise, and how many of its sets fit the time."""
    step = item.exercise.steps[item.step]
    wanted = step.sets.least if step.sets else 1
    return step.dose if item.sets == wanted else f"{step.dose}; {item.sets} of {wanted} sets fit"


def week_text(week: WeekAdherence) -> str:
    """Return what was done in a week of what the programme plans for it."""
    return (
        f"stretches {_marks(week.stretch_days, WEEK_DAYS)} {week.stretch_days} of {WEEK_DAYS} days, strengthening "
        f"{_marks(week.strength_days, STRENGTH_DAYS_PER_WEEK)} {week.strength_days} of {STRENGTH_DAYS_PER_WEEK}, "
        f"abdominals {_marks(week.abdominals, ABDOMINALS_PER_WEEK)} {week.abdominals} of {ABDOMINALS_PER_WEEK}"
    )


def short_week_text(week: WeekAdherence) -> str:
    """Return the same in less than 40 cells."""
    return (
        f"stretch {week.stretch_days}/{WEEK_DAYS}, strength {week.strength_days}/{STRENGTH_DAYS_PER_WEEK}, "
        f"abs {week.abdominals}/{ABDOMINALS_PER_WEEK}"
    )


def days_text(record: ProgrammeRecord) -> str:
    """Return how many days of the programme are done, and what missed ones do."""
    done = f"{min(record.days_done, DAYS)} of {DAYS} days done"
    end = record.earliest_end
    if end is None:
        return f"{done}: the six weeks are over; keep it up"
    when = f"to {end.day} {end:%B} at the earliest"
    return f"{done}, {record.missed_days} missed: it goes on {when}" if record.missed_days else f"{done}, {when}"


def _marks(done: int, planned: int) -> str:
    return "●" * min(done, planned) + "○" * max(0, planned - done)
