"""The exercises: complete, at the desk, and honest about where they come from."""

import pytest

from unslouch.coach.catalogue import ARTICLES, DESK_EXERCISES, Cue, Dose, Exercise


def test_five_exercises_have_ids_and_names_of_their_own() -> None:
    assert len(DESK_EXERCISES) == 5
    assert len({exercise.id for exercise in DESK_EXERCISES}) == 5
    assert len({exercise.name for exercise in DESK_EXERCISES}) == 5


@pytest.mark.parametrize("exercise", DESK_EXERCISES, ids=lambda exercise: exercise.id)
def test_an_exercise_says_how_how_often_for_what_and_from_where(exercise: Exercise) -> None:
    assert exercise.how.endswith(".")
    assert exercise.dose.text
    assert exercise.cues
    assert exercise.sources
    assert exercise.source_titles == tuple(ARTICLES[letter] for letter in exercise.sources)


@pytest.mark.parametrize("exercise", DESK_EXERCISES, ids=lambda exercise: exercise.id)
def test_no_exercise_promises_a_cure(exercise: Exercise) -> None:
    text = f"{exercise.name} {exercise.how}".lower()
    assert not any(word in text for word in ("pain", "cure", "treat", "heal", "fix", "prevent"))


def test_a_dose_of_ours_says_so_and_one_from_an_article_does_not() -> None:
    assert str(Dose("8 slow waves", ours=True)) == "8 slow waves (our dose)"
    assert str(Dose("hold 5 s, 10 times", ours=False)) == "hold 5 s, 10 times"


@pytest.mark.parametrize("cue", Cue)
def test_every_cue_has_exercises_to_take_turns(cue: Cue) -> None:
    assert sum(cue in exercise.cues for exercise in DESK_EXERCISES) >= 2
