"""`unslouch flash`: installs the firmware on a board, or brings it up to date."""

import argparse
import asyncio

from unslouch.errors import BadInput, ExitCode

from .arguments import path, sensor
from .console import ask, can_ask, log_line

WIPE_QUESTION = "Erase the sensor's journal, settings, calibrations and bonds? What isn't recorded is lost. [y/N] "
NEXT = "Next: put it on, sit upright and run `unslouch calibrate`; `unslouch pair` lets you wear it without the cable."
EXAMPLES = """\
examples:
  unslouch flash                          install the firmware, or bring it up to date
  unslouch flash --dry-run                say what would be done
  unslouch flash --ble                    update a paired sensor over Bluetooth, though a board is plugged in
  unslouch flash --sensor "my back"       the same for the one of that name
  unslouch flash --micropython FILE.bin   put MicroPython on a new board first (needs esptool)
  unslouch flash --board my_board.py      for wiring of your own

With no board plugged in, the paired sensor is updated over Bluetooth. An installation that was interrupted is finished
by running it again; until then the board starts what it had.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Install the firmware on a board that runs MicroPython. Journal, settings and calibrations stay."
    )
    parser.epilog = EXAMPLES
    parser.add_argument(
        "--sensor",
        type=sensor,
        metavar="PORT|NAME|ADDRESS",
        default=argparse.SUPPRESS,
        help="serial port of the board, or the name or address of a paired sensor (default: look for one)",
    )
    parser.add_argument("--ble", action="store_true", help="over Bluetooth, even if a board is plugged in")
    parser.add_argument("--board", metavar="NAME|FILE.py", help="which board it is (default: recognised by its chip)")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
    parser.add_argument("--source", action="store_true", help="install sources instead of compiled files")
    parser.add_argument("--micropython", type=path, metavar="FILE", help="write this MicroPython first, with esptool")
    parser.add_argument("--wipe", action="store_true", help="erase journal, settings, calibrations and bonds; asks")
    parser.add_argument("--yes", action="store_true", help="don't ask")


def run(args: argparse.Namespace) -> ExitCode:
    from pathlib import Path

    from unslouch.flashing.install import Options, Reporter, check_options, install
    from unslouch.flashing.over_link import install_over_air, refuse_cable_only, sensor_over_air
    from unslouch.link.discovery import likely_ports

    from .progress import Progress

    board = Path(args.board) if args.board and args.board.endswith(".py") else args.board
    options = Options(args.sensor, board, args.source, args.dry_run, args.wipe, args.micropython)
    if args.ble:
        refuse_cable_only(options)
    check_options(options)
    address = None
    if args.ble or args.micropython is None:
        address = sensor_over_air(args.sensor, args.ble, bool(likely_ports()))
    if address is not None:
        refuse_cable_only(options)
    if args.wipe and not args.dry_run and not args.yes and not _confirmed(WIPE_QUESTION):
        log_line("Nothing was changed.")
        return ExitCode.OK
    progress = Progress()
    reporter = Reporter(progress.say, progress.show)
    try:
        if address is None:
            info = install(options, reporter)
        else:
            info = asyncio.run(install_over_air(address, options, reporter))
    except KeyboardInterrupt:
        meanwhile = "" if args.micropython else " Until then the board starts what it had."
        progress.say(f"Interrupted. Running this again finishes the installation.{meanwhile}")
        raise
    finally:
        progress.end()
    if info is not None:
        _keep_names(info.device_id, info.firmware_version)
        progress.say(f"The sensor {info.device_id} ({info.board}) runs firmware {info.firmware_version}.")
        if not info.calibration_id:
            progress.say(NEXT)
    return ExitCode.OK


def _keep_names(device_id: str, version: str) -> None:
    from unslouch.flashing.tracebacks import keep_names

    try:
        keep_names(device_id, version)
    except OSError as error:
        log_line(f"The firmware's names can't be kept ({error.strerror}); a later crash may be hard to read.")


def _confirmed(question: str) -> bool:
    if not can_ask():
        raise BadInput(
            "Nothing was changed, because there is no terminal to ask in: add --yes to erase the sensor's data."
        )
    return ask(question).lower() in ("y", "yes")
