"""The history of one database, which is opened when it is first read and then kept: its index is costly to build."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unslouch.analysis.history import History


class KeptHistory:
    """Serves one thread at a time."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._history: History | None = None

    def open(self, path: Path) -> "History":
        """Return the history of a database; raises NoData as long as there is none, StoreError if it can't be read."""
        from unslouch.analysis.history import History
        from unslouch.store import Store

        if self._history is None or path != self._path:
            self.close()
            self._history, self._path = History(Store.open(path, simulated=None, readonly=True)), path
        return self._history

    def close(self) -> None:
        """Close the database; the next call of open() opens it again."""
        if self._history is not None:
            self._history.store.close()
        self._history = None
