"""Coach's answers: what the coach suggested, what the wearer answered, and what the wearer set until further notice."""

import secrets
import sqlite3
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from unslouch.errors import BadInput

from .transactions import read_all, transaction

_ID_BYTES = 8


class Answer(StrEnum):
    """What happened to a suggestion, or what the wearer said of an exercise or of the coach."""

    SUGGESTED = "suggested"
    """The coach showed the exercise."""
    STARTED = "started"
    """The wearer began it; whether it was done says the exercise session."""
    LATER = "later"
    """The wearer wants it again at until_utc_ms."""
    NOT_TODAY = "not today"
    """The wearer declined it until until_utc_ms."""
    UNANSWERED = "unanswered"
    """The suggestion ended without an answer."""
    MOVED = "moved"
    """The wearer got up and moved instead of answering."""
    PAUSED = "paused"
    """The wearer wants no suggestion before until_utc_ms."""
    RESUMED = "resumed"
    """The wearer ended the pause."""
    HURT = "hurt"
    """The exercise hurt: it is left out until NO_LONGER_HURTS."""
    NO_LONGER_HURTS = "no longer hurts"
    STEP = "step"
    """The wearer moved to the step of the exercise that `step` counts from 0."""
    TRIAL_ON = "trial on"
    """The wearer agreed to the trial: a coin decides at some moments whether the coach suggests anything."""
    TRIAL_OFF = "trial off"
    TOSS_SUGGEST = "toss: suggest"
    """The coin said: suggest now."""
    TOSS_WAIT = "toss: wait"
    """The coin said: suggest nothing before until_utc_ms."""


class CoachAnswer(NamedTuple):
    """One answer."""

    answer_id: str
    utc_ms: int
    answer: Answer
    exercise: str | None = None
    """Its id in the coach's catalogue."""
    until_utc_ms: int | None = None
    step: int | None = None
    """Index of a step of the exercise."""


NEED_EXERCISE = frozenset(
    {Answer.SUGGESTED, Answer.STARTED, Answer.LATER, Answer.NOT_TODAY, Answer.HURT, Answer.NO_LONGER_HURTS, Answer.STEP}
)
NEED_END = frozenset({Answer.LATER, Answer.NOT_TODAY, Answer.PAUSED, Answer.TOSS_WAIT})
LASTING = (
    frozenset({Answer.HURT, Answer.NO_LONGER_HURTS}),
    frozenset({Answer.STEP}),
    frozenset({Answer.TRIAL_ON, Answer.TRIAL_OFF}),
)
"""Answers that stay true until another one of their set replaces them, for the same exercise if they name one."""


class CoachAnswers:
    """The answers in an open database; every method raises StoreError if it can't be used."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def add(
        self,
        utc_ms: int,
        answer: Answer,
        exercise: str | None = None,
        *,
        until_utc_ms: int | None = None,
        step: int | None = None,
    ) -> CoachAnswer:
        """Store an answer; raises BadInput if a part is missing that it needs."""
        made = CoachAnswer(secrets.token_hex(_ID_BYTES), utc_ms, answer, exercise, until_utc_ms, step)
        self.add_all([made])
        return made

    def add_all(self, answers: Iterable[CoachAnswer]) -> int:
        """Store answers, all or none; return how many were new: one whose id is stored already is left out.

        Raises BadInput as add().
        """
        answers = list(answers)
        for answer in answers:
            check_answer(answer)
        if not answers:
            return 0
        with transaction(self._connection, self._path):
            cursor = self._connection.executemany(
                "INSERT INTO coach_answer (answer_id, utc_ms, answer, exercise, until_utc_ms, step) "
                "VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (answer_id) DO NOTHING",
                [(row.answer_id, row.utc_ms, str(row.answer), *row[3:]) for row in answers],
            )
        return cursor.rowcount

    def between(self, start_utc_ms: int, end_utc_ms: int) -> list[CoachAnswer]:
        """Return the answers in [start, end), by time; kinds that a later release added are left out."""
        query = (
            "SELECT answer_id, utc_ms, answer, exercise, until_utc_ms, step FROM coach_answer "
            "WHERE utc_ms >= ? AND utc_ms < ? ORDER BY utc_ms, number"
        )
        rows = read_all(self._connection, self._path, query, start_utc_ms, end_utc_ms)
        known = _KNOWN
        return [
            CoachAnswer(id, utc_ms, known[answer], exercise, until_utc_ms, step)
            for id, utc_ms, answer, exercise, until_utc_ms, step in rows
            if answer in known
        ]


_KNOWN = {str(answer): answer for answer in Answer}


def delete_answers(connection: sqlite3.Connection, start_utc_ms: int, end_utc_ms: int) -> None:
    """Delete the answers in [start, end) inside a transaction.

    Of what stays true until the wearer changes it (that an exercise hurts, its step, the consent to the trial), the
    last is kept and moved to just before the deleted time: to delete a day brings no exercise back that hurt.
    """
    kept: list[str] = []
    for lasting in LASTING:
        last: dict[str | None, str] = {}
        query = (
            f"SELECT answer_id, exercise FROM coach_answer WHERE answer IN ({', '.join('?' * len(lasting))}) "
            "AND utc_ms >= ? AND utc_ms < ? ORDER BY utc_ms, number"
        )
        for answer_id, exercise in connection.execute(query, (*map(str, lasting), start_utc_ms, end_utc_ms)):
            last[exercise] = answer_id
        kept += last.values()
    connection.executemany(
        "UPDATE coach_answer SET utc_ms = ? WHERE answer_id = ?", [(start_utc_ms - 1, answer_id) for answer_id in kept]
    )
    connection.execute("DELETE FROM coach_answer WHERE utc_ms >= ? AND utc_ms < ?", (start_utc_ms, end_utc_ms))


def check_answer(answer: CoachAnswer) -> None:
    """Raise BadInput if a part is missing that an answer needs."""
    if answer.answer in NEED_EXERCISE and answer.exercise is None:
        raise BadInput(f"The answer {answer.answer!r} needs an exercise: name one of `unslouch exercises`.")
    if answer.answer in NEED_END and (answer.until_utc_ms is None or answer.until_utc_ms < answer.utc_ms):
        raise BadInput(f"The answer {answer.answer!r} needs a time at which it ends: give one after now.")
    if answer.answer is Answer.STEP and (answer.step is None or answer.step < 0):
        raise BadInput("An exercise has steps from 0 up: give one of them.")
