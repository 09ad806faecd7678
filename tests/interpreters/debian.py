"""Native MicroPython on Debian and its kin: Debian's own package, unpacked beside the C library it was built for.

Debian 12 and older have no such package, so there Debian 13's is taken instead.
"""

import shutil
from pathlib import Path

import private_apt

LAUNCHER = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec "$here/{loader}" --library-path "$here/{libraries}" "$here/root/usr/bin/micropython" "$@"
"""


def fetch_native(architecture: str, directory: Path) -> None:
    """Put MicroPython for Debian architecture "i386" or "amd64" into a directory, with a launcher `micropython`.

    Raises FileNotFoundError where apt or a source is missing and subprocess.CalledProcessError where apt fails.
    """
    shutil.rmtree(directory, ignore_errors=True)
    apt, root = directory / "apt", directory / "root"
    root.mkdir(parents=True)
    for package in private_apt.fetch(apt, architecture, private_apt.release(), "micropython"):
        private_apt.unpack(package, root)
    shutil.rmtree(apt)
    _write_launcher(directory)


def _write_launcher(directory: Path) -> None:
    libraries = next((directory / "root").rglob("libc.so.6")).parent
    loader = next(path for path in libraries.glob("ld-linux*.so.*"))
    launcher = directory / "micropython"
    launcher.write_text(
        LAUNCHER.format(loader=loader.relative_to(directory), libraries=libraries.relative_to(directory))
    )
    launcher.chmod(0o755)
