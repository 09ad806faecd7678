"""The latest of everything a session has told, gathered at its pace and drawn at ours."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from unslouch.link.model import BoardStatus, JournalEvent, LinkState, LiveSample, Profile, SensorInfo
from unslouch.sensor.events import (
    ClockImplausible,
    ClockRecovered,
    LinkChanged,
    RecordsStored,
    SensorConnected,
    SensorEvent,
    StoreFailed,
    StoreRecovered,
    WindowExpected,
)
from unslouch_device.contract import records, states
from unslouch_device.contract import settings as contract_settings

if TYPE_CHECKING:
    from unslouch.analysis.model import Day

LIVE_FOR_S = 3.0
"""A live sample older than this says nothing about now."""
ALERTED_FOR_S = 60.0
"""For how long the mark of an alert stays, if the slouch does."""
STORED_WITHIN_S = 180.0
"""An event older than this is in the store, or will never be."""
NEWS = (
    records.DELAY_ADAPTED,
    records.PROFILE_SELECTED,
    records.CALIBRATED,
    records.STANDING_ZERO,
)
"""Events that are told as they happen; a sensor that may have moved shows for as long as it may."""


def default_settings() -> dict[str, int]:
    """The value of each setting by key, as the contract has it before a sensor has told."""
    return {setting.key: setting.default for setting in contract_settings.SETTINGS}


@dataclass
class SensorState:
    """Keeps the latest of each event; `fresh` holds the live samples that no frame has drawn yet."""

    clock: Callable[[], float]
    """Seconds of a clock that never goes back."""
    state: LinkState = LinkState.SEARCHING
    reason: str = ""
    store_news: str = ""
    """What is the matter with the database, although the sensor is linked."""
    clock_fault: str = ""
    """Why the sensor is not given the time."""
    window_at_s: float | None = None
    """When the sensor can be heard again, by the clock; None: at any time."""
    info: SensorInfo | None = None
    status: BoardStatus | None = None
    sample: LiveSample | None = None
    sampled_at_s: float = 0.0
    fresh: list[LiveSample] = field(default_factory=list)
    stored: bool = False
    """Records came into the store since today was last read."""
    settings: dict[str, int] = field(default_factory=default_settings)
    alerted_at_s: float | None = None
    """When the last alert of the slouch that lasts was heard of."""
    profiles: list[Profile] = field(default_factory=list)
    news: list[JournalEvent] = field(default_factory=list)
    """What has happened on the sensor and the wearer has not been told yet."""
    recent: list[tuple[float, JournalEvent]] = field(default_factory=list)
    """Slouches and alerts that the store does not have yet, and when they were heard of."""

    @property
    def is_linked(self) -> bool:
        """Whether a sensor is connected and open_sensor."""
        return self.state in (LinkState.SYNCING, LinkState.LIVE)

    @property
    def is_paused(self) -> bool:
        """Whether the next try to connect comes after a while, unless the wearer wants it now."""
        return self.state in (LinkState.WAITING, LinkState.RESTING)

    @property
    def live(self) -> LiveSample | None:
        """The posture of this moment, or None if nobody knows it."""
        if self.is_linked and self.sample is not None and self.clock() - self.sampled_at_s <= LIVE_FOR_S:
            return self.sample
        return None

    @property
    def window_in_s(self) -> int | None:
        """How long until the sensor can be heard again; None if that may be at any time."""
        return None if self.window_at_s is None else max(0, round(self.window_at_s - self.clock()))

    @property
    def posture(self) -> int:
        """The state of this moment; UNKNOWN where nothing is heard."""
        return states.UNKNOWN if self.live is None else self.live.state

    @property
    def alerted_s_ago(self) -> int | None:
        """How long ago the slouch that lasts brought an alert; None after a minute."""
        if self.live is None or self.alerted_at_s is None:
            return None
        ago_s = self.clock() - self.alerted_at_s
        return int(ago_s) if ago_s <= ALERTED_FOR_S else None

    def not_stored(self, code: int) -> int:
        """How many events of a code have been heard of that the store does not have yet."""
        oldest_s = self.clock() - STORED_WITHIN_S
        return sum(heard_s >= oldest_s and event.code == code for heard_s, event in self.recent)

    @property
    def profile(self) -> Profile | None:
        """The profile in force, once the sensor has told."""
        if self.board is None or self.board.profile >= len(self.profiles):
            return None
        return self.profiles[self.board.profile]

    @property
    def board(self) -> BoardStatus | None:
        """The sensor's status, or None while it is not connected."""
        return self.status if self.is_linked else None

    def handle(self, event: SensorEvent) -> None:
        """Keep what an event says."""
        match event:
            case LinkChanged():
                self._keep_link(event)
            case WindowExpected(opens_in_s):
                self.window_at_s = None if opens_in_s is None else self.clock() + opens_in_s
            case SensorConnected(info):
                self._keep_info(info)
            case LiveSample():
                self.sample, self.sampled_at_s = event, self.clock()
                self.fresh.append(event)
            case BoardStatus():
                self.status = event
            case JournalEvent():
                self._keep_journal_event(event)
            case RecordsStored():
                self.stored = True
            case StoreFailed(error):
                self.store_news = str(error)
            case StoreRecovered():
                self.store_news = ""
            case ClockImplausible(reason):
                self.clock_fault = reason
            case ClockRecovered():
                self.clock_fault = ""

    def _keep_link(self, change: LinkChanged) -> None:
        self.state, self.reason = change.state, change.reason
        if change.state not in (LinkState.RESTING, LinkState.WAITING, LinkState.SEARCHING, LinkState.CONNECTING):
            self.window_at_s = None

    def _keep_info(self, info: SensorInfo) -> None:
        if self.info is not None and (self.info.journal, self.info.boot) != (info.journal, info.boot):
            self.alerted_at_s = None
            self.recent.clear()
        self.info, self.status, self.sample = info, None, None
        self.profiles = []

    def _keep_journal_event(self, event: JournalEvent) -> None:
        """Keep alerts and slouches; what else an event changes comes with the next sample and status."""
        if event.code in NEWS:
            self.news.append(event)
        if event.code == records.ALERT:
            self.alerted_at_s = self.clock()
        elif event.code == records.SLOUCH_ENDED:
            self.alerted_at_s = None
        if event.code in (records.ALERT, records.SLOUCH_STARTED):
            oldest_s = self.clock() - STORED_WITHIN_S
            self.recent = [known for known in self.recent if known[0] >= oldest_s]
            self.recent.append((self.clock(), event))

    def forget_stored(self, day: "Day") -> None:
        """Count no longer by ourselves what a reading of the store counts."""
        if self.info is None:
            return
        boot = self.info.journal, self.info.boot
        stored = {(event.code, event.uptime_ms) for event in day.events if (event.journal, event.boot) == boot}
        self.recent = [known for known in self.recent if (known[1].code, known[1].uptime_ms) not in stored]

    def take_news(self) -> list[JournalEvent]:
        """Return what has happened since the last call, oldest first."""
        news, self.news = self.news, []
        return news

    def take_fresh(self) -> list[LiveSample]:
        """Return the samples since the last call, oldest first."""
        fresh, self.fresh = self.fresh, []
        return fresh
