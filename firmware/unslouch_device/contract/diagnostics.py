"""Diagnostics: the data of the replies to DIAGNOSTICS, IDF_HEAP and HEAP, which say how the board fares."""

import struct

from .payloads import Payload

DIAGNOSTICS_FORMAT = "<BBIIIIIIIIIIH"
IDF_HEAP_FORMAT = "<II"
HEAP_FORMAT = "<I"


def pack_diagnostics(
    boot_cause: int,
    crashes_in_a_row: int,
    free_heap_bytes: int,
    least_free_heap_bytes: int,
    late_ms: int,
    slept_s: int,
    bus_errors: int,
    flash_errors: int,
    frame_errors: int,
    records_refused: int,
    records_left: int,
    records_held: int,
    interval_1250us: int,
) -> bytes:
    """Return the data of DIAGNOSTICS' reply."""
    return struct.pack(
        DIAGNOSTICS_FORMAT,
        boot_cause,
        crashes_in_a_row,
        free_heap_bytes,
        least_free_heap_bytes,
        late_ms,
        slept_s,
        bus_errors,
        flash_errors,
        frame_errors,
        records_refused,
        records_left,
        records_held,
        interval_1250us,
    )


class DiagnosticsReply(Payload):
    """The data of DIAGNOSTICS' reply; errors are counted since boot."""

    FORMAT = DIAGNOSTICS_FORMAT
    boot_cause: int  # BOOT_… of contract.records
    crashes_in_a_row: int
    free_heap_bytes: int  # when last measured, 0: unknown
    least_free_heap_bytes: int  # 0: unknown
    late_ms: int  # the most that the app's loop was late
    slept_s: int  # in light sleep
    bus_errors: int
    flash_errors: int
    frame_errors: int
    records_refused: int
    records_left: int  # records that fit until the oldest are dropped
    records_held: int  # records that are held from then on
    interval_1250us: int  # between connection events of this link, in 1.25 ms; 0: unknown, or a cable


def pack_idf_heap(free_bytes: int, largest_block_bytes: int) -> bytes:
    """Return the data of IDF_HEAP's reply."""
    return struct.pack(IDF_HEAP_FORMAT, free_bytes, largest_block_bytes)


class IdfHeapReply(Payload):
    """The data of IDF_HEAP's reply: memory that is free in ESP-IDF's heaps, which Bluetooth needs too."""

    FORMAT = IDF_HEAP_FORMAT
    free_bytes: int  # 0: unknown
    largest_block_bytes: int  # of the free ones


def pack_heap(heap_bytes: int) -> bytes:
    """Return the data of HEAP's reply."""
    return struct.pack(HEAP_FORMAT, heap_bytes)


class HeapReply(Payload):
    """The data of HEAP's reply."""

    FORMAT = HEAP_FORMAT
    heap_bytes: int  # in use, free, and what the heap can grow by; 0: unknown
