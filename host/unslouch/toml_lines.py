"""What is wrong in a TOML file, and where a key stands in it: Python's own parser gives values without their lines.

    TomlLines(text).line_of(("coach", "equipment"), "bal")     the line of a key, or of a text within its value

The text is split into statements, each parsed alone, so keys are found however the file writes them (dotted, quoted,
inline, over several lines). It costs a parse per statement, so it is for messages about a faulty file.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KeyPath = tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """What is wrong in a TOML file, and where."""

    path: Path
    line: int | None
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}" if self.line else f"{self.path}: {self.text}"


class TomlLines:
    """The lines of all keys and tables of a text that is valid TOML."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._ranges: dict[KeyPath, range] = {}
        self._read()

    def line_of(self, path: KeyPath, value: str | None = None) -> int | None:
        """Return the line (from 1) of a key or table, or of the first place in its value that has this text or key.

        Where the key isn't in the file, that is the line of the table which holds it; None if that isn't either.
        """
        while path and path not in self._ranges:
            path, value = path[:-1], None
        if not path:
            return None
        lines = self._ranges[path]
        if value is not None:
            below = self._ranges.get((*path, value)) or self._ranges.get((*path, *value.split(".")))
            if below is not None:
                return below.start + 1
            return next((at + 1 for at in lines if value in self._lines[at]), lines.start + 1)
        return lines.start + 1

    def _read(self) -> None:
        table: KeyPath = ()
        at = 0
        while at < len(self._lines):
            line = self._lines[at].strip()
            if not line or line.startswith("#"):
                at += 1
                continue
            end = at + 1
            while (content := _parsed("\n".join(self._lines[at:end]))) is None and end < len(self._lines):
                end += 1
            paths = _paths(content or {})
            if line.startswith("["):
                table = max(paths, key=len, default=())
                for depth in range(1, len(table) + 1):  # [a.b] begins a as well, unless it stands elsewhere
                    self._ranges.setdefault(table[:depth], range(at, end))
            else:
                for path in paths:
                    self._ranges.setdefault(table + path, range(at, end))
            at = end


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _paths(content: Any, above: KeyPath = ()) -> list[KeyPath]:
    """Return the paths of all keys in a statement's content, the outer ones first."""
    if isinstance(content, list):
        return [path for each in content for path in _paths(each, above)]
    if not isinstance(content, dict):
        return []
    paths: list[KeyPath] = []
    for key, value in content.items():
        paths += [(*above, key), *_paths(value, (*above, key))]
    return paths


def line_of_error(error: tomllib.TOMLDecodeError) -> int | None:
    """Return the line at which a text stops being TOML, None where only its end is wrong."""
    match = re.search(r"at line (\d+)", str(error))
    return int(match[1]) if match else None
