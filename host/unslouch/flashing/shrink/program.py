"""Turns the firmware's sources into one small program for the board.

Constants become numbers, modules become one, unused code is removed, and names become short. The same firmware always
gets the same names, so that a traceback can be translated back.
"""

import ast
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from unslouch.flashing.compile import BOARD, NATIVE, ON_DEMAND, PACKAGE, firmware_sources
from unslouch.flashing.errors import NotInstalled

from .boot import boot_functions, dropping
from .bundle import bundled, linked, part_path
from .inline import inlined
from .rewriting import NotBundled
from .shake import shaken
from .shorten import clashing, frequent_first, short_names, shortened

ROOT = f"{PACKAGE}/start.py"
_START = "start"  # the function of ROOT that root/main.py calls
ENTRANCES = frozenset({_START})
SENSORS = ("lsm6dsox", "lsm6ds3trc", "mpu6886", "mpu6050")
ERM = "erm"
_BOARDS = f"{PACKAGE}/boards/"
PARTS = 4  # more need less memory while they are imported, and more for the names that they have of each other
_PART_PATHS = [part_path(ROOT, place) for place in range(PARTS)]
_BUNDLED = "__"  # in the bundle's names of functions
_EARLY = (f"{PACKAGE}/filesystem.py", f"{PACKAGE}/deep_sleep.py")
# Files of the bundle in tracebacks: module names. Those of earlier firmware ended in .py; on_demand had its folder.
_BUNDLE = re.compile(r'"(\w+|(start|part\d)\.py|on_demand/\w+\.py)"')
_NO_PARTS = "PARTS: tuple = ()"  # in ROOT
_RUN = "_run"  # the function of ROOT that calls all that runs once the app is made
_DROP = "drop"  # the module on demand that drops what only the start needs
_NO_DROP = 'DROP = ""'  # in ROOT


def shrunk(texts: dict[str, str], firmware: Path, sensors: Sequence[str] = ()) -> dict[str, str]:
    """Return the sources of a pack (compile.sources) as a small program with the same behaviour.

    sensors: those of SENSORS that answered on the board, in addition to the one in its board file. Raises NotInstalled
    if a source can't be shrunk.
    """
    names = names_of(firmware)
    program = _joined(_with_plain_board(_without_other_parts(texts, sensors)))
    if clash := clashing(program, names):
        raise NotInstalled(f"The name {clash} is too short for a board file; choose a longer one.")
    small = shaken(program, _apart(program), ENTRANCES)
    whole = linked(small, ROOT, PARTS, _on_demand(small))
    whole[f"{ON_DEMAND}{_DROP}.py"] = dropping(boot_functions(whole, _PART_PATHS, ROOT, _RUN, _START))
    short = shortened(whole, names)
    return short | {path: frequent_first(short[path]) for path in _PART_PATHS}


@cache
def names_of(firmware: Path) -> dict[str, str]:
    """Return the short names of a firmware package by their names in the bundle ("files__save")."""
    return short_names(_joined(firmware_sources(firmware)))


def translated(traceback: str, names: dict[str, str]) -> str:
    """Return a traceback from a board with the original names, given names_of() the firmware that the board ran.

    A function is named with its module ("files.save"), a method by its name alone.
    """
    functions_last = sorted(names.items(), key=lambda pair: _BUNDLED in pair[0])
    long = {short: name for name, short in functions_last}
    lines = []
    for line in traceback.splitlines():
        head, found, name = line.rpartition(", in ")
        if found and _BUNDLE.search(head) and name in long:
            line = head + found + long[name].replace("__", ".")
        lines.append(line)
    return "\n".join(lines)


def _joined(texts: dict[str, str]) -> dict[str, str]:
    try:
        plain = inlined(texts | {ROOT: _with_parts(texts[ROOT])})
        return bundled(plain, ROOT, _apart(texts), PARTS, _on_demand(texts))
    except (NotBundled, SyntaxError) as error:
        raise NotInstalled(
            f"The firmware can't be made small ({error}); correct it, or install with --source."
        ) from error


def _with_parts(text: str) -> str:
    """Let ROOT import the parts, one after the other, and later the module that drops what only the start needs."""
    names = ", ".join(f'"{PACKAGE}.{Path(path).stem}"' for path in _PART_PATHS)
    return text.replace(_NO_PARTS, f"PARTS = ({names},)").replace(_NO_DROP, f'DROP = "{_DROP}"')


def _apart(texts: dict[str, str]) -> frozenset[str]:
    """Return the paths that stay modules of their own.

    They are the board file (an object for the app), machine code, and what runs before the parts are loaded.
    """
    others = (f"{BOARD}.py", Path(PACKAGE, NATIVE).as_posix(), *_EARLY)
    return frozenset(path for path in texts if path.startswith(_BOARDS) or path in others)


def _on_demand(texts: dict[str, str]) -> tuple[str, ...]:
    return tuple(path for path in sorted(texts) if path.startswith(ON_DEMAND) and Path(path).stem != "__init__")


def _without_other_parts(texts: dict[str, str], sensors: Sequence[str]) -> dict[str, str]:
    """Remove the drivers of chips that the board doesn't have; keep all if its file names none."""
    named = _named_parts(texts)
    others = set()
    if named.get("IMU") in SENSORS:
        others |= set(SENSORS) - {named["IMU"], *sensors}
    if named.get("MOTOR") == ERM:
        others.add("drv2605")
    left_out = {f"{PACKAGE}/parts/{name}.py" for name in others}
    return {path: text for path, text in texts.items() if path not in left_out}


def _with_plain_board(texts: dict[str, str]) -> dict[str, str]:
    """Make unslouch_board the board file itself instead of an import of it."""
    boards = {path: text for path, text in texts.items() if path.startswith(_BOARDS)}
    board = next(text for path, text in boards.items() if not path.endswith("/__init__.py"))
    return {path: text for path, text in texts.items() if path not in boards} | {f"{BOARD}.py": board}


def _named_parts(texts: dict[str, str]) -> dict[str, str]:
    named: dict[str, str] = {}
    for path, text in texts.items():
        if path.startswith(_BOARDS):
            for node in ast.parse(text).body:
                match node:
                    case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(value))):
                        named[name] = value
    return named
