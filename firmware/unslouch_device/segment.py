"""One segment of the journal: a file of pages, named by its first sequence."""

import os

from .contract.pages import (
    MAX_PAGE_BYTES,
    PAGE_HEADER_BYTES,
    PAGE_MAGIC,
    PAGE_VERSION,
    PageError,
    page_bytes,
    unpack_page,
)

SUFFIX = ".seg"
_BLOCK_BYTES = 4096
_PAGE_BEGIN = bytes((PAGE_MAGIC & 0xFF, PAGE_MAGIC >> 8, PAGE_VERSION))


class Segment:
    """A file that may hold damaged pages, and end in one that was never whole."""

    def __init__(self, folder: str, first: int) -> None:
        self.path = "%s/%08x%s" % (folder, first, SUFFIX)
        self.first = first
        self.size = 0  # bytes up to the end of the last whole page, once that is known

    def bytes_in_flash(self) -> int:
        """Return the file's size, 0 if it can't be read."""
        try:
            return os.stat(self.path)[6]
        except OSError:
            return 0

    def last_page(self) -> "bytes | None":
        """Find the last whole page, and with it the size; raises OSError if the file can't be read."""
        last = None
        self.size = 0
        with open(self.path, "rb") as file:
            found = read_page(file, 0)
            while found is not None:
                last, self.size = found
                found = read_page(file, self.size)
        return last

    def highest_calibration_id(self) -> int:
        """Return the highest calibration id that a page names; raises OSError if the file can't be read."""
        highest = 0
        with open(self.path, "rb") as file:
            found = read_page(file, 0)
            while found is not None:
                data, offset = found
                highest = max(highest, unpack_page(data).calibration_id)
                found = read_page(file, offset)
        return highest


def room_in_block(size: int) -> int:
    """Return how many bytes still go into the last block of a file on LittleFS.

    Block n, if n > 0, begins with as many pointers of 4 bytes as 2n can be halved (littlefs, SPEC.md: CTZ skip-lists).
    """
    end = block = 0
    while end <= size:
        end += _BLOCK_BYTES
        halves = 2 * block
        while halves and not halves & 1:
            end -= 4
            halves >>= 1
        block += 1
    return end - size


def read_page(file, offset: int) -> "tuple[bytes, int] | None":
    """Return the whole page at an offset, or the first one after it if flash has lost some, and where it ends."""
    while True:
        file.seek(offset)
        window = file.read(2 * MAX_PAGE_BYTES)
        last = len(window) < 2 * MAX_PAGE_BYTES
        at = window.find(_PAGE_BEGIN)
        while at >= 0 and (at < MAX_PAGE_BYTES or last):
            data = _page_at(window, at)
            if data is not None:
                return data, offset + at + len(data)
            at = window.find(_PAGE_BEGIN, at + 1)
        if last:
            return None
        offset += MAX_PAGE_BYTES


def _page_at(window: bytes, at: int) -> "bytes | None":
    try:
        data = window[at : at + page_bytes(window[at : at + PAGE_HEADER_BYTES])]
        unpack_page(data)
    except PageError:
        return None
    return data
