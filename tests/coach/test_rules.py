"""Every rule of the coach, each by a test with its name: when it speaks, for which exercises, and when it is silent."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from coach.situations import AT_HOME, CATALOGUE, GENTLE, HOUR_MS, MIN_MS, MONDAY, at, exercise, past, posture, situation
from unslouch.coach.catalogue import Condition, Equipment, Kind, Place
from unslouch.coach.exclusion_rules import EXCLUSION_RULES
from unslouch.coach.hold_rules import GAP_MIN, HOLD_RULES
from unslouch.coach.posture_today import DominantCell
from unslouch.coach.preferences import Preferences
from unslouch.coach.progress import Progress
from unslouch.coach.rules import Hold
from unslouch.coach.score_rules import SCORE_RULES
from unslouch.coach.situation import Situation

ALL_RULES = (*HOLD_RULES, *EXCLUSION_RULES, *SCORE_RULES)


def points(rule_id: str, exercise_id: str, given: Situation) -> int:
    rule = next(rule for rule in SCORE_RULES if rule.id == rule_id)
    score = rule.score(exercise(exercise_id), given)
    return 0 if score is None else score.points


def why(rule_id: str, exercise_id: str, given: Situation) -> str:
    rule = next(rule for rule in SCORE_RULES if rule.id == rule_id)
    score = rule.score(exercise(exercise_id), given)
    return "" if score is None else score.why


def reason(rule_id: str, exercise_id: str, given: Situation) -> str:
    return next(rule for rule in EXCLUSION_RULES if rule.id == rule_id).reason(exercise(exercise_id), given)


def hold(rule_id: str, given: Situation) -> Hold | None:
    return next(rule for rule in HOLD_RULES if rule.id == rule_id).hold(given)


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
def test_a_rule_has_a_test_with_its_name_and_a_sentence(rule: object) -> None:
    name = rule.id.replace("-", "_")  # type: ignore[attr-defined]
    assert f"test_{name}" in globals()
    assert rule.sentence.endswith(".")  # type: ignore[attr-defined]


def test_no_two_rules_have_the_same_name() -> None:
    assert len({rule.id for rule in ALL_RULES}) == len(ALL_RULES)


# What holds every suggestion back


def test_meeting() -> None:
    assert hold("meeting", situation()) is None
    held = hold("meeting", situation(meeting_until_utc_ms=at("12:30")))
    assert held == Hold("You are in a meeting; suggestions come back at 12:30.", at("12:30"))
    assert hold("meeting", situation("12:30", meeting_until_utc_ms=at("12:30"))) is None


def test_quiet_hours() -> None:
    held = hold("quiet-hours", situation("23:00", quiet_until_utc_ms=at("07:00", MONDAY + timedelta(days=1))))
    assert held is not None
    assert held.why == "These are your quiet hours; suggestions come back at 07:00 on 03 March."


def test_paused() -> None:
    assert hold("paused", situation(past=past(paused_until_utc_ms=at("12:00")))) is None
    held = hold("paused", situation(past=past(paused_until_utc_ms=at("13:00"))))
    assert held is not None
    assert held.until_utc_ms == at("13:00")


def test_hourly_limit() -> None:
    suggested = tuple((at(clock), "chin-tuck") for clock in ("11:05", "11:40"))
    given = situation(past=past(suggested=suggested), preferences=replace(AT_HOME, max_per_hour=2))
    held = hold("hourly-limit", given)
    assert held is not None
    assert held.until_utc_ms == at("12:05")
    assert hold("hourly-limit", replace(given, now_utc_ms=at("12:05"))) is None
    assert hold("hourly-limit", replace(given, preferences=replace(AT_HOME, max_per_hour=3))) is None


def test_gap() -> None:
    assert hold("gap", situation()) is None
    held = hold("gap", situation(past=past(suggested=((at("11:55"), "chin-tuck"),))))
    assert held is not None
    assert held.until_utc_ms == at("11:55") + GAP_MIN * MIN_MS
    assert hold("gap", situation(past=past(suggested=((at("11:50"), "chin-tuck"),)))) is None


def test_trial_waits() -> None:
    held = hold("trial-waits", situation(past=past(waits_until_utc_ms=at("12:20"))))
    assert held is not None
    assert held.until_utc_ms == at("12:20")


# What leaves an exercise out


def test_condition() -> None:
    given = situation(preferences=replace(AT_HOME, conditions=frozenset({Condition.SHOULDER})))
    assert reason("condition", "pec-stretch", given) == "not with shoulder"
    assert reason("condition", "supine-bridge", given) == ""


def test_gentle_set_leaves_out() -> None:
    given = situation(preferences=GENTLE)
    for id in ("cat-cow", "childs-pose", "spine-wave", "thoracic-extension-roll"):
        assert reason("gentle-set-leaves-out", id, given)
        assert reason("gentle-set-leaves-out", id, situation()) == ""
    assert reason("gentle-set-leaves-out", "supine-bridge", given) == ""


def test_gentle_set_leaves_out_the_same_for_osteoporosis() -> None:
    given = situation(preferences=replace(AT_HOME, conditions=frozenset({Condition.OSTEOPOROSIS})))
    for one in CATALOGUE.exercises:
        rule = reason("gentle-set-leaves-out", one.id, given)
        assert bool(rule) == one.is_excluded_by([Condition.OSTEOPOROSIS])


def test_hurt() -> None:
    given = situation(past=past(progress=Progress(hurt_utc_ms={"bird-dog": 5})))
    assert "until" not in reason("hurt", "bird-dog", given)
    assert "when you say" in reason("hurt", "bird-dog", given)
    assert reason("hurt", "supine-bridge", given) == ""


def test_not_today() -> None:
    midnight_ms = at("00:00", MONDAY + timedelta(days=1))
    given = situation(past=past(not_today_until_utc_ms={"bird-dog": midnight_ms}))
    assert reason("not-today", "bird-dog", given) == "you said not today: it comes back at 00:00 on 03 March"
    assert reason("not-today", "bird-dog", replace(given, now_utc_ms=midnight_ms)) == ""


def test_put_off() -> None:
    given = situation(past=past(later_until_utc_ms={"bird-dog": at("12:10")}))
    assert reason("put-off", "bird-dog", given) == "you put it off until 12:10"
    assert reason("put-off", "bird-dog", replace(given, now_utc_ms=at("12:10"))) == ""


def test_place() -> None:
    given = situation(preferences=replace(AT_HOME, place=Place.OFFICE))
    assert reason("place", "bird-dog", given) == "not at this place (office)"
    assert reason("place", "wall-slide", given) == ""


def test_equipment() -> None:
    given = situation(preferences=replace(AT_HOME, equipment=frozenset({Equipment.CHAIR})))
    assert reason("equipment", "lat-stretch", given) == ""
    assert reason("equipment", "pec-ball-release", given) == "needs ball, wall"


def test_time_offered() -> None:
    tuck = exercise("chin-tuck")
    given = situation(preferences=Preferences(minutes=1))
    needed_s = given.length_s(tuck)
    assert needed_s > tuck.steps[tuck.start].length_s + tuck.set_up_s
    assert reason("time-offered", "chin-tuck", given) == f"takes {needed_s} s, more than 1 min"
    assert reason("time-offered", "chin-tuck", situation(preferences=Preferences(minutes=2))) == ""


def test_time_offered_looks_at_the_step_that_the_wearer_is_at() -> None:
    given = situation(preferences=Preferences(minutes=2), past=past(progress=Progress(steps={"chin-tuck": 2})))
    assert reason("time-offered", "chin-tuck", given)


def test_three_in_a_row() -> None:
    twice = tuple((at(clock), "chin-tuck") for clock in ("10:00", "11:00"))
    assert reason("three-in-a-row", "chin-tuck", situation(past=past(suggested=twice)))
    assert reason("three-in-a-row", "blade-squeeze", situation(past=past(suggested=twice))) == ""
    assert reason("three-in-a-row", "chin-tuck", situation(past=past(suggested=twice[:1]))) == ""
    mixed = (*twice, (at("11:30"), "rib-lift"))
    assert reason("three-in-a-row", "chin-tuck", situation(past=past(suggested=mixed))) == ""


def test_series_order() -> None:
    beginner = situation(past=past(last_done_utc_ms={}))
    assert reason("series-order", "chin-tuck", beginner) == ""
    assert "chin tuck" in reason("series-order", "blade-squeeze", beginner)
    assert reason("series-order", "bird-dog", beginner) == ""
    second = situation(past=past(last_done_utc_ms={"chin-tuck": 1}))
    assert reason("series-order", "blade-squeeze", second) == ""
    assert "shoulder blade squeeze" in reason("series-order", "rib-lift", second)


def test_series_order_goes_on_past_a_step_that_is_left_out() -> None:
    hurts = past(last_done_utc_ms={}, progress=Progress(hurt_utc_ms={"chin-tuck": 1}))
    assert reason("series-order", "blade-squeeze", situation(past=hurts)) == ""


# What speaks for an exercise, and what against it


def test_leaning_forward() -> None:
    leant = situation(posture=posture(forward_min=42.0))
    assert why("leaning-forward", "blade-squeeze", leant) == "42 of the last 60 min leaning forward"
    assert points("leaning-forward", "blade-squeeze", leant) == 26
    assert points("leaning-forward", "posture-change", leant) == 10
    assert points("leaning-forward", "dead-bug", leant) == 0
    assert points("leaning-forward", "blade-squeeze", situation(posture=posture(forward_min=9.9))) == 0
    partly = situation(posture=posture(forward_min=12.0, measured_min=31.0))
    assert why("leaning-forward", "chin-tuck", partly) == "12 of 31 measured min in the last hour leaning forward"
    assert points("leaning-forward", "chin-tuck", situation()) == 0


def test_slouching_now() -> None:
    slouches = situation(posture=posture(is_slouching=True))
    assert points("slouching-now", "chin-tuck", slouches) == 12
    assert points("slouching-now", "posture-change", slouches) == 10
    assert points("slouching-now", "dead-bug", slouches) == 0
    assert points("slouching-now", "chin-tuck", situation(posture=posture())) == 0


def test_held_still() -> None:
    upright = situation(posture=posture(held_min=26.0, held_deg=0.0))
    assert why("held-still", "posture-change", upright) == "the same posture for 26 min"
    assert points("held-still", "posture-change", upright) == 13
    assert points("held-still", "chin-tuck", upright) == 0
    assert points("held-still", "posture-change", situation(posture=posture(held_min=19.9))) == 0


def test_no_break() -> None:
    sat = situation(posture=posture(sitting_since_utc_ms=at("10:05")))
    assert why("no-break", "posture-change", sat) == "no break since 10:05"
    assert points("no-break", "posture-change", sat) == 30
    assert points("no-break", "wall-slide", sat) == 15
    assert points("no-break", "chin-tuck", sat) == 7
    assert points("no-break", "posture-change", situation(posture=posture(sitting_since_utc_ms=at("11:31")))) == 0
    assert points("no-break", "posture-change", situation(posture=posture())) == 0


def test_leaning_sideways() -> None:
    right = situation(posture=posture(lateral_deg=7.2))
    assert why("leaning-sideways", "sit-well", right) == "leaning 7° to the right in the last hour"
    assert "left" in why("leaning-sideways", "sit-well", situation(posture=posture(lateral_deg=-5.0)))
    assert points("leaning-sideways", "dead-bug", right) == 0
    assert points("leaning-sideways", "sit-well", situation(posture=posture(lateral_deg=4.9))) == 0
    assert points("leaning-sideways", "sit-well", situation(posture=posture(lateral_deg=7.2, measured_min=19.0))) == 0


def mostly(from_deg: float, from_s: float, share: float = 0.5) -> Situation:
    return situation(posture=posture(dominant=DominantCell("20–30°", from_deg, "4–10 min", from_s, share)))


def test_mostly_long_holds() -> None:
    assert why("mostly-long-holds", "cat-cow", mostly(0, 240)) == "today mostly in postures of 4–10 min"
    assert points("mostly-long-holds", "chin-tuck", mostly(0, 240)) == 0
    assert points("mostly-long-holds", "cat-cow", mostly(0, 60)) == 0
    assert points("mostly-long-holds", "cat-cow", mostly(0, 240, share=0.2)) == 0


def test_mostly_bent() -> None:
    assert why("mostly-bent", "chin-tuck", mostly(20, 10)) == "today mostly at 20–30° forward"
    assert points("mostly-bent", "dead-bug", mostly(20, 10)) == 0
    assert points("mostly-bent", "chin-tuck", mostly(10, 10)) == 0
    assert points("mostly-bent", "chin-tuck", mostly(20, 10, share=0.2)) == 0


def test_stretch_due() -> None:
    assert points("stretch-due", "pec-stretch", situation()) == 8
    assert points("stretch-due", "bird-dog", situation()) == 0
    one = past(stretches_today=frozenset({"pec-stretch"}), done_today=Counter({"pec-stretch": 1}))
    assert why("stretch-due", "lat-stretch", situation(past=one)) == "1 of today's 2 stretches done"
    assert points("stretch-due", "pec-stretch", situation(past=one)) == 0
    enough = past(stretches_today=frozenset({"pec-stretch", "lat-stretch"}))
    assert points("stretch-due", "childs-pose", situation(past=enough)) == 0


def strengthened(*days_ago: int) -> Situation:
    days = frozenset(MONDAY - timedelta(days=days) for days in days_ago)
    return situation(past=past(days_of_kind={Kind.STRENGTH: days}))


def test_strength_due() -> None:
    assert points("strength-due", "bird-dog", situation()) == 8
    assert points("strength-due", "pec-stretch", situation()) == 0
    assert points("strength-due", "bird-dog", strengthened(1, 3)) == 8
    assert points("strength-due", "bird-dog", strengthened(1, 3, 6)) == 3, "three days are enough, daily is better"
    assert points("strength-due", "bird-dog", strengthened(1, 3, 7)) == 8, "a week has seven days"
    assert points("strength-due", "bird-dog", strengthened(0)) == 0


def test_abdominals_due() -> None:
    assert points("abdominals-due", "dead-bug", situation()) == 6
    assert points("abdominals-due", "bird-dog", situation()) == 0
    one = past(abdominals_this_week=frozenset({"dead-bug"}))
    assert points("abdominals-due", "dead-bug", situation(past=one)) == 0
    assert points("abdominals-due", "abdominal-brace", situation(past=one)) == 6


def test_series_next() -> None:
    assert points("series-next", "chin-tuck", situation(past=past(last_done_utc_ms={}))) == 6
    assert points("series-next", "chin-tuck", situation()) == 0
    assert points("series-next", "bird-dog", situation(past=past(last_done_utc_ms={}))) == 0


def test_release_first() -> None:
    assert points("release-first", "pec-stretch", situation()) == -4
    done = past(done_today=Counter({"pec-ball-release": 1}))
    assert points("release-first", "pec-stretch", situation(past=done)) == 4
    no_ball = replace(AT_HOME, equipment=frozenset({Equipment.WALL}))
    assert points("release-first", "pec-stretch", situation(preferences=no_ball)) == 0


def test_gentle_set() -> None:
    assert points("gentle-set", "bird-dog", situation(preferences=GENTLE)) == 6
    assert points("gentle-set", "bird-dog", situation()) == 0
    assert points("gentle-set", "chin-tuck", situation(preferences=GENTLE)) == 0


def test_strength_helps_most() -> None:
    assert points("strength-helps-most", "bird-dog", situation()) == 2
    assert points("strength-helps-most", "pec-stretch", situation()) == 0


def test_face_down() -> None:
    assert points("face-down", "prone-arm-lift", situation()) == 3
    assert points("face-down", "supine-bridge", situation()) == 0


def test_done_today() -> None:
    assert points("done-today", "chin-tuck", situation(past=past(done_today=Counter({"chin-tuck": 2})))) == -16
    assert points("done-today", "chin-tuck", situation()) == 0


def test_declined_lately() -> None:
    assert points("declined-lately", "chin-tuck", situation(past=past(declined=Counter({"chin-tuck": 2})))) == -6
    assert points("declined-lately", "chin-tuck", situation()) == 0


def test_suggested_lately() -> None:
    given = situation(past=past(suggested=((1, "chin-tuck"), (2, "rib-lift"))))
    assert points("suggested-lately", "rib-lift", given) == -10
    assert points("suggested-lately", "chin-tuck", given) == -5
    assert points("suggested-lately", "pelvic-tilt", given) == 0


def test_variety() -> None:
    assert points("variety", "chin-tuck", situation()) == 4
    two_days_ago = past(last_suggested_utc_ms={"chin-tuck": at("12:00") - 49 * HOUR_MS})
    assert points("variety", "chin-tuck", situation(past=two_days_ago)) == 2
    assert points("variety", "chin-tuck", situation(past=past(last_suggested_utc_ms={"chin-tuck": at("11:00")}))) == 0


def test_set_up() -> None:
    assert points("set-up", "standing-band-row", situation()) == -4
    assert points("set-up", "chin-tuck", situation()) == 0


def test_no_equipment() -> None:
    assert points("no-equipment", "chin-tuck", situation()) == 2
    assert points("no-equipment", "wall-slide", situation()) == 0


def test_sensor_comes_off() -> None:
    assert points("sensor-comes-off", "supine-bridge", situation(posture=posture())) == -6
    assert points("sensor-comes-off", "supine-bridge", situation()) == 0
    assert points("sensor-comes-off", "bird-dog", situation(posture=posture())) == 0


def test_time_of_day() -> None:
    assert points("time-of-day", "cat-cow", situation("09:59")) == 2
    assert points("time-of-day", "cat-cow", situation("10:00")) == 0
    assert points("time-of-day", "pec-stretch", situation("20:00")) == 3
    assert points("time-of-day", "bird-dog", situation("20:00")) == -6
    assert points("time-of-day", "bird-dog", situation("19:59")) == 0
