"""Score rules: what speaks for an exercise and what against it, in points."""

from .adherence import ABDOMINALS_PER_WEEK, STRENGTH_DAYS_PER_WEEK, STRETCHES_PER_DAY
from .catalogue import Cue, Exercise, Kind, Position, Sensing
from .past import DAY_MS
from .posture_today import WINDOW_MIN, DominantCell, PostureToday
from .rules import Role, Score, ScoreRule
from .situation import Situation

LEANT_ENOUGH_MIN = 10
HELD_ENOUGH_MIN = 20
SAT_ENOUGH_MIN = 30
LATERAL_ENOUGH_DEG = 5.0
MEASURED_ENOUGH_MIN = 20
"""Less of the window says nothing about a lateral bias."""
DOMINANT_SHARE = 0.3
"""From this share of the day's time on, a cell of the EVA matrix says something."""
LONG_HOLD_S = 240
BENT_DEG = 20
MOST = 30
"""The most points of one rule of the posture."""
_MS_PER_MIN = 60_000


def _leaning_forward(exercise: Exercise, situation: Situation) -> Score | None:
    posture = situation.posture
    if posture is None or posture.forward_min < LEANT_ENOUGH_MIN:
        return None
    if Cue.SLOUCH in exercise.cues:
        points = min(MOST, round(posture.forward_min / 2) + 5)
    elif Kind.BREAK in exercise.kinds:
        points = 10
    else:
        return None
    return Score(points, f"{round(posture.forward_min)} of {_measured(posture)} leaning forward")


def _measured(posture: PostureToday) -> str:
    minutes = round(posture.measured_min)
    if minutes >= WINDOW_MIN - 1:
        return f"the last {WINDOW_MIN} min"
    return f"{minutes} measured min in the last hour"


def _slouching_now(exercise: Exercise, situation: Situation) -> Score | None:
    if situation.posture is None or not situation.posture.is_slouching:
        return None
    if Cue.SLOUCH in exercise.cues:
        return Score(12, "leaning forward beyond your threshold right now")
    return Score(10, "leaning forward beyond your threshold right now") if Kind.BREAK in exercise.kinds else None


def _held_still(exercise: Exercise, situation: Situation) -> Score | None:
    posture = situation.posture
    if posture is None or posture.held_min < HELD_ENOUGH_MIN or Cue.STILLNESS not in exercise.cues:
        return None
    return Score(min(MOST, round(posture.held_min / 2)), f"the same posture for {round(posture.held_min)} min")


def _no_break(exercise: Exercise, situation: Situation) -> Score | None:
    posture = situation.posture
    if posture is None or posture.sitting_since_utc_ms is None:
        return None
    sat_min = (situation.now_utc_ms - posture.sitting_since_utc_ms) / _MS_PER_MIN
    if sat_min < SAT_ENOUGH_MIN:
        return None
    points = min(MOST, round(sat_min / 3))
    why = f"no break since {situation.clock(posture.sitting_since_utc_ms)}"
    if Kind.BREAK in exercise.kinds:
        return Score(points, why)
    return Score(points // 2, why) if Position.STANDING in exercise.positions else Score(points // 4, why)


def _leaning_sideways(exercise: Exercise, situation: Situation) -> Score | None:
    posture = situation.posture
    if posture is None or posture.lateral_deg is None or posture.measured_min < MEASURED_ENOUGH_MIN:
        return None
    if abs(posture.lateral_deg) < LATERAL_ENOUGH_DEG or not {Kind.AWARENESS, Kind.BREAK} & set(exercise.kinds):
        return None
    side = "right" if posture.lateral_deg > 0 else "left"
    return Score(10, f"leaning {abs(posture.lateral_deg):.0f}° to the {side} in the last hour")


def _dominant(situation: Situation) -> DominantCell | None:
    cell = situation.posture.dominant if situation.posture is not None else None
    return cell if cell is not None and cell.share >= DOMINANT_SHARE else None


def _mostly_long_holds(exercise: Exercise, situation: Situation) -> Score | None:
    cell = _dominant(situation)
    if cell is None or cell.from_s < LONG_HOLD_S or not {Kind.MOBILITY, Kind.BREAK} & set(exercise.kinds):
        return None
    return Score(6, f"today mostly in postures of {cell.duration}")


def _mostly_bent(exercise: Exercise, situation: Situation) -> Score | None:
    cell = _dominant(situation)
    if cell is None or cell.from_deg < BENT_DEG or Cue.SLOUCH not in exercise.cues:
        return None
    return Score(6, f"today mostly at {cell.tilt} forward")


def _stretch_due(exercise: Exercise, situation: Situation) -> Score | None:
    done = len(situation.past.stretches_today)
    if Kind.STRETCH not in exercise.kinds or done >= STRETCHES_PER_DAY or exercise.id in situation.past.done_today:
        return None
    return Score(8, f"{done} of today's {STRETCHES_PER_DAY} stretches done")


def _strength_due(exercise: Exercise, situation: Situation) -> Score | None:
    if Kind.STRENGTH not in exercise.kinds or situation.past.was_done_today(Kind.STRENGTH):
        return None
    days = situation.past.days_this_week(Kind.STRENGTH)
    why = f"strengthening on {days} of the last 7 days" if days else "no strengthening in the last 7 days"
    return Score(8 if days < STRENGTH_DAYS_PER_WEEK else 3, why)


def _abdominals_due(exercise: Exercise, situation: Situation) -> Score | None:
    done = situation.past.abdominals_this_week
    if not exercise.abdominal or exercise.id in done or len(done) >= ABDOMINALS_PER_WEEK:
        return None
    return Score(6, f"{len(done)} of {ABDOMINALS_PER_WEEK} abdominal exercises in the last 7 days")


def _series_next(exercise: Exercise, situation: Situation) -> Score | None:
    if exercise.series_step is None or exercise.id in situation.past.last_done_utc_ms:
        return None
    return Score(6, f"step {exercise.series_step} of the series of five")


def _release_first(exercise: Exercise, situation: Situation) -> Score | None:
    partner = None if exercise.after is None else situation.catalogue.find(exercise.after)
    if partner is None or not partner.can_be_done(situation.preferences.place, situation.preferences.equipment):
        return None
    name = f"{partner.name[0].lower()}{partner.name[1:]}"
    if partner.id in situation.past.done_today:
        return Score(4, f"{name} is done, and this comes after it")
    return Score(-4, f"{name} comes first")


def _gentle_set(exercise: Exercise, situation: Situation) -> Score | None:
    if not (situation.preferences.wants_gentle_set and exercise.osteoporosis_set):
        return None
    return Score(6, "one of the gentle set")


def _strength_helps_most(exercise: Exercise, situation: Situation) -> Score | None:
    return Score(2, "strengthening helps most") if Kind.STRENGTH in exercise.kinds else None


def _face_down(exercise: Exercise, situation: Situation) -> Score | None:
    if Kind.STRENGTH not in exercise.kinds or exercise.positions[0] is not Position.PRONE:
        return None
    return Score(3, "face down works best for the upper back")


def _done_today(exercise: Exercise, situation: Situation) -> Score | None:
    times = situation.past.done_today[exercise.id]
    return Score(-8 * min(times, 3), f"done {times}× today") if times else None


def _declined_lately(exercise: Exercise, situation: Situation) -> Score | None:
    times = situation.past.declined[exercise.id]
    return Score(-3 * min(times, 4), f"declined {times}× in two weeks") if times else None


def _suggested_lately(exercise: Exercise, situation: Situation) -> Score | None:
    last_two = [id for _, id in situation.past.suggested[-2:]]
    if exercise.id not in last_two:
        return None
    return (
        Score(-10, "the last suggestion") if last_two[-1] == exercise.id else Score(-5, "the last suggestion but one")
    )


def _variety(exercise: Exercise, situation: Situation) -> Score | None:
    last_ms = situation.past.last_suggested_utc_ms.get(exercise.id)
    days = 4 if last_ms is None else min(4, (situation.now_utc_ms - last_ms) // DAY_MS)
    if days <= 0:
        return None
    return Score(int(days), "not suggested yet" if last_ms is None else "not suggested for a while")


def _set_up(exercise: Exercise, situation: Situation) -> Score | None:
    points = exercise.set_up_s // 10
    return Score(-points, f"{exercise.set_up_s} s to set up") if points else None


def _no_equipment(exercise: Exercise, situation: Situation) -> Score | None:
    return None if exercise.needs else Score(2, "no equipment")


def _sensor_comes_off(exercise: Exercise, situation: Situation) -> Score | None:
    if situation.posture is None or exercise.sensing is not Sensing.OFF:
        return None
    return Score(-6, "the sensor must come off")


def _time_of_day(exercise: Exercise, situation: Situation) -> Score | None:
    hour = situation.local.hour
    if hour < 10 and Kind.MOBILITY in exercise.kinds:
        return Score(2, "movement for the morning")
    if hour >= 20 and Kind.STRETCH in exercise.kinds:
        return Score(3, "a stretch for the evening")
    if hour >= 20 and Kind.STRENGTH in exercise.kinds:
        return Score(-6, "late for strengthening")
    return None


SCORE_RULES = (
    ScoreRule(
        "leaning-forward",
        Role.NEED,
        "Time leaning forward in the last hour asks for what answers a slouch, or for a break (A, B, D, E).",
        _leaning_forward,
    ),
    ScoreRule("slouching-now", Role.NEED, "A slouch that the sensor reports now asks for the same.", _slouching_now),
    ScoreRule("held-still", Role.NEED, "One posture for 20 min, upright or not, asks for movement (B).", _held_still),
    ScoreRule(
        "no-break", Role.NEED, "Half an hour and more without a break asks for one, or for standing up (B).", _no_break
    ),
    ScoreRule(
        "leaning-sideways",
        Role.NEED,
        "A lateral bias of 5° and more asks for awareness or another posture (ours).",
        _leaning_sideways,
    ),
    ScoreRule(
        "mostly-long-holds",
        Role.NEED,
        "A day that is mostly long holds, by its dominant EVA cell, asks for movement (ours).",
        _mostly_long_holds,
    ),
    ScoreRule(
        "mostly-bent",
        Role.NEED,
        "A day that is mostly 20° and more forward, by its dominant EVA cell, asks for what answers a slouch (ours).",
        _mostly_bent,
    ),
    ScoreRule("stretch-due", Role.DUE, "Stretches are due every day, 2 or 3 of them (B).", _stretch_due),
    ScoreRule(
        "strength-due", Role.DUE, "Strengthening is due on 3 days a week at least, better daily (B).", _strength_due
    ),
    ScoreRule("abdominals-due", Role.DUE, "A couple of abdominal exercises belong to it (B).", _abdominals_due),
    ScoreRule("series-next", Role.DUE, "The next of the five steps is due for a beginner (A).", _series_next),
    ScoreRule("release-first", Role.DUE, "The ball comes first, the wall stretch after it (C).", _release_first),
    ScoreRule(
        "gentle-set", Role.SUITS, "The gentle set prefers the five exercises that B describes for it.", _gentle_set
    ),
    ScoreRule(
        "strength-helps-most", Role.SUITS, "Strengthening gives the greatest improvement (B).", _strength_helps_most
    ),
    ScoreRule("face-down", Role.SUITS, "Face down works best for upper-back strength (B).", _face_down),
    ScoreRule("done-today", Role.SUITS, "What was done today can wait (ours).", _done_today),
    ScoreRule("declined-lately", Role.SUITS, "What you decline often comes less often (ours).", _declined_lately),
    ScoreRule("suggested-lately", Role.SUITS, "The last two suggestions step back (ours).", _suggested_lately),
    ScoreRule("variety", Role.SUITS, "What was not suggested for long comes forward (ours).", _variety),
    ScoreRule("set-up", Role.SUITS, "Setting up costs points (ours).", _set_up),
    ScoreRule("no-equipment", Role.SUITS, "What needs nothing is begun more easily (ours).", _no_equipment),
    ScoreRule("sensor-comes-off", Role.SUITS, "What presses on a worn sensor steps back (ours).", _sensor_comes_off),
    ScoreRule(
        "time-of-day",
        Role.SUITS,
        "Mobility suits the morning, stretches the evening, strength neither (ours).",
        _time_of_day,
    ),
)
