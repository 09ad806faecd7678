"""`unslouch diagnostics`: the sensor's health: resets, crashes, memory, errors, room in its journal."""

import argparse
from typing import TYPE_CHECKING

from unslouch.errors import ExitCode

from .arguments import add_sensor_arguments

if TYPE_CHECKING:
    from unslouch.link.client import Client
    from unslouch.link.diagnostics import Diagnostics


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_sensor_arguments(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as one JSON object")
    form.add_argument("--crash", action="store_true", help="print the traceback of its last crash instead")
    form.add_argument(
        "--self-test",
        action="store_true",
        help="let it test its motor, supplies, radio, flash and memory, then its motion sensor, which must lie still",
    )


def run(args: argparse.Namespace) -> ExitCode:
    from .running import run_cleanly

    return run_cleanly(_diagnostics(args))


async def _diagnostics(args: argparse.Namespace) -> ExitCode:
    import json
    from dataclasses import asdict

    from unslouch.link.diagnostics import crash_text, diagnostics

    from .console import emit, log_line
    from .running import connected

    async with connected(args) as (client, info):
        if args.crash:
            text = await crash_text(client)
            if text:
                from unslouch.flashing.tracebacks import with_full_names

                full, remark = with_full_names(text.rstrip("\n"), info.device_id, info.firmware_version)
                emit(full)
                if remark is not None:
                    log_line(remark)
            else:
                log_line("The sensor knows of no crash.")
            return ExitCode.OK
        if args.self_test:
            transport = client.connection.transport
            is_powered = transport.wired and not transport.shared and not info.simulated
            return await _self_test(client, is_powered)
        figures = await diagnostics(client)
        emit(json.dumps(asdict(figures)) if args.json else diagnostics_text(figures))
    return ExitCode.OK


async def _self_test(client: "Client", powers_board: bool) -> ExitCode:
    from unslouch.link.diagnostics import board_test, self_test
    from unslouch.sensor.health import board_test_rows, self_test_text

    from .console import emit, log_line

    found = await board_test(client)
    rows = [] if found is None else board_test_rows(found, powers_board)
    if found is None:
        log_line("The sensor's firmware tests its motion sensor only; `unslouch flash` brings it up to date.")
    for row in rows:
        emit(f"{row.label:15} {row.text}")
    passed = await self_test(client)
    emit(self_test_text(passed))
    return ExitCode.OK if all(passed.values()) and not any(row.is_concerning for row in rows) else ExitCode.FAILED


def diagnostics_text(now: "Diagnostics") -> str:
    """Return the figures for reading, a line each."""
    from unslouch.sensor.health import figure_rows

    hints = {"crashes": "; --crash shows the last"} if now.crashes_in_a_row else {}
    return "\n".join(f"{row.label:<12} {row.text}{hints.get(row.label, '')}" for row in figure_rows(now))
