"""The wheel carries both halves, and the installed command works outside the checkout."""

import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

import unslouch

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (ROOT / "host" / "unslouch", ROOT / "firmware" / "unslouch_device")


@dataclass(frozen=True)
class Installation:
    """The installed command, run where nothing of the checkout is in reach."""

    command: Path
    directory: Path

    def run(self, *args: str) -> str:
        """Return what `unslouch ARGS` prints on stdout; a failure fails the test."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        run = subprocess.run(
            [self.command, *args],
            cwd=self.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert run.returncode == 0, f"unslouch {' '.join(args)} ended with {run.returncode}:\n{run.stdout}{run.stderr}"
        return run.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, machine_environment: dict[str, str]) -> Path:
    directory = tmp_path_factory.mktemp("wheel")
    python(machine_environment, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(directory), str(ROOT))
    (built,) = directory.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installation(
    wheel: Path, tmp_path_factory: pytest.TempPathFactory, machine_environment: dict[str, str]
) -> Installation:
    directory = tmp_path_factory.mktemp("elsewhere")
    venv = directory / "venv"
    python(machine_environment, "-m", "venv", "--without-pip", str(venv))
    scripts = venv / ("Scripts" if os.name == "nt" else "bin")
    install = ("-m", "pip", "--disable-pip-version-check", "--python", str(scripts / "python"), "install", "--quiet")
    lock = ROOT / "requirements" / "run.txt"
    python(machine_environment, *install, "--require-hashes", "--requirement", str(lock))
    python(machine_environment, *install, "--no-deps", "--no-index", str(wheel))
    return Installation(scripts / "unslouch", directory)


def test_wheel_carries_every_file_of_both_packages(wheel: Path) -> None:
    expected = {
        path.relative_to(package.parent).as_posix()
        for package in PACKAGES
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert expected <= names(wheel)


def test_wheel_carries_the_boards_main(wheel: Path) -> None:
    carried = names(wheel)
    assert "unslouch_device/root/main.py" in carried
    boards = [name for name in carried if name.startswith("unslouch_device/boards/")]
    assert any(not name.endswith("__init__.py") for name in boards)


def test_wheel_carries_nothing_else(wheel: Path) -> None:
    assert {name.split("/")[0] for name in names(wheel) if ".dist-info/" not in name} == {"unslouch", "unslouch_device"}


@pytest.mark.slow
def test_wheel_carries_the_items_of_bring_up(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        carried = archive.read("unslouch/doctor/bringup/bring-up.md")
    assert carried == (ROOT / "hardware" / "bring-up.md").read_bytes()


def test_wheel_and_sdist_are_the_same_bytes_whenever_and_wherever_they_are_built(
    wheel: Path, tmp_path: Path, machine_environment: dict[str, str]
) -> None:
    for folder in ("one", "two"):
        arguments = ("-m", "build", "--no-isolation", "--outdir", str(tmp_path / folder), str(ROOT))
        python({**machine_environment, "TZ": "Asia/Tokyo" if folder == "two" else "UTC"}, *arguments)
    first, second = (sorted((tmp_path / folder).iterdir()) for folder in ("one", "two"))
    assert [path.name for path in first] == [path.name for path in second]
    assert len(first) == 2
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes(), one.name
    assert wheel.read_bytes() in [path.read_bytes() for path in first]


def test_installed_command_prints_its_version(installation: Installation) -> None:
    assert unslouch.__version__ in installation.run("--version")


@pytest.mark.slow
def test_installed_command_explains_itself(installation: Installation) -> None:
    assert "export" in installation.run("--help")


@pytest.mark.slow
def test_installed_demo_records_and_exports_without_a_screen(installation: Installation) -> None:
    database = str(installation.directory / "demo.db")
    installation.run("record", "--demo", "--for", "8", "--db", database)
    header, *rows = installation.run("export", "--db", database, "--output", "-").splitlines()
    assert "," in header
    assert rows


def python(environment: dict[str, str], *args: str) -> None:
    run = subprocess.run(
        [sys.executable, *args], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 0, f"python {' '.join(args)}:\n{run.stdout}{run.stderr}"


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())
