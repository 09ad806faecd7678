"""Each board's wiring: which pad goes to which part, from the board file and the labels on the board."""

import importlib
import tomllib
from dataclasses import dataclass
from types import ModuleType

from .parts import HARDWARE

BOARDS = HARDWARE / "boards.toml"
REFERENCE = "xiao_esp32s3"


@dataclass(frozen=True)
class Wire:
    """One wire between a pad of the board and a pin of a part."""

    pad: str
    """The label on the board."""
    gpio: int | None
    """None: a supply."""
    part: str
    pin: str
    colour: str
    """As IEC 60757 has it: BK, RD, OG, YE, GN, BU, VT, WH."""
    constant: str = ""
    """The name in the board file, if one names it."""


@dataclass(frozen=True)
class Board:
    """A board with its labels, its chip's pins as the firmware uses them, and the wires that follow."""

    id: str
    name: str
    module: str
    """Id of the board in the parts table."""
    labels: dict[str, int]
    on_board: dict[int, str]
    """What is soldered to a GPIO already."""
    straps: tuple[int, ...]
    """GPIOs whose level at the start decides how the chip starts."""
    charge_mA: int
    """Current into an empty cell; 0: the cell is built in."""
    antenna: str
    source: str
    file: ModuleType
    """The firmware's board file."""
    wires: tuple[Wire, ...]

    @property
    def pins(self) -> dict[str, int]:
        """Return the GPIO of each constant of the board file that names one."""
        return {
            name: value
            for name, value in vars(self.file).items()
            if (name.endswith("_PIN") or name in ("I2C_SDA", "I2C_SCL")) and value is not None
        }

    def label(self, gpio: int) -> str:
        """Return what stands beside a GPIO on the board; a dash where it isn't brought out."""
        return next((label for label, number in self.labels.items() if number == gpio), "–")


def read_boards() -> dict[str, Board]:
    """Return the boards by the name of their board file; raises KeyError if a pin to be wired has no label."""
    rows = tomllib.loads(BOARDS.read_text(encoding="utf-8"))
    return {name: _board(name, row) for name, row in rows.items()}


def _board(name: str, row: dict) -> Board:
    file = importlib.import_module(f"unslouch_device.boards.{name}")
    on_board = {int(gpio): what for gpio, what in row["on_board"].items()}
    by_gpio = {gpio: label for label, gpio in row["labels"].items()}
    wires = _m5_wires(file, by_gpio) if name.startswith("m5") else _xiao_wires(file, by_gpio)
    return Board(
        id=name,
        name=file.NAME,
        module=row["module"],
        labels=row["labels"],
        on_board=on_board,
        straps=tuple(row["straps"]),
        charge_mA=row["charge_mA"],
        antenna=row["antenna"],
        source=row["source"],
        file=file,
        wires=wires,
    )


def _xiao_wires(file: ModuleType, labels: dict[int, str]) -> tuple[Wire, ...]:
    def signal(constant: str, part: str, pin: str, colour: str) -> Wire:
        gpio = getattr(file, constant)
        return Wire(labels[gpio], gpio, part, pin, colour, constant)

    return (
        Wire("3V3", None, "imu", "VIN", "RD"),
        Wire("GND", None, "imu", "GND", "BK"),
        signal("I2C_SDA", "imu", "SDA", "BU"),
        signal("I2C_SCL", "imu", "SCL", "YE"),
        signal("IMU_INT_PIN", "imu", "INT1", "GN"),
        Wire("3V3", None, "driver", "3V3", "RD"),
        Wire("GND", None, "driver", "GND", "BK"),
        signal("MOTOR_PIN", "driver", "GATE", "OG"),
        Wire("BAT+", None, "dividers", "CELL", "RD"),
        signal("BATTERY_PIN", "dividers", "CELL/2", "WH"),
        Wire("5V", None, "dividers", "5V", "RD"),
        signal("EXTERNAL_POWER_PIN", "dividers", "5V SENSE", "VT"),
        Wire("GND", None, "dividers", "GND", "BK"),
        Wire("BAT+", None, "cell", "+", "RD"),
        Wire("BAT-", None, "cell", "-", "BK"),
    )


def _m5_wires(file: ModuleType, labels: dict[int, str]) -> tuple[Wire, ...]:
    """The hat plugs onto the header: its three pins."""
    return (
        Wire("3V3", None, "vibrator-hat", "3V3", "RD"),
        Wire("GND", None, "vibrator-hat", "GND", "BK"),
        Wire(labels[file.MOTOR_PIN], file.MOTOR_PIN, "vibrator-hat", "G26", "OG", "MOTOR_PIN"),
    )
