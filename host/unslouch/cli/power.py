"""`unslouch power`: how long a battery lasts."""

import argparse
from typing import TYPE_CHECKING

from unslouch.errors import ExitCode

from .arguments import whole_number

if TYPE_CHECKING:
    from unslouch.power import Figure, Mode

COLUMNS = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "Say how long a battery lasts in each mode of the reference board, and what draws most."
    parser.epilog = "example:\n  unslouch power --battery 400 --sources\n"
    parser.add_argument(
        "--battery",
        type=whole_number(10, 100_000),
        default=400,
        metavar="MAH",
        help="the cell's capacity in mAh (default: 400)",
    )
    parser.add_argument(
        "--alerts", type=whole_number(0, 1000), default=4, metavar="N", help="alerts per hour of wear (default: 4)"
    )
    parser.add_argument("--sources", action="store_true", help="tell where each figure comes from")
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def run(args: argparse.Namespace) -> ExitCode:
    """Run the command."""
    import json
    from dataclasses import asdict

    from unslouch.power import figures, modes

    from .console import emit

    found = modes(args.alerts)
    if args.json:
        table = {
            mode.name: {"mA": mode.total_mA, "hours": mode.hours(args.battery), "parts_mA": mode.currents_mA}
            for mode in found
        }
        emit(json.dumps({"modes": table, "figures": {name: asdict(figure) for name, figure in figures().items()}}))
        return ExitCode.OK
    lines = [
        f"A battery of {args.battery} mAh, with {args.alerts} alerts in an hour of wear:",
        "",
        f"{'mode':<10}{'':<34}{'hours':>6}{'mA':>8}  what draws most",
        *(_row(mode, args.battery) for mode in found),
    ]
    if args.sources:
        lines += ["", "Where the figures come from:", ""]
        lines += [line for name, figure in figures().items() for line in _source(name, figure)]
    emit("\n".join(lines))
    return ExitCode.OK


def _row(mode: "Mode", battery_mAh: float) -> str:
    parts = ", ".join(f"{part} {share:.0%}" for part, share in mode.dominant().items())
    return f"{mode.name:<10}{mode.meaning:<34}{mode.hours(battery_mAh):6.0f}{mode.total_mA:8.2f}  {parts}"


def _source(name: str, figure: "Figure") -> list[str]:
    import textwrap

    head = f"{name:<14}{figure.value:>7g} {figure.unit:<4}"
    return textwrap.wrap(figure.source, COLUMNS, initial_indent=head, subsequent_indent=" " * len(head))
