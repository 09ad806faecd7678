"""`unslouch buzz`: lets the motor vibrate once."""

import argparse

from unslouch.errors import ExitCode

from .arguments import add_sensor_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_sensor_arguments(parser)


def run(args: argparse.Namespace) -> ExitCode:
    from .running import run_cleanly

    return run_cleanly(_buzz(args))


async def _buzz(args: argparse.Namespace) -> ExitCode:
    from .console import log_line
    from .running import connected

    async with connected(args) as (client, _):
        await client.buzz()
    log_line("The sensor vibrates. If you feel nothing, `unslouch diagnostics --self-test` looks for the reason.")
    return ExitCode.OK
