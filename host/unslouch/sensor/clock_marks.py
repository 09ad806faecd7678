"""Clock marks: gives a linked sensor the host's time, by which its journal is dated.

A mark is made when the sensor connects, every hour, and at once when the host's clock steps or its zone changes.
"""

import asyncio
import logging
import math
from collections.abc import Callable

from unslouch.errors import Refused
from unslouch.link.client import Client

from .events import ClockImplausible, ClockRecovered, ClockStepped, SensorEvent
from .host_clock import HostClock, HostTime, ImplausibleClock, step_s

log = logging.getLogger(__name__)

STEP_S = 1.0
"""From here on the clock has been set; below, it may have been slewed by NTP, at 0.5 ms/s at most."""


class ClockMarks:
    """The clock marks of one link."""

    def __init__(
        self, client: Client, clock: HostClock, publish: Callable[[SensorEvent], None], interval_s: float
    ) -> None:
        self._client = client
        self._clock = clock
        self._publish = publish
        self._interval_s = interval_s
        self._last: HostTime | None = None
        self._is_implausible = False
        self._due_s = -math.inf

    async def update(self) -> None:
        """Make a mark if one is due, or the clock or its zone has changed since the last; call it each second.

        Raises LinkLost.
        """
        try:
            now = self._clock.read()
        except ImplausibleClock as error:
            self._complain(str(error))
            return
        self._accept()
        if self._last is not None and abs(by_s := step_s(self._last, now)) >= STEP_S:
            log.warning("This computer's clock has been set by %+.1f s; the sensor's journal gets a mark of it.", by_s)
            self._publish(ClockStepped(by_s))
        elif self._last is not None and now.zone_quarter_h != self._last.zone_quarter_h:
            log.info("the local zone is now %+.2f h from UTC", now.zone_quarter_h / 4)
        elif asyncio.get_running_loop().time() < self._due_s:
            return
        await self._mark(now)

    async def _mark(self, now: HostTime) -> None:
        self._last = now
        self._due_s = asyncio.get_running_loop().time() + self._interval_s
        try:
            await self._client.set_clock(now.utc_ms, now.zone_quarter_h)
        except Refused as error:
            log.warning("%s", error)

    def _complain(self, sentence: str) -> None:
        if not self._is_implausible:  # once until the clock is right again
            self._is_implausible = True
            log.warning("%s", sentence)
            self._publish(ClockImplausible(sentence))

    def _accept(self) -> None:
        if self._is_implausible:
            self._is_implausible = False
            log.info("the computer's clock is plausible again")
            self._publish(ClockRecovered())
