"""A model of the reference board's current, which says how long a battery lasts; each figure has its source."""

from collections import Counter
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Figure:
    """A quantity and its source."""

    value: float
    unit: str
    source: str
    check: str | None = None
    """The item of hardware/bring-up.md that measures it; every estimate has one."""


SEEED: Final = "Seeed Studio, XIAO ESP32-S3 wiki, power consumption"
ST: Final = "ST, LSM6DSOX datasheet DS12814"
CPU_BUSY: Final = Figure(
    51.0,
    "mA",
    "estimate: Espressif's ESP32-S3 datasheet as others quote it, modem sleep, 240 MHz, one core at work",
    "cpu-currents",
)
CPU_IDLE: Final = Figure(
    33.0,
    "mA",
    "32 mA of an ESP32-S3-DevKitM-1 that only waits (lucidar.me, power consumption of ESP32-S3-DevKitM-1), 34 mA of an "
    "awake XIAO (forum.seeedstudio.com, topic 276916)",
    "cpu-currents",
)
LIGHT_SLEEP: Final = Figure(
    2.0,
    "mA",
    "1.9 mA of the chip alone while its flash stays on (esp32.com, topic 41048), as it does in MicroPython; 2 mA of "
    "the whole board in Seeed's wiki",
    "currents",
)
DEEP_SLEEP: Final = Figure(
    0.012, "mA", "whole board at 3.8 V: 10 µA in forum.seeedstudio.com, topic 284207, 14 in Seeed's wiki", "currents"
)
BLE_ACTIVE: Final = Figure(85.0, "mA", f"{SEEED}: Bluetooth active, the radio on all the time", "currents")
IMU: Final = Figure(0.55, "mA", f"{ST}: both sensors in high-performance mode")
IMU_WATCHING: Final = Figure(
    0.03, "mA", "estimate: accelerometer alone in low power at 26 Hz, as in parts/lsm6ds.py", "imu-watching"
)
IMU_OFF: Final = Figure(0.003, "mA", f"{ST}: power-down")
MOTOR: Final = Figure(60.0, "mA", "10 mm coin motor at 3 V: datasheets of its class say 50 to 75 mA")
DIVIDER: Final = Figure(440.0, "kΩ", "2 × 220 kΩ from the cell, as in boards/xiao_esp32s3.py; at 3.7 V")
SAMPLE_RATE: Final = Figure(52.0, "Hz", "parts/lsm6ds.py")
SAMPLE_BUS: Final = Figure(
    0.35, "ms", "14 bytes of FIFO at 400 kHz, 9 clocks each, and a tenth more for addresses; the processor waits"
)
SAMPLE_WORK: Final = Figure(
    0.21,
    "ms",
    "estimate: 3.2 µs in tests/benchmarks/sample_cost.py under i386, times 65 for the ESP32-S3 at 240 MHz",
    "sample-work",
)
BATCH_EVERY: Final = Figure(
    3.9, "s", "resting.py: between batches while nobody looks and no alert is near; four fifths of what the FIFO holds"
)
NEAR_EVERY: Final = Figure(0.42, "s", "resting.py: between batches while the wearer leans or has been alerted")
NEAR: Final = Figure(0.2, "", "estimate: share of the time worn for which the wearer leans", "sample-work")
BATCH_WORK: Final = Figure(
    5.0, "ms", "estimate: falling asleep, waking, and the tasks that are due after each sleep", "sample-work"
)
DOZE_EVERY: Final = Figure(10.0, "s", "resting.py: between looks at the chip's interrupt off the body")
RADIO_SHARE: Final = Figure(
    0.25, "", "estimate: radio and processor up for 10 ms of a connection interval of 40 ms", "radio-share"
)
WINDOW: Final = Figure(5.3, "s", "counted on the simulated radio: time on without a host, link/radio.py's 5 s")
VISIT: Final = Figure(9.6, "s", "counted in the same way, with a recorder that fetches the journal in each window")
WINDOW_EVERY: Final = Figure(
    900.0, "s", "contract/settings.py: the longest time between two windows, where nobody looks", "ble-on-and-off"
)
WINDOWS_BY_NEED: Final = Figure(
    6.0, "", "estimate: slouches, and motion after rest, in an hour of wear; only if a host is near", "ble-on-and-off"
)
ADVERTISING: Final = Figure(
    0.02,
    "",
    "three channels, each 376 µs for 47 bytes, 150 µs until an answer and 150 µs to receive it, every 105 ms: "
    "Bluetooth Core 5.4, vol. 6, part B, 2.1, 4.1 and 4.4.2.2",
)
ALERT: Final = Figure(0.6, "s", "parts/motor.py: the motor's time in an alert")
LOOK: Final = Figure(
    0.05, "", "resting.py: off the body it measures for 30 s after each 10 minutes of waiting for motion"
)
WAKE: Final = Figure(3.0, "s", "estimate: MicroPython's start and loading the firmware", "deep-sleep-start")
NAP_WAKE: Final = Figure(
    0.5,
    "s",
    "estimate: MicroPython's start and a measurement of the cell, before the app is loaded",
    "deep-sleep-start",
)
WAKE_EVERY: Final = Figure(600.0, "s", "deep_sleep.py: how often an empty board checks whether it is charged")
NAP: Final = Figure(14_400.0, "s", "deep_sleep.py: how often a board in deep sleep measures its cell")
CHECK_EVERY: Final = Figure(43_200.0, "s", "deep_sleep.py: how often it starts to see whether all is well")
DEEP_AFTER: Final = Figure(0.5, "h", "resting.py: off the body, until it sleeps deeply")
DEEP_AGAIN: Final = Figure(300.0, "s", "resting.py: the same after a start that nobody put it on for")
ATTENTION: Final = Figure(30.0, "s", "resting.py: awake after a start, the radio on")
STRETCHES: Final = Figure(
    2.0, "", "estimate: times a day that it is laid down for longer: a night and a break", "currents"
)
USABLE: Final = Figure(
    0.9, "", "estimate: share of the nominal capacity down to 3.4 V, of a slightly aged cell", "capacity"
)
RESERVE: Final = Figure(
    0.02, "", "estimate: share of the capacity between 3.4 V and the cell's own protection", "capacity"
)

CELL_V: Final = 3.7


@dataclass(frozen=True)
class Mode:
    """A mode of the board, and the mean current of each part in mA."""

    name: str
    meaning: str
    currents_mA: dict[str, float]
    share: float = USABLE.value
    """The share of the battery that this mode can use."""

    @property
    def total_mA(self) -> float:
        """The current of all parts together."""
        return sum(self.currents_mA.values())

    def dominant(self, least_share: float = 0.1, most: int = 2) -> dict[str, float]:
        """Return the shares of the parts that draw most, the greatest first: at most `most` of at least least_share."""
        shares = {part: current_mA / self.total_mA for part, current_mA in self.currents_mA.items()}
        ranked = sorted(shares, key=shares.__getitem__, reverse=True)[:most]
        return {part: shares[part] for part in ranked if shares[part] >= least_share}

    def hours(self, battery_mAh: float) -> float:
        """Return how many hours a battery of this capacity lasts in this mode."""
        return battery_mAh * self.share / self.total_mA


@dataclass(frozen=True)
class Day:
    """What a day takes of the battery, by part in mAh."""

    name: str
    parts_mAh: dict[str, float]

    @property
    def total_mAh(self) -> float:
        """The charge of all parts together."""
        return sum(self.parts_mAh.values())

    def days(self, battery_mAh: float) -> float:
        """Return how many such days a battery of this capacity lasts."""
        return battery_mAh * USABLE.value / self.total_mAh


def days(worn_h: float, alerts_per_h: float = 4.0) -> list[Day]:
    """Return what a day takes that is worn for some hours and off the body for the rest, alone and recorded."""
    by_name = {mode.name: mode for mode in modes(alerts_per_h)}
    kinds = []
    for name, worn, off in (("unrecorded", "log", "off body"), ("recorded by Bluetooth", "recorded", "left")):
        parts_mAh: Counter[str] = Counter()
        dozing_h = min(24 - worn_h, STRETCHES.value * DEEP_AFTER.value)
        asleep_h = 24 - worn_h - dozing_h
        if asleep_h:
            parts_mAh.update({"starts after deep sleep": STRETCHES.value * _start_mAs() / 3600})
        for mode, duration_h in ((by_name[worn], worn_h), (by_name[off], dozing_h), (by_name["asleep"], asleep_h)):
            parts_mAh.update({part: current_mA * duration_h for part, current_mA in mode.currents_mA.items()})
        kinds.append(Day(name, dict(parts_mAh)))
    return kinds


def modes(alerts_per_h: float = 4.0) -> list[Mode]:
    """Return the modes of the firmware, for a number of alerts per hour of wear."""
    divider = {"battery divider": CELL_V / DIVIDER.value}
    motor = {"motor": MOTOR.value * alerts_per_h * ALERT.value / 3600}
    sampling = {"motion sensor": IMU.value} | divider
    window_share, visit_share = (each.value / WINDOW_EVERY.value for each in (WINDOW, VISIT))
    need_share = WINDOW.value * WINDOWS_BY_NEED.value / 3600
    needed_mA = _with_radio_mA(ADVERTISING.value) * need_share
    windows = {"Bluetooth": _with_radio_mA(ADVERTISING.value) * window_share}
    visits = {"Bluetooth": windows["Bluetooth"] + _with_radio_mA(RADIO_SHARE.value) * (visit_share - window_share)}
    work = {"processing": _work_mA()}
    return [
        Mode(
            "log",
            "worn, and nobody looks",
            _resting_mA(window_share, near_share=NEAR.value) | windows | sampling | motor,
        ),
        Mode(
            "recorded",
            "worn, and recorded by Bluetooth",
            _resting_mA(visit_share + need_share, near_share=NEAR.value)
            | {"Bluetooth": visits["Bluetooth"] + needed_mA}
            | sampling
            | motor,
        ),
        Mode(
            "awake", "worn, kept awake without a radio", {"waiting processor": CPU_IDLE.value} | work | sampling | motor
        ),
        Mode(
            "live",
            "worn, somebody looks by Bluetooth",
            {"radio and processor": _with_radio_mA(RADIO_SHARE.value)} | work | sampling | motor,
        ),
        Mode("off body", "laid down, until it is moved", _dozing_mA(window_share, LOOK.value) | windows | divider),
        Mode(
            "left",
            "laid down, recorded by Bluetooth",
            _dozing_mA(visit_share, LOOK.value + visit_share) | visits | divider,
        ),
        Mode(
            "asleep",
            "laid down for more than half an hour",
            {
                "deep sleep": DEEP_SLEEP.value,
                "motion sensor": IMU_WATCHING.value,
                "waking to look": CPU_BUSY.value * NAP_WAKE.value / NAP.value + _check_mAs() / CHECK_EVERY.value,
            }
            | divider,
        ),
        Mode(
            "empty",
            "below 3.4 V, until it is charged",
            {
                "deep sleep": DEEP_SLEEP.value,
                "waking to look": CPU_BUSY.value * NAP_WAKE.value / WAKE_EVERY.value,
                "motion sensor": IMU_OFF.value,
            }
            | divider,
            RESERVE.value,
        ),
    ]


def _start_mAs() -> float:
    """Return the charge of a start and of being awake after it, in mA s."""
    return CPU_BUSY.value * WAKE.value + _with_radio_mA(ADVERTISING.value) * ATTENTION.value


def _check_mAs() -> float:
    """Return the charge of a start that finds nothing to do, until the board sleeps deeply again, in mA s."""
    rest_s = DEEP_AGAIN.value - ATTENTION.value
    return _start_mAs() + (sum(_resting_mA(0.0).values()) + IMU.value) * rest_s


def _with_radio_mA(radio_share: float) -> float:
    """Return the current of a waiting processor and the radio if the radio is on for a share of the time."""
    return BLE_ACTIVE.value * radio_share + CPU_IDLE.value * (1 - radio_share)


def _work_mA() -> float:
    """Return what samples cost an awake processor beyond waiting."""
    return (CPU_BUSY.value - CPU_IDLE.value) * SAMPLE_RATE.value * SAMPLE_WORK.value / 1000


def _resting_mA(radio_share: float, sampling_share: float = 1.0, near_share: float = 0.0) -> dict[str, float]:
    """Return the currents of a processor that sleeps except for its work and while the radio is on.

    sampling_share: for what share of the time it measures; otherwise it wakes to look at the chip's interrupt.
    near_share: for what share of the time that it measures an alert may be near.
    """
    samples_per_s = SAMPLE_RATE.value * sampling_share
    measuring_per_s = near_share / NEAR_EVERY.value + (1 - near_share) / BATCH_EVERY.value
    batches_per_s = sampling_share * measuring_per_s + (1 - sampling_share) / DOZE_EVERY.value
    busy_share = (samples_per_s * SAMPLE_WORK.value + batches_per_s * BATCH_WORK.value) / 1000
    waiting_share = samples_per_s * SAMPLE_BUS.value / 1000
    rest_share = 1 - radio_share
    return {
        "processing": (CPU_BUSY.value * busy_share + CPU_IDLE.value * waiting_share) * rest_share
        + _work_mA() * sampling_share * radio_share,
        "light sleep": LIGHT_SLEEP.value * (1 - busy_share - waiting_share) * rest_share,
    }


def _dozing_mA(radio_share: float, look_share: float) -> dict[str, float]:
    """Return the currents of processor and motion sensor that measure for a share of the time only."""
    return _resting_mA(radio_share, look_share) | {
        "motion sensor": IMU.value * look_share + IMU_WATCHING.value * (1 - look_share)
    }


def figures() -> dict[str, Figure]:
    """Return every figure by its name."""
    return {name.lower().replace("_", " "): value for name, value in globals().items() if isinstance(value, Figure)}
