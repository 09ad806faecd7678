"""Keeps the motor quiet in quiet hours and meetings, through snoozes of the board.

A snooze ends on the board by itself, so nothing that happens to this program can leave the sensor silent for good.
Where the end is known, one snooze lasts until then; while a camera or microphone is in use, short ones follow each
other. When the reason ends, the snooze is ended too, unless the wearer has set one meanwhile. A wearer who ends the
snooze by hand has the motor back until the next reason begins.

Only the program that owns the sensor acts on quiet hours and devices; a meeting that the wearer begins by key is for
the program in which it began. A board that rests between windows can't be reached when quiet hours begin, so over
Bluetooth the snooze may be sent one window earlier.
"""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from unslouch.errors import UnslouchError
from unslouch_device.contract.messages import MAX_SNOOZE_MIN

from .device_use import Device
from .events import BoardStatus, SensorConnected, SensorEvent
from .quiet_times import QuietTimes

if TYPE_CHECKING:
    from .recorder import Recorder

log = logging.getLogger(__name__)

LOOK_PERIOD_S = 5.0
IN_USE_FOR_S = 60.0
"""After a device was seen in use, the meeting counts as going on for this long."""
OPEN_ENDED_MIN = 5
"""The snooze for what has no known end."""
RENEW_BELOW_S = 60
TOLERANCE_S = 5
"""By how much a snooze may differ from what was sent and still be the same."""
CONFIRMED_WITHIN_S = 10
FAR = timedelta(hours=20)
RETRY_AFTER_S = 60


class QuietKind(StrEnum):
    """Why it is quiet."""

    QUIET_HOURS = "quiet hours"
    MEETING = "meeting"
    CAMERA = "meeting: a camera is in use"
    MICROPHONE = "meeting: a microphone is in use"


@dataclass(frozen=True)
class Quiet:
    """Why the motor shall be quiet now, and until when."""

    kind: QuietKind
    until: datetime | None
    """Local time; None: as long as a device is in use."""
    is_far: bool = False
    """Whether the end is so far that its time alone doesn't name it."""

    def __str__(self) -> str:
        if self.until is None:
            return str(self.kind)
        return f"{self.kind} until {self.until:%A %H:%M}" if self.is_far else f"{self.kind} until {self.until:%H:%M}"


@dataclass
class _Sent:
    """The last snooze that this program sent, and that is still running as far as it knows."""

    left_s: float
    """How long it has still to run at an uptime."""
    uptime_ms: int
    is_confirmed: bool = False
    """A status of the board has shown it."""

    def left_at(self, uptime_ms: int) -> float:
        return self.left_s - (uptime_ms - self.uptime_ms) / 1000


class QuietKeeper:
    """Says whether it is quiet now, and keeps the board snoozed meanwhile.

    times are the quiet hours; look returns the device that is in use (it blocks, and runs in a thread), None not to
    look; now returns local time.
    """

    def __init__(
        self,
        times: QuietTimes | None = None,
        look: Callable[[], Device | None] | None = None,
        now: Callable[[], datetime] = datetime.now,
        look_period_s: float = LOOK_PERIOD_S,
    ) -> None:
        self._times = times or QuietTimes()
        self._look = look
        self._now = now
        self._look_period_s = look_period_s
        self._meeting_until: datetime | None = None
        self._device: Device | None = None
        self._device_until: datetime | None = None
        self._sent: _Sent | None = None
        self._ended_by_wearer: frozenset[QuietKind] = frozenset()
        self._retry_at_ms = 0
        self._lead_s = 0.0

    # What faces ask

    @property
    def current(self) -> Quiet | None:
        """Why it is quiet now, None if it isn't; of several reasons the one that lasts longest."""
        return _longest([each for each in self._reasons(0.0) if each.kind not in self._ended_by_wearer])

    @property
    def is_in_meeting(self) -> bool:
        """Whether a meeting that was begun by begin_meeting() goes on."""
        return self._meeting_until is not None and self._now() < self._meeting_until

    def begin_meeting(self, minutes: int) -> None:
        """Be quiet for some minutes from now, at most MAX_SNOOZE_MIN; the next status of the board begins it."""
        self._meeting_until = self._now() + timedelta(minutes=min(minutes, MAX_SNOOZE_MIN))
        self._ended_by_wearer -= {QuietKind.MEETING}

    def end_meeting(self) -> None:
        """End such a meeting now."""
        self._meeting_until = None

    def toggle_meeting(self, minutes: int) -> bool:
        """End the meeting that was begun, or begin one; return whether one goes on now."""
        if self.is_in_meeting:
            self.end_meeting()
        else:
            self.begin_meeting(minutes)
        return self.is_in_meeting

    # While a recorder runs

    @asynccontextmanager
    async def following(self, recorder: "Recorder") -> AsyncIterator[None]:
        """Keep the sensor of a recorder quiet within the context."""

        async def snooze(minutes: int) -> int:
            return await recorder.client.snooze(minutes)

        async def handle(event: SensorEvent) -> None:
            if isinstance(event, SensorConnected):
                is_over_air = recorder.link_kind == "Bluetooth"
                self._lead_s = float(event.info.window_period_s) if is_over_air else 0.0
            elif isinstance(event, BoardStatus):
                await self.handle_status(event, recorder.owner, snooze)

        subscription = recorder.subscribe(handle, "Quiet hours")
        looking = None if self._look is None else asyncio.create_task(self.keep_looking(), name="devices in use")
        try:
            yield
        finally:
            subscription.end()
            if looking is not None:
                looking.cancel()
                await asyncio.wait([looking])

    async def handle_status(self, status: BoardStatus, is_owner: bool, snooze: Callable[[int], Awaitable[int]]) -> None:
        """Take a status, and send a snooze (in minutes, 0 ends one) where that is needed."""
        minutes = self.decide(status, is_owner)
        if minutes is None:
            return
        try:
            await snooze(minutes)
        except UnslouchError as error:
            log.debug("The snooze for quiet hours or a meeting wasn't taken; the next try follows: %s", error)
            self._sent = None
            self._retry_at_ms = status.uptime_ms + RETRY_AFTER_S * 1000

    def decide(self, status: BoardStatus, is_owner: bool) -> int | None:
        """Return the minutes of the snooze that has to be sent now, 0 to end one, None if nothing has to be."""
        if status.uptime_ms < self._retry_at_ms <= status.uptime_ms + RETRY_AFTER_S * 1000:
            return None
        self._notice_changes(status)
        reasons = self._reasons(self._lead_s)
        if not is_owner:
            reasons = [each for each in reasons if each.kind is QuietKind.MEETING]
        kinds = frozenset(each.kind for each in reasons)
        self._ended_by_wearer &= kinds
        reasons = [each for each in reasons if each.kind not in self._ended_by_wearer]
        if not reasons:
            return self._end(status)
        wanted_s = self._seconds_until(_longest(reasons))
        left_s = status.snooze_left_s if self._sent is None else max(status.snooze_left_s, self._unconfirmed_s(status))
        if left_s >= min(wanted_s, RENEW_BELOW_S):
            return None
        minutes = min(MAX_SNOOZE_MIN, max(1, math.ceil(wanted_s / 60)))
        self._sent = _Sent(minutes * 60, status.uptime_ms)
        return minutes

    def _notice_changes(self, status: BoardStatus) -> None:
        """Notice whether the snooze that was sent runs, is over, or was changed by the wearer."""
        sent = self._sent
        if sent is None:
            return
        expected_s = sent.left_at(status.uptime_ms)
        if status.uptime_ms < sent.uptime_ms or expected_s <= 0:  # the board has restarted; it is over
            self._sent = None
        elif abs(status.snooze_left_s - expected_s) <= TOLERANCE_S:
            sent.is_confirmed = True
        elif sent.is_confirmed:
            self._sent = None
            if status.snooze_left_s == 0:
                self._ended_by_wearer |= frozenset(each.kind for each in self._reasons(self._lead_s))
                self._meeting_until = None
        elif status.uptime_ms - sent.uptime_ms > CONFIRMED_WITHIN_S * 1000:
            self._sent = None

    def _unconfirmed_s(self, status: BoardStatus) -> float:
        """Return what is left of a snooze that no status shows yet: the status may be older than it."""
        sent = self._sent
        return 0.0 if sent is None or sent.is_confirmed else sent.left_at(status.uptime_ms)

    def _end(self, status: BoardStatus) -> int | None:
        """End the snooze that was sent, if it still runs."""
        if self._sent is None or not self._sent.is_confirmed:
            return None
        self._sent = None
        return 0 if status.snooze_left_s > TOLERANCE_S else None

    # Reasons

    def _reasons(self, lead_s: float) -> list[Quiet]:
        now = self._now()
        reasons = []
        ends = self._times.until(now) or self._times.until(now + timedelta(seconds=lead_s))
        if ends is not None:
            reasons.append(Quiet(QuietKind.QUIET_HOURS, ends, ends - now > FAR))
        if self._meeting_until is not None and now < self._meeting_until:
            reasons.append(Quiet(QuietKind.MEETING, self._meeting_until))
        if self._device is not None and self._device_until is not None and now < self._device_until:
            kind = QuietKind.CAMERA if self._device is Device.CAMERA else QuietKind.MICROPHONE
            reasons.append(Quiet(kind, None))
        return reasons

    def _seconds_until(self, quiet: Quiet | None) -> float:
        if quiet is None or quiet.until is None:
            return OPEN_ENDED_MIN * 60
        return max(0.0, (quiet.until - self._now()).total_seconds())

    async def keep_looking(self) -> None:
        """Look for devices in use until cancelled; following() does this."""
        while self._look is not None:
            device = await asyncio.to_thread(self._look)
            if device is not None:
                self._device = device
                self._device_until = self._now() + timedelta(seconds=IN_USE_FOR_S)
            await asyncio.sleep(self._look_period_s)


def _longest(reasons: list[Quiet]) -> Quiet | None:
    """Return the reason with the latest end; one with a known end before one without."""
    return max(reasons, key=lambda each: (each.until is not None, each.until or datetime.min), default=None)
