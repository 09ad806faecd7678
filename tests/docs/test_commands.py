"""Every command that tutorial and how-to guides show is one that unslouch knows; those in console blocks are run."""

import re
import shlex
from pathlib import Path

import pytest

from cli import processes
from unslouch.cli.parsing import parse

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [DOCS / "tutorial.md", *sorted((DOCS / "howto").glob("*.md")), *sorted((DOCS / "explanation").glob("*.md"))]
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
