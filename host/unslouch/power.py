"""A model of the reference board's current, which says how long a battery lasts; each figure has its source."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Figure:
    """A quantity and its source."""

    value: float
    unit: str
    source: str


SEEED: Final = "Seeed Studio, XIAO ESP32-S3 wiki, power consumption"
ST: Final = "ST, LSM6DSOX datasheet DS12814"
MODEM_SLEEP: Final = Figure(25.0, "mA", f"{SEEED}: modem sleep; the processor runs, the radio is off")
LIGHT_SLEEP: Final = Figure(2.0, "mA", f"{SEEED}: light sleep, the whole board")
DEEP_SLEEP: Final = Figure(0.014, "mA", f"{SEEED}: deep sleep, the whole board")
BLE_ACTIVE: Final = Figure(85.0, "mA", f"{SEEED}: Bluetooth active, the radio on all the time")
IMU: Final = Figure(0.55, "mA", f"{ST}: both sensors in high-performance mode")
IMU_WATCHING: Final = Figure(
    0.03, "mA", "estimate: accelerometer alone in low power at 26 Hz, as in parts/lsm6ds.py; to be measured"
)
IMU_OFF: Final = Figure(0.003, "mA", f"{ST}: power-down")
MOTOR: Final = Figure(60.0, "mA", "10 mm coin motor at 3 V: datasheets of its class say 50 to 75 mA")
DIVIDER: Final = Figure(440.0, "kΩ", "2 × 220 kΩ from the cell, as in boards/xiao_esp32s3.py; at 3.7 V")
SAMPLE_RATE: Final = Figure(52.0, "Hz", "parts/lsm6ds.py")
SAMPLE_BUS: Final = Figure(0.35, "ms", "14 bytes of FIFO at 400 kHz, 9 clocks each, and a tenth more for addresses")
SAMPLE_WORK: Final = Figure(
    1.5,
    "ms",
    "estimate: 50 µs in tests/benchmarks/sample_cost.py under i386, times 30 for the ESP32-S3; to be measured",
)
RADIO_SHARE: Final = Figure(
    0.25, "", "estimate: radio and processor up for 10 ms of a connection interval of 40 ms; to be measured"
)
WINDOW: Final = Figure(5.3, "s", "counted on the simulated radio: time on without a host, link/radio.py's 5 s")
VISIT: Final = Figure(9.6, "s", "counted in the same way, with a recorder that fetches the journal in each window")
WINDOW_EVERY: Final = Figure(180.0, "s", "link/radio.py")
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
WAKE: Final = Figure(3.0, "s", "estimate: MicroPython's start and a measurement of the cell; to be measured")
WAKE_EVERY: Final = Figure(600.0, "s", "battery.py: how often an empty board checks whether it is charged")
USABLE: Final = Figure(0.9, "", "estimate: share of the nominal capacity down to 3.4 V, of a slightly aged cell")
RESERVE: Final = Figure(0.02, "", "estimate: share of the capacity between 3.4 V and the cell's own protection")

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


def modes(alerts_per_h: float = 4.0) -> list[Mode]:
    """Return the modes of the firmware, for a number of alerts per hour of wear."""
    awake_share = SAMPLE_RATE.value * (SAMPLE_BUS.value + SAMPLE_WORK.value) / 1000
    divider = {"battery divider": CELL_V / DIVIDER.value}
    motor = {"motor": MOTOR.value * alerts_per_h * ALERT.value / 3600}
    sampling = {"motion sensor": IMU.value} | divider
    radio_mA = _with_radio_mA(RADIO_SHARE.value)
    window_share, visit_share = (each.value / WINDOW_EVERY.value for each in (WINDOW, VISIT))
    windows = {"Bluetooth": _with_radio_mA(ADVERTISING.value) * window_share}
    visits = {"Bluetooth": windows["Bluetooth"] + radio_mA * (visit_share - window_share)}
    return [
        Mode("log", "worn, and nobody looks", _resting_mA(awake_share, window_share) | windows | sampling | motor),
        Mode(
            "recorded",
            "worn, and recorded by Bluetooth",
            _resting_mA(awake_share, visit_share) | visits | sampling | motor,
        ),
        Mode("awake", "worn, kept awake without a radio", {"processor": MODEM_SLEEP.value} | sampling | motor),
        Mode("live", "worn, somebody looks by Bluetooth", {"radio and processor": radio_mA} | sampling | motor),
        Mode(
            "off body",
            "laid down, until it is moved",
            _dozing_mA(awake_share, window_share, LOOK.value) | windows | divider,
        ),
        Mode(
            "left",
            "laid down, recorded by Bluetooth",
            _dozing_mA(awake_share, visit_share, LOOK.value + visit_share) | visits | divider,
        ),
        Mode(
            "empty",
            "below 3.4 V, until it is charged",
            {
                "deep sleep": DEEP_SLEEP.value,
                "waking to look": MODEM_SLEEP.value * WAKE.value / WAKE_EVERY.value,
                "motion sensor": IMU_OFF.value,
            }
            | divider,
            RESERVE.value,
        ),
    ]


def _with_radio_mA(radio_share: float) -> float:
    """Return the current of processor and radio if the radio is on for a share of the time."""
    return BLE_ACTIVE.value * radio_share + MODEM_SLEEP.value * (1 - radio_share)


def _resting_mA(awake_share: float, radio_share: float) -> dict[str, float]:
    """Return the currents of a processor that sleeps except for its work and while the radio is on."""
    rest_share = 1 - radio_share
    return {
        "processing": MODEM_SLEEP.value * awake_share * rest_share,
        "light sleep": LIGHT_SLEEP.value * (1 - awake_share) * rest_share,
    }


def _dozing_mA(awake_share: float, radio_share: float, look_share: float) -> dict[str, float]:
    """Return the currents of processor and motion sensor that measure for a share of the time only."""
    return _resting_mA(awake_share * look_share, radio_share) | {
        "motion sensor": IMU.value * look_share + IMU_WATCHING.value * (1 - look_share)
    }


def figures() -> dict[str, Figure]:
    """Return every figure by its name."""
    return {name.lower().replace("_", " "): value for name, value in globals().items() if isinstance(value, Figure)}
