"""Drives without shared memory: a FUSE mount by bindfs where one can be made, and an obstacle that acts like one."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

import private_apt

CACHE = Path(__file__).parents[2] / ".cache" / "bindfs"
MOUNTED_WITHIN_S = 20


def bindfs() -> list[str]:
    """The command of bindfs: this machine's, or Debian's package unpacked below .cache.

    Raises FileNotFoundError where it can't be had and subprocess.CalledProcessError where apt fails.
    """
    if command := shutil.which("bindfs"):
        return [command]
    root = CACHE / "root"
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(CACHE / "lock"):
        if not (root / "usr/bin/bindfs").exists():
            _fetch(root)
    libraries = {str(library.parent) for library in root.rglob("libfuse*.so.*")}
    return ["env", f"LD_LIBRARY_PATH={':'.join(sorted(libraries))}", str(root / "usr/bin/bindfs")]


def _fetch(root: Path) -> None:
    if shutil.which("dpkg") is None:
        raise FileNotFoundError("there is no apt here to fetch it with")
    architecture = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True)
    codename = private_apt.described().get("VERSION_CODENAME", "")
    for package in private_apt.fetch(CACHE / "apt", architecture.stdout.strip(), codename, "bindfs"):
        private_apt.unpack(package, root)
    shutil.rmtree(CACHE / "apt")


@contextmanager
def fuse_drive(folder: Path) -> Iterator[Path]:
    """Mount a FUSE drive on which no memory can be shared (direct_io); skip the test where that can't be done."""
    if not sys.platform.startswith("linux") or not Path("/dev/fuse").exists():
        pytest.skip("no FUSE drive can be mounted here: there is no /dev/fuse")
    behind, drive = folder / "behind", folder / "drive"
    behind.mkdir()
    drive.mkdir()
    try:
        command = [*bindfs(), "-f", "-o", "direct_io", str(behind), str(drive)]
    except (FileNotFoundError, subprocess.SubprocessError) as error:
        pytest.skip(f"no FUSE drive can be mounted here: bindfs can't be had ({error})")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            if not _mounted(drive, process):
                process.terminate()
                said = process.stdout.read().strip() if process.stdout else ""
                pytest.skip(f"no FUSE drive can be mounted here: bindfs says {said!r}")
            yield drive
        finally:
            process.terminate()  # bindfs unmounts as it ends


def _mounted(drive: Path, process: subprocess.Popen[str]) -> bool:
    """Wait until the drive is there, or bindfs has ended without it."""
    until_s = time.monotonic() + MOUNTED_WITHIN_S
    while process.poll() is None and time.monotonic() < until_s:
        if os.path.ismount(drive):
            return True
        time.sleep(0.02)
    return False


def prevent_shared_memory(database: Path) -> None:
    """Put a pipe where SQLite keeps the memory that it shares, so that it answers as on a drive without any."""
    os.mkfifo(database.with_name(database.name + "-shm"))
