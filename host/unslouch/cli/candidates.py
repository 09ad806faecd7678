"""What can come next in a command line: the words that a shell offers when the user presses Tab.

The answer comes from the parser itself, so that it can't differ from what the parser accepts. Values that no parser
knows (the wearer's sensors, setting keys, days, zones) are found by the name that --help has for them.
"""

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Candidates = dict[str, str]
"""What each word means, by the word; the meaning may be empty."""
FILE_WORDS = ("FILE", "DIR", "PATH")


@dataclass(frozen=True)
class Completion:
    """What a shell offers."""

    candidates: Candidates
    takes_file: bool = False
    """Whether the name of a file or folder goes there."""


def complete(parser: argparse.ArgumentParser, words: Sequence[str]) -> Completion:
    """Return what can stand in place of the last of the words, which may be empty. The first is no command name."""
    *before, current = words
    cursor = _Cursor(parser)
    for word in before:
        cursor.pass_word(word)
    name, equals, _ = current.partition("=")
    if equals and (option := cursor.option(name)) is not None:
        found = _values(option, cursor.words)
        candidates = {f"{name}={word}": meaning for word, meaning in found.candidates.items()}
    else:
        found = cursor.next(current.startswith("-"))
        candidates = found.candidates
    begun = {word: meaning for word, meaning in candidates.items() if word.startswith(current)}
    return Completion(begun, found.takes_file)


class _Cursor:
    """A place in a command line, and what the parser has learned up to there."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self.words: list[str] = []
        """The positional arguments of the command so far."""
        self._awaited: argparse.Action | None = None
        self._used: set[str] = set()
        self._enter(parser)

    def pass_word(self, word: str) -> None:
        """Go beyond a word."""
        if self._awaited is not None and not word.startswith("-"):
            self._awaited = None
            return
        self._awaited = None
        if word.startswith("-"):
            name, equals, _ = word.partition("=")
            if (action := self.option(name)) is not None:
                self._used.update(action.option_strings)
                self._awaited = None if equals or action.nargs == 0 else action
            return
        choices = self._subparsers()
        if choices is not None and word in choices:
            self._enter(choices[word])
        else:
            self.words.append(word)

    def option(self, name: str) -> argparse.Action | None:
        """Return the option of a name, None if there is none."""
        return next((action for action in self._parser._actions if name in action.option_strings), None)

    def next(self, wants_option: bool) -> Completion:
        """Return what can stand here."""
        if self._awaited is not None and not wants_option:
            found = _values(self._awaited, self.words)
            if self._awaited.nargs != "?":
                return found
            return Completion(found.candidates | self._positional().candidates, found.takes_file)
        return Completion(self._options()) if wants_option else self._positional()

    def _enter(self, parser: argparse.ArgumentParser) -> None:
        add_arguments: Callable[[], None] | None = getattr(parser, "add_command_arguments", None)
        if add_arguments is not None:
            add_arguments()
        self._parser = parser
        self.words = []

    def _subparsers(self) -> dict[str, argparse.ArgumentParser] | None:
        for action in self._parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                return dict(action.choices)
        return None

    def _options(self) -> Candidates:
        return {
            option: _meaning(action)
            for action in self._parser._actions
            for option in action.option_strings
            if option.startswith("--") and option not in self._used
        }

    def _positional(self) -> Completion:
        actions = [action for action in self._parser._actions if not action.option_strings]
        if len(self.words) < len(actions):
            return _values(actions[len(self.words)], self.words)
        return Completion(self._options())


def _values(action: argparse.Action, words: Sequence[str]) -> Completion:
    """Return the values of an option or a positional argument; `words` are the positional arguments before it."""
    if isinstance(action, argparse._SubParsersAction):
        return Completion({each.dest: each.help or "" for each in action._get_subactions()})
    if action.choices is not None:
        return Completion(dict.fromkeys(map(str, action.choices), ""))
    name = str(action.metavar or action.dest).upper()
    alternatives = name.split("|")
    if any(word in FILE_WORDS or word.partition(".")[0] in FILE_WORDS for word in alternatives):
        return Completion({}, takes_file=True)
    for word, source in _SOURCES.items():
        if word in alternatives:
            return Completion(source(words))
    return Completion({})


def _sensors(words: Sequence[str]) -> Candidates:
    from unslouch.errors import UnslouchError
    from unslouch.link.discovery import likely_ports
    from unslouch.sensor.paired import paired_sensors

    try:
        paired = {sensor.name: f"paired, {sensor.address}" for sensor in paired_sensors()}
    except UnslouchError:
        paired = {}
    return paired | dict.fromkeys(likely_ports(), "plugged in")


def _setting_keys(words: Sequence[str]) -> Candidates:
    from unslouch_device.contract.settings import SETTINGS

    return {setting.key: setting.meaning for setting in SETTINGS}


def _setting_words(words: Sequence[str]) -> Candidates:
    from unslouch.sensor.settings import WORDS

    return dict.fromkeys(WORDS.get(words[-1], {}) if words else {}, "")


def _days(words: Sequence[str]) -> Candidates:
    return dict.fromkeys(("today", "yesterday"), "")


def _zones(words: Sequence[str]) -> Candidates:
    from zoneinfo import available_timezones

    return dict.fromkeys(sorted(available_timezones()), "")


_SOURCES: dict[str, Callable[[Sequence[str]], Candidates]] = {
    "ADDRESS": _sensors,
    "PORT": _sensors,
    "KEY": _setting_keys,
    "VALUE": _setting_words,
    "DAY": _days,
    "ZONE": _zones,
}


def _meaning(action: argparse.Action) -> str:
    return action.help if action.help is not None and action.help != argparse.SUPPRESS else ""


def lines(completion: Completion, file_mark: str) -> Iterable[str]:
    """Return the lines that a shell reads: words with their meanings behind a tab, or the mark for a file's name."""
    if completion.takes_file:
        yield file_mark
        return
    for word, meaning in completion.candidates.items():
        yield f"{word}\t{' '.join(meaning.split())}"
