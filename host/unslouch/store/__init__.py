"""The database of journal pages."""

from .paths import default_path
from .queries import KeptSummary, Queries, Sensor, StoredBoot, StoredEvent
from .store import PageConflict, Store

__all__ = ["KeptSummary", "PageConflict", "Queries", "Sensor", "Store", "StoredBoot", "StoredEvent", "default_path"]
