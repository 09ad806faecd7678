"""Deep sleep: why a sensor that isn't heard is silent, and what the wearer can do, in the words that every face shows.

| the sensor | how the host knows |
|---|---|
| is switched off | before the link ended, it reported that, or that its button was held long enough for it |
| is empty | before the link ended, it reported that |
| is probably empty | its battery was almost empty, and it has missed a window |
| is asleep | it lay off the body on a board that sleeps deeply then, and has missed a window |

It holds until the sensor is linked again. A program that starts later knows it from `last_sleep.py`.
"""

from dataclasses import dataclass

from unslouch.link.ble.failures import NotHeard
from unslouch.link.model import BoardStatus, JournalEvent, SensorInfo
from unslouch_device.contract import records

ALMOST_EMPTY_PERCENT = 3
OVER_AFTER_MS = 5000
"""A sensor that still sends its status this long after such a report has stayed awake, as it does on external power."""

_NAMES = {
    records.ASLEEP_OFF_BODY: "asleep",
    records.ASLEEP_EMPTY: "empty",
    records.ASLEEP_BY_HAND: "switched off",
}


@dataclass(frozen=True, slots=True)
class DeepSleep:
    """Why a sensor is silent, and what ends that."""

    why: int
    """ASLEEP_… of contract.records."""
    button_wakes: bool
    """Whether its button can end deep sleep on this board."""
    is_certain: bool = True

    @property
    def name(self) -> str:
        """A word or two for it, such as "switched off"."""
        return _NAMES[self.why] if self.is_certain else f"probably {_NAMES[self.why]}"

    @property
    def remedy(self) -> str:
        """What the wearer can do, as an imperative."""
        if self.why == records.ASLEEP_EMPTY:
            return "charge it"
        if self.why == records.ASLEEP_BY_HAND:
            return "hold its button until it vibrates, or plug it in" if self.button_wakes else "plug it in"
        return "lift it or press its button" if self.button_wakes else "lift it"

    @property
    def sentence(self) -> str:
        """Name and remedy in a sentence."""
        return f"The sensor is {self.name}: {self.remedy}."


@dataclass(frozen=True, slots=True)
class ExpectedSleep:
    """The deep sleep that a sensor's last link announced."""

    why: int
    button_wakes: bool
    has_begun: bool
    """Whether it began as the link ended; else the sensor sleeps if it misses a window."""

    @property
    def deep_sleep(self) -> DeepSleep:
        """What it is called once it has begun or a window was missed."""
        is_certain = self.has_begun or self.why == records.ASLEEP_OFF_BODY
        return DeepSleep(self.why, self.button_wakes, is_certain)


class SensorAsleep(NotHeard):
    """The sensor isn't heard because it sleeps deeply, as far as this computer knows."""

    def __init__(self, deep_sleep: DeepSleep) -> None:
        super().__init__(deep_sleep.sentence)
        self.deep_sleep = deep_sleep


class SleepSigns:
    """What a linked sensor says of a deep sleep to come."""

    def __init__(self, info: SensorInfo) -> None:
        self._button_wakes = info.button_wakes
        self._lies_off_body = info.sleeps_deeply
        self._begun: tuple[int, int] | None = None  # why, uptime in ms
        self._is_powered = False
        self._is_almost_empty = False

    def take_event(self, event: JournalEvent) -> None:
        """Take note of an event."""
        match event.code, event.fields:
            case records.PUT_ON, _:
                self._lies_off_body = False
            case records.DEEP_SLEEP_BEGAN, {"why": why} if why in _NAMES:
                self._begun = why, event.uptime_ms
            case records.BATTERY_LOW, {"level": records.BATTERY_EMPTY}:
                self._begun = records.ASLEEP_EMPTY, event.uptime_ms
            case records.BUTTON, {"presses": records.HELD_TO_SWITCH_OFF} if not self._is_powered:
                self._begun = records.ASLEEP_BY_HAND, event.uptime_ms

    def take_status(self, status: BoardStatus) -> None:
        """Take note of a status."""
        percent = status.battery_percent
        self._is_powered = status.external_power
        self._is_almost_empty = percent is not None and percent <= ALMOST_EMPTY_PERCENT and not status.external_power
        if status.sleeps_deeply:  # it was taken off after the handshake; the event that it is worn again ends that
            self._lies_off_body = True
        if self._begun is not None and status.uptime_ms >= self._begun[1] + OVER_AFTER_MS:
            self._begun = None

    @property
    def has_begun(self) -> bool:
        """Whether the sensor has announced that it sleeps now."""
        return self._begun is not None

    def expected(self) -> ExpectedSleep | None:
        """Return the deep sleep to expect if the link ends now, or None."""
        if self._begun is not None:
            return ExpectedSleep(self._begun[0], self._button_wakes, has_begun=True)
        if self._lies_off_body:
            return ExpectedSleep(records.ASLEEP_OFF_BODY, self._button_wakes, has_begun=False)
        if self._is_almost_empty:
            return ExpectedSleep(records.ASLEEP_EMPTY, self._button_wakes, has_begun=False)
        return None
