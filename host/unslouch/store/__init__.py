"""The database: journal pages, the wearer's own words, and what was imported or deleted."""

from .paths import default_path
from .queries import KeptSummary, Queries, Sensor, StoredBoot, StoredEvent
from .store import PageConflict, Store
from .words import AlertMark, ExerciseSession, MomentNote, Words

__all__ = [
    "AlertMark",
    "ExerciseSession",
    "KeptSummary",
    "MomentNote",
    "PageConflict",
    "Queries",
    "Sensor",
    "Store",
    "StoredBoot",
    "StoredEvent",
    "Words",
    "default_path",
]
