"""Session storage: what of a guided session goes into the database."""

from collections.abc import Callable, Iterable

from unslouch.store import Store
from unslouch.store.coach_answers import Answer

from .session_model import Done, Hurt, Output, StepChosen


def store_outputs(store: Store, outputs: Iterable[Output], now_utc_ms: int, utc_ms_of: Callable[[float], int]) -> None:
    """Store what was done, the steps that were chosen, and what hurt; raises StoreError.

    utc_ms_of turns a time of the session (s) into UTC.
    """
    for output in outputs:
        match output:
            case Done(exercise, start_s, end_s, repetitions, is_complete):
                start_ms, end_ms = utc_ms_of(start_s), utc_ms_of(end_s)
                store.words.add_session(
                    exercise.id, start_ms, max(start_ms, end_ms), repetitions=repetitions, is_complete=is_complete
                )
            case StepChosen(exercise, step):
                store.coach_answers.add(now_utc_ms, Answer.STEP, exercise.id, step=step)
            case Hurt(exercise):
                store.coach_answers.add(now_utc_ms, Answer.HURT, exercise.id)
