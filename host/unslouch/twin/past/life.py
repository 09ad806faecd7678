"""Life: writes the days of the demo's wearer into a journal, between two moments."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unslouch.twin.wearer.scripted import ScriptedWearer
from unslouch_device import VERSION
from unslouch_device.contract import records, states
from unslouch_device.contract.records import EPOCH_MS, SECONDS_PER_EPOCH, pack_event

from .detect import Replayer, SecondEvent, Worn
from .journal import PastJournal, pack_epochs
from .plan import DayPlan, plan_of

FULL_mV, EMPTY_mV = 4150, 3500
LASTS_H = 60.0
"""How long a full cell lasts, in log mode."""
NOISE_CDEG_S = 60
"""What a body at rest moves on average."""
STANDING_CDEG = -600
"""Forward tilt of standing upright against sitting upright."""
CHARGING_MS = 9_000_000
"""How long a charge takes."""


class _Stay(NamedTuple):
    """A time on the body, in UTC."""

    start_ms: int
    end_ms: int
    plan: DayPlan
    offset_s: int
    """Seconds of the day's script that passed before it began."""
    number: int
    """Its number among those of its day."""


class PastLife:
    """Lives as plan_of() says, between two moments in UTC.

    tz: the zone of the dates, None for this computer's.
    """

    def __init__(
        self, journal: PastJournal, start_utc_ms: int, end_utc_ms: int, tz: tzinfo | None, wearer: int
    ) -> None:
        self._journal = journal
        self._start_ms = start_utc_ms
        self._end_ms = end_utc_ms
        self._tz = tz
        self._wearer = wearer
        self._replayer = Replayer()
        self._charged_ms = start_utc_ms
        self._is_calibrated = False

    def write(self) -> None:
        """Write all records into the journal."""
        self._journal.event(records.BOOT, records.BOOT_POWER_ON, *VERSION)
        self._mark_clock()
        charges = False
        for stay in self._stays():
            self._take_off_until(stay.start_ms, charges)
            self._wear(stay)
            charges = stay.plan.charges and stay.number == len(stay.plan.wear) - 1
        self._take_off_until(self._end_ms, charges)

    @property
    def _now_ms(self) -> int:
        return self._start_ms + self._journal.uptime_ms

    def _mark_clock(self) -> None:
        now_ms = self._now_ms
        offset = datetime.fromtimestamp(now_ms / 1000, self._tz).astimezone(self._tz).utcoffset() or timedelta()
        self._journal.clock(now_ms, round(offset.total_seconds() / 900))

    def _stays(self) -> Iterator[_Stay]:
        """Yield the times on the body, cut to whole epochs within the two moments."""
        first = datetime.fromtimestamp(self._start_ms / 1000, self._tz).date()
        last = datetime.fromtimestamp(self._end_ms / 1000, self._tz).date()
        for number in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(number)
            plan = plan_of(day, self._wearer)
            for index, wear in enumerate(plan.wear):
                begin_ms = self._utc_ms(day, wear.start_s)
                start_ms = max(begin_ms, self._start_ms)
                end_ms = min(begin_ms + (wear.end_s - wear.start_s) * 1000, self._end_ms)
                length_ms = (end_ms - start_ms) // EPOCH_MS * EPOCH_MS
                if length_ms > 0:
                    offset_s = _worn_before_s(plan, index) + (start_ms - begin_ms) // 1000
                    yield _Stay(start_ms, start_ms + length_ms, plan, offset_s, index)

    def _utc_ms(self, day: date, second: int) -> int:
        local = datetime(day.year, day.month, day.day, second // 3600, second // 60 % 60, second % 60, tzinfo=self._tz)
        return round(local.timestamp() * 1000)

    def _take_off_until(self, utc_ms: int, charges: bool) -> None:
        """Let the sensor lie, or charge and then lie, until a moment."""
        rest_ms = utc_ms - self._now_ms
        if rest_ms <= 0:
            return
        journal = self._journal
        if charges:
            journal.event(records.CHARGING_STARTED, journal.uptime_ms & 0xFFFFFFFF)
            charging_ms = min(rest_ms, CHARGING_MS)
            journal.uptime_ms += charging_ms
            journal.event(records.CHARGING_ENDED)
            self._charged_ms = self._now_ms
            rest_ms -= charging_ms
        if rest_ms > 0:
            journal.event(records.TAKEN_OFF, journal.uptime_ms & 0xFFFFFFFF, records.TAKEN_OFF_STILL)
            journal.uptime_ms += rest_ms
            journal.event(records.PUT_ON)
        self._replayer.rest(rest_ms // 1000)
        self._mark_clock()

    def _wear(self, stay: _Stay) -> None:
        journal = self._journal
        self._calibrate(stay)
        journal.event(records.BATTERY, *self._battery())
        draw = random.Random(stay.plan.seed + stay.offset_s)
        worn, rate_dps = _worn(stay)
        start_ms = journal.uptime_ms
        state, events = self._replayer.replay(worn, start_ms, draw, stay.plan.answers)
        events += self._replayer.take_off(len(worn) - 1, start_ms)
        alerted = np.zeros(len(worn), np.bool_)
        alerted[[event.second for event in events if event.code == records.ALERT]] = True
        journal.epochs(
            _packed(worn, state, alerted, rate_dps),
            [(event.second // SECONDS_PER_EPOCH, _record(event, start_ms)) for event in events],
        )

    def _calibrate(self, stay: _Stay) -> None:
        journal, plan = self._journal, stay.plan
        if not self._is_calibrated or (stay.number == 0 and plan.calibrates):
            journal.calibrate(plan.calibration_id, records.CALIBRATED_BOW)
            journal.event(records.STANDING_ZERO, plan.calibration_id, STANDING_CDEG, 0)
        elif plan.calibration_id != journal.calibration_id:
            journal.calibrate(plan.calibration_id, records.CALIBRATED_REZERO)
        self._is_calibrated = True

    def _battery(self) -> tuple[int, int]:
        """Return voltage in mV and charge in per cent."""
        left = max(0.1, 1 - (self._now_ms - self._charged_ms) / 3_600_000 / LASTS_H)
        return round(EMPTY_mV + (FULL_mV - EMPTY_mV) * left), round(100 * left)


def _worn_before_s(plan: DayPlan, index: int) -> int:
    return sum(wear.end_s - wear.start_s for wear in plan.wear[:index])


def _wearer(plan: DayPlan) -> ScriptedWearer:
    return ScriptedWearer(plan.seed, _worn_before_s(plan, len(plan.wear)) / 3600, plan.habits)


def _worn(stay: _Stay) -> tuple[Worn, NDArray[np.float64]]:
    """Return a time on the body second by second, and the rate of forward tilt in degrees per second."""
    wearer = _wearer(stay.plan)
    seconds = (stay.end_ms - stay.start_ms) // 1000
    t_s = np.arange(stay.offset_s, stay.offset_s + seconds, dtype=np.float64) + 0.5
    forward_deg, rate_dps, lateral_deg, walking = wearer.posture(t_s)
    ends_s = np.array([segment.end_s for segment in wearer.segments]) - stay.offset_s
    pose = np.minimum(np.searchsorted(ends_s, t_s - stay.offset_s, side="right"), len(ends_s) - 1)
    worn = Worn(
        forward_cdeg=np.rint(forward_deg * 100).astype(np.int32),
        lateral_cdeg=np.rint(lateral_deg * 100).astype(np.int32),
        is_walking=walking > 0.5,
        pose_ends=np.minimum(ends_s[pose], seconds).astype(np.int32),
    )
    return worn, rate_dps


def _packed(worn: Worn, state: NDArray[np.uint8], alerted: NDArray[np.bool_], rate_dps: NDArray[np.float64]) -> bytes:
    """Return the epochs of a time on the body."""
    by_epoch = (-1, SECONDS_PER_EPOCH)
    counts = (state.reshape(by_epoch)[:, :, None] == np.arange(states.STATES)).sum(axis=1)
    epoch_state = counts.argmax(axis=1).astype(np.uint8)
    walks = worn.is_walking.reshape(by_epoch).sum(axis=1) > SECONDS_PER_EPOCH // 2
    activity = np.where(walks, states.ACTIVITY_MOVING, states.ACTIVITY_STILL).astype(np.uint8)
    speed_cdeg_s = np.abs(rate_dps).reshape(by_epoch).mean(axis=1) * 100 + NOISE_CDEG_S
    return pack_epochs(
        epoch_state,
        activity,
        np.where(alerted.reshape(by_epoch).any(axis=1), records.EPOCH_ALERTED, 0).astype(np.uint8),
        worn.forward_cdeg.reshape(by_epoch),
        worn.lateral_cdeg.reshape(by_epoch).sum(axis=1) // SECONDS_PER_EPOCH,
        speed_cdeg_s.astype(np.int32),
    )


def _record(event: SecondEvent, start_uptime_ms: int) -> bytes:
    return pack_event(event.code, start_uptime_ms + event.second * 1000, *event.fields)
