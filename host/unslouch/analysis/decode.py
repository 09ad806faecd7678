"""Decode: from pages to epochs as arrays and events as a list, still in uptime."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unslouch.store import StoredEvent
from unslouch_device.contract import states
from unslouch_device.contract.pages import PAGE_CRC_BYTES, PAGE_HEADER_BYTES, PageHeader
from unslouch_device.contract.payloads import Payload
from unslouch_device.contract.records import (
    EPOCH_COARSE,
    EPOCH_MS,
    EVENT_MARK,
    HOST_CLOCK,
    RECORD_BYTES,
    SECOND_COARSE_CDEG,
    SECOND_FINE_CDEG,
    SPEED_UNIT_CDEG_S,
    TILT_UNKNOWN,
    EventRecord,
    PackedEpoch,
    full_uptime_ms,
)


def _dtype(payload: type[Payload]) -> np.dtype[np.void]:
    """Return a packed payload's layout for numpy, whose codes for numbers are those of struct."""
    return np.dtype([(name, f"<{code}") for name, code in zip(payload.names(), payload.FORMAT[1:], strict=True)])


_HEADER = _dtype(PageHeader)
_EPOCH = _dtype(PackedEpoch)
_SECONDS = ("second1_steps", "second2_steps", "second3_steps", "second4_steps", "second5_steps")


@dataclass(frozen=True)
class RawEvent:
    """An event in uptime; fields as in model.Event."""

    journal: int
    boot: int
    sequence: int
    uptime_ms: int
    code: int
    name: str
    fields: dict[str, int]


@dataclass(frozen=True)
class Records:
    """Epochs as parallel arrays of length n, and events; both in order of (journal, boot, uptime, sequence)."""

    journal: NDArray[np.uint32]
    boot: NDArray[np.uint16]
    sequence: NDArray[np.uint32]
    uptime_ms: NDArray[np.int64]
    """Uptime at which the epoch begins."""
    state: NDArray[np.uint8]
    """UNKNOWN for a number that contract.states doesn't have."""
    activity: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    forward_cdeg: NDArray[np.int16]
    lateral_cdeg: NDArray[np.int16]
    second_cdeg: NDArray[np.int32]
    """(n, 5), TILT_UNKNOWN where forward_cdeg is."""
    speed_cdeg_s: NDArray[np.uint16]
    settings_revision: NDArray[np.uint16]
    calibration_id: NDArray[np.uint16]
    events: list[RawEvent]

    def boots(self) -> list[tuple[int, int]]:
        """Return every (journal, boot) of which there is a record, ascending."""
        # They are in order, so each boot begins where either number changes.
        begins = np.flatnonzero((np.diff(self.journal) != 0) | (np.diff(self.boot) != 0)) + 1
        firsts = np.concatenate(([0], begins))[: len(self.boot)]
        of_epochs = set(zip(self.journal[firsts].tolist(), self.boot[firsts].tolist(), strict=True))
        return sorted(of_epochs | {(event.journal, event.boot) for event in self.events})


def decode(pages: Iterable[bytes], codes: Collection[int] | None = None) -> Records:
    """Return the records of whole pages, in any order, whose CRC was checked when they were stored.

    codes: the only events to return; None for all. Events are made one by one, and so they take most of the time.
    Raises ValueError for bytes that are no pages.
    """
    pages = list(pages)
    lengths = np.fromiter(map(len, pages), np.int64, len(pages))
    buffer = np.frombuffer(b"".join(pages), np.uint8)
    starts = np.cumsum(lengths) - lengths
    header = buffer[starts[:, None] + np.arange(PAGE_HEADER_BYTES)].view(_HEADER)[:, 0]
    counts = header["count"].astype(np.int64)
    if not np.array_equal(counts * RECORD_BYTES + PAGE_HEADER_BYTES + PAGE_CRC_BYTES, lengths):
        raise ValueError("bytes that are no whole pages")
    records = _records(buffer, counts)
    page = np.repeat(np.arange(len(pages)), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    sequence = header["first_sequence"][page] + (np.arange(len(page)) - first)
    base_ms = header["base_low_ms"].astype(np.int64) | header["base_high_ms"].astype(np.int64) << 32
    is_epoch = records[:, 0] < EVENT_MARK
    # The n-th epoch of a page, whatever events lie between, begins n · 5 s after the page's base.
    before: NDArray[np.int64] = np.cumsum(is_epoch) - is_epoch
    of_page = np.bincount(page, is_epoch, len(pages)).astype(np.int64)
    nth_epoch = before - (np.cumsum(of_page) - of_page)[page]
    uptime_ms = base_ms[page] + nth_epoch * EPOCH_MS
    wanted = ~is_epoch
    if codes is not None:
        wanted &= np.isin(records[:, 0] & ~np.uint8(EVENT_MARK), list(codes))
    events = [
        unpack_stored_event(
            StoredEvent(
                int(header["journal"][page[at]]),
                int(header["boot"][page[at]]),
                int(sequence[at]),
                int(base_ms[page[at]]),
                records[at].tobytes(),
            )
        )
        for at in np.flatnonzero(wanted)
    ]
    events.sort(key=lambda event: (event.journal, event.boot, event.uptime_ms, event.sequence))
    return _with_epochs(header, page[is_epoch], sequence[is_epoch], uptime_ms[is_epoch], records[is_epoch], events)


def _records(buffer: NDArray[np.uint8], counts: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return (n, 12): the records of pages that lie end to end, without their headers and CRCs."""
    parts = np.full((len(counts), 3), (PAGE_HEADER_BYTES, 0, PAGE_CRC_BYTES), np.int64)
    parts[:, 1] = counts * RECORD_BYTES
    is_record = np.repeat(np.tile([False, True, False], len(counts)), parts.ravel())
    records: NDArray[np.uint8] = buffer[is_record].reshape(-1, RECORD_BYTES)
    return records


def _with_epochs(
    header: NDArray[np.void],
    page: NDArray[np.int64],
    sequence: NDArray[np.int64],
    uptime_ms: NDArray[np.int64],
    records: NDArray[np.uint8],
    events: list[RawEvent],
) -> Records:
    order = np.lexsort((sequence, uptime_ms, header["boot"][page], header["journal"][page]))
    if len(order) and (order[0] != 0 or (np.diff(order) != 1).any()):
        page, sequence, uptime_ms, records = page[order], sequence[order], uptime_ms[order], records[order]
    epoch = np.ascontiguousarray(records).view(_EPOCH).reshape(len(records))
    state, activity = epoch["state_activity"] & 0x0F, epoch["state_activity"] >> 4
    step_cdeg = np.where(epoch["flags"] & EPOCH_COARSE, SECOND_COARSE_CDEG, SECOND_FINE_CDEG).astype(np.int32)
    second_steps = np.column_stack([epoch[name] for name in _SECONDS])
    second_cdeg = epoch["forward_cdeg"][:, None] + second_steps * step_cdeg[:, None]
    second_cdeg[epoch["forward_cdeg"] == TILT_UNKNOWN] = TILT_UNKNOWN
    return Records(
        journal=header["journal"][page],
        boot=header["boot"][page],
        sequence=sequence.astype(np.uint32),
        uptime_ms=uptime_ms,
        state=np.where(state < len(states.STATE_NAMES), state, states.UNKNOWN).astype(np.uint8),
        activity=np.where(activity < len(states.ACTIVITY_NAMES), activity, states.ACTIVITY_UNKNOWN).astype(np.uint8),
        flags=epoch["flags"].copy(),
        forward_cdeg=epoch["forward_cdeg"].copy(),
        lateral_cdeg=epoch["lateral_cdeg"].copy(),
        second_cdeg=second_cdeg.astype(np.int32),
        speed_cdeg_s=epoch["speed_units"].astype(np.uint16) * SPEED_UNIT_CDEG_S,
        settings_revision=header["settings_revision"][page],
        calibration_id=header["calibration_id"][page],
        events=events,
    )


def unpack_stored_event(stored: StoredEvent) -> RawEvent:
    """Return an event with its whole uptime, its name and its fields; one of an unknown code has no fields."""
    event = EventRecord(stored.record)
    uptime_ms = full_uptime_ms(event.uptime_low_ms, stored.base_uptime_ms)
    fields = event.fields
    if event.code == HOST_CLOCK:
        utc_ms = fields.pop("utc_low_ms") | fields.pop("utc_high_ms") << 32
        fields = {"utc_ms": utc_ms, **fields}
    if "onset_uptime_ms" in fields:
        fields["onset_uptime_ms"] = full_uptime_ms(fields["onset_uptime_ms"], uptime_ms)
    return RawEvent(stored.journal, stored.boot, stored.sequence, uptime_ms, event.code, event.name, fields)
