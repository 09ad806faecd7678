"""The arrows between packages hold, and what runs on the board, in the twin and on the host leans on nothing else."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FIRMWARE = ROOT / "firmware"
PURE_PACKAGES = ("contract", "sense")
PURE_LIBRARY = {"array", "binascii", "math", "struct"}
MACHINE_CODE = FIRMWARE / "unslouch_device" / "sense" / "native.py"  # says itself where it can't run
PURE_MODULES = sorted(
    path
    for name in PURE_PACKAGES
    for path in (FIRMWARE / "unslouch_device" / name).rglob("*.py")
    if path != MACHINE_CODE
)


def test_imports_run_one_way() -> None:
    command = [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("path", PURE_MODULES, ids=lambda path: str(path.relative_to(FIRMWARE)))
def test_contract_and_sense_import_only_each_other_and_what_every_python_has(path: Path) -> None:
    foreign = [name for name in imported(path) if name not in PURE_LIBRARY and not is_pure(name)]
    assert not foreign, f"{path.name} imports {', '.join(foreign)}"


def test_there_are_modules_to_look_at() -> None:
    assert PURE_MODULES


def is_pure(name: str) -> bool:
    return name.startswith(tuple(f"unslouch_device.{package}" for package in PURE_PACKAGES))


def imported(path: Path) -> Iterator[str]:
    """The absolute names of the modules that a file imports, at its top or anywhere inside."""
    package = path.relative_to(FIRMWARE).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            names_modules = base in ("unslouch_device", "") or not node.module
            yield from (f"{base}.{alias.name}" for alias in node.names) if names_modules else (base,)
