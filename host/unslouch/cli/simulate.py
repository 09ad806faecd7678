"""`unslouch simulate`: runs a simulated sensor, for trying things out and for tests."""

import argparse
import math
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

from unslouch.errors import BadInput, ExitCode
from unslouch.flashing.targets import TARGETS

from .arguments import number, whole_number
from .console import STALLED_S, emit, finish_data

EXAMPLES = """\
The first line on stdout is what other commands take as --sensor.

examples:
  unslouch simulate                                  a wearer in real time, on a pseudo-terminal
  unslouch simulate --socket --speed 200             a day in two and a half minutes, on a TCP port
  unslouch simulate --speed max --end --flash DIR    a whole day's journal into DIR
  unslouch simulate --wearer FILE.npz --subject 3    replay a recording of a person
  unslouch simulate --ble                            over Bluetooth too; `unslouch pair --sensor PORT` lets you in

FILE.npz holds numpy arrays: acc and gyr (trials × samples × 3), their steps acc_lsb_g [g] and gyr_lsb_dps [°/s], the
rate fs [Hz]; for each trial n (valid samples), subject, trial (its place in the order) and label, an index into
label_names. Axes are x up, y left, z out of the back. One trial has to be labelled upright, to calibrate from.
docs/recordings.md has the details, and what is refused.
"""


IN_CHECKOUT = [
    Path(__file__).parents[3] / ".cache/micropython" / architecture / "micropython"
    for architecture in ("i386", "amd64")
]
"""Where `make interpreters` puts them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "Run the sensor's firmware on simulated chips, worn by a simulated or recorded wearer."
    parser.epilog = EXAMPLES
    parser.add_argument("--speed", type=_speed, default=1.0, metavar="1|N|max", help="speed of its time (default 1)")
    parser.add_argument("--hours", type=_positive, default=8.0, help="length of the scripted day (default 8)")
    parser.add_argument(
        "--seed", type=whole_number(0, 2**32 - 1), default=1, metavar="N", help="which scripted day (default 1)"
    )
    parser.add_argument(
        "--wearer",
        type=Path,
        metavar="FILE.npz",
        help="a recording to replay, as described below (default: a built-in wearer, whose day --seed chooses)",
    )
    parser.add_argument(
        "--subject",
        type=whole_number(0, 9999),
        metavar="N",
        help="the person in the recording whose trials are replayed",
    )
    parser.add_argument("--start", type=_moment, metavar="TIME", help="when its day begins, such as 2026-03-29T08:00")
    parser.add_argument("--flash", type=Path, metavar="DIR", help="keep the flash in DIR, and go on from what it holds")
    parser.add_argument(
        "--socket",
        type=whole_number(0, 65535),
        nargs="?",
        const=0,
        metavar="PORT",
        help="serve socket://127.0.0.1:PORT instead of a pseudo-terminal (default: any free port)",
    )
    parser.add_argument(
        "--ble",
        nargs="?",
        const="",
        metavar="ADAPTER",
        help="offer the sensor over Bluetooth too, through an adapter of this computer (such as hci-socket:0 or usb:0)",
    )
    boards = [target.board for target in TARGETS]
    parser.add_argument("--board", choices=boards, default=boards[0], help=f"what board it is (default {boards[0]})")
    parser.add_argument(
        "--number",
        type=whole_number(0, 9999),
        default=0,
        metavar="N",
        help="which device id it has (default 0)",
    )
    parser.add_argument("--uncalibrated", action="store_true", help="leave calibrating to you")
    parser.add_argument("--end", action="store_true", help="stop when the day is over")
    parser.add_argument("--while-stdin", action="store_true", help="stop when stdin ends")
    parser.add_argument(
        "--interpreter",
        default="cpython",
        metavar="cpython|micropython|PATH",
        help="what runs the firmware: this Python (default), MicroPython from PATH or the checkout, or the one named",
    )


def run(args: argparse.Namespace) -> ExitCode:
    from unslouch.twin.simulate import Options, simulate

    if args.subject is not None and args.wearer is None:
        raise BadInput("--subject chooses among the people of a recording: name its file with --wearer.")
    socket: int | None = args.socket
    if socket is None and sys.platform == "win32":
        socket = 0  # Windows has no pseudo-terminals
    options = Options(
        speed=args.speed,
        hours=args.hours,
        seed=args.seed,
        recording=args.wearer,
        subject=args.subject,
        flash=args.flash,
        start=args.start,
        board=args.board,
        tcp_port=socket,
        calibrated=not args.uncalibrated,
        micropython=_micropython(args.interpreter),
        end=args.end,
        number=args.number,
        ble=args.ble,
        while_stdin=args.while_stdin,
    )
    simulate(options, _announce)
    return ExitCode.OK


def _announce(address: str) -> None:
    emit(address)
    finish_data(STALLED_S)  # without a reader of its address nobody can use the sensor


def _speed(text: str) -> float:
    return math.inf if text == "max" else _positive(text)


def _positive(text: str) -> float:
    value = number(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return value


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no time; write it like 2026-03-29T08:00") from error


def _micropython(interpreter: str) -> str | None:
    if interpreter == "cpython":
        return None
    places = [shutil.which(interpreter)]
    if interpreter == "micropython":
        places += [str(path) for path in IN_CHECKOUT if path.exists()]
    for place in places:
        if place is not None:
            return place
    raise BadInput(
        f"No interpreter {interpreter} was found; install MicroPython 1.25 or newer, name its path, or in a checkout "
        "run `make interpreters`."
    )
