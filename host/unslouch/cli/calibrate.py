"""`unslouch calibrate`: takes the wearer's posture now as upright."""

import argparse
from typing import TYPE_CHECKING

from unslouch.errors import ExitCode, Refused, UnslouchError

from .arguments import add_sensor_arguments

if TYPE_CHECKING:
    from unslouch.link.client import Client
    from unslouch.sensor.calibration import Calibration

MAX_ATTEMPTS = 3
"""At each step, in a terminal."""
SKIP = "s"
LONGEST_LINE_BYTES = 4096


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_sensor_arguments(parser)
    parser.epilog = "In a terminal a bow follows, which shows the sensor which way is forward; you may skip it.\n"
    step = parser.add_mutually_exclusive_group()
    step.add_argument("--bow", action="store_true", default=None, help="ask for the bow without a terminal too")
    step.add_argument("--no-bow", action="store_false", dest="bow", help="leave the bow out")
    step.add_argument(
        "--standing", action="store_true", help="take only the zero for standing: stand upright, keep still"
    )
    parser.add_argument("--profile", metavar="NAME|NUMBER", help="select this profile first")


def run(args: argparse.Namespace) -> ExitCode:
    from .running import run_cleanly

    return run_cleanly(_calibrate(args))


async def _calibrate(args: argparse.Namespace) -> ExitCode:
    from unslouch.sensor.calibration import STANDING, UPRIGHT, Calibration
    from unslouch.sensor.profiles import check_profile_choice

    from .console import can_ask
    from .profiles import select_profile
    from .running import connected

    if args.profile is not None:
        check_profile_choice(args.profile)
    with_bow = can_ask() if args.bow is None else args.bow
    async with connected(args) as (client, _):
        if args.profile is not None:
            await select_profile(client, args.profile)
        await take_steps(Calibration(STANDING if args.standing else UPRIGHT, with_bow), client)
    return ExitCode.OK


async def take_steps(calibration: "Calibration", client: "Client") -> None:
    """Lead the wearer through the steps that are left; raises what the last attempt at one failed with.

    In a terminal the bow may be skipped, and what the wearer can remedy at once may be tried again.
    """
    from asyncio import CancelledError

    from .console import log_line

    try:
        while calibration.step is not None:
            if not calibration.failed_attempts:
                log_line(calibration.guidance)
            if await _is_wanted(calibration):
                await _attempt(calibration, client)
            else:
                calibration.skip()
                log_line(calibration.result.text)
    except (UnslouchError, CancelledError):
        if calibration.stays:
            log_line(calibration.stays)
        raise


async def _is_wanted(calibration: "Calibration") -> bool:
    """Ask, in a terminal, before the bow and before another attempt; return False if the bow is to be skipped."""
    from unslouch.sensor.calibration import Action

    from .console import can_ask

    can_skip = Action.SKIP in calibration.choices
    if not can_ask() or not (can_skip or calibration.failed_attempts):
        return True
    keys = {Action.MEASURE: "Enter", Action.SKIP: "s + Enter", Action.CLOSE: "Ctrl+C"}
    answer = await _answer(f"{calibration.describe_choices(keys)}: ")
    if answer is None and calibration.last_error is not None:
        raise calibration.last_error
    return not (can_skip and answer in (SKIP, None))


async def _attempt(calibration: "Calibration", client: "Client") -> None:
    from unslouch.sensor.calibration import measure

    from .console import can_ask, log_line

    step = calibration.begin()
    assert step is not None, "it asks first only where it has observed the posture"
    log_line(calibration.result.text)
    try:
        measured = await measure(step, client)
    except Refused as error:
        calibration.failed(error)
        if not can_ask() or not calibration.can_be_remedied or calibration.failed_attempts == MAX_ATTEMPTS:
            raise
        log_line(str(error))
    else:
        calibration.succeeded(measured)
        log_line(calibration.result.text)


async def _answer(question: str) -> str | None:
    """Ask for a line and return it in lower case without spaces around it, None at the end of input.

    The thread that waits for it never keeps the program from ending.
    """
    import asyncio
    import os
    import sys
    import threading
    from contextlib import suppress

    from .console import log_line, write_stderr

    loop = asyncio.get_running_loop()
    answer: asyncio.Future[bytes] = loop.create_future()

    def set_answer(line: bytes) -> None:
        if not answer.done():
            answer.set_result(line)

    def read() -> None:
        # Not sys.stdin.readline(): it would hold a lock that the interpreter wants when it ends.
        try:
            line = os.read(sys.stdin.fileno(), LONGEST_LINE_BYTES)
        except OSError:  # the terminal has gone away
            line = b""
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(set_answer, line)

    write_stderr(question)
    threading.Thread(target=read, daemon=True).start()
    line = b""
    try:
        line = await answer
    finally:
        if not line:  # no Enter has ended the line of the question
            log_line("")
    return line.decode(errors="replace").strip().lower() if line else None
