"""apt with this machine's sources, keys and settings, but with lists and a cache of its own, and without root.

Nothing on the machine changes: packages are fetched, with all they depend on, and unpacked elsewhere.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path("/etc/apt")
OS_RELEASE = Path("/etc/os-release")
FIRST_RELEASE = 13
FIRST_CODENAME = "trixie"


def fetch(directory: Path, architecture: str, codename: str, *packages: str) -> list[Path]:
    """Fetch packages and their dependencies of a release into a directory, which is theirs alone; return the files.

    Raises FileNotFoundError where apt or a source is missing and subprocess.CalledProcessError where apt fails.
    """
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise FileNotFoundError("there is no apt here to fetch it with")
    for part in ("lists", "archives"):
        (directory / part / "partial").mkdir(parents=True, exist_ok=True)
    for suffix, text in sources(codename).items():
        (directory / f"debian.{suffix}").write_text(text)
    _apt_get(architecture, directory, "update")
    _apt_get(architecture, directory, "--yes", "--no-install-recommends", "--download-only", "install", *packages)
    return sorted((directory / "archives").glob("*.deb"))


def unpack(package: Path, root: Path) -> None:
    """Unpack a package into a directory; raises subprocess.CalledProcessError where that fails."""
    subprocess.run(["dpkg-deb", "--extract", package, root], check=True, capture_output=True, text=True)


def _apt_get(architecture: str, directory: Path, *words: str) -> None:
    options = {
        "APT::Architecture": architecture,
        "APT::Architectures": architecture,
        "APT::Sandbox::User": "root",  # the usual unprivileged user can't enter every checkout
        "Debug::NoLocking": "1",  # nothing here is shared, and the system's lock is root's
        "Dir::Etc::sourcelist": "-",
        "Dir::Etc::sourceparts": str(directory),
        "Dir::State": str(directory),
        "Dir::State::status": "/dev/null",
        "Dir::Cache": str(directory),
    }
    settings = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    command = ["apt-get", *settings, "--quiet=2", *words]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)


def described() -> dict[str, str]:
    """What this system calls itself: the fields of os-release, none where there is no such file."""
    lines = OS_RELEASE.read_text().splitlines() if OS_RELEASE.exists() else []
    return {key: value.strip('"') for key, _, value in (line.partition("=") for line in lines)}


def release() -> str:
    """The codename of the release to fetch from: this system's, or the oldest that will do where that is older."""
    fields = described()
    number = fields.get("VERSION_ID", "")
    too_old = fields.get("ID") == "debian" and number.isdigit() and int(number) < FIRST_RELEASE
    return FIRST_CODENAME if too_old else fields.get("VERSION_CODENAME", "")


def sources(codename: str) -> dict[str, str]:
    """The apt sources for a release, by file suffix: "sources" (deb822 stanzas) and "list" (one-line form).

    Only the distribution's own main suite is kept. Raises FileNotFoundError if there is none.
    """
    ours = described().get("VERSION_CODENAME", "")
    files = [
        path for path in (SOURCES / "sources.list", *sorted((SOURCES / "sources.list.d").glob("*"))) if path.is_file()
    ]
    stanzas = [stanza for path in files if path.suffix == ".sources" for stanza in _stanzas(path, ours, codename)]
    lines = [line for path in files if path.suffix == ".list" for line in _lines(path, ours, codename)]
    if not stanzas and not lines:
        raise FileNotFoundError(f"no apt source names {ours}, so there is nowhere to fetch it from")
    return {"sources": "\n\n".join(stanzas) + "\n", "list": "\n".join(lines) + "\n"}


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
