"""The parser of the command line: the dashboard's arguments at the top, and a parser for each command of the table."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any, NoReturn

from unslouch import __version__

from . import console, dashboard
from .arguments import add_verbose_argument
from .commands import COMMANDS

EXAMPLES = """\
examples:
  unslouch                          the dashboard, on the sensor that is plugged in
  unslouch pair                     pair with a sensor, to wear it without a cable
  unslouch --demo                   the dashboard on a simulated sensor and wearer
  unslouch record                   record without a dashboard
  unslouch watch                    posture as plain lines, for screen readers and pipes
  unslouch export --day yesterday   yesterday's posture log as a file
"""


BEFORE_COMMANDS = ("sensor", "demo", "db", "config")
"""The dashboard's own options, which may stand before a command, too, if it has them."""

_CLEARER = (
    (r"^the following arguments are required: (.*)$", r"\1 is missing; give it after the command"),
    (r"^one of the arguments (.*) (\S+) is required$", r"\1 or \2 is missing; give one of them"),
    (r"^argument (\S+): not allowed with argument (\S+)$", r"\1 and \2 can't be used together; leave one of them out"),
)


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    """Return the parsed command line. Ends the program with exit code 2 if it is wrong, also for an option that the
    command would ignore."""
    top = parser()
    args = top.parse_args(argv)
    if args.sensor is not None and args.demo:
        top.error("--sensor and --demo can't be used together; leave one of them out")
    for option in BEFORE_COMMANDS:
        if getattr(args, option) and option not in args.accepts:
            top.error(f"`{args.command}` takes no --{option}; leave it out")
    return args


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line. It imports a command's module when it meets that command."""
    top = Parser(
        prog="unslouch",
        description="Read a wearable slouch sensor: live dashboard, recording, and the daily posture log.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"unslouch {__version__}")
    add_verbose_argument(top)
    dashboard.add_arguments(top)
    top.set_defaults(verbose=False, run=dashboard.run, accepts=set(BEFORE_COMMANDS))
    commands = top.add_subparsers(title="commands", metavar="COMMAND", parser_class=CommandParser)
    for name, line in COMMANDS.items():
        commands.add_parser(name, help=line, command=name)
    return top


class Parser(argparse.ArgumentParser):
    """A parser that suggests what may have been meant, and prints by way of the console.

    Help is data and goes to stdout; what is wrong with a command line goes to stderr.
    """

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse has it, except that no argument is left over: one that isn't known is an error right here."""
        parsed, unknown = super().parse_known_args(args, namespace)
        if unknown:
            name = unknown[0].partition("=")[0]
            if name in {f"--{option}" for option in BEFORE_COMMANDS}:
                self.error(f"`{self.prog}` takes no {name}; leave it out")
            options = [option for action in self._actions for option in action.option_strings]
            near = _suggestion(name, options)
            self.error(f"`{self.prog}` doesn't know {' '.join(unknown)}{near}; see `{self.prog} --help`")
        return parsed, unknown

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        near = _suggestion(str(value), map(str, action.choices))
        if isinstance(action, argparse._SubParsersAction):
            noun = str(action.metavar).lower()
            self.error(f"there is no {noun} {value!r}{near}; `{self.prog} --help` lists them")
        raise argparse.ArgumentError(action, f"{value!r} is none of {', '.join(map(str, action.choices))}{near}")

    def error(self, message: str) -> NoReturn:
        """As argparse has it, in our words for what its own words leave unclear."""
        for theirs, ours in _CLEARER:
            message = re.sub(theirs, ours, message)
        super().error(message)

    def _match_argument(self, action: argparse.Action, arg_strings_pattern: str) -> int:
        try:
            return super()._match_argument(action, arg_strings_pattern)
        except argparse.ArgumentError:
            if not action.option_strings or action.nargs is not None:
                raise
            value = action.metavar or "a value"
            raise argparse.ArgumentError(action, f"give {value} after it; `{self.prog} --help` explains it") from None

    def format_help(self) -> str:
        """As argparse has it, with the description in lines that fit the terminal; examples keep theirs."""
        import shutil
        import textwrap

        description = self.description
        try:
            if description is not None:
                self.description = textwrap.fill(description, max(shutil.get_terminal_size().columns - 2, 40))
            return super().format_help()
        finally:
            self.description = description

    def _print_message(self, message: str, file: Any = None) -> None:
        if file is None or file is sys.stderr:
            console.write_stderr(message)
        else:
            console.emit(message.removesuffix("\n"))


class CommandParser(Parser):
    """The parser of one command, which gets its arguments from the command's module when it is first used.

    Parsers of a command's own subcommands, which have no module, are of this class too; argparse makes them.
    """

    def __init__(self, *, command: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._module = None if command is None else f"unslouch.cli.{command.replace('-', '_')}"
        if command is not None:
            line = COMMANDS[command]
            self.description = line[0].upper() + line[1:] + "."
            self.formatter_class = argparse.RawDescriptionHelpFormatter

    def add_command_arguments(self) -> None:
        """Import the command's module, unless that has been done, and let it add its arguments."""
        if self._module is None:
            return
        module, self._module = import_module(self._module), None
        module.add_arguments(self)
        add_verbose_argument(self)
        self.set_defaults(run=module.run, command=self.prog, accepts={action.dest for action in self._actions})

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse has it, once the command's arguments are known."""
        self.add_command_arguments()
        return super().parse_known_args(args, namespace)


def _suggestion(typed: str, known: Iterable[str]) -> str:
    """Return " (did you mean X?)" for the known word that comes nearest to what was typed, "" if none comes near."""
    import difflib

    near = difflib.get_close_matches(typed, list(known), n=1)
    return f" (did you mean {near[0]}?)" if near else ""
