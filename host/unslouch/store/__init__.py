"""The database: journal pages, the wearer's own words, and what was imported or deleted."""

from .coach_answers import Answer, CoachAnswer, CoachAnswers
from .deletion import Deletion, KnownSpan, SequenceRange
from .imports import ImportCount, ImportedRecord, ImportedSetup
from .paths import default_path
from .queries import KeptSummary, Queries, Revisions, Sensor, StoredBoot, StoredEvent
from .store import PageConflict, Store
from .words import AlertMark, ExerciseSession, MomentNote, Words

__all__ = [
    "AlertMark",
    "Answer",
    "CoachAnswer",
    "CoachAnswers",
    "Deletion",
    "ExerciseSession",
    "ImportCount",
    "ImportedRecord",
    "ImportedSetup",
    "KeptSummary",
    "KnownSpan",
    "MomentNote",
    "PageConflict",
    "Queries",
    "Revisions",
    "Sensor",
    "SequenceRange",
    "Store",
    "StoredBoot",
    "StoredEvent",
    "Words",
    "default_path",
]
