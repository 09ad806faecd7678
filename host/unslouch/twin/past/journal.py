"""Journal: pages of the simulated past, made from whole arrays of epochs instead of record by record."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unslouch_device.contract import records
from unslouch_device.contract.pages import RECORDS_PER_PAGE, Page, pack_page
from unslouch_device.contract.records import EPOCH_MS, RECORD_BYTES, SECONDS_PER_EPOCH, pack_event

SETTINGS_REVISION = 1
_EPOCH = np.dtype([("head", "u1"), ("flags", "u1"), ("tilts", "<i2", 2), ("steps", "i1", 5), ("speed", "u1")])
assert _EPOCH.itemsize == RECORD_BYTES


def pack_epochs(
    state: NDArray[np.uint8],
    activity: NDArray[np.uint8],
    flags: NDArray[np.uint8],
    second_cdeg: NDArray[np.int32],
    lateral_cdeg: NDArray[np.int32],
    speed_cdeg_s: NDArray[np.int32],
) -> bytes:
    """Return n epochs as pack_epoch_into() writes them; second_cdeg has the shape (n, 5), the others (n,)."""
    forward_cdeg = second_cdeg.sum(axis=1) // SECONDS_PER_EPOCH
    difference = second_cdeg - forward_cdeg[:, None]
    is_coarse = (np.abs(difference) > 127 * records.SECOND_FINE_CDEG).any(axis=1)
    unit = np.where(is_coarse, records.SECOND_COARSE_CDEG, records.SECOND_FINE_CDEG)[:, None]
    epochs = np.empty(len(state), _EPOCH)
    epochs["head"] = state | activity << 4
    epochs["flags"] = flags | np.where(is_coarse, records.EPOCH_COARSE, 0).astype(np.uint8)
    epochs["tilts"][:, 0], epochs["tilts"][:, 1] = forward_cdeg, lateral_cdeg
    epochs["steps"] = np.clip((difference + unit // 2) // unit, -128, 127)
    epochs["speed"] = np.minimum(255, (speed_cdeg_s + records.SPEED_UNIT_CDEG_S // 2) // records.SPEED_UNIT_CDEG_S)
    return epochs.tobytes()


class PastJournal:
    """Writes one boot of a journal; `uptime_ms` says where it stands."""

    def __init__(self, journal: int, boot: int, first_sequence: int) -> None:
        self.uptime_ms = 0
        self.calibration_id = 0
        self._journal = journal
        self._boot = boot
        self._sequence = first_sequence
        self._pages: list[bytes] = []
        self._events: list[bytes] = []
        self._base_uptime_ms = 0

    def event(self, code: int, *fields: int) -> None:
        """Add an event that happens now."""
        if len(self._events) == RECORDS_PER_PAGE:
            self._flush_events()
        if not self._events:
            self._base_uptime_ms = self.uptime_ms
        self._events.append(pack_event(code, self.uptime_ms, *fields))

    def clock(self, utc_ms: int, zone_quarter_h: int) -> None:
        """Add a clock mark."""
        self.event(records.HOST_CLOCK, utc_ms & 0xFFFFFFFF, utc_ms >> 32, zone_quarter_h)

    def epochs(self, packed: bytes, events: Sequence[tuple[int, bytes]]) -> None:
        """Add successive epochs from here on, as pack_epochs() packs them.

        events: (number of the epoch in which it happens, its record), in order; its record comes before the epoch's.
        """
        self._flush_events()
        start_ms = self.uptime_ms
        count = len(packed) // RECORD_BYTES
        row: list[bytes] = []
        base = 0
        upcoming = iter([*events, (count, b"")])
        event = next(upcoming)
        for number in range(count + 1):
            while event[1] and event[0] <= number:
                row.append(event[1])
                event = next(upcoming)
                if len(row) == RECORDS_PER_PAGE:
                    self._page(start_ms + base * EPOCH_MS, row)
                    row, base = [], number
            if number < count:
                row.append(packed[number * RECORD_BYTES : (number + 1) * RECORD_BYTES])
            if len(row) == RECORDS_PER_PAGE:
                self._page(start_ms + base * EPOCH_MS, row)
                row, base = [], number + 1
        if row:
            self._page(start_ms + base * EPOCH_MS, row)
        self.uptime_ms += count * EPOCH_MS

    def calibrate(self, calibration_id: int, how: int) -> None:
        """Add a calibration, which applies to all that follows."""
        self._flush_events()
        self.calibration_id = calibration_id
        self.event(records.CALIBRATED, calibration_id, how, 0)

    def pages(self) -> list[bytes]:
        """Return all pages so far."""
        self._flush_events()
        return self._pages

    def _flush_events(self) -> None:
        if self._events:
            self._page(self._base_uptime_ms, self._events)
            self._events = []

    def _page(self, base_uptime_ms: int, rows: list[bytes]) -> None:
        page = Page(
            self._journal,
            self._boot,
            self._sequence,
            base_uptime_ms,
            SETTINGS_REVISION,
            self.calibration_id,
            b"".join(rows),
        )
        self._sequence += len(rows)
        self._pages.append(pack_page(page))
