"""The command line as a user meets it: arguments in any place, data on stdout, one sentence for what goes wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

from journals import JournalBuilder
from unslouch.cli.commands import COMMANDS
from unslouch.cli.main import main
from unslouch.cli.parsing import parser
from unslouch.errors import ExitCode
from unslouch.store import Store
from unslouch_device.contract import states

NOON_MS = 1_741_953_600_000  # 2025-03-14T12:00Z


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


@pytest.mark.parametrize("line", ["--verbose export", "export --verbose", "simulate --verbose", "--verbose"])
def test_verbose_counts_before_a_command_and_after_it(line: str) -> None:
    assert parser().parse_args(line.split()).verbose


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("simulate --socket 99999", "can't be 99999: give a whole number from 0 to 65535"),
        ("verify", "unslouch verify: error: FILE is missing; give it after the command"),
        ("profiles rename 2", "NAME is missing; give it after the command"),
        ("prune", "--keep or --before is missing; give one of them"),
        ("report --week --month", "--month and --week can't be used together; leave one of them out"),
        ("export --db=", "argument --db: its value is empty: give the path of a file"),
        ("export --day", "argument --day: give DAY after it; `unslouch export --help` explains it"),
        ("--sensor", "argument --sensor: give NAME|ADDRESS|PORT|URL after it; `unslouch --help` explains it"),
        ("simulate --speed abc", "'abc' is no number"),
        ("simulate --seed -1", "can't be -1: give a whole number from 0 to 4294967295"),
        ("record --for abc", "'abc' is no number"),
        ("watch --rate abc", "'abc' is no number"),
        ("snooze -5", "can't be -5: give a whole number from 0 to 1080"),
        ("snooze 70000", "can't be 70000: give a whole number from 0 to 1080"),
    ],
)
def test_a_value_that_can_not_be_is_answered_with_what_can(
    line: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split()) == ExitCode.USAGE
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("status --sensor socket://here", "it should read socket://HOST:PORT"),
        ("record --sensor here://", "here:// is unknown"),
        ("session chin-tuck --sensor=", "The sensor's name is empty"),
        ("pair --sensor=", "The sensor's name is empty"),
        ("serve --name :::", "--name can't be ':::': give a name like posture.example.org"),
        ("service install --sensor socket://here", "it should read socket://HOST:PORT"),
        ("profiles select 5", "There is no profile '5'; give its name, or a number from 1 to 4."),
        ("profiles rename 0 sofa", "There is no profile '0'"),
        ("calibrate --profile 5", "There is no profile '5'"),
        ("hosts forget laptop", "'laptop' is no address; give one that `unslouch hosts` lists"),
        ("buzz --times 5", "Each time of a pattern is 10 to 2550 ms"),
        ("coach --trial on --at 14:00", "--trial and --at can't be used together"),
        ("coach --trial --gentle", "--trial and --gentle can't be used together"),
    ],
)
def test_a_wrong_argument_is_named_before_a_sensor_is_looked_for(
    line: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split()) == ExitCode.BAD_INPUT
    err = capsys.readouterr().err
    assert sentence in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("line", ["record", "watch", "serve", "session chin-tuck", "service install"])
def test_a_file_that_can_be_no_database_is_named_before_anything_begins(
    line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*line.split(), "--db", str(tmp_path)]) == ExitCode.STORE
    assert "is a folder, and the database is a file" in capsys.readouterr().err


def test_a_setting_that_can_not_be_is_refused_before_a_sensor_is_started() -> None:
    done = unslouch("settings", "--demo", "threshold", "abc")
    assert done.returncode == ExitCode.BAD_INPUT
    assert done.stderr == "unslouch: threshold can't be 'abc'; give a whole number from 5 to 45.\n"


def test_a_user_error_has_no_traceback_even_with_verbose() -> None:
    done = unslouch("export", "--db", "missing.db", "--verbose")
    assert done.returncode == ExitCode.NO_DATA
    assert "Traceback" not in done.stderr


def test_an_unforeseen_error_is_one_sentence_that_names_the_file_of_its_traceback() -> None:
    program = (
        "import sys\nfrom unslouch.cli import main, record\n"
        "def broken(args): raise ZeroDivisionError('oh')\n"
        "record.run = broken\nsys.exit(main.main(sys.argv[1:]))\n"
    )
    for arguments, on_stderr in ((["record"], False), (["record", "--verbose"], True)):
        done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=60)
        assert done.returncode == ExitCode.FAILED
        sentence = done.stderr.splitlines()[-1]
        assert sentence.startswith("unslouch: Something unforeseen went wrong (ZeroDivisionError: oh). ")
        file = Path(sentence.split("The traceback is in ")[1].removesuffix("."))
        assert "in broken" in file.read_text(encoding="utf-8")
        assert ("Traceback" in done.stderr) == on_stderr


BACKGROUND_FAILURES = {
    "thread": "t = threading.Thread(target=fail, name='reader'); t.start(); t.join()",
    "task": "asyncio.run(orphan())",
    "finalizer": "x = Closing(); del x",
}


@pytest.mark.parametrize("where", BACKGROUND_FAILURES)
def test_an_error_in_the_background_is_a_sentence_that_names_the_file_of_its_traceback(where: str) -> None:
    program = (
        "import asyncio, gc, sys, threading\nfrom unslouch.cli import main, power\n"
        "def fail(): raise ZeroDivisionError('oh')\n"
        "async def failing(): fail()\n"
        "async def orphan():\n    asyncio.create_task(failing()); await asyncio.sleep(0); await asyncio.sleep(0)\n"
        "class Closing:\n    def __del__(self): fail()\n"
        f"def run(args):\n    {BACKGROUND_FAILURES[where]}; gc.collect(); return 0\n"
        "power.run = run\nsys.argv[1:] = ['power']\nmain.entry()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == ExitCode.OK
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("unslouch: ")
    assert "(ZeroDivisionError: oh)" in sentence
    file = Path(sentence.split("The traceback is in ")[1].removesuffix("."))
    assert "in fail" in file.read_text(encoding="utf-8")


def test_a_sensor_and_a_demo_exclude_each_other_wherever_they_stand(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--sensor", "x", "watch", "--demo"]) == ExitCode.USAGE
    assert "can't be used together" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("--db x.db buzz", "`unslouch buzz` takes no --db; leave it out"),
        ("buzz --db x.db", "`unslouch buzz` takes no --db; leave it out"),
        ("export --sensor=x", "`unslouch export` takes no --sensor; leave it out"),
        ("power --demo", "`unslouch power` takes no --demo; leave it out"),
        ("--sensor x export", "`unslouch export` takes no --sensor; leave it out"),
        ("--demo profiles select 1 --sensor x", "can't be used together"),
        ("--db x.db profiles select 1", "`unslouch profiles` takes no --db; leave it out"),
        ("--demo power", "`unslouch power` takes no --demo; leave it out"),
        ("--sensor x simulate", "`unslouch simulate` takes no --sensor; leave it out"),
    ],
)
def test_an_option_that_the_command_would_ignore_is_refused(
    line: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split()) == ExitCode.USAGE
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("line", ["--format json --table summary", "--output x.json --table epochs"])
def test_a_table_is_refused_where_the_file_holds_both(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", *line.split()]) == ExitCode.BAD_INPUT
    assert "json holds its tables in one" in capsys.readouterr().err


def test_help_of_every_command_has_examples_or_needs_none() -> None:
    done = unslouch("--help")
    assert done.returncode == ExitCode.OK
    assert "examples:" in done.stdout
    for command in ("record", "export", "simulate", "settings", "profiles"):
        assert "examples:" in unslouch(command, "--help").stdout


def modules_after(*arguments: str) -> set[str]:
    """The modules that a run of the command, which ends by itself, has imported."""
    program = (
        "import sys\nfrom unslouch.cli.main import main\nmain(sys.argv[1:])\nprint(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.rpartition("modules:")[2].split())


def module_of(command: str) -> str:
    """The module of a command (see cli/commands.py)."""
    return f"unslouch.cli.{command.replace('-', '_')}"


def test_help_imports_nothing_heavy_and_no_command() -> None:
    modules = modules_after("--help")
    slow = {"numpy", "textual", "rich", "serial", "sqlite3", "asyncio", "platformdirs"}
    assert not (slow | {"logging", "dataclasses", "inspect", "pathlib", "importlib.metadata"}) & modules
    assert not {module_of(name) for name in COMMANDS} & modules


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_imports_no_other_command(command: str) -> None:
    commands = {module_of(name) for name in COMMANDS} & modules_after(command, "--help")
    assert commands == {module_of(command)}


def test_an_export_to_a_file_imports_nothing_that_draws(tmp_path: Path) -> None:
    path, output = tmp_path / "x.db", tmp_path / "log.csv"
    with Store.open(path, simulated=False) as store:
        store.add_pages(JournalBuilder().start_boot().clock(NOON_MS).epochs(states.UPRIGHT, 12).pages())
    modules = modules_after("export", "--db", str(path), "--day", "2025-03-14", "--output", str(output))
    assert output.exists()
    assert not {"rich", "textual", "bleak", "serial", "asyncio"} & modules


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


@pytest.mark.parametrize("command", COMMANDS)
def test_the_description_of_every_command_fits_the_terminal(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main([command, "--help"]) == ExitCode.OK
    description = capsys.readouterr().out.partition("\n\n")[2].partition("\n\n")[0]
    assert description.endswith(".")
    assert max(map(len, description.splitlines())) <= 80


@pytest.mark.parametrize(("threads", "torn_down"), [(0, True), (1, False)])
def test_the_interpreter_is_not_torn_down_under_a_thread_that_still_works(threads: int, torn_down: bool) -> None:
    """CPython before 3.14 would end the thread inside C++ code, which aborts the process: one `watch` in ten."""
    program = (
        "import sys, threading, time\n"
        "from unslouch.cli import main, power\n"
        "class Witness:\n"
        "    def __del__(self): sys.__stdout__.write('torn down')\n"
        "witness = Witness()\n"
        "def run(args):\n"
        f"    for _ in range({threads}):\n"
        "        threading.Thread(target=time.sleep, args=[600], daemon=True).start()\n"
        "    return 8\n"
        "power.run = run\n"
        "main.entry()\n"
    )
    done = subprocess.run([sys.executable, "-c", program, "power"], capture_output=True, text=True, timeout=60)
    assert done.returncode == ExitCode.NO_DATA
    assert ("torn down" in done.stdout) == torn_down
