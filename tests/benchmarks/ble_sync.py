"""How fast a journal is fetched over Bluetooth, and its share of the link, beside bare notifications and indications.

usage: ble_sync.py [--json]

On the twin's radio, in its own time: a link carries six full packets per connection event (LinkLimits in
unslouch.twin.radio.air). Ours is a fortnight's journal fetched through the whole of both halves. Over the same air go
values of the same size with nothing around them: notified whenever the stack has room, which no protocol can beat, and
indicated, each when the one before is confirmed.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from link.fake_board import MemorySink
from twin.radio.firmware import OnAirWorld, on_air, synced
from twin.radio.peripheral import GUARDED, OPEN, Scene
from twin.radio.peripheral import on_air as on_bare_air
from unslouch.errors import ExitCode
from unslouch.twin.radio.air import LinkLimits

INTERVALS_MS = (15.0, 30.0, 50.0)
EPOCHS = 14 * 12 * 720
VALUE_BYTES = 244
VALUES = 2000


def ours(interval_ms: float) -> float:
    """Return the bytes of journal per second."""
    rates = []

    async def story(world: OnAirWorld) -> None:
        await world.pair()
        world.write_epochs(EPOCHS)
        writer = MemorySink()
        async with world.linked() as client:
            began_s = world.world.clock.now_s
            await synced(client, writer)
            rates.append(sum(map(len, writer.pages)) / (world.world.clock.now_s - began_s))

    with tempfile.TemporaryDirectory() as folder:
        on_air(Path(folder), story, interval_ms=interval_ms)
    return rates[0]


def bare(interval_ms: float, uuid: str, send: Callable[[Scene], bool]) -> float:
    """Return the bytes of values per second; `send` returns False where the next one has to wait."""
    rates = []

    async def story(scene: Scene) -> None:
        came = asyncio.Event()
        left = VALUES

        def take(_: object, value: bytearray) -> None:
            nonlocal left
            left -= 1
            assert len(value) == VALUE_BYTES
            if not left:
                came.set()

        async with await scene.client() as client:
            await client.start_notify(uuid, take)
            loop = asyncio.get_running_loop()
            began_s = loop.time()
            for _ in range(VALUES):
                while not send(scene):
                    await asyncio.sleep(0.001)
            await came.wait()
            rates.append(VALUES * VALUE_BYTES / (loop.time() - began_s))

    on_bare_air(story, interval_ms=interval_ms)
    return rates[0]


def notify(scene: Scene) -> bool:
    """Notify a value, if there is room."""
    try:
        scene.peripheral.ble.gatts_notify(0, scene.peripheral.open, bytes(VALUE_BYTES))
    except OSError:
        return False
    return True


def indicate(scene: Scene) -> bool:
    """Indicate a value, if the one before was confirmed."""
    board = scene.peripheral
    try:
        board.ble.gatts_indicate(0, board.guarded, bytes(VALUE_BYTES))
    except OSError:
        return False
    board.events.clear()
    return True


def main() -> int:
    """Run the benchmark and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object: bytes per second")
    options = parser.parse_args()
    ways = {
        "ours": ours,
        "notifications": lambda interval_ms: bare(interval_ms, OPEN, notify),
        "indications": lambda interval_ms: bare(interval_ms, GUARDED, indicate),
    }
    rates = {way: {interval_ms: rate(interval_ms) for interval_ms in INTERVALS_MS} for way, rate in ways.items()}
    if options.json:
        print(json.dumps(rates))
        return ExitCode.OK
    size = EPOCHS * 12
    for way, by_interval in rates.items():
        for interval_ms, rate in by_interval.items():
            share = rate / LinkLimits().bytes_per_s(interval_ms / 1000)
            print(
                f"{way:<14}at {interval_ms:g} ms: {rate / 1000:5.1f} kB/s, {share:4.0%} of the link; "
                f"a fortnight's {size / 1e6:.2f} MB in {size / rate:4.0f} s"
            )
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
