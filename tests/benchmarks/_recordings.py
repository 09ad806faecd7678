"""Runs a benchmark on recordings of people: finds the files, says which are missing, and prints the report."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from _everywhere import MICROPYTHON_I386, ROOT, Interpreter, micropython

from unslouch.errors import BadInput, ExitCode, UnslouchError

FOLDER = ROOT.parent / "shared" / "data"
Report = dict[str, dict]


def run_on_file(
    options: Namespace, name: str, source: str, assess: Callable[[Path], Report], show: Callable[[Report], None]
) -> int:
    """Assess `options.file`, or the recordings called `name`, and return the exit code.

    Prints the report as JSON if `options.json` is set, or else by `show`, with the source of the recordings.
    """
    path = options.file or FOLDER / name
    if options.file is None and not path.exists():
        print(f"skipped: the recordings aren't here ({path}); name a file to use another", file=sys.stderr)
        if options.json:
            print("{}")
        return ExitCode.OK

    def show_with_source(report: Report) -> None:
        show(report)
        if path.name == name:
            print(f"recordings: {source}")

    return _run(options, lambda: assess(path), show_with_source)


def run_on_folder(
    options: Namespace, assessments: Mapping[str, Callable[[Path], dict]], show: Callable[[Report], None]
) -> int:
    """Assess each file of `options.folder`, or of the recordings, that has an assessment; return the exit code."""
    folder = options.folder or FOLDER

    def assess_folder() -> Report:
        report: Report = {}
        for name, assess in assessments.items():
            if (folder / name).exists():
                report[name] = assess(folder / name)
            else:
                print(f"skipped: {folder / name} isn't here", file=sys.stderr)
        if options.folder and not report:
            names = " or ".join(assessments)
            raise BadInput(f"None of the recordings is in {folder}; name the folder that holds {names}.")
        return report

    return _run(options, assess_folder, show)


def _run(options: Namespace, assess: Callable[[], Report], show: Callable[[Report], None]) -> int:
    """Print the report or its error, and return the exit code."""
    try:
        report = assess()
    except UnslouchError as error:
        return failed(error)
    if options.json:
        print(json.dumps(report))
    else:
        show(report)
    return ExitCode.OK


def failed(error: UnslouchError) -> int:
    """Print the error, and return its exit code."""
    print(error, file=sys.stderr)
    return error.exit_code


def micropython_here() -> Interpreter:
    """Return the MicroPython that resembles the board most, and say so if it isn't i386. Raises UnslouchError."""
    try:
        interpreter = micropython()
    except FileNotFoundError as error:
        raise UnslouchError(str(error)) from None
    if interpreter.name != MICROPYTHON_I386.name:
        print(f"{MICROPYTHON_I386.missing()}; {interpreter.name} stands in", file=sys.stderr)
    return interpreter
