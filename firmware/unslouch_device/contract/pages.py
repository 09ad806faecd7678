"""Pages: the records of the posture journal as they travel and are stored.

A page is the unit on flash, on the wire and in the host's store, the same bytes in all three: a header, up to 17
records and the CRC-32 of both, so that it fits one frame. A record is named by (journal, sequence); sequence counts
from the page's `first_sequence`. A break in the row of epochs begins a new page.
"""

import struct
from binascii import crc32

from .frames import MAX_PAYLOAD_BYTES
from .payloads import Payload
from .records import RECORD_BYTES

PAGE_MAGIC = 0x7055  # "Up"
PAGE_VERSION = 1
PAGE_HEADER_FORMAT = "<HBBIHIIHHH"
PAGE_HEADER_BYTES = struct.calcsize(PAGE_HEADER_FORMAT)
PAGE_CRC_BYTES = 4
RECORDS_PER_PAGE = (MAX_PAYLOAD_BYTES - PAGE_HEADER_BYTES - PAGE_CRC_BYTES) // RECORD_BYTES
MAX_PAGE_BYTES = PAGE_HEADER_BYTES + RECORDS_PER_PAGE * RECORD_BYTES + PAGE_CRC_BYTES


class PageError(ValueError):
    """The bytes are no page of a journal; the message says why."""


class Page:
    """A page, unpacked: the fields of its header, and its records, 12 bytes each."""

    def __init__(
        self,
        journal: int,
        boot: int,
        first_sequence: int,
        base_uptime_ms: int,
        settings_revision: int,
        calibration_id: int,
        records: bytes,
    ) -> None:
        self.journal = journal
        self.boot = boot
        self.first_sequence = first_sequence
        self.base_uptime_ms = base_uptime_ms
        self.settings_revision = settings_revision
        self.calibration_id = calibration_id
        self.records = records

    @property
    def next_sequence(self) -> int:
        """The sequence after the page's last record."""
        return self.first_sequence + len(self.records) // RECORD_BYTES


class PageHeader(Payload):
    """A page's header as it is packed."""

    FORMAT = PAGE_HEADER_FORMAT
    magic: int  # PAGE_MAGIC
    version: int  # PAGE_VERSION
    count: int  # of records
    journal: int
    boot: int
    first_sequence: int
    base_low_ms: int  # the lower 32 bits of base_uptime_ms …
    base_high_ms: int  # … and its upper 16
    settings_revision: int
    calibration_id: int  # 0: none


def pack_page(page: Page) -> bytes:
    """Return the bytes of a page of 1 to RECORDS_PER_PAGE records."""
    body = (
        struct.pack(
            PAGE_HEADER_FORMAT,
            PAGE_MAGIC,
            PAGE_VERSION,
            len(page.records) // RECORD_BYTES,
            page.journal,
            page.boot,
            page.first_sequence,
            page.base_uptime_ms & 0xFFFFFFFF,
            page.base_uptime_ms >> 32,
            page.settings_revision,
            page.calibration_id,
        )
        + page.records
    )
    return body + struct.pack("<I", crc32(body))


def page_bytes(header: bytes) -> int:
    """Return the whole length of the page that begins with this header; raises PageError if it is no header."""
    if len(header) < PAGE_HEADER_BYTES:
        raise PageError("%d bytes are less than a page's header" % len(header))
    fields: tuple[int, int, int] = struct.unpack_from("<HBB", header)
    magic, version, count = fields
    if magic != PAGE_MAGIC:
        raise PageError("no page begins here")
    if version != PAGE_VERSION:
        raise PageError("page of the unknown version %d" % version)
    if not 1 <= count <= RECORDS_PER_PAGE:
        raise PageError("page of %d records" % count)
    return PAGE_HEADER_BYTES + count * RECORD_BYTES + PAGE_CRC_BYTES


def unpack_page(data: bytes) -> Page:
    """Unpack a page; raises PageError if the length, version or CRC is wrong."""
    length = page_bytes(data)
    if len(data) != length:
        raise PageError("page of %d bytes where its header says %d" % (len(data), length))
    if crc32(data[:-PAGE_CRC_BYTES]) != struct.unpack("<I", data[-PAGE_CRC_BYTES:])[0]:
        raise PageError("wrong CRC")
    _, _, _, journal, boot, first_sequence, base_low_ms, base_high_ms, settings_revision, calibration_id = (
        struct.unpack_from(PAGE_HEADER_FORMAT, data)
    )
    return Page(
        journal,
        boot,
        first_sequence,
        base_low_ms | base_high_ms << 32,
        settings_revision,
        calibration_id,
        data[PAGE_HEADER_BYTES:-PAGE_CRC_BYTES],
    )
