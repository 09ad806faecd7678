"""`unslouch diagnostics`: how the sensor fares, for whoever looks after it."""

import argparse
from typing import TYPE_CHECKING

from unslouch.errors import ExitCode

from .arguments import add_sensor_arguments

if TYPE_CHECKING:
    from unslouch.link.diagnostics import Diagnostics


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_sensor_arguments(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as one JSON object")
    form.add_argument("--crash", action="store_true", help="the traceback of its last crash instead")
    form.add_argument(
        "--self-test", action="store_true", help="let its motion sensor, lying still, test itself for two seconds"
    )


def run(args: argparse.Namespace) -> ExitCode:
    """Run the command."""
    from .running import run_cleanly

    return run_cleanly(_diagnostics(args))


async def _diagnostics(args: argparse.Namespace) -> ExitCode:
    import json
    from dataclasses import asdict

    from unslouch.link.diagnostics import crash_text, diagnostics, self_test

    from .console import emit, log_line
    from .running import connected

    async with connected(args) as (client, info):
        if args.crash:
            text = await crash_text(client)
            if text:
                emit(_told_in_full(text.rstrip("\n"), info.firmware_version))
            else:
                log_line("The sensor knows of no crash.")
            return ExitCode.OK
        if args.self_test:
            passed = await self_test(client)
            emit(self_test_text(passed))
            return ExitCode.OK if all(passed.values()) else ExitCode.FAILED
        found = await diagnostics(client)
        emit(json.dumps(asdict(found)) if args.json else diagnostics_text(found))
    return ExitCode.OK


def _told_in_full(traceback: str, version: str) -> str:
    """Put the names back that `unslouch flash` has made short, if this host has the same firmware."""
    from unslouch.flashing.compile import firmware_folder
    from unslouch.flashing.install import firmware_version
    from unslouch.flashing.shrink.program import translated

    return translated(traceback) if version == firmware_version(firmware_folder()) else traceback


def self_test_text(passed: dict[str, bool]) -> str:
    """Return what came of a self-test, a line for each axis and what to do next."""
    lines = [f"{axis:15} {'passed' if good else 'failed'}" for axis, good in passed.items()]
    if not all(passed.values()):
        lines.append("It must lie still meanwhile, with its motor off; if an axis fails again, the chip is faulty.")
    return "\n".join(lines)


def diagnostics_text(found: "Diagnostics") -> str:
    """Return the figures for reading, a line each."""
    heap = "unknown"
    if found.free_heap_bytes is not None and found.least_free_heap_bytes is not None:
        heap = f"{found.free_heap_bytes // 1024} KiB free, {found.least_free_heap_bytes // 1024} at its least"
    crashes = f"{found.crashes_in_a_row} in a row; --crash shows the last" if found.crashes_in_a_row else "none lately"
    interval = found.connection_interval_ms
    between = "" if interval is None else f", with {interval:g} ms between connection events"
    lines = [
        f"started      {found.boot_cause}",
        f"crashes      {crashes}",
        f"memory       {heap}",
        f"late         {found.late_ms} ms at most",
        f"light sleep  {found.slept_s} s",
        f"bus errors   {found.bus_errors}",
        f"flash errors {found.flash_errors}",
        f"link         {found.round_trip_ms:g} ms for a question and its answer{between}",
        f"link errors  {found.frame_errors}",
        f"journal      {found.days_left:.1f} days of wear left until the oldest is dropped, {found.days_held:.1f} held",
        f"refused      {found.records_refused} records",
    ]
    return "\n".join(lines)
