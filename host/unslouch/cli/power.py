"""`unslouch power`: shows how long a battery lasts, and what draws most."""

import argparse
from typing import TYPE_CHECKING

from unslouch.errors import ExitCode

from .arguments import whole_number

if TYPE_CHECKING:
    from unslouch.power import Day, Figure, Mode

MODE_HEADINGS = ("mode", "", "hours", "mA", "what draws most")
DAY_HEADINGS = ("day", "mAh", "days", "what takes most")
SOURCE_HEADINGS = ("figure", "value", "", "source", "check")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "Show how long a battery lasts in each mode of the reference board, and what draws most."
    parser.epilog = "examples:\n  unslouch power --battery 400 --sources\n  unslouch power --day 10\n"
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
    parser.add_argument(
        "--day",
        type=whole_number(0, 24),
        metavar="HOURS",
        help="print what a day takes from the battery with so many hours of wear, and off the body for the rest",
    )
    parser.add_argument("--sources", action="store_true", help="say where each figure comes from")
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def run(args: argparse.Namespace) -> ExitCode:
    import json
    from dataclasses import asdict

    from unslouch.power import days, figures, modes

    from .console import emit, emit_table
    from .numbers import counted

    computed = modes(args.alerts)
    of_day = days(args.day, args.alerts) if args.day is not None else []
    if args.json:
        table = {
            mode.name: {"mA": mode.total_mA, "hours": mode.hours(args.battery), "parts_mA": mode.currents_mA}
            for mode in computed
        }
        found = {"modes": table, "figures": {name: asdict(figure) for name, figure in figures().items()}}
        if of_day:
            found["day"] = {
                day.name: {"mAh": day.total_mAh, "days": day.days(args.battery), "parts_mAh": day.parts_mAh}
                for day in of_day
            }
        emit(json.dumps(found))
        return ExitCode.OK
    emit(f"A battery of {args.battery} mAh, with {counted(args.alerts, 'alert')} in an hour of wear:\n")
    if of_day:
        emit_table(DAY_HEADINGS, [_day_row(day, args.battery) for day in of_day], right=("mAh", "days"))
        emit(
            f"\nA day is {args.day} h worn and {24 - args.day} h off the body. A model: no board has been measured yet."
        )
    else:
        emit_table(MODE_HEADINGS, [_row(mode, args.battery) for mode in computed], right=("hours", "mA"))
    if args.sources:
        emit("\nWhere the figures come from:\n")
        emit_table(SOURCE_HEADINGS, [_source(name, figure) for name, figure in figures().items()], right=("value",))
    return ExitCode.OK


def _row(mode: "Mode", battery_mAh: float) -> tuple[str, ...]:
    parts = ", ".join(f"{part} {100 * share:.0f} %" for part, share in mode.dominant().items())
    return mode.name, mode.meaning, f"{mode.hours(battery_mAh):.0f}", f"{mode.total_mA:.2f}", parts


def _day_row(day: "Day", battery_mAh: float) -> tuple[str, ...]:
    greatest = sorted(day.parts_mAh.items(), key=lambda part: -part[1])[:3]
    parts = ", ".join(f"{part} {100 * charge_mAh / day.total_mAh:.0f} %" for part, charge_mAh in greatest)
    return day.name, f"{day.total_mAh:.0f}", f"{day.days(battery_mAh):.1f}", parts


def _source(name: str, figure: "Figure") -> tuple[str, ...]:
    return name, f"{figure.value:g}", figure.unit, figure.source, figure.check or ""
