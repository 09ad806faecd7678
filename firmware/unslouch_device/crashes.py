"""Crashes: what ended the app, kept in flash for the next boot to journal and for a host to read."""

import struct
from binascii import crc32

from .contract import records as r
from .files import load, save
from .port import traceback_of

TEXT_BYTES = 1000  # of a traceback: its end says most
_HEADER = "<BBBB"  # in a row, whether a boot has journaled it, kind, task

_KINDS = (
    (MemoryError, r.CRASH_MEMORY),
    (OSError, r.CRASH_OS),
    (TypeError, r.CRASH_TYPE),
    (ValueError, r.CRASH_VALUE),
    (LookupError, r.CRASH_LOOKUP),
    ((NameError, AttributeError), r.CRASH_NAME),
)


class Crashes:
    """The last crash, and how many came in a row without a good run between."""

    def __init__(self, folder: str) -> None:
        self._path = folder + "/crash.bin"
        self._in_a_row = 0
        self._is_reported = True
        self._kind = 0
        self._task = 0
        self.text = b""
        self._load()

    def count(self) -> int:
        """Return how many came in a row."""
        return self._in_a_row

    def clear(self) -> None:
        """Begin a new row, after a good run; the last traceback stays."""
        if self._in_a_row:
            self._in_a_row = 0
            self._save()

    def keep(self, error: Exception, task: int) -> None:
        """Keep an exception that ended a task of contract.records."""
        self._keep(kind_of(error), task, traceback_of(error))

    def keep_hung(self, task: int) -> None:
        """Keep that a task stopped showing life."""
        self._keep(r.CRASH_HUNG, task, "%s showed no life" % r.TASK_NAMES[task])

    def keep_watchdog(self) -> None:
        """Keep that the watchdog reset the board, unless its reason is known already."""
        if self._is_reported:
            self._keep(r.CRASH_WATCHDOG, r.TASK_UNKNOWN, "nothing showed life")

    def keep_panic(self) -> None:
        """Keep that the board was reset without being asked, as by a panic in C, unless its reason is known already."""
        if self._is_reported:
            self._keep(r.CRASH_PANIC, r.TASK_UNKNOWN, "reset, and nobody asked for it")

    def take_unreported(self) -> "tuple[int, int, int, int] | None":
        """Return the fields of CRASHED for a crash that no boot has journaled yet, and None from then on."""
        if self._is_reported:
            return None
        self._is_reported = True
        self._save()
        return self._kind, self._task, self._in_a_row, crc32(self.text)

    def _keep(self, kind: int, task: int, text: str) -> None:
        self._in_a_row = min(self._in_a_row + 1, 255)
        self._is_reported = False
        self._kind = kind
        self._task = task
        self.text = text.encode()[-TEXT_BYTES:]
        self._save()

    def _save(self) -> None:
        try:
            save(
                self._path, struct.pack(_HEADER, self._in_a_row, self._is_reported, self._kind, self._task) + self.text
            )
        except OSError:
            pass  # a crash that can't be written down is still one

    def _load(self) -> None:
        data = load(self._path)
        if data is not None and len(data) >= struct.calcsize(_HEADER):
            self._in_a_row, is_reported, self._kind, self._task = struct.unpack_from(_HEADER, data)
            self._is_reported = bool(is_reported)
            self.text = data[struct.calcsize(_HEADER) :]


def kind_of(error: Exception) -> int:
    """Return the CRASH_… of contract.records for an exception."""
    for classes, kind in _KINDS:
        if isinstance(error, classes):
            return kind
    return r.CRASH_OTHER
