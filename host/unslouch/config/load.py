"""Finds the settings file that counts, reads it, and collects everything that is wrong in it.

The nearest file wins, and the others aren't read: the one that `--config` names, else the one that the environment
variable UNSLOUCH_CONFIG names, else `config.toml` in the user's folder for settings.
"""

import logging
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from unslouch.coach.terms import Condition
from unslouch.toml_lines import KeyPath, Problem, TomlLines, line_of_error

from .kinds import BadValue, nearest
from .model import SECTIONS, Config, Key, section_keys

log = logging.getLogger(__name__)

VARIABLE = "UNSLOUCH_CONFIG"
EXCLUDING_KEYS = ("gentle", "conditions")
"""Of [coach]: while one of them can't be read, everything that they could exclude is excluded."""
EXCLUDED_MEANWHILE = "Until that is mended, exercises that any condition excludes are left out."


class Origin(StrEnum):
    """Why a file is the one that counts."""

    OPTION = "--config"
    VARIABLE = VARIABLE
    USER = "your folder for settings"


@dataclass(frozen=True)
class LoadedConfig:
    """The settings, the file that counts, and what is wrong in it."""

    config: Config
    path: Path
    origin: Origin
    exists: bool
    problems: tuple[Problem, ...] = ()
    given: frozenset[tuple[str, str]] = frozenset()
    """The (section, key) that the file sets, and that could be read."""

    @property
    def description(self) -> str:
        """Which file it is, as a phrase such as "/home/w/.config/unslouch/config.toml (your folder for settings)"."""
        missing = "" if self.exists else "; no such file yet, so the defaults are used"
        return f"{self.path} ({self.origin}{missing})"


def config_path(option: Path | None = None) -> tuple[Path, Origin]:
    """Return the path of the file that counts, which may not exist, and why it does."""
    if option is not None:
        return option.expanduser(), Origin.OPTION
    if variable := os.environ.get(VARIABLE):
        return Path(variable).expanduser(), Origin.VARIABLE
    from platformdirs import user_config_dir

    return Path(user_config_dir("unslouch", appauthor=False)) / "config.toml", Origin.USER


def load_config(option: Path | None = None) -> LoadedConfig:
    """Load the file that counts; `option` is what --config names. Raises nothing: problems are in the result.

    That a file is missing is a problem only if somebody named it.
    """
    path, origin = config_path(option)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        if origin is Origin.USER:
            return LoadedConfig(Config(), path, origin, exists=False)
        missing = f"there is no such file, which {origin} names"
        return replace(_unreadable(path, origin, None, missing), exists=False)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it isn't UTF-8 text"
        return _unreadable(path, origin, None, f"can't be read ({why})")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return _unreadable(path, origin, line_of_error(error), f"isn't valid TOML: {error}")
    reader = _Reader(path, text)
    config = reader.read(content)
    loaded = LoadedConfig(config, path, origin, True, tuple(reader.problems), frozenset(reader.given))
    log.info("Settings: %s", loaded.description)
    return loaded


def _unreadable(path: Path, origin: Origin, line: int | None, text: str) -> LoadedConfig:
    problem = Problem(path, line, f"{text.removesuffix('.')}. The defaults are used. {EXCLUDED_MEANWHILE}")
    return LoadedConfig(_cautious(Config()), path, origin, True, (problem,))


def _cautious(config: Config) -> Config:
    """Return settings under which every condition counts."""
    return replace(config, coach=replace(config.coach, gentle=True, conditions=tuple(Condition)))


class _Reader:
    """Reads the sections of one file and collects its problems."""

    def __init__(self, path: Path, text: str) -> None:
        self.problems: list[Problem] = []
        self.given: set[tuple[str, str]] = set()
        self._path = path
        self._text = text
        self._lines: TomlLines | None = None
        self._is_cautious = False

    def read(self, content: Mapping[str, Any]) -> Config:
        sections = {}
        for name, table in content.items():
            if name not in SECTIONS:
                is_coach = nearest(name, SECTIONS) == "coach"
                self._add((name,), f"there is no {_noun(table)} {name!r}{self._meant(name)}", is_cautious=is_coach)
            elif not isinstance(table, Mapping):
                text = f"{name} is a section: write [{name}] and its keys below"
                self._add((name,), text, is_cautious=name == "coach")
            else:
                sections[name] = SECTIONS[name](**self._values(name, table))
        config = Config(**sections)
        return _cautious(config) if self._is_cautious else config

    def _values(self, section: str, table: Mapping[str, Any]) -> dict[str, Any]:
        keys = section_keys(section)
        values = {}
        for name, value in table.items():
            if name not in keys:
                self._add_unknown_key(section, name, keys)
                continue
            try:
                values[name] = keys[name].kind.read(value)
            except BadValue as error:
                self._add_faults(keys[name], error)
                if error.usable is None:
                    continue
                values[name] = error.usable
            self.given.add((section, name))
        return values

    def _add_unknown_key(self, section: str, name: str, keys: Mapping[str, Key]) -> None:
        near = nearest(name, keys)
        elsewhere = next((other for other in SECTIONS if name in section_keys(other)), None)
        if elsewhere is not None:
            meant = f"; {name} belongs to [{elsewhere}]"
        else:
            meant = f"; did you mean {near}?" if near else f"; it has {', '.join(keys)}"
        is_cautious = section == "coach" and near in EXCLUDING_KEYS
        self._add((section, name), f"[{section}] has no key {name!r}{meant}", is_cautious=is_cautious)

    def _add_faults(self, key: Key, error: BadValue) -> None:
        is_cautious = key.section == "coach" and key.name in EXCLUDING_KEYS
        for fault in error.faults:
            self._add(key.path, f"{key.section}.{key.name} {fault.text}", fault.part, is_cautious)

    def _meant(self, name: str) -> str:
        """Return what may have been meant by a name at the top of the file."""
        if near := nearest(name, SECTIONS):
            return f"; did you mean [{near}]?"
        section = next((section for section in SECTIONS if name in section_keys(section)), None)
        if section is not None:
            return f"; {name} belongs to [{section}]"
        return f"; the sections are {', '.join(SECTIONS)}"

    def _add(self, path: KeyPath, text: str, part: str | None = None, is_cautious: bool = False) -> None:
        if self._lines is None:
            self._lines = TomlLines(self._text)
        self._is_cautious = self._is_cautious or is_cautious
        text = text if text.endswith("?") else f"{text}."
        caution = f" {EXCLUDED_MEANWHILE}" if is_cautious else ""
        self.problems.append(Problem(self._path, self._lines.line_of(path, part), text + caution))


def _noun(value: object) -> str:
    return "section" if isinstance(value, Mapping) else "key"
