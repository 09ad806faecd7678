"""Detects what is connected: the MicroPython and chip of a board, and the motion sensor on its bus."""

import ast
from dataclasses import dataclass
from pathlib import Path

from unslouch.errors import BadInput, NotOurs

from .compile import architecture, board_names
from .micropython import OLDEST, remedy
from .prompt import Prompt
from .targets import TARGETS, chip_in, target_of

# Any Python with a prompt can run this, however old.
IMPLEMENTATION = """
import sys
_i = sys.implementation
print(repr((_i[0], tuple(_i[1])[:3], getattr(_i, "_mpy", 0), getattr(_i, "_machine", ""))))
"""
IDENTIFY = """
from machine import I2C, Pin
def _identify(id, scl, sda, freq, chips):
    found = []
    try:
        bus = I2C(id, scl=Pin(scl), sda=Pin(sda), freq=freq)
    except (ValueError, OSError):
        print(found)
        return
    for address, register, value in chips:
        try:
            if bus.readfrom_mem(address, register, 1)[0] == value:
                found.append((address, register, value))
        except OSError:
            pass
    print(found)
"""


@dataclass(frozen=True)
class MotionSensor:
    """A chip as unslouch_device.parts.imu knows it: its addresses, and the id in its WHO_AM_I register."""

    part: str
    """Its module in unslouch_device.parts."""
    name: str
    addresses: tuple[int, int]
    register: int
    id: int


MOTION_SENSORS = (
    MotionSensor("lsm6dsox", "LSM6DSOX or LSM6DSO", (0x6A, 0x6B), 0x0F, 0x6C),  # DS12814 9.12
    MotionSensor("lsm6ds3trc", "LSM6DS3TR-C", (0x6A, 0x6B), 0x0F, 0x6A),  # DS11472 9.11
    MotionSensor("mpu6886", "MPU6886", (0x68, 0x69), 0x75, 0x19),
    MotionSensor("mpu6050", "MPU6050", (0x68, 0x69), 0x75, 0x68),  # RM-MPU-6050A 4.32
)


@dataclass(frozen=True)
class Runtime:
    """The Python at a board's prompt."""

    version: tuple[int, ...]
    mpy: int
    machine: str

    @property
    def chip(self) -> str:
        """The chip's name, as in targets."""
        return chip_in(self.machine)

    @property
    def architecture(self) -> str:
        """The architecture to compile machine code for; empty if unknown."""
        return architecture(self.mpy)


@dataclass(frozen=True)
class Wiring:
    """The bus of the motion sensor according to a board file, as arguments of machine.I2C."""

    i2c_id: int
    scl: int
    sda: int
    freq: int


def runtime(prompt: Prompt) -> Runtime:
    """Return the board's Python; raises NotOurs, saying what to install, unless it is a recent MicroPython."""
    name, version, mpy, machine = prompt.ask(IMPLEMENTATION)
    found = Runtime(tuple(version), mpy, machine)
    target = next((each for each in TARGETS if each.chip.name == found.chip), None)
    if name != "micropython":
        raise NotOurs(f"The board at {prompt.port} runs {name}, not MicroPython; {remedy(prompt.port, target)}")
    if found.version[:2] < OLDEST:
        text = ".".join(str(part) for part in found.version)
        raise NotOurs(
            f"The board at {prompt.port} runs MicroPython {text}, which is too old; {remedy(prompt.port, target)}"
        )
    return found


def choose_board(prompt: Prompt, found: Runtime, firmware: Path) -> str:
    """Return the board with this chip. If several fit, or its sensor is built in, that sensor has to answer.

    Raises BadInput unless exactly one board fits.
    """
    names = board_names(firmware)
    targets = [target for name in names if (target := target_of(name)) is not None and target.chip.name == found.chip]
    fitting = [target.board for target in targets]
    certain = [target.board for target in targets if not target.has_sensor]
    if len(fitting) > 1 or not certain:
        certain = [name for name in fitting if motion_sensors(prompt, wiring(firmware, name))]
    if len(certain) == 1:
        return certain[0]
    what = f"its chip could be that of {' or '.join(fitting)}" if fitting else "no board known here has its chip"
    raise BadInput(
        f"The board at {prompt.port} calls itself {found.machine!r}, and {what}; name it with --board "
        f"({', '.join(names)}, or a file of your own)."
    )


def wiring(firmware: Path, board: str | Path) -> Wiring | None:
    """Return the bus that a board file names, without running the file; None if it names none."""
    path = board if isinstance(board, Path) else firmware / "boards" / f"{board}.py"
    values: dict[str, int] = {}
    try:
        body = ast.parse(path.read_text(encoding="utf-8")).body
    except (OSError, SyntaxError, ValueError) as error:
        raise BadInput(f"The board file {path} can't be read as Python ({error}); correct it.") from error
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=int(value))):
                values[name] = value
    try:
        return Wiring(values["I2C_ID"], values["I2C_SCL"], values["I2C_SDA"], values["I2C_HZ"])
    except KeyError:
        return None


def motion_sensors(prompt: Prompt, bus: Wiring | None) -> list[MotionSensor]:
    """Return the motion sensors that answer with their ids."""
    if bus is None:
        return []
    chips = {(address, each.register, each.id): each for each in MOTION_SENSORS for address in each.addresses}
    prompt.run(IDENTIFY)
    found = prompt.ask(f"_identify({bus.i2c_id}, {bus.scl}, {bus.sda}, {bus.freq}, {list(chips)!r})")
    return [chips[tuple(chip)] for chip in found]
