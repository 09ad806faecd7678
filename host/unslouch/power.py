"""How long a battery lasts: a current model of the reference board, each figure with where it comes from."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Figure:
    """A current in mA, or another quantity in the unit that its name tells, and its source."""

    value: float
    source: str


SEEED: Final = "Seeed Studio, XIAO ESP32-S3 wiki, power consumption"
MODEM_SLEEP_MA: Final = Figure(25.0, f"{SEEED}: modem sleep; the processor runs, the radio is off")
LIGHT_SLEEP_MA: Final = Figure(2.0, f"{SEEED}: light sleep, the whole board")
DEEP_SLEEP_MA: Final = Figure(0.014, f"{SEEED}: deep sleep, the whole board")
BLE_ACTIVE_MA: Final = Figure(85.0, f"{SEEED}: Bluetooth active, the radio on all the time")
IMU_MA: Final = Figure(0.55, "ST, LSM6DSOX datasheet DS12814: both sensors in high-performance mode")
IMU_OFF_MA: Final = Figure(0.003, "ST, LSM6DSOX datasheet DS12814: power-down")
MOTOR_MA: Final = Figure(60.0, "10 mm coin motor at 3 V: its class's datasheets say 50 to 75 mA")
SAMPLE_MS: Final = Figure(
    1.5, "estimate: tests/benchmarks/sample_cost.py under i386, times 30 for the ESP32-S3; to be measured on a board"
)
RADIO_SHARE: Final = Figure(
    0.25, "estimate: radio and processor both up for 10 ms of a connection interval of 40 ms; to be measured on a board"
)
WAKE_S: Final = Figure(3.0, "estimate: MicroPython's start and a look at the cell; to be measured on a board")
USABLE_SHARE: Final = Figure(0.9, "a cell down to 3.3 V, and a little aged")

SAMPLES_PER_S: Final = 52
ALERT_S: Final = 0.6
DEEP_SLEEP_EVERY_S: Final = 600
CELL_MV: Final = 3700
DIVIDER_OHM: Final = 440_000
"""2 × 220 kΩ, as in boards/xiao_esp32s3.py."""


@dataclass(frozen=True)
class Mode:
    """What the board does, and what each part of it draws on average, in mA."""

    name: str
    meaning: str
    currents_mA: dict[str, float]

    @property
    def total_mA(self) -> float:
        """All parts together."""
        return sum(self.currents_mA.values())

    @property
    def dominant(self) -> str:
        """The part that draws most."""
        return max(self.currents_mA, key=self.currents_mA.__getitem__)

    def hours(self, battery_mAh: float) -> float:
        """How long a battery of that capacity lasts in this mode."""
        return battery_mAh * USABLE_SHARE.value / self.total_mA


def modes(alerts_per_h: float = 4.0) -> list[Mode]:
    """Return the modes of the firmware; alerts_per_h while it is worn."""
    awake_share = SAMPLES_PER_S * SAMPLE_MS.value / 1000
    divider_mA = CELL_MV / DIVIDER_OHM
    motor_mA = MOTOR_MA.value * alerts_per_h * ALERT_S / 3600
    resting = {
        "light sleep": LIGHT_SLEEP_MA.value * (1 - awake_share),
        "processing": MODEM_SLEEP_MA.value * awake_share,
        "motion sensor": IMU_MA.value,
        "battery divider": divider_mA,
    }
    radio_mA = BLE_ACTIVE_MA.value * RADIO_SHARE.value + MODEM_SLEEP_MA.value * (1 - RADIO_SHARE.value)
    wake_share = WAKE_S.value / DEEP_SLEEP_EVERY_S
    return [
        Mode("log", "worn, and nobody looks", resting | {"motor": motor_mA}),
        Mode(
            "awake",
            "worn, and kept awake without a radio",
            {
                "processor": MODEM_SLEEP_MA.value,
                "motion sensor": IMU_MA.value,
                "battery divider": divider_mA,
                "motor": motor_mA,
            },
        ),
        Mode(
            "live",
            "worn, and somebody looks over Bluetooth",
            {
                "radio and processor": radio_mA,
                "motion sensor": IMU_MA.value,
                "battery divider": divider_mA,
                "motor": motor_mA,
            },
        ),
        Mode("off body", "laid down, and ready to be put on", resting),
        Mode(
            "empty",
            "below 3.3 V, waiting to be charged",
            {
                "deep sleep": DEEP_SLEEP_MA.value,
                "waking to look": MODEM_SLEEP_MA.value * wake_share,
                "motion sensor": IMU_OFF_MA.value,
                "battery divider": divider_mA,
            },
        ),
    ]


def figures() -> dict[str, Figure]:
    """Return every figure by its name."""
    return {name: value for name, value in globals().items() if isinstance(value, Figure)}
