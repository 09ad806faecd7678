"""The kinds of value that a settings file holds: each checks a value, writes it and describes itself."""

import difflib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from unslouch.sensor.quiet_times import QuietSpan, QuietTimes, parse_span

JsonSchema = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """What is wrong with a value, as the rest of a sentence that begins with the key."""

    text: str
    part: str | None = None
    """The text within the value that is wrong, if only that is."""


class BadValue(ValueError):
    """A value has faults; `usable` is what is good of it, None if nothing is."""

    def __init__(self, *faults: Fault, usable: Any = None) -> None:
        super().__init__("; ".join(fault.text for fault in faults))
        self.faults = faults
        self.usable = usable


def _bad(text: str, part: str | None = None) -> BadValue:
    return BadValue(Fault(text, part))


class Kind(ABC):
    """One kind of value."""

    @abstractmethod
    def read(self, value: object) -> Any:
        """Return what TOML's value means; raises BadValue with all its faults."""

    def write(self, value: Any) -> Any:
        """Return a value as TOML has it."""
        return value

    @abstractmethod
    def json_schema(self) -> JsonSchema:
        """Describe the values in the terms of JSON Schema."""


class Flag(Kind):
    """true or false."""

    def read(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise _bad(f"is {_shown(value)}, and must be true or false")
        return value

    def json_schema(self) -> JsonSchema:
        return {"type": "boolean"}


class WholeNumber(Kind):
    """A whole number in a range."""

    def __init__(self, least: int, most: int, why_not_0: str = "") -> None:
        """why_not_0: what to do instead of setting it to 0, whose place `least` takes; empty if 0 is like any other."""
        self._least, self._most, self._why_not_0 = least, most, why_not_0

    def read(self, value: object) -> int:
        if self._why_not_0 and type(value) is int and value == 0:
            raise BadValue(Fault(f"is 0, and {self._least} is used: {self._why_not_0}"), usable=self._least)
        if type(value) is not int or not self._least <= value <= self._most:
            raise _bad(f"is {_shown(value)}, and must be a whole number from {self._least} to {self._most}")
        return value

    def json_schema(self) -> JsonSchema:
        return {"type": "integer", "minimum": self._least, "maximum": self._most}


class Choice(Kind):
    """One of some names; a member of an enumeration where the names are one."""

    def __init__(self, names: type[StrEnum] | Iterable[str]) -> None:
        self._members = {str(name): name for name in names}

    def read(self, value: object) -> str:
        if not isinstance(value, str):
            raise _bad(f"is {_shown(value)}, and must be one of {', '.join(self._members)}")
        name = value.strip().lower().replace("-", " ")
        by_reading = {known.replace("-", " "): member for known, member in self._members.items()}
        if name not in by_reading:
            near = nearest(value.lower(), self._members)
            meant = f"; did you mean {near}?" if near else ""
            raise _bad(f"has {value!r}, which is none of {', '.join(self._members)}{meant}", value)
        return by_reading[name]

    def write(self, value: Any) -> str:
        return str(value)

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "enum": list(self._members)}


class Choices(Kind):
    """A list of such names, each once."""

    def __init__(self, names: type[StrEnum]) -> None:
        self._one = Choice(names)

    def read(self, value: object) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise _bad(f"is {_shown(value)}, and must be a list in brackets")
        return tuple(dict.fromkeys(_read_each(value, self._one.read)))

    def write(self, value: Any) -> list[str]:
        return [str(each) for each in value]

    def json_schema(self) -> JsonSchema:
        return {"type": "array", "items": self._one.json_schema(), "uniqueItems": True}


class Times(Kind):
    """A list of spans of time."""

    def read(self, value: object) -> QuietTimes:
        if isinstance(value, QuietTimes):
            return value
        if not isinstance(value, list | tuple):
            raise _bad(f'is {_shown(value)}, and must be a list such as ["22:00-07:00"]')
        faults: tuple[Fault, ...] = ()
        try:
            spans = tuple(_read_each(value, _read_span))
        except BadValue as error:
            spans, faults = tuple(error.usable), error.faults
        times = QuietTimes(spans)
        if times.is_endless:
            text = (
                "covers the whole week, and isn't used, since nothing would ever be suggested. For a motor that never "
                "runs there is `unslouch settings tracking-only 1`"
            )
            raise BadValue(*faults, Fault(text), usable=QuietTimes())
        if faults:
            raise BadValue(*faults, usable=times)
        return times

    def write(self, value: Any) -> list[str]:
        return [span.text for span in value.spans]

    def json_schema(self) -> JsonSchema:
        return {"type": "array", "items": {"type": "string", "examples": ["22:00-07:00", "sat-sun 09:00-12:00"]}}


class Keymap(Kind):
    """A table from the ids of key bindings to keys. Which ids there are only the dashboard knows."""

    def read(self, value: object) -> Mapping[str, str]:
        if not isinstance(value, Mapping):
            raise _bad(f'is {_shown(value)}, and must be a table such as {{ "live.pause" = "p" }}')
        keys = dict(_flat(value))
        wrong = {binding: key for binding, key in keys.items() if not isinstance(key, str) or not key.strip()}
        if wrong:
            faults = (
                Fault(f'has {_shown(key)} for {binding}: name a key, such as "p" or "ctrl+p"', binding)
                for binding, key in wrong.items()
            )
            raise BadValue(*faults, usable={binding: keys[binding] for binding in keys if binding not in wrong})
        return keys

    def write(self, value: Any) -> dict[str, str]:
        return dict(value)

    def json_schema(self) -> JsonSchema:
        return {"type": "object", "additionalProperties": {"type": "string"}}


def _read_span(value: object) -> QuietSpan:
    try:
        return parse_span(value if isinstance(value, str) else repr(value))
    except ValueError as error:
        raise _bad(f"has a wrong span: {error}", str(value)) from error


def _read_each(values: Iterable[object], read: Callable[[object], Any]) -> tuple[Any, ...]:
    """Return what each value means; raises BadValue with the faults of all, and with the good ones as usable."""
    good: list[Any] = []
    faults: list[Fault] = []
    for value in values:
        try:
            good.append(read(value))
        except BadValue as error:
            faults += error.faults
    if faults:
        raise BadValue(*faults, usable=tuple(good))
    return tuple(good)


def _flat(table: Mapping[str, Any], above: str = "") -> Iterable[tuple[str, Any]]:
    """Return (dotted name, value) of a table; `live.pause = "p"` without quotes makes tables within it."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that comes nearest to one that isn't known, None if none comes near."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)), None)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "a table" if isinstance(value, Mapping) else repr(value)
