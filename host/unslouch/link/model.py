"""What a link delivers: its state, which sensor answers, and telemetry."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

LinkKind = Literal["", "cable", "Bluetooth", "shared"]
"""How a sensor is linked; shared: through another program, which owns it; empty while none is linked."""


class LinkState(StrEnum):
    """The state of a session; the values are shown to the wearer."""

    SEARCHING = "searching"
    """Looking for a sensor: no port is chosen yet."""
    CONNECTING = "connecting"
    """Opening the port."""
    HANDSHAKE = "handshake"
    """The port is open; HELLO, clock and settings are being exchanged."""
    SYNCING = "syncing"
    """Records that the database lacks are being fetched."""
    LIVE = "live"
    """All is stored; live data streams, and new pages come as the board flushes them."""
    RESTING = "resting"
    """Nobody watches, all is stored, and the sensor saves its battery until its next window."""
    WAITING = "waiting"
    """The link was lost or could not be made; the next try comes after a delay."""
    REFUSED = "refused"
    """It is no unslouch sensor, or speaks another protocol version: trying again would not help."""
    CLOSED = "closed"
    """Ended by this program."""


@dataclass(frozen=True)
class SensorInfo:
    """What the sensor says of itself in its reply to HELLO."""

    device_id: str
    """Unique id of the chip, hexadecimal."""
    board: str
    firmware_version: str
    protocol_version: int
    journal: int
    boot: int
    oldest_sequence: int
    next_sequence: int
    """The sequence that the next flushed record will have."""
    uptime_ms: int
    settings_revision: int
    calibration_id: int
    """0 without a calibration."""
    simulated: bool
    own_clock: bool
    """Simulated at a speed other than real time: it supplies UTC itself."""
    window_period_s: int
    """How long after the end of the link it advertises again, unless somebody watches until then; 0: always."""
    sleeps_deeply: bool = False
    """It is off the body and sleeps deeply within half an hour, after which it is silent until something wakes it."""
    button_wakes: bool = False
    """Its button wakes it then, as motion does."""


@dataclass(frozen=True, slots=True)
class LiveSample:
    """The posture of this moment; angles are None without a calibration or a motion sensor that answers."""

    uptime_ms: int
    forward_deg: float | None
    lateral_deg: float | None
    state: int
    """One of unslouch_device.contract.states; UNKNOWN while the motion sensor does not answer."""
    activity: int
    alerting: bool
    snoozed: bool
    tracking_only: bool
    above_threshold_s: int


@dataclass(frozen=True)
class BoardStatus:
    """What changes slowly on the sensor; comes about once a second."""

    uptime_ms: int
    battery_mV: int
    battery_percent: int | None
    external_power: bool
    snooze_left_s: int
    oldest_sequence: int
    next_sequence: int
    alerts: int
    samples_lost: int
    settings_revision: int
    calibration_id: int
    profile: int
    """The active profile, counted from 0."""
    sensor_moved: bool
    """Walking looks so different from before that the sensor may sit elsewhere."""
    delay_s: int
    """The present delay of the alert: the setting, or what fading has made of it."""
    sleeps_deeply: bool = False
    """It is off the body, where this board sleeps deeply after half an hour."""


@dataclass(frozen=True)
class Profile:
    """One of the sensor's named calibrations."""

    index: int
    """Counted from 0."""
    name: str
    """Empty for a profile that nobody has named."""
    calibration_id: int
    """0 without a calibration."""
    bowed: bool
    """A bow has shown which way is forward."""
    stood: bool
    """It has a standing zero."""
    active: bool

    @property
    def number(self) -> int:
        """Its number for people: counted from 1."""
        return self.index + 1

    @property
    def title(self) -> str:
        """Its name, or its number where it has none."""
        return self.name or f"profile {self.number}"


@dataclass(frozen=True)
class JournalEvent:
    """An event of the journal (contract.records.EVENTS), as the board reports it and before it is in flash."""

    code: int
    name: str
    uptime_ms: int
    fields: dict[str, int]
