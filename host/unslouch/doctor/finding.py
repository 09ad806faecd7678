"""What the doctor says: findings, and what it found in order."""

from dataclasses import dataclass

from .causes import CAUSES, Cause


@dataclass(frozen=True)
class Finding:
    """Something that is wrong."""

    cause_id: str
    detail: str = ""
    """What was seen, as a sentence; empty where the cause says all."""

    @property
    def cause(self) -> Cause:
        """The cause, its explanation and its cure."""
        return CAUSES[self.cause_id]


@dataclass(frozen=True)
class Good:
    """Something that was looked at and is in order, as a sentence."""

    sentence: str


Result = Finding | Good
