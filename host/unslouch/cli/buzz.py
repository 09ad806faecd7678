"""`unslouch buzz`: lets the motor vibrate once, or play a pattern of alerts."""

import argparse

from unslouch.errors import ExitCode

from .arguments import add_sensor_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from unslouch.sensor.settings import WORDS

    parser.description = (
        "Let the motor vibrate once; with a pattern, as the first alert of a slouch would, at the strength "
        "that is set. `unslouch settings pattern NAME` chooses the pattern of alerts."
    )
    add_sensor_arguments(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--pattern", choices=list(WORDS["pattern"]), help="feel one of these patterns")
    which.add_argument(
        "--times",
        metavar="MS,MS,…",
        help="keep these times on, off, on, … in ms on the sensor as your own pattern, and feel it",
    )


def run(args: argparse.Namespace) -> ExitCode:
    from .running import run_cleanly

    return run_cleanly(_buzz(args))


async def _buzz(args: argparse.Namespace) -> ExitCode:
    from unslouch.sensor.patterns import parse_times
    from unslouch.sensor.settings import WORDS

    from .console import log_line
    from .running import connected

    times_ms = parse_times(args.times) if args.times is not None else ()
    pattern = "own" if times_ms else args.pattern
    async with connected(args) as (client, _):
        if times_ms:
            await client.set_own_pattern(times_ms)
        if pattern is None:
            await client.buzz()
        else:
            await client.play_pattern(WORDS["pattern"][pattern])
    log_line("The sensor vibrates. If you feel nothing, `unslouch diagnostics --self-test` looks for the reason.")
    if times_ms:
        log_line("Your own pattern is kept; `unslouch settings pattern own` makes alerts feel like it.")
    return ExitCode.OK
