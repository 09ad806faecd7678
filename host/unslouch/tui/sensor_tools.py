"""What the dashboard does with sensors beyond the linked one: pairing, and putting firmware on a board.

A test gives others in their place.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from unslouch.errors import SensorBusy

if TYPE_CHECKING:
    from unslouch.flashing.empty_board import EmptyBoard
    from unslouch.flashing.install import Reporter
    from unslouch.link.model import SensorInfo
    from unslouch.sensor.paired import PairedSensor
    from unslouch.sensor.pairing import PairingResult
    from unslouch.sensor.pairing_steps import OnStep

PAIR_FOR_S = 120.0


def paired() -> "list[PairedSensor]":
    """Return the sensors that this computer is paired with; raises StoreError. Blocks for a moment."""
    from unslouch.sensor.paired import paired_sensors

    return paired_sensors()


async def pair(on_step: "OnStep") -> "PairingResult":
    """Pair with the sensor within reach; raises as Pairing.pair() does."""
    from unslouch.sensor.pairing import Pairing

    return await Pairing(on_step).pair(None, None, PAIR_FOR_S)


async def unpair(name: str, on_step: "OnStep") -> str:
    """Remove a pairing and return the sensor's name; raises as remove_pairing() does."""
    from unslouch.sensor.pairing import remove_pairing

    return await remove_pairing(name, on_step)


def empty_boards() -> "Sequence[EmptyBoard]":
    """Return the boards at MicroPython's prompt without our firmware. Blocks for some seconds."""
    from unslouch.flashing.empty_board import find_empty_boards

    return find_empty_boards()


def flash(port: str, reporter: "Reporter") -> "SensorInfo | None":
    """Install the firmware and return the info that it answers with; raises as install() does. Blocks for a minute."""
    from unslouch.flashing.install import Options, install

    return install(Options(port=port), reporter)


@dataclass(frozen=True)
class SensorTools:
    """The tools, each a function."""

    paired: "Callable[[], list[PairedSensor]]" = paired
    pair: "Callable[[OnStep], Awaitable[PairingResult]]" = pair
    unpair: "Callable[[str, OnStep], Awaitable[str]]" = unpair
    empty_boards: "Callable[[], Sequence[EmptyBoard]]" = empty_boards
    flash: "Callable[[str, Reporter], SensorInfo | None]" = flash


ONLY_FOLLOWS = (
    "This dashboard only follows the program that has the sensor; do that in a terminal, with `unslouch` or "
    "`unslouch pair`, `forget` or `flash`."
)


def following_tools() -> SensorTools:
    """Return the tools of a dashboard that only follows: it names the paired sensors, and connects to none itself."""

    async def refuse_pairing(on_step: "OnStep") -> "PairingResult":
        raise SensorBusy(ONLY_FOLLOWS)

    async def refuse_unpairing(name: str, on_step: "OnStep") -> str:
        raise SensorBusy(ONLY_FOLLOWS)

    def refuse_flashing(port: str, reporter: "Reporter") -> "SensorInfo | None":
        raise SensorBusy(ONLY_FOLLOWS)

    return SensorTools(pair=refuse_pairing, unpair=refuse_unpairing, empty_boards=lambda: (), flash=refuse_flashing)
