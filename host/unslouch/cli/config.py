"""`unslouch config`: shows, checks, describes and edits the settings file."""

import argparse
from typing import TYPE_CHECKING

from unslouch.errors import BadInput, ExitCode

from .arguments import add_config_argument, path

if TYPE_CHECKING:
    from pathlib import Path

    from unslouch.config import LoadedConfig
    from unslouch.toml_lines import Problem

EPILOG = """\
The file that --config names counts, else the one that the environment variable UNSLOUCH_CONFIG names, else config.toml
in your folder for settings. Settings of the sensor itself are not in it: the sensor keeps them (`unslouch settings`).

examples:
  unslouch config show
  unslouch config edit
  unslouch config validate && echo fine
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    add_config_argument(parser)
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    show = actions.add_parser("show", help="print all settings, and which file they come from")
    show.add_argument("--json", action="store_true", help="as one JSON object")
    show.set_defaults(action=_show)
    validate = actions.add_parser("validate", help="print everything that is wrong in the file")
    validate.add_argument("file", nargs="?", type=path, metavar="FILE", help="check this file instead")
    validate.set_defaults(action=_validate)
    schema = actions.add_parser("schema", help="print a JSON Schema of the file, for editors")
    schema.set_defaults(action=_schema)
    edit = actions.add_parser("edit", help="open the file in $VISUAL or $EDITOR, and check it afterwards")
    edit.set_defaults(action=_edit)
    where = actions.add_parser("path", help="print which file counts")
    where.set_defaults(action=_path)
    for action in (show, validate, schema, edit, where):
        add_config_argument(action)


def run(args: argparse.Namespace) -> ExitCode:
    code: ExitCode = args.action(args)
    return code


def _load(args: argparse.Namespace) -> "LoadedConfig":
    """Load the file that counts, and report its problems."""
    from unslouch.config import load_config

    from .console import log_line

    loaded = load_config(args.config)
    for problem in loaded.problems:
        log_line(str(problem))
    return loaded


def _show(args: argparse.Namespace) -> ExitCode:
    from unslouch.config.write import as_json, as_toml

    from .console import emit, log_line

    loaded = _load(args)
    log_line(f"From {loaded.description}.")
    if args.json:
        import json

        emit(json.dumps(as_json(loaded.config), ensure_ascii=False, indent=2))
    else:
        emit(as_toml(loaded.config, loaded.given).removesuffix("\n"))
    return ExitCode.OK


def _validate(args: argparse.Namespace) -> ExitCode:
    from unslouch.config import load_config

    from .console import emit, log_line

    loaded = load_config(args.file or args.config)
    problems = [*loaded.problems, *_key_problems(loaded)]
    for problem in problems:
        emit(str(problem))
    if problems:
        return ExitCode.BAD_INPUT
    log_line(f"Nothing is wrong in {loaded.description}.")
    return ExitCode.OK


def _key_problems(loaded: "LoadedConfig") -> "list[Problem]":
    """Return what is wrong with the ids of key bindings, which only the dashboard knows."""
    keys = loaded.config.dashboard.keys
    if not keys:
        return []
    from unslouch.toml_lines import Problem, TomlLines
    from unslouch.tui.keymap import unknown_ids

    lines = TomlLines(loaded.path.read_text(encoding="utf-8-sig"))
    return [
        Problem(loaded.path, lines.line_of(("dashboard", "keys"), id), sentence)
        for id in keys
        for sentence in unknown_ids([id])
    ]


def _schema(args: argparse.Namespace) -> ExitCode:
    import json

    from unslouch.config.schema import json_schema

    from .console import emit

    emit(json.dumps(json_schema(), ensure_ascii=False, indent=2))
    return ExitCode.OK


def _path(args: argparse.Namespace) -> ExitCode:
    from unslouch.config.load import config_path

    from .console import emit

    emit(str(config_path(args.config)[0]))
    return ExitCode.OK


def _edit(args: argparse.Namespace) -> ExitCode:
    from unslouch.config.load import config_path
    from unslouch.config.write import template, write_file

    file, _ = config_path(args.config)
    if not file.exists():
        write_file(file, template())
    _open_editor(file)
    return ExitCode.BAD_INPUT if _load(args).problems else ExitCode.OK


def _open_editor(file: "Path") -> None:
    """Open a file in the user's editor and wait until that ends; raises BadInput if it doesn't start or fails."""
    import os
    import shlex
    import subprocess

    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ("notepad" if os.name == "nt" else "vi")
    command = [*shlex.split(editor), str(file)]
    try:
        code = subprocess.run(command, check=False).returncode
    except OSError as error:
        raise BadInput(
            f"The editor {editor} doesn't start ({error.strerror}). Set EDITOR to another one, or open {file} yourself."
        ) from error
    if code:
        raise BadInput(f"The editor {editor} ended with the exit code {code}; {file} is as it left it.")
