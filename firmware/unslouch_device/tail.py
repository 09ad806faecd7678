"""The journal's tail, pages that flash does not have yet, in memory that a reset leaves alone."""

from .contract.pages import PAGE_HEADER_BYTES, PageError, page_bytes, unpack_page

TAIL_BYTES = 2048  # MICROPY_HW_RTC_USER_MEM_MAX of the ESP32 port
MARK = b"zzz"  # the beginning of the mark of deep_sleep.py, which may lie before the pages
MARK_BYTES = 31


def rtc_memory(machine):
    """Return RTC.memory of a chip that has it: with bytes it keeps them, without it returns them. Else None."""
    return getattr(machine.RTC(), "memory", None) if hasattr(machine, "RTC") else None


class Tail:
    """All of rtc_memory, or nothing where that is None."""

    def __init__(self, rtc_memory) -> None:
        self._memory = rtc_memory

    @property
    def possible(self) -> bool:
        """Whether anything is kept."""
        return self._memory is not None

    def keep(self, pages: "list[bytes]") -> None:
        """Keep these pages in place of what is kept; of too many, the first."""
        tail = b""
        for page in pages:
            if len(tail) + len(page) > TAIL_BYTES:
                break
            tail += page
        self._memory(tail)

    def pages(self) -> "list[bytes]":
        """Return the pages that are kept, up to the first that is damaged: without power the memory forgets."""
        found = []
        tail = self._memory() if self.possible else b""
        if tail[:3] == MARK:
            tail = tail[MARK_BYTES:]
        try:
            while tail:
                data = tail[: page_bytes(tail[:PAGE_HEADER_BYTES])]
                unpack_page(data)
                found.append(data)
                tail = tail[len(data) :]
        except PageError:
            pass
        return found
