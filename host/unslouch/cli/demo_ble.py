"""`make demo-ble`: the dashboard on a simulated sensor, over a simulated radio, in one process."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from unslouch.errors import SensorBusy, UnslouchError

from .logs import logs_held_back

if TYPE_CHECKING:
    from unslouch.sensor.paired import PairedSensor
    from unslouch.sensor.pairing import PairingResult
    from unslouch.sensor.pairing_steps import OnStep
    from unslouch.tui.sensor_tools import SensorTools

PAIRED = "The demo's sensor is paired, stays so, and is the only one on the simulated radio."


def main() -> None:
    """Show the dashboard until the wearer leaves it."""
    from unslouch.sensor.paired import PairedSensor
    from unslouch.tui.app import DashboardApp
    from unslouch.tui.feed import OpenedSensor, RecorderFeed, open_simulated_sensor
    from unslouch.twin.clock import WorldLoop
    from unslouch.twin.firmware import unique_id
    from unslouch.twin.radio.demo import demo_on_air, demo_world

    with tempfile.TemporaryDirectory(prefix="unslouch-twin-") as flash, logs_held_back():
        world = demo_world(Path(flash))
        paired: list[PairedSensor] = []

        @asynccontextmanager
        async def open_on_air(database: Path | None) -> AsyncIterator[OpenedSensor]:
            async with demo_on_air(world, database) as (demo, backends):
                paired[:] = [PairedSensor("demo", unique_id(demo.number).hex(), demo.address, simulated=True)]
                yield OpenedSensor(demo.address, demo.database, demo.notice, backends)

        app = DashboardApp(
            RecorderFeed(open_on_air, None, True), lambda: RecorderFeed(open_simulated_sensor, None, True)
        )
        app.shared.tools = demo_tools(paired)
        with asyncio.Runner(loop_factory=lambda: WorldLoop(world.clock)) as runner:
            error = app.run(loop=runner.get_loop())
    if error is not None:
        raise error


def demo_tools(paired: "list[PairedSensor]") -> "SensorTools":
    """Return tools that know the demo's sensor alone, and leave this computer's own list of sensors as it is."""
    from unslouch.tui.sensor_tools import SensorTools

    async def refuse_pairing(on_step: "OnStep") -> "PairingResult":
        raise SensorBusy(PAIRED)

    async def refuse_unpairing(name: str, on_step: "OnStep") -> str:
        raise SensorBusy(PAIRED)

    return replace(
        SensorTools(), paired=lambda: list(paired), pair=refuse_pairing, unpair=refuse_unpairing, empty_boards=tuple
    )


if __name__ == "__main__":
    try:
        main()
    except UnslouchError as error:
        sys.exit(f"unslouch: {error}")
