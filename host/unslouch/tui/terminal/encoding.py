"""Which characters a terminal can show."""

import codecs
import os
import sys
from collections.abc import Mapping

NEEDED = "─│╭╮╰╯┤●○▼►◄▬≈×█▀▄°·…⠿╵"
"""A selection of what the dashboard draws with: an encoding without one of these gets ASCII alone."""


def terminal_encoding(environment: Mapping[str, str] = os.environ) -> str:
    """Return the name of the encoding in which to write to the terminal.

    It is what PYTHONIOENCODING or PYTHONUTF8 asks for, else that of the locale. Under LC_ALL=C and in a locale that
    isn't installed Python takes UTF-8 (PEP 540); there this goes by the locale's name.
    """
    encoding = getattr(sys.__stdout__, "encoding", None) or "utf-8"
    if environment.get("PYTHONIOENCODING") or environment.get("PYTHONUTF8") == "1" or sys.platform == "win32":
        return encoding
    if environment.get("LC_ALL") in ("C", "POSIX"):
        return "ascii"
    names = (environment.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    codeset = next(filter(None, names), "").partition(".")[2].partition("@")[0]
    return codeset if is_known(codeset) else encoding


def is_known(encoding: str) -> bool:
    """Whether Python knows an encoding."""
    try:
        codecs.lookup(encoding)
    except LookupError:
        return False
    return True


def shows_all_we_draw(encoding: str) -> bool:
    """Whether the dashboard can be drawn in an encoding."""
    try:
        NEEDED.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def needs_ascii(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the terminal can't show what the dashboard draws with, so that it draws in ASCII.

    The Linux console's fonts have at most 512 characters (setfont(8)), and no braille.
    """
    return environment.get("TERM") == "linux" or not shows_all_we_draw(terminal_encoding(environment))
