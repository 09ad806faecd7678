"""Sync: fetches a sensor's journal page by page and in order, in bounded memory and a bounded number of tries."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Protocol

from unslouch.errors import NotOurs
from unslouch.link.client import FETCH_TIMEOUT_S, Client, Fetched
from unslouch.link.model import SensorInfo
from unslouch.link.transport import LinkLost
from unslouch_device.contract.pages import PageError, unpack_page

log = logging.getLogger(__name__)

WINDOW_PAGES = 64
TRIES_PER_LINK = 3
TRIES_BEFORE_GAP = 6  # over two links: then the page is bad on the sensor's own flash
MAX_JOURNAL_RECORDS = 1 << 22  # 240 days of epochs; the largest boards' flash holds a fraction of it
# A board writes an epoch each 5 s and events in between; only a simulated one can write faster for long.
MAX_RECORDS_PER_S = 100
BURST_RECORDS = 10_000


class PageWriter(Protocol):
    """Stores pages; its calls return only once what they were given is durable."""

    async def cursor(self, info: SensorInfo) -> int:
        """Return the sequence after the last record kept of the sensor's present journal, 0 if there is none."""

    async def add_pages(self, info: SensorInfo, pages: list[bytes]) -> None:
        """Keep verified pages, which follow each other without a hole; the first may overlap what is kept."""

    async def add_gap(self, info: SensorInfo, first: int, following: int) -> None:
        """Note that the records from first up to following, which is not among them, can't be had any more."""


@dataclass
class StuckFetch:
    """A place in a journal where fetching makes no progress, kept from one link to the next."""

    journal: int = 0
    sequence: int = -1
    tries: int = 0


class JournalSync:
    """Fetches from the cursor to the end of one journal.

    However faulty the sensor is, fetching succeeds or raises after a bounded number of tries, and holds no more than
    one window of pages in memory.
    """

    def __init__(
        self,
        client: Client,
        info: SensorInfo,
        writer: PageWriter,
        stuck: StuckFetch,
        *,
        fetch_s: float = FETCH_TIMEOUT_S,
    ) -> None:
        self.cursor = 0
        self.next_sequence = info.next_sequence
        self._client = client
        self._info = info
        self._writer = writer
        self._stuck_fetch = stuck
        self._fetch_s = fetch_s
        self._began_at = asyncio.get_running_loop().time()

    @property
    def behind(self) -> int:
        """How many flushed records are not kept yet."""
        return max(0, self.next_sequence - self.cursor)

    async def begin(self) -> None:
        """Read the cursor; raises NotOurs if the sensor's journal contradicts it."""
        self.cursor = await self._writer.cursor(self._info)
        self.learn(self._info.oldest_sequence, self._info.next_sequence)

    def learn(self, oldest_sequence: int, next_sequence: int) -> None:
        """Keep where the journal begins and ends; raises NotOurs if that can't be."""
        if oldest_sequence > next_sequence or next_sequence - oldest_sequence > MAX_JOURNAL_RECORDS:
            raise self._absurd(f"a journal from record {oldest_sequence} to {next_sequence}")
        if next_sequence < self.cursor:
            raise NotOurs(
                f"The sensor at {self._client.name} says its journal ends at record {next_sequence}, but records up to "
                f"{self.cursor} are stored already; it was restored from a copy: use another database (--db), or wipe "
                "the sensor's journal."
            )
        if not self._info.own_clock:
            elapsed_s = asyncio.get_running_loop().time() - self._began_at
            grown = next_sequence - self._info.next_sequence
            if grown > BURST_RECORDS + MAX_RECORDS_PER_S * elapsed_s:
                raise self._absurd(f"{grown} records of the last {elapsed_s:.0f} s")
        self.next_sequence = next_sequence

    async def ask(self) -> None:
        """Ask where the journal ends now, fetching nothing; raises like step()."""
        fetched = await self._client.fetch(self._info.journal, self.cursor, 0, timeout_s=self._fetch_s)
        self.learn(fetched.oldest_sequence, fetched.next_sequence)

    async def step(self) -> None:
        """Fetch and keep one window.

        Raises WrongJournal, LinkLost when no page arrives, NotOurs when the sensor contradicts itself.
        """
        fetched = await self._client.fetch(self._info.journal, self.cursor, WINDOW_PAGES, timeout_s=self._fetch_s)
        self.learn(fetched.oldest_sequence, fetched.next_sequence)
        begin, pages, following = self._in_order(fetched)
        if begin > self.cursor:
            log.warning("%s: the sensor no longer has records %d to %d", self._client.name, self.cursor, begin - 1)
            await self._writer.add_gap(self._info, self.cursor, begin)
            self.cursor = begin
        if pages:
            await self._writer.add_pages(self._info, pages)
            self.cursor = following

    def _in_order(self, fetched: Fetched) -> tuple[int, list[bytes], int]:
        """Return (where the pages begin, the pages that follow each other from there, sequence after them)."""
        begin = following = self.cursor
        good: list[bytes] = []
        beyond: int | None = None
        for data in fetched.pages:
            try:
                page = unpack_page(data)
            except PageError as error:
                log.debug("%s: %s", self._client.name, error)
                continue
            if page.journal != self._info.journal or not following < page.next_sequence <= fetched.next_sequence:
                continue
            if page.first_sequence > following:
                is_overwritten = page.first_sequence <= fetched.oldest_sequence
                if good or not (is_overwritten or self._is_bad_on_flash()):
                    beyond = page.first_sequence
                    break
                begin = page.first_sequence
            good.append(data)
            following = page.next_sequence
        if not good and self.cursor < fetched.oldest_sequence:
            begin = fetched.oldest_sequence
        if not good and begin == self.cursor and self.behind:
            self._stuck(beyond)
        return begin, good, following

    def _is_bad_on_flash(self) -> bool:
        stuck = self._stuck_fetch
        here = (stuck.journal, stuck.sequence) == (self._info.journal, self.cursor)
        return here and stuck.tries >= TRIES_BEFORE_GAP

    def _stuck(self, beyond: int | None) -> None:
        stuck = self._stuck_fetch
        if (stuck.journal, stuck.sequence) != (self._info.journal, self.cursor):
            stuck.journal, stuck.sequence, stuck.tries = self._info.journal, self.cursor, 0
        stuck.tries += 1
        log.debug("%s: record %d did not come whole; the next is %s", self._client.name, self.cursor, beyond)
        if stuck.tries % TRIES_PER_LINK == 0:
            raise LinkLost(
                f"The sensor at {self._client.name} can't send record {self.cursor} of its journal whole; "
                "check the cable if this goes on."
            )

    def _absurd(self, what: str) -> NotOurs:
        return NotOurs(
            f"The sensor at {self._client.name} claims {what}, which can't be; its flash is damaged or it isn't an "
            "unslouch sensor."
        )
