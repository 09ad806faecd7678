"""Progress: the step that the wearer does of each exercise, and the exercises that are left out because they hurt."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from unslouch.store import Store
from unslouch.store.coach_answers import Answer, CoachAnswer

from .catalogue import Exercise


@dataclass(frozen=True)
class Progress:
    """Where the wearer is with the exercises."""

    steps: dict[str, int] = field(default_factory=dict)
    """By exercise, the index of the step that the wearer chose."""
    hurt_utc_ms: dict[str, int] = field(default_factory=dict)
    """The exercises that are left out because they hurt, each with the time at which it did."""

    def step_of(self, exercise: Exercise) -> int:
        """Return the index of the wearer's step of an exercise: the catalogue's first one where none was chosen."""
        chosen = self.steps.get(exercise.id, exercise.start)
        return max(0, min(chosen, len(exercise.steps) - 1))


def progress_of(answers: Iterable[CoachAnswer]) -> Progress:
    """Return the progress that answers, in the order of time, lead to."""
    progress = Progress()
    for answer in answers:
        if answer.exercise is None:
            continue
        if answer.answer is Answer.STEP and answer.step is not None:
            progress.steps[answer.exercise] = answer.step
        elif answer.answer is Answer.HURT:
            progress.hurt_utc_ms[answer.exercise] = answer.utc_ms
        elif answer.answer is Answer.NO_LONGER_HURTS:
            progress.hurt_utc_ms.pop(answer.exercise, None)
    return progress


def read_progress(store: Store) -> Progress:
    """Return the progress that a database holds; raises StoreError."""
    return progress_of(store.coach_answers.between(0, 1 << 62))
