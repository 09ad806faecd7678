"""Reads exercises from TOML, ours and the wearer's own. Problems carry file and line."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from unslouch.toml_lines import Problem, TomlLines, line_of_error

from .catalogue import (
    BRIEF_CHARACTERS,
    CUE_BY_PATTERN,
    OURS,
    Amount,
    Article,
    Catalogue,
    Condition,
    Equipment,
    Exercise,
    Kind,
    Pattern,
    Place,
    Position,
    Sensing,
    SpineFlexion,
    Step,
    Tip,
)
from .counting import Axis, Signature

AMOUNTS = ("hold_s", "reps", "sets", "rest_s", "duration_s", "breaths")
_SOURCE = re.compile(r"[A-Z]\d*")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_Enum = TypeVar("_Enum", bound=StrEnum)


def own_exercises_path() -> Path:
    """Return where the wearer's own exercises are looked for."""
    from platformdirs import user_config_dir

    return Path(user_config_dir("unslouch", appauthor=False)) / "exercises.toml"


@cache
def builtin_catalogue() -> Catalogue:
    """Return the exercises that unslouch brings. A problem in them raises ValueError."""
    path = Path(__file__).with_name("exercises.toml")
    catalogue, problems = read_catalogue(path)
    if problems:
        raise ValueError("\n".join(map(str, problems)))
    return catalogue


def load_catalogue(own_file: Path | None = None) -> tuple[Catalogue, list[Problem]]:
    """Return unslouch's exercises and the wearer's own, and what is wrong with the wearer's file.

    An exercise with a problem is left out, the others are used. An exercise of the wearer with the id of one of ours
    replaces it. A file that isn't there is no problem.
    """
    ours = builtin_catalogue()
    if own_file is None or not own_file.exists():
        return ours, []
    own, problems = read_catalogue(own_file, ours)
    replaced = {exercise.id: exercise for exercise in own.exercises}
    exercises = [replaced.pop(exercise.id, exercise) for exercise in ours.exercises]
    tips = (*ours.tips, *own.tips)
    return Catalogue((*exercises, *replaced.values()), ours.articles | own.articles, ours.patterns, tips), problems


def read_catalogue(path: Path, known: Catalogue | None = None) -> tuple[Catalogue, list[Problem]]:
    """Return what a file holds, and its problems; `known` supplies articles and patterns that it may refer to."""
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except OSError as error:
        return _unreadable(path, None, f"can't be read ({error.strerror}): make it readable")
    except UnicodeDecodeError:
        return _unreadable(path, None, "can't be read, because it isn't UTF-8 text: save it as UTF-8")
    except tomllib.TOMLDecodeError as error:
        why = f"isn't valid TOML ({str(error).removesuffix('.')}): correct that"
        return _unreadable(path, line_of_error(error), why)
    return _Reader(path, text, content, known or Catalogue(())).read()


def _unreadable(path: Path, line: int | None, text: str) -> tuple[Catalogue, list[Problem]]:
    return Catalogue(()), [Problem(path, line, f"{text}. Until then its exercises are left out.")]


class _Reader:
    """Reads the tables of one file and collects the problems."""

    def __init__(self, path: Path, text: str, content: dict[str, Any], known: Catalogue) -> None:
        self._path = path
        self._text = text
        self._lines: TomlLines | None = None
        self._content = content
        self._problems: list[Problem] = []
        self._articles = dict(known.articles)
        self._patterns = dict(known.patterns)

    def read(self) -> tuple[Catalogue, list[Problem]]:
        for name in self._content:
            if name not in ("article", "pattern", "exercise", "tip"):
                self._add(name, None, f"[{name}] is none of article, pattern, exercise and tip, and counts for nothing")
        for letter, table in self._tables("article"):
            fields = _Fields(self, f"article.{letter}", table)
            self._articles[letter] = Article(letter, fields.text("title"), fields.text("authors"))
            fields.finish()
        for pattern, table in self._tables("pattern"):
            fields = _Fields(self, f"pattern.{pattern}", table)
            if pattern not in CUE_BY_PATTERN:
                fields.problem(
                    None, f"no pattern of the sensor is named {pattern}: it is one of {_listed(CUE_BY_PATTERN)}"
                )
            self._patterns[pattern] = Pattern(pattern, fields.text("text"), fields.sources("sources"))
            fields.finish()
        exercises = [self._exercise(id, table) for id, table in self._tables("exercise")]
        tips = [self._tip(id, table) for id, table in self._tables("tip")]
        good = tuple(exercise for exercise in exercises if exercise is not None)
        catalogue = Catalogue(good, self._articles, self._patterns, tuple(tip for tip in tips if tip is not None))
        return catalogue, self._problems

    def _tables(self, kind: str) -> Iterable[tuple[str, dict[str, Any]]]:
        tables = self._content.get(kind, {})
        if not isinstance(tables, dict):
            self._add(kind, None, f"{kind} is no table: write each one as [{kind}.ITS-ID]")
            return
        for id, table in tables.items():
            if isinstance(table, dict):
                yield id, table
            else:
                self._add(f"{kind}.{id}", None, f"{kind}.{id} is no table: write it as [{kind}.{id}]")

    def _tip(self, id: str, table: dict[str, Any]) -> Tip | None:
        fields = _Fields(self, f"tip.{id}", table)
        tip = Tip(id, fields.text("text"), fields.sources("sources"))
        return tip if fields.finish_whole() else None

    def _exercise(self, id: str, table: dict[str, Any]) -> Exercise | None:
        fields = _Fields(self, f"exercise.{id}", table)
        if not _ID.fullmatch(id):
            fields.problem(None, f"{id!r} can't be an id: use small letters, digits and hyphens")
        steps = tuple(self._step(fields, number, step) for number, step in enumerate(fields.take("steps", list, []), 1))
        if not steps:
            fields.problem("steps", "steps is missing: give at least one, with its dose")
        start = fields.take("start", int, 1)
        if steps and not 1 <= start <= len(steps):
            fields.problem("start", f"start is {start}, and there are steps 1 to {len(steps)}: give one of them")
        patterns = fields.texts("patterns")
        for pattern in patterns:
            if pattern not in CUE_BY_PATTERN:
                fields.problem("patterns", f"{pattern!r} is no pattern: use {_listed(CUE_BY_PATTERN)}")
        how = fields.texts("how", at_least_one=True)
        brief = fields.take("brief", str, None)
        if brief is not None and len(brief) > BRIEF_CHARACTERS:
            fields.problem("brief", f"brief has {len(brief)} characters, and may have {BRIEF_CHARACTERS}: shorten it")
        exercise = Exercise(
            id=id,
            name=fields.text("name"),
            kinds=fields.choices("kinds", Kind, at_least_one=True),
            positions=(fields.choice("position", Position), *fields.choices("other_positions", Position)),
            places=fields.choices("places", Place, at_least_one=True),
            needs=fields.needs(),
            set_up_s=fields.take("set_up_s", int, 0),
            patterns=patterns,
            primary=fields.texts("primary"),
            secondary=fields.texts("secondary"),
            sources=fields.sources("sources"),
            sensing=fields.choice("sensor", Sensing),
            signature=self._signature(fields),
            how=how,
            brief=brief or " ".join(how),
            form=fields.texts("form"),
            mistakes=fields.texts("mistakes"),
            steps=steps,
            start=start - 1,
            excluded_by=frozenset(fields.choices("excluded_by", Condition)),
            spine_flexion=fields.choice("spine_flexion", SpineFlexion, SpineFlexion.NONE),
            foam_rolling=fields.take("foam_rolling", bool, False),
            osteoporosis_set=fields.take("osteoporosis_set", bool, False),
            abdominal=fields.take("abdominal", bool, False),
            series_step=fields.take("series_step", int, None),
            after=fields.take("after", str, None),
        )
        return exercise if fields.finish_whole() else None

    def _signature(self, fields: "_Fields") -> Signature | None:
        table = fields.take("signature", dict, None)
        if table is None:
            return None
        inner = _Fields(self, fields.table_name, table, "signature: ", "signature")
        at_least = inner.amount("at_least_deg", OURS)
        if at_least is None:
            inner.problem("signature", "at_least_deg is missing: give the smallest movement that counts")
        direction = inner.take("direction", int, 1)
        if direction not in (1, -1):
            inner.problem("signature", f"direction is {direction}, and must be 1 or -1")
        axis = inner.choice("axis", Axis)
        start_deg = inner.take("start_deg", list, None)
        is_range = start_deg is None or (len(start_deg) == 2 and all(type(edge) is int for edge in start_deg))
        if not is_range or (start_deg and start_deg[0] >= start_deg[1]):
            inner.problem("signature", f"start_deg is {start_deg!r}, and must be two whole numbers, the smaller first")
            start_deg = None
        recording = inner.take("recording", str, "")
        if not inner.finish():
            fields.is_good = False
        start = None if start_deg is None else (float(start_deg[0]), float(start_deg[1]))
        return Signature(axis, at_least.least if at_least else 1, direction, start_deg=start, recording=recording)

    def _step(self, fields: "_Fields", number: int, table: Any) -> Step:
        if not isinstance(table, dict):
            fields.problem("steps", f"step {number} is no table: write {{ text = …, reps = … }}")
            return Step("", OURS)
        step = _Fields(self, fields.table_name, table, f"step {number}: ", "steps")
        source = step.text("source")
        if source:
            step.check_source("source", source)
        amounts = {name: step.amount(name, source) for name in AMOUNTS}
        if not any(name in table for name in ("hold_s", "reps", "duration_s", "breaths")):
            step.problem("steps", "has no dose: give hold_s, reps, duration_s or breaths")
        made = Step(step.text("text"), source, **amounts, each_side=step.take("each_side", bool, False))
        if not step.finish():
            fields.is_good = False
        return made

    def knows(self, source: str) -> bool:
        """Tell whether a source names an article of this catalogue."""
        return source == OURS or (bool(_SOURCE.fullmatch(source)) and source[0] in self._articles)

    def add_problem(self, table: str, key: str | None, text: str) -> None:
        """Note what is wrong with a key of a table."""
        self._add(table, key, text)

    def leave_out(self) -> None:
        """Say, with the last problem, that what has it is left out."""
        last = self._problems[-1]
        self._problems[-1] = replace(last, text=f"{last.text} Until you correct that, it is left out.")

    def _add(self, table: str, key: str | None, text: str) -> None:
        self._problems.append(
            Problem(self._path, self._line_of(table, key), text if text.endswith("?") else f"{text}.")
        )

    def _line_of(self, table: str, key: str | None) -> int | None:
        """Return the line of a key within a table, else the table's own; None if the file has neither."""
        if self._lines is None:
            self._lines = TomlLines(self._text)
        path = tuple(table.split("."))
        return self._lines.line_of(path if key is None else (*path, key))


class _Fields:
    """Takes the fields of one table, and says what is wrong with each."""

    def __init__(
        self, reader: _Reader, table_name: str, table: dict[str, Any], prefix: str = "", key: str = ""
    ) -> None:
        self.table_name = table_name
        self.is_good = True
        self._reader = reader
        self._table = dict(table)
        self._taken: list[str] = []
        self._prefix = prefix
        self._key = key

    def problem(self, key: str | None, text: str) -> None:
        """Note a problem of this table."""
        self.is_good = False
        self._reader.add_problem(self.table_name, self._key or key, f"{self.table_name}: {self._prefix}{text}")

    def finish(self) -> bool:
        """Report fields that nobody took, and tell whether the table is good."""
        from difflib import get_close_matches  # only a mistyped field needs it

        for name in self._table:
            near = get_close_matches(name, self._taken, n=1)
            remedy = f"did you mean {near[0]}?" if near else "leave it out"
            self.problem(name, f"there is no field {name!r}: {remedy}")
        return self.is_good

    def finish_whole(self) -> bool:
        """As finish(), for a table that is left out as a whole if anything in it is wrong."""
        if not self.finish():
            self._reader.leave_out()
        return self.is_good

    def take(self, name: str, kind: type[Any], default: Any) -> Any:
        """Return a field of a type, its default if it is left out or of another type."""
        self._taken.append(name)
        value = self._table.pop(name, default)
        if value is default or type(value) is kind:
            return value
        self.problem(name, f"{name} is {value!r}, and must be {_KIND_NAMES[kind]}")
        return default

    def text(self, name: str) -> str:
        """Return a text that must be there."""
        if name not in self._table:
            self._taken.append(name)
            self.problem(name, f"{name} is missing: give a text")
            return ""
        value = self.take(name, str, None)
        if value is not None and not value.strip():
            self.problem(name, f"{name} is empty: give a text")
        return str(value or "")

    def texts(self, name: str, at_least_one: bool = False) -> tuple[str, ...]:
        """Return a list of texts."""
        if at_least_one and self._table.get(name, []) == []:
            self._table.pop(name, None)
            self._taken.append(name)
            self.problem(name, f"{name} is missing: give a list of texts")
            return ()
        values = self.take(name, list, [])
        if not all(isinstance(value, str) and value.strip() for value in values):
            self.problem(name, f"{name} is {values!r}, and must be a list of texts")
            return ()
        return tuple(values)

    def choice(self, name: str, enum: type[_Enum], default: _Enum | None = None) -> _Enum:
        """Return one of the values of an enum."""
        value = self.take(name, str, default)
        if value is None:
            self.problem(name, f"{name} is missing: give one of {_listed(enum)}")
            return next(iter(enum))
        return self._checked(name, enum, value)

    def choices(self, name: str, enum: type[_Enum], at_least_one: bool = False) -> tuple[_Enum, ...]:
        """Return several of the values of an enum."""
        values = self.texts(name, at_least_one)
        return tuple(self._checked(name, enum, value) for value in values)

    def _checked(self, name: str, enum: type[_Enum], value: str) -> _Enum:
        if value in [str(member) for member in enum]:
            return enum(value)
        self.problem(name, f"{name} has {value!r}, which is none of {_listed(enum)}")
        return next(iter(enum))

    def needs(self) -> tuple[frozenset[Equipment], ...]:
        """Return the equipment; an inner list names alternatives."""
        needs = []
        for value in self.take("needs", list, []):
            alternatives = value if isinstance(value, list) else [value]
            needs.append(frozenset(self._checked("needs", Equipment, str(one)) for one in alternatives))
        return tuple(needs)

    def sources(self, name: str) -> tuple[str, ...]:
        """Return sources, each of which must name an article of the catalogue or "ours"."""
        values = self.texts(name, at_least_one=True)
        for value in values:
            self.check_source(name, value)
        return values

    def check_source(self, name: str, source: str) -> None:
        """Note a source that names no article."""
        if not self._reader.knows(source):
            self.problem(name, f'{name} has {source!r}, which is no [article] of the catalogue: give one, or "{OURS}"')

    def amount(self, name: str, source: str) -> Amount | None:
        """Return a number or a range of a dose, with its own source where the step names one."""
        stem = name.removesuffix("_s")
        own_source = self.take(f"{stem}_source", str, None)
        if own_source is not None:
            self.check_source(f"{stem}_source", own_source)
            source = own_source
        self._taken.append(name)
        value = self._table.pop(name, None)
        if value is None:
            return None
        numbers = value if isinstance(value, list) else [value]
        is_good = all(type(number) is int and number > 0 for number in numbers) and len(numbers) in (1, 2)
        if not is_good or numbers[0] > numbers[-1]:
            self.problem(name, f"{name} is {value!r}, and must be a whole number above 0, or two of them as a range")
            return None
        return Amount(numbers[0], numbers[-1], source)


_KIND_NAMES = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(str(name) for name in names)
