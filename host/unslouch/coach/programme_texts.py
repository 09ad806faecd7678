"""Programme texts: what a plan, and how the weeks went, say to the wearer, for every face."""

from .programme import DAYS, Mode, Plan, PlannedExercise


def heading(plan: Plan) -> str:
    """Return which day it is and what it asks for."""
    when = "The six weeks are over; keep it up." if plan.is_over else f"Day {plan.day} of {DAYS}, week {plan.week}."
    if not plan.items:
        return when
    kind = "with strengthening" if plan.is_strength_day else "without strengthening, which has a day between"
    rounds = "one round" if plan.rounds == 1 else f"{plan.rounds} rounds"
    how = "one by one, with a minute's rest" if plan.mode is Mode.SINGLE else f"as a circuit of {rounds}"
    return f"{when} Today {kind}: {max(1, round(plan.length_s / 60))} of {plan.minutes} min, {how}."


def dose(item: PlannedExercise) -> str:
    """Return the dose of an exercise, and how many of its sets fit the time."""
    step = item.exercise.steps[item.step]
    wanted = step.sets.least if step.sets else 1
    return step.dose if item.sets == wanted else f"{step.dose}; {item.sets} of {wanted} sets fit"
