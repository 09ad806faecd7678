"""Exclusion rules: which exercises are left out, however much speaks for them."""

from .catalogue import Condition, Exercise, SpineFlexion
from .rules import ExclusionRule
from .situation import Situation


def _condition(exercise: Exercise, situation: Situation) -> str:
    listed = sorted(situation.preferences.conditions & exercise.excluded_by)
    return f"not with {', '.join(listed)}" if listed else ""


def _gentle_set(exercise: Exercise, situation: Situation) -> str:
    if not situation.preferences.wants_gentle_set:
        return ""
    if exercise.foam_rolling:
        return "foam rolling, which the gentle set leaves out"
    if exercise.spine_flexion is not SpineFlexion.NONE:
        return f"{exercise.spine_flexion} flexion of the spine, which the gentle set leaves out"
    return "not with osteoporosis" if Condition.OSTEOPOROSIS in exercise.excluded_by else ""


def _hurt(exercise: Exercise, situation: Situation) -> str:
    return "it hurt: it comes back when you say that it no longer does" if exercise.id in situation.past.hurt else ""


def _not_today(exercise: Exercise, situation: Situation) -> str:
    until_ms = situation.past.not_today_until_utc_ms.get(exercise.id, 0)
    if until_ms <= situation.now_utc_ms:
        return ""
    return f"you said not today: it comes back at {situation.clock(until_ms)}"


def _put_off(exercise: Exercise, situation: Situation) -> str:
    until_ms = situation.past.later_until_utc_ms.get(exercise.id, 0)
    return f"you put it off until {situation.clock(until_ms)}" if until_ms > situation.now_utc_ms else ""


def _place(exercise: Exercise, situation: Situation) -> str:
    place = situation.preferences.place
    return "" if place in exercise.places else f"not at this place ({place})"


def _equipment(exercise: Exercise, situation: Situation) -> str:
    at_hand = situation.preferences.equipment
    missing = [" or ".join(sorted(one_of)) for one_of in exercise.needs if not one_of & at_hand]
    return f"needs {', '.join(missing)}" if missing else ""


def _time_offered(exercise: Exercise, situation: Situation) -> str:
    length_s, minutes = situation.length_s(exercise), situation.preferences.minutes
    return f"takes {length_s} s, more than {minutes} min" if length_s > minutes * 60 else ""


def _three_in_a_row(exercise: Exercise, situation: Situation) -> str:
    last_two = [id for _, id in situation.past.suggested[-2:]]
    return "was suggested the last two times" if last_two == [exercise.id] * 2 else ""


def _series_order(exercise: Exercise, situation: Situation) -> str:
    if exercise.series_step is None or exercise.id in situation.past.last_done_utc_ms:
        return ""
    for earlier in situation.catalogue.exercises:
        if earlier.series_step is None or earlier.series_step >= exercise.series_step:
            continue
        is_left_out = any(rule(earlier, situation) for rule in (_condition, _gentle_set, _hurt))
        if not is_left_out and earlier.id not in situation.past.last_done_utc_ms:
            return f"comes after {earlier.name[0].lower()}{earlier.name[1:]}, which you haven't done yet"
    return ""


EXCLUSION_RULES = (
    ExclusionRule("condition", "A condition of yours excludes the exercise.", _condition),
    ExclusionRule(
        "gentle-set-leaves-out",
        "The gentle set has no loaded or end-range flexion of the spine and no foam rolling (ours).",
        _gentle_set,
    ),
    ExclusionRule("hurt", "What hurt is left out until you say otherwise.", _hurt),
    ExclusionRule("not-today", "What you declined for today comes back tomorrow.", _not_today),
    ExclusionRule("put-off", "What you put off comes back at the time that you chose.", _put_off),
    ExclusionRule("place", "The exercise must be possible where you are.", _place),
    ExclusionRule("equipment", "What the exercise needs must be at hand.", _equipment),
    ExclusionRule("time-offered", "Reading, set-up and dose must fit the time that you offer.", _time_offered),
    ExclusionRule("three-in-a-row", "The same exercise is never suggested three times in a row.", _three_in_a_row),
    ExclusionRule("series-order", "Beginners learn article A's five steps in order, 1 to 5 (A).", _series_order),
)
SAFETY_IDS = frozenset({"condition", "gentle-set-leaves-out", "hurt"})
"""The rules that hold for every use of an exercise, not just for suggestions."""


def is_safe(exercise: Exercise, situation: Situation) -> bool:
    """Return whether no condition excludes an exercise and it didn't hurt."""
    return not any(rule.reason(exercise, situation) for rule in EXCLUSION_RULES if rule.id in SAFETY_IDS)
