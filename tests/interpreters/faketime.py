"""libfaketime, which gives a process a wall clock that a test can set: the machine's own, or Debian's unpacked here."""

import platform
import shutil
import subprocess
from pathlib import Path

import private_apt

CACHE = Path(__file__).parents[2] / ".cache" / "faketime"
INSTALLED = ("usr/lib/*/faketime/libfaketime.so.1", "usr/lib/faketime/libfaketime.so.1")


def library() -> Path | str:
    """Return the library's path, fetched into .cache/faketime if this machine has none; or a sentence why not."""
    installed = [path for pattern in INSTALLED for path in Path("/").glob(pattern)]
    if platform.system() != "Linux" or installed:
        return installed[0] if installed else "libfaketime isn't here: this is no Linux"
    root = CACHE / "root"
    try:
        if not root.exists():
            _fetch(root)
        return next(root.rglob("libfaketime.so.1"))
    except (OSError, StopIteration, subprocess.SubprocessError) as error:
        return f"libfaketime can't be had ({error}); install Debian's package libfaketime"


def _fetch(root: Path) -> None:
    unpacked, apt = CACHE / "root.part", CACHE / "apt"
    for folder in (unpacked, apt):
        shutil.rmtree(folder, ignore_errors=True)
    architecture = subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True)
    codename = private_apt.described().get("VERSION_CODENAME", "")
    for package in private_apt.fetch(apt, architecture.stdout.strip(), codename, "libfaketime"):
        if package.name.startswith("libfaketime_"):
            private_apt.unpack(package, unpacked)
    shutil.rmtree(apt)
    unpacked.replace(root)


class SettableClock:
    """The wall clock of a process that is started with `environment`; its monotonic clocks are the machine's."""

    def __init__(self, library: Path, file: Path, utc: str) -> None:
        self._file = file
        self.set(utc)
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "TZ": "UTC",
        }

    def set(self, utc: str) -> None:
        """Set the clock to a time, such as "2026-03-01 12:00:00", from which it goes on."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"@{utc}\n")
        fresh.replace(self._file)
