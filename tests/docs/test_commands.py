"""Every command that tutorial and how-to guides show is run.

Those in console blocks work in their order, as they stand. Those in bash blocks are for a wearer with a sensor: where a
simulated one can stand in they work on it, and elsewhere they end with the sentence that says what is missing.
"""

import re
import shlex
from pathlib import Path

import pytest

from cli import processes
from unslouch.cli.parsing import parse
from unslouch.errors import ExitCode

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [DOCS / "tutorial.md", *sorted((DOCS / "howto").glob("*.md")), *sorted((DOCS / "explanation").glob("*.md"))]
ON_SIMULATED = ("calibrate", "buzz", "hosts", "settings", "status", "profiles")
TESTED_ELSEWHERE = ("session", "service", "config")
"""They last, change this computer's services or open an editor: tests/cli has them."""
SENSIBLE_CODES = {"doctor": (0, 1)}
"""What a command may return where there is no sensor; else 0."""


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def commands(page: Path, language: str) -> list[list[str]]:
    """The arguments of each `unslouch` command in the blocks of a language."""
    lines = [line.removeprefix("$ ") for block in blocks(page, language) for line in block.splitlines()]
    words = [shlex.split(line.removesuffix("&"), comments=True) for line in lines]
    return [each[1:] for each in words if each and each[0] == "unslouch"]


def test_the_guides_show_commands() -> None:
    assert sum(len(commands(page, "bash")) for page in PAGES) > 20
    assert sum(len(commands(page, "console")) for page in PAGES) > 12


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_that_is_shown_is_known(page: Path) -> None:
    for arguments in commands(page, "bash") + commands(page, "console"):
        parse(arguments)


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page, "console")], ids=lambda page: page.stem)
async def test_the_commands_in_console_blocks_work_in_their_order(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in commands(page, "console"):
        code, out, err = await processes.run("", *arguments, HOME=str(tmp_path), XDG_DATA_HOME=str(tmp_path / "data"))
        assert code in SENSIBLE_CODES.get(arguments[0], (0,)), f"unslouch {' '.join(arguments)}: {err}"
        assert "Traceback" not in out + err


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page, "bash")], ids=lambda page: page.stem)
async def test_the_commands_in_bash_blocks_work_or_say_what_is_missing(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in commands(page, "bash"):
        if arguments and arguments[0] in TESTED_ELSEWHERE:
            continue
        is_simulated = arguments[:1] and arguments[0] in ON_SIMULATED and "forget" not in arguments
        extra = ["--demo"] if is_simulated and "--sensor" not in arguments else []
        code, out, err = await processes.run("", *arguments, *extra, HOME=str(tmp_path), XDG_DATA_HOME=str(tmp_path))
        missing = {ExitCode.USAGE, ExitCode.NO_SENSOR, ExitCode.NO_DATA, ExitCode.BAD_INPUT}
        assert code in ({ExitCode.OK} if extra else missing), f"unslouch {' '.join(arguments)}: {code} {out}{err}"
        assert "Traceback" not in out + err
        assert err.strip(), arguments
