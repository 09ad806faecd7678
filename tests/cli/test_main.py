"""The command line as a user meets it: arguments in any place, data on stdout, one sentence for what goes wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

from unslouch.cli.main import main, parser
from unslouch.errors import ExitCode


def unslouch(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "unslouch", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )


@pytest.mark.parametrize("line", ["--sensor here watch", "watch --sensor here"])
def test_a_sensor_counts_before_a_command_and_after_it(line: str) -> None:
    assert parser().parse_args(line.split()).sensor == "here"


@pytest.mark.parametrize("line", ["--demo export --db x", "export --demo --db x", "--demo --db x export"])
def test_a_demo_and_a_database_count_before_a_command_and_after_it(line: str) -> None:
    args = parser().parse_args(line.split())
    assert args.demo
    assert args.db == Path("x")


def test_a_sensor_and_a_demo_exclude_each_other_wherever_they_stand(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--sensor", "x", "watch", "--demo"])
    assert ended.value.code == ExitCode.USAGE
    assert "exclude" in capsys.readouterr().err


def test_help_of_every_command_has_examples_or_needs_none() -> None:
    done = unslouch("--help")
    assert done.returncode == ExitCode.OK
    assert "examples:" in done.stdout
    for command in ("record", "export", "simulate", "settings"):
        assert "examples:" in unslouch(command, "--help").stdout


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from unslouch.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'textual', 'serial', 'sqlite3', 'asyncio', 'platformdirs'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_dashboard_without_a_terminal_says_what_to_use_instead() -> None:
    done = unslouch()
    assert done.returncode == ExitCode.USAGE
    assert "unslouch watch" in done.stderr
    assert done.stdout == ""


def test_no_sensor_is_one_sentence_and_an_exit_code() -> None:
    for command in ("status", "calibrate", "buzz", "watch", "record", "settings"):
        done = unslouch(command, "--sensor", "/dev/no-such-port")
        assert done.returncode == ExitCode.NO_SENSOR, (command, done.stderr)
        assert "/dev/no-such-port" in done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""


def test_a_reader_that_has_had_enough_is_no_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -m unslouch simulate --help | head -1",
        shell=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
