"""Completion: what comes next in a command line, asked of the parser and in real shells, and what was nearly right."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from cli.processes import until
from unslouch.cli.candidates import complete
from unslouch.cli.commands import COMMANDS
from unslouch.cli.main import main
from unslouch.cli.parsing import parser
from unslouch.errors import ExitCode
from unslouch.sensor.paired import PairedSensor, add_paired

ADDRESS = "74:4D:BD:12:34:56"


@pytest.fixture
def paired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home where one sensor is paired."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    add_paired(PairedSensor("my back", "24ec4a0c9f51d3e8", ADDRESS))
    return tmp_path


def offered(line: str) -> list[str]:
    """The words that are offered for the last of a line."""
    return list(complete(parser(), line.split(" ")).candidates)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", list(COMMANDS)),
        ("re", ["record", "rezero", "report", "restore"]),
        ("--demo wa", ["watch"]),
        ("record --w", ["--wait"]),
        ("record --wait --w", []),
        ("export --format ", ["csv", "json", "jsonl", "parquet", "xlsx", "fhir"]),
        ("export --format=j", ["--format=json", "--format=jsonl"]),
        ("export --day y", ["yesterday"]),
        ("export --timezone Europe/Berl", ["Europe/Berlin"]),
        ("profiles ", ["select", "rename"]),
        ("profiles select x --verb", ["--verbose"]),
        ("settings thr", ["threshold"]),
        ("settings strength m", ["medium"]),
        ("settings --demo strength m", ["medium"]),
        ("settings threshold ", []),
        ("completion ", ["bash", "zsh", "fish"]),
        ("completion fi", ["fish"]),
        ("no-such-command --verb", ["--verbose"]),
        ("flash --yes ", []),
    ],
)
def test_what_can_come_next(line: str, words: list[str]) -> None:
    found = offered(line)
    assert found == words or (line == "flash --yes " and "--wipe" in found and "--yes" not in found)


@pytest.mark.parametrize("line", ["record --sensor ", "--sensor ", "forget ", "pair --sensor m"])
def test_the_wearers_sensors_are_offered_by_name(line: str, paired: Path) -> None:
    assert "my back" in offered(line)


@pytest.mark.parametrize("line", ["export --output ", "record --db x", "flash --board ", "simulate --wearer ", "--db="])
def test_where_a_file_goes_the_shell_completes_names_of_files(line: str) -> None:
    assert complete(parser(), line.split(" ")).takes_file


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("staus", "there is no command 'staus' (did you mean status?)"),
        ("xyz", "there is no command 'xyz'; `unslouch --help` lists them"),
        ("profiles slect", "there is no action 'slect' (did you mean select?)"),
        (
            "record --sensr x",
            "`unslouch record` doesn't know --sensr x (did you mean --sensor?); see `unslouch record --help`",
        ),
        ("export --outptu=x", "`unslouch export` doesn't know --outptu=x (did you mean --output?)"),
        ("export --format jsn", "'jsn' is none of csv, json, jsonl, parquet, xlsx, fhir (did you mean json?)"),
    ],
)
def test_what_is_nearly_right_is_suggested(line: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(line.split()) == ExitCode.USAGE
    assert meant in capsys.readouterr().err


@pytest.fixture
def path_with_unslouch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has shells find this Python's `unslouch`."""
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "unslouch"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m unslouch "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "a-file.db").touch()
    monkeypatch.chdir(tmp_path)


def skip_without(name: str) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")


class Shell:
    """An interactive shell in a terminal."""

    def __init__(self, master: int) -> None:
        self.shown = ""
        self._master = master

    def type(self, keys: str) -> None:
        self.shown = ""
        os.write(self._master, keys.encode())

    async def until(self, words: str) -> None:
        def is_shown() -> bool:
            with suppress(BlockingIOError):
                self.shown += os.read(self._master, 4096).decode(errors="replace")
            return words in self.shown

        try:
            await until(is_shown)
        except TimeoutError:
            pytest.fail(f"{words!r} was not shown, but {self.shown!r}")


@contextmanager
def shell(*command: str) -> Iterator[Shell]:
    skip_without(command[0])
    master, slave = os.openpty()
    os.set_blocking(master, False)
    environment = os.environ | {"TERM": "dumb", "PS1": "> ", "HISTFILE": ""}
    process = psutil.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True)
    os.close(slave)
    try:
        yield Shell(master)
    finally:
        process.kill()
        process.wait()
        os.close(master)


KEYS = [
    ("unslouch stat\t", "unslouch status "),
    ("unslouch record --wa\t", "unslouch record --wait "),
    ("unslouch settings hyst\t", "unslouch settings hysteresis "),
    ("unslouch export --db a-f\t", "unslouch export --db a-file.db "),
    ("unslouch forget my\t", "unslouch forget my\\ back "),
]


@pytest.mark.usefixtures("path_with_unslouch", "paired")
async def test_bash_completes() -> None:
    with shell("bash", "--norc", "--noprofile", "-i") as bash:
        bash.type("bind 'set enable-bracketed-paste off'; source <(unslouch completion bash); echo re''ady\n")
        await bash.until("ready")
        for keys, completed in KEYS:
            bash.type(keys)
            await bash.until(completed)
            bash.type("\x15")


@pytest.mark.usefixtures("path_with_unslouch", "paired")
async def test_zsh_completes() -> None:
    with shell("zsh", "-f", "-i") as zsh:
        zsh.type("autoload -Uz compinit && compinit -u -D; source =(unslouch completion zsh); echo re''ady\n")
        await zsh.until("ready")
        for keys, completed in KEYS:
            zsh.type(keys)
            await zsh.until(completed.rstrip()[-6:])  # it moves the cursor between the words
            zsh.type("\x15")


@pytest.mark.usefixtures("path_with_unslouch", "paired")
def test_fish_completes() -> None:
    skip_without("fish")
    for keys, completed in KEYS:
        program = f'unslouch completion fish | source; complete -C "{keys.rstrip()}"'
        done = subprocess.run(["fish", "--no-config", "-c", program], capture_output=True, text=True, timeout=60)
        word = completed.removesuffix(" ").removeprefix(keys.rpartition(" ")[0] + " ").replace("\\", "")
        assert word in [line.partition("\t")[0] for line in done.stdout.splitlines()], (done.stdout, done.stderr)


@pytest.mark.usefixtures("path_with_unslouch")
def test_bash_completes_what_has_colons_in_it() -> None:
    program = (
        "source <(unslouch completion bash); COMP_LINE='unslouch completion words -- x:y'; "
        "_unslouch_words() { printf 'x:yes\\tsure\\n'; }; "
        "COMP_POINT=${#COMP_LINE}; _unslouch _unslouch_words; printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout == "yes\n"
