"""`unslouch serve`: the dashboard in a browser, as a viewer of the sensor that another program has."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from unslouch.errors import BadInput, ExitCode

from .arguments import add_config_argument, add_database_argument, add_sensor_arguments, whole_number

if TYPE_CHECKING:
    from pathlib import Path

EPILOG = """\
It prints the address to open, with a token that is new each time; everybody who has the address can use the dashboard.
The sensor is used through the program that records it (`unslouch record`, the service, or another dashboard), and never
taken away from it. Ctrl+C ends it.

examples:
  unslouch serve --open
  unslouch serve --demo
  unslouch serve --port 8123 --fontsize 20
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    add_sensor_arguments(parser)
    add_database_argument(parser)
    add_config_argument(parser)
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="the address of this computer to listen on (default: 127.0.0.1, which only this computer reaches)",
    )
    parser.add_argument(
        "--port", type=whole_number(0, 65535), default=0, metavar="PORT", help="the port (default: any that is free)"
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="NAME[:PORT]",
        help="another name under which browsers reach it, such as that of a proxy; may be given several times",
    )
    parser.add_argument(
        "--fontsize", type=whole_number(6, 40), default=16, metavar="PX", help="the size of the font (default: 16)"
    )
    parser.add_argument("--open", action="store_true", help="open the address in your browser")


def run(args: argparse.Namespace) -> ExitCode:
    from .running import run_cleanly

    try:
        import unslouch.tui.serving.server  # noqa: F401 - before anything is started
    except ImportError as error:
        raise BadInput(
            f"The dashboard in a browser needs another package ({error.name}): pip install 'unslouch[serve]'."
        ) from error
    return run_cleanly(_serve(args))


async def _serve(args: argparse.Namespace) -> ExitCode:
    from unslouch.tui.serving.gate import is_loopback, new_token, split_host
    from unslouch.tui.serving.server import serving

    from .console import emit, log_line

    for name in args.name:
        if split_host(name)[0] is None:
            raise BadInput(
                f"--name can't be {name!r}: give a name like posture.example.org, or posture.example.org:8080."
            )
    async with _recorded(args) as (sensor, database):
        command = viewer_command(args, sensor, database)
        async with serving(command, args.host, args.port, new_token(), args.name) as address:
            shown = f"{address}?fontsize={args.fontsize}" if args.fontsize != 16 else address
            emit(shown)
            if not is_loopback(args.host):
                log_line(
                    "Everybody in the network who has this address can use the dashboard, and others can read along."
                )
            if args.open:
                import webbrowser

                await asyncio.to_thread(webbrowser.open, shown)
            with suppress(asyncio.CancelledError):  # a signal is the usual way to end it
                await asyncio.Event().wait()
    return ExitCode.OK


def viewer_command(args: argparse.Namespace, sensor: str | None, database: "Path | None") -> list[str]:
    """Return the command of the dashboard that a page shows (viewer.py)."""
    command = [sys.executable, "-m", "unslouch.cli.viewer"]
    for option, value in (("--sensor", sensor), ("--db", database), ("--config", args.config)):
        if value is not None:
            command += [option, str(value)]
    return command


@asynccontextmanager
async def _recorded(args: argparse.Namespace) -> AsyncIterator[tuple[str | None, "Path | None"]]:
    """Give sensor and database; a simulated sensor, which nobody else has, is recorded by this process."""
    from .running import recorded_sensor

    async with recorded_sensor(args) as (sensor, database):
        if not args.demo:
            yield sensor, database
            return
        from unslouch.sensor.recorder import Recorder

        recording = asyncio.create_task(Recorder(sensor, database, watched=False).run(), name="recording")
        try:
            yield sensor, database
        finally:
            recording.cancel()
            await asyncio.wait([recording])
