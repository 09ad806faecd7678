"""`make demo-ble`: the dashboard on a simulated sensor, over a simulated radio, in one process."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from unslouch.errors import UnslouchError

from .logs import logs_held_back


def main() -> None:
    """Show the dashboard until the wearer leaves it."""
    from unslouch.tui.app import DashboardApp
    from unslouch.tui.feed import OpenedSensor, RecorderFeed, open_simulated_sensor
    from unslouch.twin.clock import WorldLoop
    from unslouch.twin.radio.demo import plugged_world, sensor_on_air

    with tempfile.TemporaryDirectory(prefix="unslouch-twin-") as flash, logs_held_back():
        world = plugged_world(Path(flash))
        with asyncio.Runner(loop_factory=lambda: WorldLoop(world.clock)) as runner:
            on_air = sensor_on_air(world)
            address, backends = runner.run(on_air.__aenter__())

            @asynccontextmanager
            async def simulated_address(database: Path | None) -> AsyncIterator[OpenedSensor]:
                yield OpenedSensor(address, database)

            feed = RecorderFeed(simulated_address, None, True, backends)
            error = DashboardApp(feed, lambda: RecorderFeed(open_simulated_sensor, None, True)).run(
                loop=runner.get_loop()
            )
            runner.run(on_air.__aexit__(None, None, None))
    if error is not None:
        raise error


if __name__ == "__main__":
    try:
        main()
    except UnslouchError as error:
        sys.exit(f"unslouch: {error}")
