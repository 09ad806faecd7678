"""Days of a made-up wearer who sits, slumps, walks, bends, lies down and answers most alerts.

The firmware's own detector, at one sample a second, decides about states, slouches and alerts, so the journal says of
each day what a sensor would have said.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import numpy as np

from journals import JournalBuilder
from unslouch_device.contract import records, states
from unslouch_device.contract.records import SECONDS_PER_EPOCH
from unslouch_device.contract.settings import DEFAULTS, DELAY_MODE
from unslouch_device.sense.alert import ALERTED, CORRECTED, MISSED
from unslouch_device.sense.detector import CONFIRMED, ENDED, Detector

ANSWERED = 0.7
"""The share of alerts after which the wearer sits up within half a minute."""
_UNIT = 1 << 14


class _Tilt:
    forward_cdeg = 0
    lateral_cdeg = 0


def lively_days(
    first: date,
    days: int,
    *,
    hours: float = 14,
    seed: int = 1,
    journal: int = 0x11FE,
    settings: dict[int, int] = DEFAULTS,
) -> JournalBuilder:
    """Return a journal of so many days from 07:00 UTC on, each a boot with a clock mark, and a night on the charger."""
    builder = JournalBuilder(journal)
    wearer = LivelyWearer(builder, np.random.default_rng(seed), settings)
    for day in range(days):
        begin = datetime.fromordinal(first.toordinal() + day).replace(hour=7, tzinfo=UTC)
        builder.start_boot().clock(int(begin.timestamp() * 1000))
        if day == 0:
            builder.calibrate(1).event(records.STANDING_ZERO, 1, -600, 0)
        wearer.live(round(hours * 3600))
        builder.charging(3_600_000).clock(int(begin.timestamp() * 1000) + builder.uptime_ms)
    return builder


class LivelyWearer:
    """Lives one day into a journal."""

    def __init__(self, builder: JournalBuilder, random: np.random.Generator, settings: dict[int, int]) -> None:
        self._builder = builder
        self._random = random
        self._tilt = _Tilt()
        self._detector = Detector(1, self._tilt, settings)
        self._sits_up_in_s = 0
        self._slump_cdeg = 0.0
        self._noise_cdeg = 0.0
        self._alert_ms = 0
        self._onset_ms = 0
        self._mean_cdeg = 0
        self._alerts = 0

    def live(self, length_s: int) -> None:
        """Pass so many seconds of wear, with most of an hour off the body in the middle, and then a night."""
        lived_s = 0
        while lived_s < length_s:
            for kind, block_s, target_deg, slump_deg in self._blocks():
                block_s = min(block_s, length_s - lived_s) // SECONDS_PER_EPOCH * SECONDS_PER_EPOCH
                self._block(kind, block_s, target_deg, slump_deg)
                if lived_s < length_s // 2 <= lived_s + block_s:
                    self._break_off(3000)
                    self._builder.off_body(3_000_000)
                lived_s += max(block_s, SECONDS_PER_EPOCH)
                if lived_s >= length_s:
                    break
        self._break_off(10 * 3600)

    def _break_off(self, gap_s: int) -> None:
        """End what is under way, for the sensor is taken off."""
        self._detector.posture.interrupt()
        self._sample(0, 0, states.ACTIVITY_MOVING)
        self._report(0)
        self._detector.skip(gap_s)

    def _blocks(self) -> Iterator[tuple[int, int, float, float]]:
        """Yield (activity, seconds, tilt, slump) of what a wearer does within some half an hour."""
        random = self._random
        for _ in range(int(random.integers(1, 4))):
            still = states.ACTIVITY_STILL
            yield still, int(random.lognormal(6.2, 0.7)), random.normal(3, 3), abs(random.normal(9, 8))
            if random.random() < 0.4:
                yield still, int(random.integers(5, 40)), random.normal(40, 15), 0.0
            if random.random() < 0.2:
                yield still, int(random.integers(120, 600)), random.normal(-16, 4), 0.0
        yield states.ACTIVITY_MOVING, int(random.lognormal(4.8, 0.6)), random.normal(1, 2), 0.0
        if random.random() < 0.05:
            yield still, int(random.integers(600, 1500)), 82.0, 0.0

    def _block(self, kind: int, block_s: int, target_deg: float, slump_deg: float) -> None:
        self._slump_cdeg = 0.0
        lateral_deg = self._random.normal(0, 5)
        noise = self._random.normal(0, 60, max(block_s, 1)).tolist()
        for _ in range(block_s // SECONDS_PER_EPOCH):
            self._epoch(kind, target_deg, slump_deg, lateral_deg, [noise.pop() for _ in range(SECONDS_PER_EPOCH)])

    def _epoch(self, kind: int, target_deg: float, slump_deg: float, lateral_deg: float, noise: list[float]) -> None:
        seconds, passed, flags = [], [], 0
        for second in range(SECONDS_PER_EPOCH):
            self._noise_cdeg = 0.9 * self._noise_cdeg + noise[second]
            self._slump_cdeg += (slump_deg * 100 - self._slump_cdeg) / 150
            if self._sits_up_in_s:
                self._sits_up_in_s -= 1
                if not self._sits_up_in_s:
                    self._slump_cdeg = -800.0
            wanted_cdeg = target_deg * 100 + self._slump_cdeg + self._noise_cdeg
            self._mean_cdeg += round((wanted_cdeg - self._mean_cdeg) / 2)
            state = self._sample(self._mean_cdeg, round(lateral_deg * 100), kind)
            flags |= records.EPOCH_ALERTED if self._detector.happened & ALERTED else 0
            seconds.append(self._mean_cdeg)
            passed.append(state)
            self._report(second * 1000)
        state = max(set(passed), key=passed.count)
        speed_cdeg_s = min(6000, 2 * max(seconds) - 2 * min(seconds) + 40)
        activity = states.ACTIVITY_LYING if state == states.LYING else kind
        self._builder.epoch(state, activity, seconds, round(lateral_deg * 100), speed_cdeg_s=speed_cdeg_s, flags=flags)

    def _sample(self, forward_cdeg: int, lateral_cdeg: int, kind: int) -> int:
        self._tilt.forward_cdeg, self._tilt.lateral_cdeg = forward_cdeg, lateral_cdeg
        uprightness = int(np.floor(_UNIT * np.cos(forward_cdeg * np.pi / 18000) * np.cos(lateral_cdeg * np.pi / 18000)))
        state = self._detector.posture.update(
            forward_cdeg, uprightness, True, False, False, kind == states.ACTIVITY_MOVING
        )
        self._detector.follow(state)
        return state

    def _report(self, into_epoch_ms: int) -> None:
        """Write the events of the sample just taken, which lies in the epoch that is written next."""
        happened, slouch, alerter = self._detector.happened, self._detector.posture.slouch, self._detector.alerter
        now_ms = self._builder.uptime_ms + into_epoch_ms
        if happened & CONFIRMED:
            self._alerts = 0
            self._onset_ms = max(0, now_ms - slouch.since_onset * 1000)
            self._builder.event(records.SLOUCH_STARTED, self._onset_ms, self._tilt.forward_cdeg, uptime_ms=now_ms)
        if happened & ALERTED:
            self._alert_ms = now_ms
            self._alerts += 1
            fields = self._tilt.forward_cdeg, alerter.given, DELAY_MODE
            self._builder.event(records.ALERT, *fields, uptime_ms=now_ms)
            if self._random.random() < ANSWERED:
                self._sits_up_in_s = int(self._random.integers(3, 25))
        if happened & CORRECTED:
            self._builder.event(records.CORRECTED, now_ms - self._alert_ms, uptime_ms=now_ms)
        if happened & MISSED:
            self._builder.event(records.ALERT_MISSED, alerter.missed_number, alerter.missed_why, uptime_ms=now_ms)
        if happened & ENDED:
            length_s = (now_ms - self._onset_ms) // 1000
            fields = slouch.peak_cdeg, slouch.mean_cdeg, length_s, self._alerts
            self._builder.event(records.SLOUCH_ENDED, *fields, uptime_ms=now_ms)
