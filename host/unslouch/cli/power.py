"""`unslouch power`: how long a battery lasts."""

import argparse

from unslouch.errors import ExitCode

from .arguments import whole_number


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the top parser."""
    parser = subparsers.add_parser(
        "power",
        help="say how long a battery lasts, and what draws most",
        description="Say how long a battery lasts in each mode of the reference board, and what draws most.",
        epilog="example:\n  unslouch power --battery 400 --sources\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
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
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> ExitCode:
    """Run the command."""
    import json
    from dataclasses import asdict

    from unslouch.power import figures, modes

    from .output import put

    found = modes(args.alerts)
    if args.json:
        table = {
            mode.name: {"mA": mode.total_mA, "hours": mode.hours(args.battery), "parts_mA": mode.currents_mA}
            for mode in found
        }
        put(json.dumps({"modes": table, "figures": {name: asdict(figure) for name, figure in figures().items()}}))
        return ExitCode.OK
    lines = [f"{'mode':9} {'mA':>7} {'hours':>7}  what draws most"]
    for mode in found:
        share = mode.currents_mA[mode.dominant] / mode.total_mA
        lines.append(
            f"{mode.name:9} {mode.total_mA:7.2f} {mode.hours(args.battery):7.0f}  "
            f"{mode.dominant} ({share:.0%}); {mode.meaning}"
        )
    if args.sources:
        lines.append("")
        lines += [f"{name:15} {figure.value:7g}  {figure.source}" for name, figure in figures().items()]
    put("\n".join(lines))
    return ExitCode.OK
