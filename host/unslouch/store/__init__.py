"""The database of journal pages."""

from .paths import default_path
from .store import BootExtent, PageConflict, Sensor, Store

__all__ = ["BootExtent", "PageConflict", "Sensor", "Store", "default_path"]
