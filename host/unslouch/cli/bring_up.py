"""`unslouch bring-up`: walks through the checks of a board that was just built, and writes a report."""

import argparse
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from unslouch.errors import BadInput, ExitCode

from .arguments import add_sensor_arguments, path

if TYPE_CHECKING:
    from unslouch.doctor.bringup.items import Item
    from unslouch.doctor.bringup.report import Answer, Verdict

EXAMPLES = """\
Each item says what to do and what you must see. Where a program can judge that, it does; else you are asked. The report
is written after each item: run the command again to go on with what is open.

examples:
  unslouch bring-up                    go on with the first open item
  unslouch bring-up --item imu-bus     this item alone
  unslouch bring-up --list
  unslouch bring-up --automatic        only what a program can judge, without a question
"""
QUESTION = "Seen? [y]es, [n]o, [r]un its commands, [s]kip, [q]uit: "
COMMAND_TIMEOUT_S = 120.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_sensor_arguments(parser)
    parser.epilog = EXAMPLES
    parser.add_argument("--list", action="store_true", help="list the items with what was seen of each")
    parser.add_argument("--item", metavar="NAME", help="one item alone")
    parser.add_argument("--automatic", action="store_true", help="run only what a program can judge")
    parser.add_argument(
        "--report", type=path, metavar="FILE", default=Path("bring-up-report.md"), help="default: %(default)s"
    )


def run(args: argparse.Namespace) -> ExitCode:
    from unslouch.doctor.bringup.items import read_items
    from unslouch.doctor.bringup.report import read_answers

    items = read_items()
    answers = read_answers(args.report)
    if args.list:
        return _list(items, answers)
    chosen = _chosen(items, answers, args)
    return _run_automatic(items, chosen, answers, args) if args.automatic else _walk(items, chosen, answers, args)


def _chosen(items: "list[Item]", answers: "dict[str, Answer]", args: argparse.Namespace) -> "list[Item]":
    from unslouch.doctor.bringup.automatic import AUTOMATIC

    if args.item is not None:
        chosen = [item for item in items if item.id == args.item]
        if not chosen:
            raise BadInput(f"There is no item {args.item!r}; `unslouch bring-up --list` lists them.")
        return chosen
    if args.automatic:
        return [item for item in items if item.id in AUTOMATIC]
    return [item for item in items if item.id not in answers]


def _list(items: "list[Item]", answers: "dict[str, Answer]") -> ExitCode:
    from .console import emit_table

    rows = [
        (str(item.number), item.id, item.section, answers[item.id].verdict if item.id in answers else "open")
        for item in items
    ]
    emit_table(("#", "item", "about", "verdict"), rows)
    return ExitCode.OK


def _run_automatic(
    items: "list[Item]", chosen: "list[Item]", answers: "dict[str, Answer]", args: argparse.Namespace
) -> ExitCode:
    from unslouch.doctor.bringup.automatic import AUTOMATIC
    from unslouch.doctor.bringup.report import Verdict

    from .console import emit

    all_good = True
    for item in chosen:
        if item.id not in AUTOMATIC:
            raise BadInput(f"Only you can judge {item.id}: leave out --automatic.")
        wrong = _judged(item, args)
        all_good &= wrong is None
        emit(f"{'passed' if wrong is None else 'FAILED'}  {item.id}{'' if wrong is None else f': {wrong}'}")
        _keep(items, answers, item, Verdict.PASSED if wrong is None else Verdict.FAILED, wrong or "", args)
    return ExitCode.OK if all_good else ExitCode.FAILED


def _walk(
    items: "list[Item]", chosen: "list[Item]", answers: "dict[str, Answer]", args: argparse.Namespace
) -> ExitCode:
    from unslouch.doctor.bringup.report import Verdict

    from .console import can_ask, log_line

    if not can_ask():
        raise BadInput("There is no terminal to ask in; use --automatic for what a program can judge, or --list.")
    verdicts = {"y": Verdict.PASSED, "n": Verdict.FAILED, "s": Verdict.SKIPPED}
    for item in chosen:
        log_line(_described(item))
        letter = _answer(item, args)
        if letter == "q":
            break
        _keep(items, answers, item, verdicts[letter], _note(letter), args)
    left = sum(item.id not in answers for item in items)
    log_line(f"{args.report} has the report; {left or 'no'} item{'' if left == 1 else 's'} left.")
    return ExitCode.OK


def _described(item: "Item") -> str:
    return (
        f"\n{item.number}. {item.id} ({item.section})\n  do:   {item.do}\n  see:  {item.see}\n  else: {item.otherwise}"
    )


def _answer(item: "Item", args: argparse.Namespace) -> str:
    """Ask until the answer is one that ends the item: y, n, s or q."""
    from unslouch.doctor.bringup.automatic import AUTOMATIC

    from .console import ask, log_line

    while True:
        letter = ask(QUESTION).lower()[:1] or "q"
        if letter in "ynsq":
            return letter
        if letter == "r":
            for command in item.commands:
                _run(command.split(), args, shown=True)
            if item.id in AUTOMATIC:
                wrong = _judged(item, args)
                log_line("It passes." if wrong is None else f"It doesn't pass: {wrong}.")


def _note(letter: str) -> str:
    from .console import ask

    return ask("What did you see? ") if letter == "n" else ""


def _judged(item: "Item", args: argparse.Namespace) -> str | None:
    from unslouch.doctor.bringup.automatic import AUTOMATIC

    automatic = AUTOMATIC[item.id]
    return automatic.judge(*_run(list(automatic.command), args, shown=False))


def _run(command: list[str], args: argparse.Namespace, shown: bool) -> tuple[int, str]:
    """Run a command of ours on the chosen sensor; return its exit code and output."""
    from .console import log_line

    choice = ["--demo"] if args.demo else [] if args.sensor is None else ["--sensor", args.sensor]
    if shown:
        log_line(f"$ unslouch {' '.join(command)}")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "unslouch", *command, *choice],
            stdout=None if shown else subprocess.PIPE,
            stderr=None if shown else subprocess.DEVNULL,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 1, ""
    return done.returncode, done.stdout or ""


def _keep(
    items: "list[Item]",
    answers: "dict[str, Answer]",
    item: "Item",
    verdict: "Verdict",
    note: str,
    args: argparse.Namespace,
) -> None:
    from unslouch import __version__
    from unslouch.doctor.bringup.report import Answer, write_report

    answers[item.id] = Answer(item.id, verdict, f"{datetime.now():%Y-%m-%d %H:%M}", note)
    write_report(args.report, f"unslouch {__version__}. {_sensor_sentence(args)}", items, answers)


def _sensor_sentence(args: argparse.Namespace) -> str:
    """Return which sensor answers; it is asked once, since an item may leave it out of reach."""
    import json

    if not hasattr(args, "sensor_sentence"):
        code, output = _run(["status", "--json"], args, shown=False)
        args.sensor_sentence = "No sensor answered at the beginning."
        if code == 0:
            info = json.loads(output)["sensor"]
            name, board, version = info["device_id"], info["board"], info["firmware_version"]
            args.sensor_sentence = f"Sensor {name}: {board}, firmware {version}."
    return str(args.sensor_sentence)
