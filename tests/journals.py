"""Synthetic journals: pages as a sensor would write them, from a script of boots, clocks, epochs and events."""

from typing import Self

from unslouch_device.contract import records, states
from unslouch_device.contract.pages import RECORDS_PER_PAGE, Page, pack_page
from unslouch_device.contract.records import EPOCH_MS, name_parts, pack_event
from unslouch_device.contract.settings import DELAY_MODE

# Tilt that goes with a state, in cdeg.
FORWARD_CDEG = {
    states.UNCALIBRATED: records.TILT_UNKNOWN,
    states.LYING: 8500,
    states.SLOUCHING: 2200,
    states.LEANING: 1500,
    states.RECLINED: -1800,
    states.UPRIGHT: 120,
}
ACTIVITY = {states.LYING: states.ACTIVITY_LYING, states.MOVING: states.ACTIVITY_MOVING}


class JournalBuilder:
    """Writes a journal record by record; `uptime_ms` and `boot` say where it stands.

    journal = JournalBuilder().start_boot().clock(utc_ms).epochs(states.UPRIGHT, 12)
    store.add_pages(journal.pages())
    """

    def __init__(self, journal: int = 0x1234ABCD, first_sequence: int = 0) -> None:
        self.journal = journal
        self.boot = 0
        self.uptime_ms = 0
        self.settings_revision = 1
        self.calibration_id = 1
        self.sequence = first_sequence
        self._pages: list[bytes] = []
        self._records: list[bytes] = []
        self._epochs_in_page = 0
        self._base_uptime_ms = 0

    def start_boot(self, cause: int = records.BOOT_POWER_ON) -> Self:
        """Begin the next boot at uptime 0, with its event."""
        self.flush()
        self.boot += 1
        self.uptime_ms = 0
        return self.event(records.BOOT, cause, 0, 1, 0)

    def sleep_deeply(
        self, milliseconds: int, *, drift: float = 0.0, why: int = records.ASLEEP_OFF_BODY, flush: bool = True
    ) -> Self:
        """End the boot in a deep sleep of so long, of which a clock that is fast by a share says how long it was."""
        self.event(records.DEEP_SLEEP_BEGAN, why)
        self.start_boot(records.BOOT_DEEP_SLEEP)
        slept_s = int(milliseconds * (1 + drift)) // 1000
        self.event(records.DEEP_SLEEP_ENDED, slept_s, records.WOKEN_BY_MOTION, why)
        return self.flush() if flush else self

    def clock(self, utc_ms: int, zone_quarter_h: int = 0) -> Self:
        """Add a clock mark."""
        return self.event(records.HOST_CLOCK, utc_ms & 0xFFFFFFFF, utc_ms >> 32, zone_quarter_h)

    def epochs(self, state: int, count: int, *, flags: int = 0, forward_cdeg: int | None = None) -> Self:
        """Add epochs of one state, one after the other from here on; the five seconds lie 1° apart about the mean."""
        tilt_cdeg = FORWARD_CDEG.get(state, 300) if forward_cdeg is None else forward_cdeg
        seconds = [tilt_cdeg + step * 100 for step in (-2, -1, 0, 1, 2)]
        lateral_cdeg = records.TILT_UNKNOWN if tilt_cdeg == records.TILT_UNKNOWN else -130
        activity = ACTIVITY.get(state, states.ACTIVITY_STILL)
        for _ in range(count):
            self.epoch(state, activity, seconds, lateral_cdeg, speed_cdeg_s=75, flags=flags, forward_cdeg=tilt_cdeg)
        return self

    def epoch(
        self,
        state: int,
        activity: int,
        seconds_cdeg: list[int],
        lateral_cdeg: int,
        *,
        speed_cdeg_s: int,
        flags: int = 0,
        forward_cdeg: int | None = None,
    ) -> Self:
        """Add one epoch with these five seconds; its own tilt is their mean unless another is given."""
        mean_cdeg = sum(seconds_cdeg) // len(seconds_cdeg) if forward_cdeg is None else forward_cdeg
        record = bytearray(records.RECORD_BYTES)
        records.pack_epoch_into(record, state, activity, flags, mean_cdeg, lateral_cdeg, seconds_cdeg, speed_cdeg_s)
        if self._records and self.uptime_ms != self._base_uptime_ms + self._epochs_in_page * EPOCH_MS:
            self.flush()
        self._append(bytes(record))
        self._epochs_in_page += 1
        self.uptime_ms += EPOCH_MS
        return self

    def event(self, code: int, *fields: int, uptime_ms: int | None = None) -> Self:
        """Add an event that happens now, or at another uptime of this boot."""
        return self._append(pack_event(code, self.uptime_ms if uptime_ms is None else uptime_ms, *fields))

    def damaged(self, code: int, data: bytes) -> Self:
        """Add an event of any code with any 11 bytes after it."""
        return self._append(bytes([records.EVENT_MARK | code]) + data)

    def wait(self, milliseconds: int) -> Self:
        """Let time pass without a record; the page under way is flushed meanwhile if it is long."""
        if milliseconds >= 60_000:
            self.flush()
        self.uptime_ms += milliseconds
        return self

    def off_body(self, milliseconds: int, *, noticed_after_ms: int = 0, onset: bool = True) -> Self:
        """Add a time off body: taken off noticed_after_ms ago, put on again after that many ms from now."""
        self.event(records.TAKEN_OFF, (self.uptime_ms - (noticed_after_ms if onset else 0)) & 0xFFFFFFFF, 0)
        return self.wait(milliseconds).event(records.PUT_ON)

    def charging(self, milliseconds: int) -> Self:
        """Charge for a while."""
        self.event(records.CHARGING_STARTED, self.uptime_ms & 0xFFFFFFFF)
        return self.wait(milliseconds).event(records.CHARGING_ENDED)

    def slouch(self, leaning: int = 6, slouching: int = 12, *, alerts: int = 1) -> Self:
        """A slouch of so many epochs before and after its confirmation, with an alert that is followed."""
        onset_ms = self.uptime_ms
        self.epochs(states.LEANING, leaning)
        self.event(records.SLOUCH_STARTED, onset_ms & 0xFFFFFFFF, 2200)
        for number in range(1, alerts + 1):
            self.event(records.ALERT, 2200, number, DELAY_MODE)
        alert_ms = self.uptime_ms
        self.epochs(states.SLOUCHING, slouching)
        if alerts:
            self.event(records.CORRECTED, self.uptime_ms - alert_ms)
        return self.event(records.SLOUCH_ENDED, 2600, 2200, (self.uptime_ms - onset_ms) // 1000, alerts)

    def calibrate(self, calibration_id: int, how: int = records.CALIBRATED_UPRIGHT, profile: int = 0) -> Self:
        """Add a calibration, which applies to all that follows."""
        self.flush()
        self.calibration_id = calibration_id
        return self.event(records.CALIBRATED, calibration_id, how, profile)

    def name_profile(self, profile: int, name: bytes) -> Self:
        """Give a profile a name."""
        for part in name_parts(profile, name):
            self.event(records.PROFILE_NAMED, *part)
        return self

    def lose(self, count: int) -> Self:
        """Let the next records be lost, as if the ring had dropped them."""
        self.flush()
        self.sequence += count
        return self

    def flush(self) -> Self:
        """Close the page under way."""
        if self._records:
            page = Page(
                self.journal,
                self.boot,
                self.sequence - len(self._records),
                self._base_uptime_ms,
                self.settings_revision,
                self.calibration_id,
                b"".join(self._records),
            )
            self._pages.append(pack_page(page))
            self._records = []
        return self

    def pages(self) -> list[bytes]:
        """Return all pages so far."""
        self.flush()
        return list(self._pages)

    def _append(self, record: bytes) -> Self:
        if len(self._records) == RECORDS_PER_PAGE:
            self.flush()
        if not self._records:
            self._base_uptime_ms = self.uptime_ms
            self._epochs_in_page = 0
        self._records.append(record)
        self.sequence += 1
        return self


def working_day(journal: JournalBuilder, hours: float = 16.0) -> JournalBuilder:
    """Add a day of wear: upright, slow slumps, walks, leaning back, and an hour off the body after six."""
    end_ms = journal.uptime_ms + round(hours * 3_600_000)
    lunch_ms = journal.uptime_ms + 6 * 3_600_000
    while journal.uptime_ms < end_ms:
        journal.epochs(states.UPRIGHT, 90).slouch().epochs(states.MOVING, 40).epochs(states.RECLINED, 24)
        journal.event(records.BATTERY, 3900, 70)
        if journal.uptime_ms >= lunch_ms:
            journal.off_body(3_600_000, noticed_after_ms=60_000)
            lunch_ms = end_ms
    return journal
