"""How long an update over Bluetooth takes, and its share of the link, beside requests that wait for their answers.

usage: update_over_air.py [--json] [--bytes N]

A pack goes through the whole of both halves on the twin's radio, in its own time: six full packets per connection event
(LinkLimits in unslouch.twin.radio.air). Ours is `unslouch flash --ble`: parts written without response, twelve under
way. Beside it the same parts go one at a time. What flash adds is counted under LittleFS in native MicroPython
(tests/firmware/littlefs/cut_update.py) and timed as flash_wear.py does; the slow run lets the board stand still for so
long at each of its steps, so that link and flash overlap as they do on a board with one core.
"""

import argparse
import hashlib
import json
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from _everywhere import MICROPYTHON_I386, ROOT
from flash_wear import duration_ms

from twin.radio.firmware import OnAirWorld, on_air
from twin.updates import EDITION, slots_in
from unslouch.errors import ExitCode
from unslouch.link import update as updates
from unslouch.twin.radio.air import LinkLimits

INTERVALS_MS = (15.0, 30.0, 50.0)
PACK_BYTES = 55_000
SCRIPTS = ROOT / "tests" / "firmware" / "littlefs"


def transfer_s(interval_ms: float, size: int, *, window: int = updates.WINDOW, step_ms: float = 0.0) -> float:
    """Return how long a pack takes on the twin's radio; step_ms: for which flash holds the board up at each step."""
    took: list[float] = []
    pack = random.Random(1).randbytes(size)

    async def story(world: OnAirWorld) -> None:
        await world.pair()
        interlude = world.app.journal.interlude

        def slow() -> None:
            interlude()
            world.hardware.machine.lightsleep(round(step_ms))

        async with world.linked() as client:
            world.app.journal.interlude = slow
            began_s = world.world.clock.now_s
            await updates.begin_update(client, size, hashlib.sha256(pack).digest(), EDITION, 0)
            await updates.send_pack(client, pack, 0, lambda done, total: None, window)
            await updates.end_update(client)
            took.append(world.world.clock.now_s - began_s)
            assert world.app.sampler.lost_samples == 0

    with tempfile.TemporaryDirectory() as folder:
        slots = slots_in(Path(folder) / "slots")
        on_air(Path(folder), story, interval_ms=interval_ms, slots=slots)
        assert (slots / "b.pack").read_bytes() == pack
    return took[0]


def flash_cost(size: int) -> dict[str, Any]:
    """Return what an update asks of flash, and how long that takes typically and at worst; raises RuntimeError."""
    run = MICROPYTHON_I386.run(
        SCRIPTS / "cut_update.py", str(size), "0", path=(ROOT / "firmware", SCRIPTS), heap_kib=24 * 1024
    )
    if run.returncode:
        raise RuntimeError(run.stdout + run.stderr)
    cost: dict[str, Any] = json.loads(run.stdout)
    for part in ("update", "step"):
        cost[part]["typical_ms"] = round(duration_ms(cost[part], False), 1)
        cost[part]["worst_ms"] = round(duration_ms(cost[part], True), 1)
    return cost


def main() -> int:
    """Run the benchmark and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object: seconds by interval, and flash")
    parser.add_argument("--bytes", type=int, default=PACK_BYTES, help=f"size of the pack (default {PACK_BYTES})")
    options = parser.parse_args()
    size = options.bytes
    flash = flash_cost(size) if MICROPYTHON_I386.missing() is None else None
    ways: dict[str, dict[str, float]] = {"ours": {}, "one at a time": {}}
    if flash is not None:
        ways |= {"ours, typical flash": {}, "ours, slowest flash": {}}
    steps = 2 * -(-size // 4096) + 8  # at which the sampler has its turn
    for interval_ms in INTERVALS_MS:
        for way, times in ways.items():
            step_ms = 0.0
            if flash is not None and "flash" in way:
                step_ms = flash["update"]["worst_ms" if "slowest" in way else "typical_ms"] / steps
            window = 1 if way == "one at a time" else updates.WINDOW
            times[f"{interval_ms:g}"] = transfer_s(interval_ms, size, window=window, step_ms=step_ms)
    if options.json:
        print(json.dumps({"seconds": ways, "flash": flash}))
        return ExitCode.OK
    for way, times in ways.items():
        for interval, seconds in times.items():
            share = size / seconds / LinkLimits().bytes_per_s(float(interval) / 1000)
            print(f"{way:<20} at {interval} ms: {size} bytes in {seconds:5.2f} s, {share:4.0%} of the link")
    if flash is not None:
        for part in ("update", "step"):
            cost = flash[part]
            print(
                f"flash, {part}: {cost['erases']} erases, {cost['programs']} programs of {cost['program_bytes']} B, "
                f"{cost['reads']} reads: {cost['typical_ms']:.0f} ms, {cost['worst_ms']:.0f} ms at worst"
            )
    else:
        print(MICROPYTHON_I386.missing(), file=sys.stderr)
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
