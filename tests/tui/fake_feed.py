"""A feed whose sensor and store do what a test asks for."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import numpy as np

from tui.fake_requests import FakeRequests
from unslouch.analysis.day import Day
from unslouch.analysis.history import History
from unslouch.analysis.metrics.summary import Summary
from unslouch.analysis.model import Epochs, Event, Span, TimeQuality
from unslouch.errors import NoData, UnslouchError
from unslouch.link.model import BoardStatus, JournalEvent, LinkKind, LinkState, LiveSample, Profile, SensorInfo
from unslouch.link.refusals import refusal
from unslouch.sensor.events import LinkChanged, SensorConnected, SensorEvent
from unslouch.sensor.profiles import checked_profile_name
from unslouch.sensor.publisher import Consumer
from unslouch.store import Store
from unslouch_device.contract import messages, records, states
from unslouch_device.contract.messages import PROFILE_NAMES
from unslouch_device.contract.settings import SETTINGS, Setting

T = TypeVar("T")
INFO = SensorInfo(
    device_id="24ec4a0c9f51d3e8",
    board="xiao-esp32s3",
    firmware_version="0.1.0",
    protocol_version=1,
    journal=0x5EED,
    boot=1,
    oldest_sequence=0,
    next_sequence=100,
    uptime_ms=0,
    settings_revision=1,
    calibration_id=1,
    simulated=False,
    own_clock=False,
    window_period_s=0,
)


DAY_UNTIL_UTC_MS = round(datetime(2026, 3, 2, 15, 20, tzinfo=ZoneInfo("Europe/Berlin")).timestamp() * 1000)


class FakeClock:
    """Returns seconds that go on only where a test adds some."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self._zero_utc_ms = DAY_UNTIL_UTC_MS - 1_000_000

    def __call__(self) -> float:
        return self.now_s

    def utc_ms(self) -> int:
        """Return UTC, which goes on with the seconds, from the end of a_day()."""
        return self._zero_utc_ms + round(self.now_s * 1000)

    def set_utc(self, moment: datetime) -> None:
        """Set the clock; the seconds that it returns go on as before."""
        self._zero_utc_ms = round(moment.timestamp() * 1000) - round(self.now_s * 1000)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now_s += seconds


class FakeFeed:
    """A feed, and the client of its sensor: it records the commands, and fails where its attributes say so."""

    def __init__(self, is_simulated: bool = False, day: Day | None = None, link_kind: LinkKind = "cable") -> None:
        self.is_simulated = is_simulated
        self.link_kind = link_kind
        self.day = day
        self.stored: History | None = None
        self.notice = ""
        self.error: UnslouchError | None = None
        self.start_error: Exception | None = None
        self.runs = 0
        self.commands: list[str] = []
        self.values = {setting.key: setting.default for setting in SETTINGS}
        self.consumer: Consumer | None = None
        self.is_followed = asyncio.Event()
        self.stopped = False
        self.names = [name.decode() for name in PROFILE_NAMES]
        self.profile = 0
        self.refuses_bow = False
        self.name = "/dev/ttyACM0"
        self.connection = FakeRequests()
        self.uptime_ms = 100_000

    @property
    def client(self) -> "FakeFeed":
        return self

    async def run(self, consumer: Consumer) -> None:
        self.runs += 1
        if self.start_error is not None:
            raise self.start_error
        self.consumer = consumer
        self.is_followed.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.stopped = True

    def retry(self) -> None:
        self.commands.append("retry")

    def watch(self, watched: bool) -> None:
        self.commands.append("watch" if watched else "look away")

    def _record(self, command: str) -> None:
        self.commands.append(command)
        if self.error is not None:
            raise self.error

    async def calibrate(self) -> int:
        self._record("calibrate")
        self.happens(records.CALIBRATED, calibration_id=2, how=records.CALIBRATED_UPRIGHT, profile=self.profile)
        return 2

    async def rezero(self) -> int:
        self._record("rezero")
        self.happens(records.CALIBRATED, calibration_id=2, how=records.CALIBRATED_REZERO, profile=self.profile)
        return 2

    async def undo(self) -> int:
        self._record("undo")
        self.happens(records.CALIBRATION_UNDONE, calibration_id=1, profile=self.profile)
        return 1

    async def bow(self) -> int:
        self._record("bow")
        if self.refuses_bow:
            raise refusal("learn from the bow", "/dev/ttyACM0", messages.BOW_NOT_STRAIGHT, messages.BOW)
        return 3

    async def stand(self) -> tuple[float, float]:
        self._record("stand")
        return -12.4, 1.5

    async def profiles(self) -> list[Profile]:
        return [
            Profile(index, name, 7 if index == 0 else 0, index == 0, False, index == self.profile)
            for index, name in enumerate(self.names)
        ]

    async def select_profile(self, index: int) -> None:
        self._record(f"select {index}")
        self.profile = index

    async def name_profile(self, index: int, name: str) -> None:
        self._record(f"name {index} {name}")
        self.names[index] = checked_profile_name(name)

    async def buzz(self) -> None:
        self._record("buzz")

    async def snooze(self, minutes: int | None) -> int:
        self._record(f"snooze {minutes}")
        return 15 if minutes is None else minutes

    async def settings(self) -> tuple[int, dict[str, int]]:
        self._record("settings")
        return 1, dict(self.values)

    async def set_setting(self, revision: int, setting: Setting, value: int) -> int:
        self._record(f"set {setting.key} {value}")
        self.values[setting.key] = value
        return revision + 1

    async def flush(self) -> None:
        self._record("flush")

    def history(self) -> History:
        if self.stored is None:
            raise NoData("Nothing is recorded yet.")
        return self.stored

    def change_store(self, change: Callable[[Store], T]) -> T:
        self._record("change")
        if self.stored is None:
            raise NoData("Nothing is recorded yet.")
        with Store.open(self.stored.store.path, simulated=None) as store:
            return change(store)

    def load_today(self) -> Day | None:
        return self.day

    def close(self) -> None:
        self._record("close")

    def export_today(self) -> Path:
        self._record("export")
        return Path("unslouch-2026-03-02.csv")

    def publish(self, event: SensorEvent) -> None:
        """Hand an event to the dashboard at once."""
        assert self.consumer is not None
        self.consumer(event)

    def connect(self, info: SensorInfo = INFO, battery_percent: int | None = 83, power: bool = False) -> None:
        """Publish what a session publishes when it has linked a sensor."""
        self.publish(LinkChanged(LinkState.HANDSHAKE))
        self.publish(SensorConnected(info))
        self.publish(LinkChanged(LinkState.LIVE))
        self.status(battery_percent=battery_percent, external_power=power)

    def status(self, **changes: int | bool | None) -> None:
        """Publish a status with these fields."""
        fields: dict[str, int | bool | None] = {
            "uptime_ms": self.uptime_ms,
            "battery_mV": 3974,
            "battery_percent": 83,
            "external_power": False,
            "snooze_left_s": 0,
            "oldest_sequence": 0,
            "next_sequence": 100,
            "alerts": 0,
            "samples_lost": 0,
            "settings_revision": 1,
            "calibration_id": 1,
            "profile": self.profile,
            "sensor_moved": False,
            "delay_s": self.values["delay"],
        }
        self.publish(BoardStatus(**(fields | changes)))  # type: ignore[arg-type]

    def happens(self, code: int, **fields: int) -> int:
        """Publish an event of the journal, and return its uptime in ms."""
        self.uptime_ms += 40
        self.publish(JournalEvent(code, records.EVENTS[code][0], self.uptime_ms, fields))
        return self.uptime_ms

    def live(
        self,
        forward_deg: float | None,
        lateral_deg: float | None = 1.2,
        state: int = states.UPRIGHT,
        seconds: float = 0.04,
        **changes: int | bool,
    ) -> None:
        """Publish live samples at 25 Hz for some seconds of uptime."""
        for _ in range(max(1, round(seconds * 25))):
            self.uptime_ms += 40
            fields: dict[str, int | bool] = {
                "activity": states.ACTIVITY_STILL,
                "alerting": False,
                "snoozed": False,
                "tracking_only": False,
                "above_threshold_s": 0,
            }
            sample = LiveSample(self.uptime_ms, forward_deg, lateral_deg, state, **(fields | changes))  # type: ignore[arg-type]
            self.publish(sample)


def sit_through_a_slump(feed: FakeFeed) -> None:
    """Upright with some sway, then a slow slump that ends in an alert: 80 s of the plot."""
    for tenth in range(800):
        seconds = tenth / 10
        sway_deg = 1.5 * np.sin(seconds / 3) + 0.6 * np.sin(seconds * 1.7)
        slump_deg = 19.0 * min(1.0, max(0.0, seconds - 32) / 9)
        forward_deg = float(sway_deg + slump_deg)
        above_s = int(max(0.0, seconds - 38))
        state = states.UPRIGHT if not above_s else states.LEANING if above_s < 30 else states.SLOUCHING
        feed.live(forward_deg, float(1.2 + sway_deg / 3), state, 0.1, above_threshold_s=above_s, alerting=above_s > 40)


def a_day(until_utc_ms: int = DAY_UNTIL_UTC_MS) -> Day:
    """A working day on 2 March 2026 in Berlin up to 15:20 or later, in all states."""
    zone = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 3, 2, tzinfo=zone)
    midnight_ms = int(start.timestamp() * 1000)
    plan = (
        (8 * 60 + 12, states.UNKNOWN),
        (8 * 60 + 20, states.UNCALIBRATED),
        (9 * 60 + 5, states.UPRIGHT),
        (9 * 60 + 30, states.SLOUCHING),
        (10 * 60, states.UPRIGHT),
        (10 * 60 + 20, states.MOVING),
        (11 * 60, states.RECLINED),
        (12 * 60, states.UPRIGHT),
        (12 * 60 + 45, states.OFF_BODY),
        (13 * 60 + 10, states.CHARGING),
        (13 * 60 + 30, states.LYING),
        (14 * 60, states.UNKNOWN),
        (14 * 60 + 40, states.UPRIGHT),
        (15 * 60, states.LEANING),
        (15 * 60 + 20, states.UPRIGHT),
    )
    spans, minutes, begun_min = [], {name.replace(" ", "_"): 0.0 for name in states.STATE_NAMES}, 0
    for until_min, state in plan:
        spans.append(Span(state, midnight_ms + begun_min * 60_000, midnight_ms + until_min * 60_000))
        minutes[states.STATE_NAMES[state].replace(" ", "_")] += until_min - begun_min
        begun_min = until_min
    return Day(
        day=date(2026, 3, 2),
        timezone="Europe/Berlin",
        start=start,
        end=start + timedelta(days=1),
        hours=24,
        until_utc_ms=until_utc_ms,
        epochs=no_epochs(),
        events=[],
        spans=spans,
        episodes=[],
        summary=Summary({**minutes, "episodes": 4, "alerts": 3, "coverage": 0.87}),
    )


def an_event(code: int, uptime_ms: int) -> Event:
    """An event of the boot in INFO, as a reading of the store has it."""
    midday_ms = int(datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Europe/Berlin")).timestamp() * 1000)
    name = records.EVENTS[code][0]
    return Event(INFO.journal, 1, INFO.boot, uptime_ms, midday_ms, 0, TimeQuality.FIRM, code, name, {})


def no_epochs() -> Epochs:
    """Epochs of length 0: the dashboard draws spans and summary alone."""
    dtypes = {name: getattr(np, kind) for name, kind in EPOCH_COLUMNS}
    columns = {name: np.zeros((0, 5) if name == "second_cdeg" else 0, dtype) for name, dtype in dtypes.items()}
    return Epochs(**columns)


EPOCH_COLUMNS = (
    ("journal", "uint32"),
    ("sequence", "uint32"),
    ("boot", "uint16"),
    ("uptime_ms", "int64"),
    ("utc_ms", "int64"),
    ("utc_error_ms", "int64"),
    ("time_quality", "uint8"),
    ("state", "uint8"),
    ("activity", "uint8"),
    ("flags", "uint8"),
    ("forward_cdeg", "int16"),
    ("lateral_cdeg", "int16"),
    ("second_cdeg", "int32"),
    ("speed_cdeg_s", "uint16"),
    ("settings_revision", "uint16"),
    ("calibration_id", "uint16"),
)
