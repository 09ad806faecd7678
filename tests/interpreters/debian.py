"""Native MicroPython on Debian and its kin: Debian's own package, unpacked beside the C library it was built for.

apt does the fetching, with this machine's sources, keys and settings, but with lists and a cache of its own and without
root: nothing on the machine changes. Debian 12 and older have no such package, so there Debian 13's is taken instead.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

FIRST_RELEASE = 13
FIRST_CODENAME = "trixie"
SOURCES = Path("/etc/apt")
LAUNCHER = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec "$here/{loader}" --library-path "$here/{libraries}" "$here/root/usr/bin/micropython" "$@"
"""


def fetch_native(architecture: str, directory: Path) -> None:
    """Put MicroPython for Debian architecture "i386" or "amd64" into a directory, with a launcher `micropython`.

    Raises FileNotFoundError where apt or a source is missing and subprocess.CalledProcessError where apt fails.
    """
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise FileNotFoundError("there is no apt here to fetch it with (the wasm port needs none)")
    shutil.rmtree(directory, ignore_errors=True)
    apt, root = directory / "apt", directory / "root"
    for part in (apt / "lists" / "partial", apt / "archives" / "partial", root):
        part.mkdir(parents=True)
    for suffix, text in sources().items():
        (apt / f"debian.{suffix}").write_text(text)
    _apt_get(architecture, apt, "update")
    _apt_get(architecture, apt, "--yes", "--no-install-recommends", "--download-only", "install", "micropython")
    for package in sorted((apt / "archives").glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", package, root], check=True, capture_output=True, text=True)
    shutil.rmtree(apt)
    _write_launcher(directory)


def _apt_get(architecture: str, apt: Path, *words: str) -> None:
    options = {
        "APT::Architecture": architecture,
        "APT::Architectures": architecture,
        "APT::Sandbox::User": "root",  # the usual unprivileged user can't enter every checkout
        "Debug::NoLocking": "1",  # nothing here is shared, and the system's lock is root's
        "Dir::Etc::sourcelist": "-",
        "Dir::Etc::sourceparts": str(apt),
        "Dir::State": str(apt),
        "Dir::State::status": "/dev/null",
        "Dir::Cache": str(apt),
    }
    settings = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    command = ["apt-get", *settings, "--quiet=2", *words]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)


def sources() -> dict[str, str]:
    """The apt sources to use, by file suffix: "sources" (deb822 stanzas) and "list" (one-line form).

    Only the distribution's own main suite is kept. Raises FileNotFoundError if there is none.
    """
    ours, theirs = release()
    files = [
        path for path in (SOURCES / "sources.list", *sorted((SOURCES / "sources.list.d").glob("*"))) if path.is_file()
    ]
    stanzas = [stanza for path in files if path.suffix == ".sources" for stanza in _stanzas(path, ours, theirs)]
    lines = [line for path in files if path.suffix == ".list" for line in _lines(path, ours, theirs)]
    if not stanzas and not lines:
        raise FileNotFoundError(f"no apt source names {ours}, so there is nowhere to fetch it from")
    return {"sources": "\n\n".join(stanzas) + "\n", "list": "\n".join(lines) + "\n"}


def _files(pattern: str) -> list[Path]:
    return [*SOURCES.glob(pattern), *sorted((SOURCES / "sources.list.d").glob(pattern))]


def release() -> tuple[str, str]:
    """The codename that this machine's sources name, and the one to ask them for."""
    described = Path("/etc/os-release").read_text()
    fields = {key: value.strip('"') for key, _, value in (line.partition("=") for line in described.splitlines())}
    ours = fields.get("VERSION_CODENAME", "")
    number = fields.get("VERSION_ID", "")
    too_old = fields.get("ID") == "debian" and number.isdigit() and int(number) < FIRST_RELEASE
    return ours, FIRST_CODENAME if too_old else ours


def _stanzas(path: Path, ours: str, theirs: str) -> Iterator[str]:
    for stanza in re.split(r"\n\s*\n", path.read_text()):
        suites = re.search(r"^Suites:(.*)$", stanza, re.MULTILINE)
        main = re.search(r"^Components:.*\bmain\b", stanza, re.MULTILINE)
        packages = re.search(r"^Types:.*\bdeb\b(?!-)", stanza, re.MULTILINE)
        if suites and ours in suites[1].split() and main and packages:
            yield stanza.strip().replace(suites[0], f"Suites: {theirs}")


def _lines(path: Path, ours: str, theirs: str) -> Iterator[str]:
    for line in path.read_text().splitlines():
        entry = re.fullmatch(r"(deb\s+(?:\[[^]]*]\s+)?\S+\s+)(\S+)(.*\smain\b.*)", line.strip())
        if entry and entry[2] == ours:
            yield f"{entry[1]}{theirs}{entry[3]}"


def _write_launcher(directory: Path) -> None:
    libraries = next((directory / "root").rglob("libc.so.6")).parent
    loader = next(path for path in libraries.glob("ld-linux*.so.*"))
    launcher = directory / "micropython"
    launcher.write_text(
        LAUNCHER.format(loader=loader.relative_to(directory), libraries=libraries.relative_to(directory))
    )
    launcher.chmod(0o755)
