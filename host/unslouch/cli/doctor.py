"""`unslouch doctor`: finds what is wrong with a set-up, from the cable to the database, and says the cure."""

import argparse
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from unslouch.errors import ExitCode

from .arguments import add_database_argument, add_sensor_arguments

if TYPE_CHECKING:
    from unslouch.doctor.finding import Result
    from unslouch.doctor.tilts import Tilts
    from unslouch.link.client import Client
    from unslouch.link.model import SensorInfo

LEAN_S, NOISE_S = 4.0, 5.0
EXAMPLES = """\
It changes nothing. But where a port shows no sensor it looks for MicroPython's prompt, which ends a program that
runs there.

examples:
  unslouch doctor
  unslouch doctor --still     the sensor lies still on a table: measure its noise, and let it test itself
  unslouch doctor --lean      you wear it: lean as asked, to check the signs of its axes
"""
PLACE = "docs/troubleshooting.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_sensor_arguments(parser)
    add_database_argument(parser)
    parser.description = "Look at cable, ports, Bluetooth, sensor and database, and say what is wrong and what to do."
    parser.epilog = EXAMPLES
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
    movement = parser.add_mutually_exclusive_group()
    movement.add_argument("--still", action="store_true", help="measure the noise of a sensor that lies still")
    movement.add_argument("--lean", action="store_true", help="ask the wearer to lean, and check the signs")


def run(args: argparse.Namespace) -> ExitCode:
    from .running import run_cleanly

    return run_cleanly(_examine(args))


async def _examine(args: argparse.Namespace) -> ExitCode:
    from unslouch.doctor.finding import Finding

    is_well = True
    async for result in _results(args):
        _print(result, args.json)
        is_well &= not isinstance(result, Finding)
    return ExitCode.OK if is_well else ExitCode.FAILED


async def _results(args: argparse.Namespace) -> "AsyncIterator[Result]":
    from unslouch.doctor.cable import check_cable
    from unslouch.doctor.computer import Computer
    from unslouch.doctor.connecting import explain, look_at_prompt
    from unslouch.doctor.database import check_database
    from unslouch.doctor.radio import check_radio
    from unslouch.errors import UnslouchError

    from .console import log_line

    computer = Computer()
    if not args.demo and args.sensor is None:
        for result in check_cable(computer):
            yield result
        async for result in check_radio(computer):
            yield result
    try:
        async for result in _sensor_results(args):
            yield result
    except UnslouchError as error:
        explained = list(explain(error, computer, look_at_prompt))
        for result in explained:
            yield result
        if not explained:
            log_line(str(error))
    for result in check_database(args.db, simulated=args.demo):
        yield result


async def _sensor_results(args: argparse.Namespace) -> "AsyncIterator[Result]":
    from unslouch.doctor.sensor import check_self_test, check_sensor
    from unslouch.doctor.tilts import Tilts
    from unslouch.link.diagnostics import diagnostics, self_test
    from unslouch.sensor.snapshot import FirstTelemetry, read_snapshot

    from .running import connected

    first, tilts = FirstTelemetry(), Tilts()

    def on_frame(kind: int, payload: bytes) -> None:
        first.on_frame(kind, payload)
        tilts.on_frame(kind, payload)

    async with connected(args, on_frame) as (client, info):
        snapshot = await read_snapshot(client, info, first)
        for result in check_sensor(info, snapshot.status, snapshot.live, await diagnostics(client)):
            yield result
        if args.still:
            for result in check_self_test(await self_test(client)):
                yield result
        async for result in _movement(args, client, info, tilts):
            yield result


async def _movement(
    args: argparse.Namespace, client: "Client", info: "SensorInfo", tilts: "Tilts"
) -> "AsyncIterator[Result]":
    from unslouch.doctor.movement import check_lean, check_noise
    from unslouch_device.contract import messages

    from .console import log_line

    if not args.still and not args.lean:
        return
    await client.subscribe(1 if info.own_clock else messages.MAX_LIVE_HZ)
    if args.still:
        log_line(f"Leave the sensor lying still for {NOISE_S:.0f} s.")
        forward_deg, lateral_deg = await tilts.during(NOISE_S)
        for result in check_noise(forward_deg, lateral_deg):
            yield result
        return
    for direction, axis in (("forward", 0), ("to the right", 1)):
        log_line(f"Sit upright for {LEAN_S:.0f} s.")
        upright = await tilts.during(LEAN_S)
        log_line(f"Now lean {direction}, with a straight back, and stay there for {LEAN_S:.0f} s.")
        await tilts.during(LEAN_S)
        leaning = await tilts.during(LEAN_S)
        for result in check_lean(upright[axis], leaning[axis], direction):
            yield result


def _print(result: "Result", as_json: bool) -> None:
    from .console import emit

    emit("\n".join(_json_lines(result) if as_json else _lines(result)))


def _lines(result: "Result") -> Iterator[str]:
    from unslouch.doctor.finding import Finding

    if not isinstance(result, Finding):
        yield f"ok       {result.sentence}"
        return
    yield f"PROBLEM  {result.cause.explanation}"
    if result.detail:
        yield f"  seen:  {result.detail}"
    yield f"  cure:  {result.cause.cure}"
    yield f"  more:  {PLACE}#{result.cause.id}"


def _json_lines(result: "Result") -> Iterator[str]:
    import json

    from unslouch.doctor.finding import Finding

    if isinstance(result, Finding):
        cause = result.cause
        yield json.dumps(
            {"problem": cause.id, "explanation": cause.explanation, "seen": result.detail, "cure": cause.cure}
        )
    else:
        yield json.dumps({"ok": result.sentence})
