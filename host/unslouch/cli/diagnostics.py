"""`unslouch diagnostics`: the sensor's health: resets, crashes, memory, errors, room in its journal."""

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
                emit(_with_full_names(text.rstrip("\n"), info.firmware_version))
            else:
                log_line("The sensor knows of no crash.")
            return ExitCode.OK
        if args.self_test:
            passed = await self_test(client)
            emit(self_test_text(passed))
            return ExitCode.OK if all(passed.values()) else ExitCode.FAILED
        figures = await diagnostics(client)
        emit(json.dumps(asdict(figures)) if args.json else diagnostics_text(figures))
    return ExitCode.OK


def _with_full_names(traceback: str, version: str) -> str:
    """Return a traceback with the names that `unslouch flash` had shortened, if this host has the same firmware."""
    from unslouch.flashing.compile import firmware_folder
    from unslouch.flashing.install import firmware_version
    from unslouch.flashing.shrink.program import translated

    return translated(traceback) if version == firmware_version(firmware_folder()) else traceback


def self_test_text(passed: dict[str, bool]) -> str:
    """Return the result of a self-test, a line for each axis, and what to do if one failed."""
    lines = [f"{axis:15} {'passed' if good else 'failed'}" for axis, good in passed.items()]
    if not all(passed.values()):
        lines.append("The sensor must lie still with its motor off; if an axis fails again, the chip is faulty.")
    return "\n".join(lines)


def diagnostics_text(now: "Diagnostics") -> str:
    """Return the figures for reading, a line each."""
    heap = "unknown"
    if now.free_heap_bytes is not None and now.least_free_heap_bytes is not None:
        heap = f"{now.free_heap_bytes // 1024} KiB free, {now.least_free_heap_bytes // 1024} at its least"
    idf_heap = []
    if now.idf_free_bytes is not None and now.idf_largest_block_bytes is not None:
        largest_kib = now.idf_largest_block_bytes // 1024
        idf_heap = [f"IDF memory   {now.idf_free_bytes // 1024} KiB free, {largest_kib} in one piece"]
    crashes = f"{now.crashes_in_a_row} in a row; --crash shows the last" if now.crashes_in_a_row else "none lately"
    interval = now.connection_interval_ms
    between = "" if interval is None else f", with {interval:g} ms between connection events"
    lines = [
        f"started      {now.boot_cause}",
        f"crashes      {crashes}",
        f"memory       {heap}",
        *idf_heap,
        f"late         {now.late_ms} ms at most",
        f"light sleep  {now.slept_s} s",
        f"bus errors   {now.bus_errors}",
        f"flash errors {now.flash_errors}",
        f"link         {now.round_trip_ms:g} ms for a question and its answer{between}",
        f"link errors  {now.frame_errors}",
        f"journal      {now.days_left:.1f} days of wear left until the oldest is dropped, {now.days_held:.1f} held",
        f"refused      {now.records_refused} records",
    ]
    return "\n".join(lines)
