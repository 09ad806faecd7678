"""The sources' rules, sentence by sentence: where the coach keeps each of them, or says it as a tip.

`shared/exercises.md` holds the facts; `tests/coach/test_catalogue.py` walks its table. Here each sentence of its prose
has a check, and the last test says which sentence of that file has none.
"""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from coach.situations import AT_HOME, CATALOGUE, GENTLE, MONDAY, exercise, past, posture, situation
from coach.test_programme import Wearer
from coach.test_rules import points, reason
from unslouch.coach.adherence import STRENGTH_DAYS_PER_WEEK, STRETCHES_PER_DAY, adherence, weeks
from unslouch.coach.catalogue import Condition, Equipment, Kind, Place, Sensing
from unslouch.coach.programme import DAYS, REST_S, Mode, plan_today
from unslouch.coach.suggest import rank
from unslouch.safety import clinician_first

FACTS = Path(__file__).resolve().parents[3] / "shared" / "exercises.md"


def tip(id: str) -> str:
    return next(one.text for one in CATALOGUE.tips if one.id == id)


def doses_belong_to_their_exercise() -> None:
    bridge, prone, dog = exercise("supine-bridge"), exercise("prone-back-extension"), exercise("bird-dog")
    assert [str(step.reps) for step in bridge.steps] == ["10–15", "20–30"]
    assert [str(step.hold_s) for step in prone.steps] == ["5", "10"]
    assert [str(step.hold_s) for step in dog.steps] == ["2–3", "10"]


def too_easy_moves_along_a_path_with_sources() -> None:
    assert all(step.source for one in CATALOGUE.exercises for step in one.steps)


def stretches_are_daily_two_or_three_of_them() -> None:
    assert STRETCHES_PER_DAY == 2
    plans = Wearer(knows_series=True).follow(15, days=6)
    for plan in plans:
        assert 2 <= sum(Kind.STRETCH in item.exercise.kinds for item in plan.items) <= 3


def a_stretch_is_held_for_20_to_30_s() -> None:
    for one in CATALOGUE.exercises:
        if Kind.STRETCH in one.kinds and "B" in one.sources:
            assert str(one.steps[-1].hold_s) == "20–30"


def strengthening_is_on_three_days_better_daily() -> None:
    assert STRENGTH_DAYS_PER_WEEK == 3
    wearer = Wearer()
    wearer.follow(15, days=14)
    days = adherence(CATALOGUE, wearer.sessions, MONDAY, MONDAY + timedelta(days=13), AT_ZONE)
    assert all(week.strength_days >= 3 for week in weeks(days))
    assert points("strength-due", "bird-dog", situation()) > 0


def form_before_load() -> None:
    assert "Form and endurance come before load" in tip("form-first")
    assert "normal breathing" in tip("form-first")


def dumbbells_count_as_equipment() -> None:
    assert "dumbbells" in tip("form-first")


def face_down_works_best() -> None:
    assert points("face-down", "prone-arm-lift", situation()) > 0
    assert points("strength-helps-most", "prone-arm-lift", situation()) > 0
    assert "against gravity" in tip("face-down")


def c_repeats_as_long_as_form_holds() -> None:
    assert str(exercise("band-pull-apart").steps[0].reps) == "3–15"
    assert "3 or 15" in tip("form-ends-the-set")
    assert "second day" in tip("how-often")


def six_weeks_at_least() -> None:
    assert DAYS == 42
    assert "six weeks" in tip("six-weeks")


def change_posture_often() -> None:
    sat = situation(posture=posture(sitting_since_utc_ms=situation().now_utc_ms - 3_600_000))
    assert points("no-break", "posture-change", sat) > 0
    assert "Change your posture often" in tip("change-often")


def a_circuit_or_a_minutes_rest() -> None:
    assert REST_S == 60
    assert set(Mode) == {Mode.SINGLE, Mode.CIRCUIT}


def the_gentle_set_is_the_one_described() -> None:
    for id in ("supine-bridge", "bird-dog", "prone-back-extension", "prone-arm-lift", "wall-slide"):
        assert points("gentle-set", id, situation(preferences=GENTLE)) > 0
        assert not reason("gentle-set-leaves-out", id, situation(preferences=GENTLE))
    for id in ("cat-cow", "childs-pose", "spine-wave", "thoracic-extension-roll"):
        assert reason("gentle-set-leaves-out", id, situation(preferences=GENTLE))
    assert "physiotherapist" in tip("osteoporosis")
    assert "ten weeks" in tip("osteoporosis")


def a_clinician_first() -> None:
    for words in ("persistent pain", "recent fracture or surgery", "gets worse"):
        assert words in clinician_first()


def a_couple_of_abdominals() -> None:
    assert points("abdominals-due", "dead-bug", situation()) > 0
    assert "Add a couple of abdominal exercises" in tip("abdominals")


def extension_and_yoga_did_most() -> None:
    assert "13 studies" in tip("extension-and-yoga")


def posture_is_a_skill() -> None:
    assert "skill" in tip("skill")
    assert "tight and weak" in tip("balance")
    assert reason("series-order", "rib-lift", situation(past=past(last_done_utc_ms={})))


def the_upper_body_reaches_hips_and_lower_back() -> None:
    assert "hips and lower back" in tip("alignment")


def a_band_starts_at_the_shoulder() -> None:
    assert "never in the biceps" in tip("band")
    assert "Stretch the chest while you strengthen" in tip("stretch-and-strengthen")
    assert "sleep" in tip("sleep")
    assert "older people" in tip("band")


def look_down_moments() -> None:
    assert all(word in tip("look-down") for word in ("phone", "driving", "dishes", "walking", "lifting children"))


def a_sedentary_pattern_leads_to_its_cue() -> None:
    leant = situation(posture=posture(forward_min=40.0))
    for id in ("blade-squeeze", "chin-tuck", "rib-lift"):  # chest tight, head forward, ribs sunk
        assert points("leaning-forward", id, leant) > 0


def equipment_conditions_and_place_are_filters() -> None:
    assert {str(one) for one in Equipment} >= {"wall", "chair", "floor", "band", "ball", "foam roll", "post", "pillow"}
    assert {str(one) for one in Condition} == {"osteoporosis", "shoulder", "wrist or knee", "pregnancy", "dizziness"}
    assert {str(one) for one in Place} == {"desk", "office", "home"}
    alone = rank(situation(preferences=replace(AT_HOME, equipment=frozenset())))
    assert not any(ranked.exercise.needs for ranked in alone.ranked)


def what_presses_on_the_back_is_done_without_the_sensor() -> None:
    for one in CATALOGUE.exercises:
        if one.id in ("thoracic-extension-roll", "wall-angel", "pec-ball-release") or one.positions[0] == "supine":
            assert one.sensing is Sensing.OFF
    assert points("sensor-comes-off", "wall-angel", situation(posture=posture())) < 0


def no_count_is_invented() -> None:
    for one in CATALOGUE.exercises:
        assert (one.signature is not None) == (one.sensing is Sensing.TILT)


def articles_are_cited_by_their_titles() -> None:
    titles = {article.title for article in CATALOGUE.articles.values()}
    assert {
        "5 Posture Training Exercises to Reduce Pain and Sagging",
        "Upper back exercises to reduce shoulder, neck and back pain",
        "5 Upper Back Pain Exercises That Actually Work",
        "Upper Back Exercise for Better Posture",
    } <= titles
    assert len(titles) == 5


def our_doses_are_marked_as_ours() -> None:
    assert "(our dose)" in exercise("rib-lift").dose
    assert {step.source for step in exercise("pec-stretch").steps} == {"B", "C"}


AT_ZONE = situation().tz
SENTENCES = {
    "Doses belong to the exercise": doses_belong_to_their_exercise,
    '"Too easy" moves along': too_easy_moves_along_a_path_with_sources,
    "stretches daily": stretches_are_daily_two_or_three_of_them,
    "each held 20–30 s": a_stretch_is_held_for_20_to_30_s,
    "Strengthening at least 3 days": strengthening_is_on_three_days_better_daily,
    "form and endurance before": form_before_load,
    "light dumbbells count as equipment": dumbbells_count_as_equipment,
    "Face down works best": face_down_works_best,
    "C's X reps": c_repeats_as_long_as_form_holds,
    "Keep it up at least 6 weeks": six_weeks_at_least,
    "Change posture often": change_posture_often,
    "Exercises C as a circuit": a_circuit_or_a_minutes_rest,
    "Osteoporosis, or a woman over 50": the_gentle_set_is_the_one_described,
    "Persistent pain, a recent fracture": a_clinician_first,
    "Add a couple of abdominal": a_couple_of_abdominals,
    "Extension exercises and yoga": extension_and_yoga_did_most,
    "Posture is a skill": posture_is_a_skill,
    "The upper body's alignment": the_upper_body_reaches_hips_and_lower_back,
    "With a band the movement starts": a_band_starts_at_the_shoulder,
    "Look-down moments": look_down_moments,
    "Sedentary pattern": a_sedentary_pattern_leads_to_its_cue,
    "Equipment is a filter": equipment_conditions_and_place_are_filters,
    "Take the sensor off": what_presses_on_the_back_is_done_without_the_sensor,
    "Signatures an upper-back sensor": no_count_is_invented,
    "Cite them by their titles": articles_are_cited_by_their_titles,
    'A "5 Posture Training Exercises': articles_are_cited_by_their_titles,
    'B "Exercises for Upper Back Pain"': articles_are_cited_by_their_titles,
    'C "Upper back exercises to reduce': articles_are_cited_by_their_titles,
    'D "5 Upper Back Pain Exercises': articles_are_cited_by_their_titles,
    'E "Upper Back Exercise': articles_are_cited_by_their_titles,
    '"Gives" = dose': our_doses_are_marked_as_ours,
    "where none is named": our_doses_are_marked_as_ours,
    "B 20–30 s, C a few seconds": our_doses_are_marked_as_ours,
    "prone extension and arm lift are": doses_belong_to_their_exercise,
    "2–3 → 10 s is the bird dog's": doses_belong_to_their_exercise,
    "start with 2 sets of 10–15": doses_belong_to_their_exercise,
    "controlled reps and normal breathing": form_before_load,
    "its author does them every second day": c_repeats_as_long_as_form_holds,
    "improvements are small at first": six_weeks_at_least,
    "others may ask for it": the_gentle_set_is_the_one_described,
    "leave out loaded or end-range": the_gentle_set_is_the_one_described,
    "several times a week, tailored": the_gentle_set_is_the_one_described,
    "what counts is the balance": posture_is_a_skill,
    "A's five steps build on each other": posture_is_a_skill,
    "stretch the chest while": a_band_starts_at_the_shoulder,
    "keep the sleeping position": a_band_starts_at_the_shoulder,
    "bands suit older people": a_band_starts_at_the_shoulder,
    "head forward or looking down": a_sedentary_pattern_leads_to_its_cue,
    "ribs sunk on pelvis": a_sedentary_pattern_leads_to_its_cue,
    "bird-dog and prone-arm-lift are holds": no_count_is_invented,
    "chin-tuck, blade squeeze and band work move": no_count_is_invented,
}
"""How each sentence begins, and the check that the coach keeps it."""
ELSEWHERE = (
    "Facts from the five source articles",
    "Write every instruction in your own words",
    "No magnet mount with a pacemaker",
    "Where sources differ",
)
"""Sentences about the file itself, and about the sensor's mount, which safety.toml has."""


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_rule_of_the_sources_is_kept(sentence: str) -> None:
    SENTENCES[sentence]()


def test_every_sentence_of_the_facts_has_its_check() -> None:
    if not FACTS.is_file():
        pytest.skip(f"the facts about exercises aren't here: {FACTS} doesn't exist")
    prose = " ".join(line for line in FACTS.read_text(encoding="utf-8").splitlines() if not line.startswith(("|", "#")))
    prose = " ".join(prose.split())
    assert all(sentence in prose for sentence in SENTENCES), "the facts have changed: bring the checks up to date"
    parts = re.split(r"(?<=[.:]) (?=[A-Z\"])|; ", prose)
    assert [part for part in parts if not any(known in part for known in (*SENTENCES, *ELSEWHERE))] == []


def test_a_plan_of_today_fits_two_five_and_fifteen_minutes() -> None:
    for minutes in (2, 5, 15):
        assert plan_today(situation(), minutes).length_s <= minutes * 60
