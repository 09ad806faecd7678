"""The exercises are complete, suit the desk and name their sources."""

import pytest

from unslouch.coach.catalogue import ARTICLES, DESK_EXERCISES, Cue, Dose, Exercise


def test_the_five_exercises_have_different_ids_and_names() -> None:
    assert len(DESK_EXERCISES) == 5
    assert len({exercise.id for exercise in DESK_EXERCISES}) == 5
    assert len({exercise.name for exercise in DESK_EXERCISES}) == 5


@pytest.mark.parametrize("exercise", DESK_EXERCISES, ids=lambda exercise: exercise.id)
def test_an_exercise_has_instructions_a_dose_a_cue_and_a_source(exercise: Exercise) -> None:
    assert exercise.how.endswith(".")
    assert exercise.dose.text
    assert exercise.cues
    assert exercise.sources
    assert exercise.source_titles == tuple(ARTICLES[letter] for letter in exercise.sources)


@pytest.mark.parametrize("exercise", DESK_EXERCISES, ids=lambda exercise: exercise.id)
def test_no_exercise_promises_a_cure(exercise: Exercise) -> None:
    text = f"{exercise.name} {exercise.how}".lower()
    assert not any(word in text for word in ("pain", "cure", "treat", "heal", "fix", "prevent"))


def test_a_dose_is_marked_as_ours_if_no_article_gives_it() -> None:
    assert str(Dose("8 slow waves", ours=True)) == "8 slow waves (our dose)"
    assert str(Dose("hold 5 s, 10 times", ours=False)) == "hold 5 s, 10 times"


@pytest.mark.parametrize("cue", Cue)
def test_every_cue_has_at_least_two_exercises(cue: Cue) -> None:
    assert sum(cue in exercise.cues for exercise in DESK_EXERCISES) >= 2
