"""The lock files pin everything with a hash and name no address: each machine decides where to fetch from."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON_LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
NODE_LOCK = ROOT / "tests" / "interpreters" / "package-lock.json"


@pytest.mark.parametrize("lock", [*PYTHON_LOCKS, NODE_LOCK], ids=lambda path: path.name)
def test_lock_names_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert "resolved" not in text
    assert not re.search(r"^\s*(-i|-f|--(extra-)?index-url|--find-links)\b", text, re.MULTILINE)


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda path: path.name)
def test_every_requirement_is_pinned_with_a_hash(lock: Path) -> None:
    requirements = entries(lock)
    assert requirements
    for requirement in requirements:
        assert re.match(r"[a-z0-9._-]+==", requirement), requirement
        assert "--hash=sha256:" in requirement, requirement


def test_every_node_package_is_pinned_with_a_hash() -> None:
    packages = json.loads(NODE_LOCK.read_text(encoding="utf-8"))["packages"]
    fetched = {name: package for name, package in packages.items() if name}
    assert fetched
    assert all(package["integrity"].startswith("sha512-") for package in fetched.values())


def test_developing_and_running_use_the_same_versions() -> None:
    runtime, development = (
        {entry.split()[0] for entry in entries(ROOT / "requirements" / name) if "==" in entry.split()[0]}
        for name in ("run.txt", "dev.txt")
    )
    assert runtime <= development


def entries(lock: Path) -> list[str]:
    """The lock's lines, continued ones joined and comments left out."""
    joined = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.strip() for line in joined.splitlines() if line.strip() and not line.strip().startswith("#")]
