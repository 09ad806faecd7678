"""Packages import in one direction, and code for the board imports nothing that the board lacks."""

import ast
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
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


def test_there_are_modules_to_check() -> None:
    assert PURE_MODULES


def test_no_modules_import_each_other_in_a_circle_not_even_for_type_checking() -> None:
    graph = import_graph()
    assert len(graph) > 200
    assert circles(graph) == set()


def test_a_circle_is_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": set(), "f": {"g"}, "g": {"f"}}
    assert circles(graph) == {frozenset("abc"), frozenset("fg")}


def import_graph() -> dict[str, set[str]]:
    """Every module of the host and the firmware with the modules that it imports, anywhere in it."""
    paths = {
        module_name(path.relative_to(root)): path
        for root, package in ((ROOT / "host", "unslouch"), (FIRMWARE, "unslouch_device"))
        for path in (root / package).rglob("*.py")
    }
    return {name: set(imported_modules(name, path, paths.keys())) - {name} for name, path in paths.items()}


def module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_modules(name: str, path: Path, modules: Collection[str]) -> Iterator[str]:
    """The modules among those given that a module imports, or from which it imports a name."""
    package = name.split(".") if path.stem == "__init__" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                yield from [each for each in (f"{base}.{alias.name}", base) if each in modules][:1]


def circles(graph: Mapping[str, set[str]]) -> set[frozenset[str]]:
    """The sets of two or more modules of which each imports all others, directly or by way of others."""
    reached: dict[str, set[str]] = {}
    for start in graph:
        found: set[str] = set()
        waiting = [start]
        while waiting:
            new = graph[waiting.pop()] - found
            found |= new
            waiting.extend(new)
        reached[start] = found
    return {
        frozenset(other for other in reached[name] if name in reached[other]) for name in graph if name in reached[name]
    }


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
