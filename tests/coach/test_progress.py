"""Of the wearer's answers, the last one counts: which step is done, and what is left out because it hurt."""

from pathlib import Path

from unslouch.coach.catalogue_file import builtin_catalogue
from unslouch.coach.progress import Progress, read_progress
from unslouch.store import Store
from unslouch.store.coach_answers import Answer

BIRD_DOG = builtin_catalogue().find("bird-dog")


def test_the_last_answer_about_an_exercise_counts(tmp_path: Path) -> None:
    with Store.open(tmp_path / "posture.db", simulated=False) as store:
        assert read_progress(store) == Progress({}, {})
        store.coach_answers.add(1000, Answer.STEP, "bird-dog", step=1)
        store.coach_answers.add(2000, Answer.HURT, "bird-dog")
        store.coach_answers.add(3000, Answer.HURT, "cat-cow")
        store.coach_answers.add(4000, Answer.STEP, "bird-dog", step=0)
        store.coach_answers.add(5000, Answer.NO_LONGER_HURTS, "bird-dog")
        assert read_progress(store) == Progress({"bird-dog": 0}, {"cat-cow": 3000})


def test_a_step_that_the_catalogue_does_not_have_any_more_becomes_its_last_one() -> None:
    assert BIRD_DOG is not None
    assert Progress({"bird-dog": 7}).step_of(BIRD_DOG) == len(BIRD_DOG.steps) - 1
    assert Progress().step_of(BIRD_DOG) == BIRD_DOG.start
