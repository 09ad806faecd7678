"""This Python, the packages that the flows need, and this checkout, packed for the virtual machine.

All lies where it lies here, so that paths mean the same on both sides.
"""

import hashlib
import importlib.metadata
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

from bluez.bytecode import compiled
from bluez.cpio import Archive
from bluez.system import CACHE

ROOT = Path(__file__).parents[2]
DISTRIBUTIONS = ("bleak", "bumble", "filelock", "numpy", "platformdirs", "pyserial", "pytest", "tzdata", "tzlocal")
CHECKOUT = ("firmware", "host", "tests")
SEARCHED = tuple(str(ROOT / folder) for folder in ("host", "firmware", "tests"))
"""The first folder on the path of the virtual machine's Python."""
PACKAGES = tuple(dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib")))
EXECUTABLE = Path(os.path.realpath(sys.executable))
STDLIB = Path(sysconfig.get_path("stdlib"))
LEFT_OUT = {"__pycache__", "site-packages", "dist-packages", "test", "idlelib", "tkinter", "lib2to3", "ensurepip"}


def make() -> Path:
    """Pack Python and its packages, unless the same are packed already; returns the archive."""
    distributions = _closure(DISTRIBUTIONS)
    names = sorted(f"{name} {distribution.version}" for name, distribution in distributions.items())
    digest = hashlib.sha256("\n".join([sys.version, str(EXECUTABLE), str(ROOT), *names]).encode()).hexdigest()[:12]
    layer = CACHE / f"python-{digest}.cpio"
    if layer.exists():
        return layer
    CACHE.mkdir(parents=True, exist_ok=True)
    for old in CACHE.glob("python-*"):
        old.unlink()
    files = [EXECUTABLE, *_files_below(STDLIB, LEFT_OUT)]
    files += [path for distribution in distributions.values() for path in _files_of(distribution)]
    packed = layer.with_suffix(".part")
    pack(packed, files + _libraries([path for path in files if path == EXECUTABLE or ".so" in path.suffixes]))
    packed.replace(layer)
    return layer


def make_checkout() -> Path:
    """Pack the checkout's Python; returns the archive."""
    layer = CACHE / "checkout.cpio"
    files = [path for folder in CHECKOUT for path in _files_below(ROOT / folder, {"__pycache__", "node_modules"})]
    pack(layer, [path for path in files if path.suffix in (".py", ".json", ".typed")])
    return layer


def pack(layer: Path, files: list[Path]) -> None:
    """Pack files at their own paths, Python also as bytecode."""
    with layer.open("wb") as out:
        archive = Archive(out)
        for path in files:
            archive.data(str(path), path.read_bytes(), path.stat().st_mode & 0o777)
            bytecode = compiled(path) if path.suffix == ".py" else None
            if bytecode is not None:
                archive.data(*bytecode)
        archive.close()


def _closure(names: tuple[str, ...]) -> dict[str, importlib.metadata.Distribution]:
    """The installed distributions of these names and all that they require here."""
    found: dict[str, importlib.metadata.Distribution] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in found:
            continue
        found[name] = importlib.metadata.distribution(name)
        required = (Requirement(line) for line in found[name].requires or ())
        waiting += [one.name for one in required if one.marker is None or one.marker.evaluate({"extra": ""})]
    return found


def _files_of(distribution: importlib.metadata.Distribution) -> Iterator[Path]:
    for file in distribution.files or ():
        path = Path(str(file.locate()))
        if ".." not in file.parts and file.suffix != ".pyc" and path.is_file():
            yield path


def _files_below(folder: Path, left_out: set[str]) -> Iterator[Path]:
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in left_out and not name.startswith("config-"))
        yield from (Path(where) / name for name in sorted(files))


def _libraries(programs: list[Path]) -> list[Path]:
    """The shared libraries that programs load. Debian's own replace those that it brings, the C library above all."""
    answer = subprocess.run(["ldd", *programs], capture_output=True, text=True, check=False).stdout
    found = {Path(path) for path in re.findall(r"=> (/\S+) \(", answer)}
    return sorted(path.parent.resolve() / path.name for path in found)
