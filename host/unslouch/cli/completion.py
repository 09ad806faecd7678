"""`unslouch completion`: what lets a shell complete a command line.

The scripts are glue: at each press of Tab they ask `unslouch completion words -- WORD…` for what can come next, which
takes about as long as `unslouch --help`. So they go on being right after an update, and know the wearer's sensors.
"""

import argparse
from pathlib import Path

from unslouch.errors import ExitCode

FILE_MARK = ":file"
SHELLS = ("bash", "zsh", "fish")
EXAMPLES = """\
To have it in every new shell:
  bash   unslouch completion bash > ~/.local/share/bash-completion/completions/unslouch
  zsh    unslouch completion zsh > DIR/_unslouch            with DIR in $fpath, before compinit
  fish   unslouch completion fish > ~/.config/fish/completions/unslouch.fish

In this shell only:
  bash   source <(unslouch completion bash)
  fish   unslouch completion fish | source
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EXAMPLES
    actions = parser.add_subparsers(metavar="SHELL", required=True, dest="shell")
    for shell in SHELLS:
        actions.add_parser(shell, help=f"print the script for {shell}")
    words = actions.add_parser("words")  # the scripts ask it; without a help text, it is not in the list of shells
    words.add_argument("words", nargs="*", metavar="WORD", help="the words after `unslouch`; the last is begun")


def run(args: argparse.Namespace) -> ExitCode:
    from .console import emit

    if args.shell in SHELLS:
        script = Path(__file__).parent / "completions" / f"unslouch.{args.shell}"
        emit(script.read_text(encoding="utf-8").rstrip("\n"))
        return ExitCode.OK
    from .candidates import complete, lines
    from .parsing import parser

    found = list(lines(complete(parser(), args.words or [""]), FILE_MARK))
    if found:
        emit("\n".join(found))
    return ExitCode.OK
