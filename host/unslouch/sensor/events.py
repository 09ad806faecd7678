"""The events of a sensor at work: one frozen dataclass for each thing that can happen.

`LiveSample` and `BoardStatus` are telemetry: a consumer that is slow loses the oldest of them. It never loses any other
event (see `publisher.py`).
"""

from dataclasses import dataclass

from unslouch.errors import StoreError, UnslouchError
from unslouch.link.model import BoardStatus, JournalEvent, LinkState, LiveSample, SensorInfo

from .deep_sleep import DeepSleep

__all__ = [
    "BoardStatus",
    "ClockImplausible",
    "ClockRecovered",
    "ClockStepped",
    "JournalEvent",
    "LinkChanged",
    "LiveSample",
    "RecordsStored",
    "SensorConnected",
    "SensorEvent",
    "StoreFailed",
    "StoreRecovered",
    "WindowExpected",
]


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The session entered a state."""

    state: LinkState
    reason: str = ""
    """A sentence for the wearer; empty where there is nothing to explain."""
    error: UnslouchError | None = None
    """Why the last try failed, in WAITING and REFUSED, and in RESTING while the sensor sleeps deeply; else None."""
    deep_sleep: DeepSleep | None = None
    """Why a sensor that is RESTING isn't heard, which `reason` says too; None while it has windows."""


@dataclass(frozen=True, slots=True)
class WindowExpected:
    """The link is down; published after LinkChanged to WAITING or RESTING."""

    opens_in_s: float | None
    """Time until the sensor can be heard again; None: at any time, or unknown."""


@dataclass(frozen=True, slots=True)
class SensorConnected:
    """A sensor has answered the handshake; published again when it restarts or begins another journal."""

    info: SensorInfo


@dataclass(frozen=True, slots=True)
class RecordsStored:
    """Records are in the database, whichever process wrote them."""

    next_sequence: int
    """The sequence after the last stored record."""
    behind: int
    """How many records the sensor has flushed that are not stored yet."""


@dataclass(frozen=True, slots=True)
class StoreFailed:
    """The database can't be read or written at the moment; the attempt is repeated until it succeeds."""

    error: StoreError


@dataclass(frozen=True, slots=True)
class StoreRecovered:
    """The database can be written again."""


@dataclass(frozen=True, slots=True)
class ClockStepped:
    """The computer's clock was set while the sensor was linked; the sensor's journal gets a mark of it."""

    by_s: float
    """Positive if it was set ahead."""


@dataclass(frozen=True, slots=True)
class ClockImplausible:
    """The computer's clock can't be right, so the sensor is not given the time until it is set."""

    reason: str
    """A sentence for the user."""


@dataclass(frozen=True, slots=True)
class ClockRecovered:
    """The computer's clock is plausible again, and the sensor is given the time."""


SensorEvent = (
    LinkChanged
    | WindowExpected
    | SensorConnected
    | LiveSample
    | BoardStatus
    | JournalEvent
    | RecordsStored
    | StoreFailed
    | StoreRecovered
    | ClockStepped
    | ClockImplausible
    | ClockRecovered
)
