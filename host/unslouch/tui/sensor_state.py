"""The sensor as the dashboard draws it: the latest of each event, kept as events come and read once per frame."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from unslouch.link.model import BoardStatus, JournalEvent, LinkState, LiveSample, Profile, SensorInfo
from unslouch.sensor.deep_sleep import DeepSleep
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
from unslouch.sensor.silence import SilenceWatch
from unslouch_device.contract import messages, records, states
from unslouch_device.contract import settings as contract_settings

from .seen import SeenSpans

if TYPE_CHECKING:
    from unslouch.analysis.day import Day

LIVE_FOR_S = 3.0
"""A live sample older than this says nothing about now."""
ALERT_SHOWN_FOR_S = 60.0
"""How long the mark of an alert stays if the slouch lasts."""
STORED_WITHIN_S = 180.0
"""An event older than this is in the store, or will never be."""
ANNOUNCED = (
    records.DELAY_ADAPTED,
    records.PROFILE_SELECTED,
    records.CALIBRATED,
    records.STANDING_ZERO,
    records.CALIBRATION_UNDONE,
)
"""Events that are announced when they come. That the sensor may have moved is not: it shows as long as it is so."""
COUNTED = (records.ALERT, records.SLOUCH_STARTED)
"""Events that today's panel counts before they are in the store."""


def default_settings() -> dict[str, int]:
    """Return the default of each setting by key, which holds until a sensor has answered."""
    return {setting.key: setting.default for setting in contract_settings.SETTINGS}


@dataclass
class SensorState:
    """Handles events as they come; every time is in seconds of `clock`."""

    clock: Callable[[], float]
    """Returns seconds that never go back."""
    state: LinkState = LinkState.SEARCHING
    reason: str = ""
    """Why there is no link, as a sentence."""
    store_fault: str = ""
    """Why records can't be stored although the sensor is linked; empty if they can."""
    failure: str = ""
    """What went wrong that nobody foresaw, and where the traceback is."""
    clock_fault: str = ""
    """Why the sensor is not given the time."""
    window_at_s: float | None = None
    """When the sensor can be heard again; None: at any time."""
    deep_sleep: DeepSleep | None = None
    """Why the sensor isn't heard and has no windows, as far as it is known; kept while it is tried."""
    info: SensorInfo | None = None
    status: BoardStatus | None = None
    sample: LiveSample | None = None
    sampled_at_s: float = 0.0
    undrawn: list[LiveSample] = field(default_factory=list)
    """Live samples that no frame has drawn yet, oldest first."""
    records_stored: int = 0
    """How often records came into the store."""
    records_behind: int = 0
    """How many records the sensor has flushed that are not stored yet."""
    silence: SilenceWatch = field(default_factory=SilenceWatch)
    """Knows why the motor would not run now."""
    seen: SeenSpans = field(default_factory=SeenSpans)
    """What came over the link and is not in the store yet."""
    settings: dict[str, int] = field(default_factory=default_settings)
    profiles: list[Profile] = field(default_factory=list)
    is_set_up_known: bool = False
    """Whether settings and profiles are those of the sensor that was linked last."""
    links: int = 0
    """How often a sensor was linked."""
    alerted_at_s: float | None = None
    """When the last alert of the present slouch came."""
    undo_until_s: float = float("-inf")
    """Until when the sensor takes back its last calibration, as far as its events say."""
    unannounced: list[JournalEvent] = field(default_factory=list)
    """Events that the wearer has not been shown yet, oldest first."""
    unstored: list[tuple[float, JournalEvent]] = field(default_factory=list)
    """Slouches and alerts that the store does not have yet, and when they came."""

    @property
    def is_linked(self) -> bool:
        """Whether a sensor is connected and has answered the handshake."""
        return self.state in (LinkState.SYNCING, LinkState.LIVE)

    @property
    def is_paused(self) -> bool:
        """Whether no attempt to connect is under way, so that the wearer may ask for one."""
        return self.state in (LinkState.WAITING, LinkState.RESTING, LinkState.CLOSED)

    @property
    def live(self) -> LiveSample | None:
        """The newest sample, or None if it is too old to say what the posture is now."""
        if self.is_linked and self.sample is not None and self.clock() - self.sampled_at_s <= LIVE_FOR_S:
            return self.sample
        return None

    @property
    def sample_age_s(self) -> float:
        """How long ago the newest sample came."""
        return self.clock() - self.sampled_at_s

    @property
    def window_in_s(self) -> int | None:
        """How long until the sensor can be heard again; None if that may be at any time."""
        return None if self.window_at_s is None else max(0, round(self.window_at_s - self.clock()))

    @property
    def posture(self) -> int:
        """The posture state of this moment; UNKNOWN without a live sample."""
        return states.UNKNOWN if self.live is None else self.live.state

    @property
    def alerted_s_ago(self) -> int | None:
        """How long ago the present slouch brought an alert; None after a minute."""
        if self.live is None or self.alerted_at_s is None:
            return None
        ago_s = self.clock() - self.alerted_at_s
        return int(ago_s) if ago_s <= ALERT_SHOWN_FOR_S else None

    def count_unstored(self, code: int) -> int:
        """Return how many events of a code came that the store does not have yet."""
        oldest_s = self.clock() - STORED_WITHIN_S
        return sum(came_s >= oldest_s and event.code == code for came_s, event in self.unstored)

    @property
    def may_undo(self) -> bool:
        """Whether the sensor would take back its last calibration now."""
        return self.is_linked and self.clock() < self.undo_until_s

    @property
    def profile(self) -> Profile | None:
        """The active profile, once the sensor has said which it is."""
        if self.board is None or self.board.profile >= len(self.profiles):
            return None
        return self.profiles[self.board.profile]

    @property
    def board(self) -> BoardStatus | None:
        """The sensor's status, or None while it is not connected."""
        return self.status if self.is_linked else None

    def handle(self, event: SensorEvent) -> None:
        """Keep what an event says."""
        self.silence.handle(event)
        match event:
            case LinkChanged():
                self._keep_link(event)
            case WindowExpected(opens_in_s):
                self.window_at_s = None if opens_in_s is None else self.clock() + opens_in_s
            case SensorConnected(info):
                self._keep_info(info)
            case LiveSample():
                self.sample, self.sampled_at_s = event, self.clock()
                self.undrawn.append(event)
                if self.info is None or not self.info.own_clock:
                    self.seen.add(event.state)
            case BoardStatus():
                self.status = event
            case JournalEvent():
                self._keep_journal_event(event)
            case RecordsStored(_, behind):
                self.records_stored += 1
                self.records_behind = behind
            case StoreFailed(error):
                self.store_fault = str(error)
            case StoreRecovered():
                self.store_fault = ""
            case ClockImplausible(reason):
                self.clock_fault = reason
            case ClockRecovered():
                self.clock_fault = ""

    def _keep_link(self, change: LinkChanged) -> None:
        self.state, self.reason = change.state, change.reason
        if change.state not in (LinkState.SEARCHING, LinkState.CONNECTING):
            self.deep_sleep = change.deep_sleep
        if change.state not in (LinkState.RESTING, LinkState.WAITING, LinkState.SEARCHING, LinkState.CONNECTING):
            self.window_at_s = None

    def _keep_info(self, info: SensorInfo) -> None:
        if self.info is not None and (self.info.journal, self.info.boot) != (info.journal, info.boot):
            self.alerted_at_s = None
            self.unstored.clear()
        self.info, self.status, self.sample = info, None, None
        self.profiles, self.is_set_up_known = [], False
        self.links += 1

    def _keep_journal_event(self, event: JournalEvent) -> None:
        """Keep slouches, alerts and what is announced; other changes come with the next sample and status."""
        if event.code in ANNOUNCED:
            self.unannounced.append(event)
        if event.code == records.CALIBRATED:
            self.undo_until_s = self.clock() + messages.UNDO_S
        elif event.code in (records.CALIBRATION_UNDONE, records.PROFILE_SELECTED):
            self.undo_until_s = float("-inf")
        if event.code == records.ALERT:
            self.alerted_at_s = self.clock()
        elif event.code == records.SLOUCH_ENDED:
            self.alerted_at_s = None
        if event.code in COUNTED:
            oldest_s = self.clock() - STORED_WITHIN_S
            self.unstored = [known for known in self.unstored if known[0] >= oldest_s]
            self.unstored.append((self.clock(), event))

    def drop_stored(self, day: "Day") -> None:
        """Leave out of `unstored` and `seen` what a day from the store contains."""
        self.seen.drop_until(day.until_utc_ms)
        if self.info is None:
            return
        boot = self.info.journal, self.info.boot
        stored = {(event.code, event.uptime_ms) for event in day.events if (event.journal, event.boot) == boot}
        self.unstored = [known for known in self.unstored if (known[1].code, known[1].uptime_ms) not in stored]

    def take_unannounced(self) -> list[JournalEvent]:
        """Return the events to announce that came since the last call, oldest first."""
        taken, self.unannounced = self.unannounced, []
        return taken

    def take_undrawn(self) -> list[LiveSample]:
        """Return the samples since the last call, oldest first."""
        taken, self.undrawn = self.undrawn, []
        return taken

    def begin_again(self) -> None:
        """Forget why there was no link: the search starts again."""
        self.state, self.reason, self.failure = LinkState.SEARCHING, "", ""
        self.window_at_s, self.deep_sleep = None, None

    def let_go(self) -> None:
        """Show that this program has ended the link."""
        self.state, self.reason, self.window_at_s = LinkState.CLOSED, "", None
        self.deep_sleep = None

    def fail(self, sentence: str) -> None:
        """Show that following the sensor has ended for a reason that nobody foresaw."""
        self.state, self.reason, self.failure = LinkState.CLOSED, "", sentence
        self.window_at_s, self.deep_sleep = None, None
