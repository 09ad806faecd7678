"""QEMU: the system's, or else Debian's, unpacked into .cache/bluez beside the C library it was built for."""

import shutil
from pathlib import Path

import private_apt
from bluez.system import CACHE

PROGRAM = "qemu-system-x86_64"
ROOT = CACHE / "qemu"


def make() -> None:
    """Fetch it if this machine has none; raises what private_apt.fetch() raises."""
    if shutil.which(PROGRAM) or ROOT.exists():
        return
    unpacked, apt = CACHE / "qemu.part", CACHE / "qemu.apt"
    for folder in (unpacked, apt):
        shutil.rmtree(folder, ignore_errors=True)
    unpacked.mkdir(parents=True)
    codename = private_apt.described().get("VERSION_CODENAME", "")
    for package in private_apt.fetch(apt, "amd64", codename, "qemu-system-x86"):
        private_apt.unpack(package, unpacked)
    shutil.rmtree(apt)
    unpacked.replace(ROOT)


def command() -> list[str]:
    """Return the start of a command line that runs QEMU."""
    if shutil.which(PROGRAM):
        return [PROGRAM]
    libraries = _libraries()
    searched = ":".join(str(path) for path in (libraries, ROOT / "lib" / libraries.name, *_private(libraries)))
    loader = next(ROOT.rglob("ld-linux-x86-64.so.2"))
    firmware = [word for path in ("qemu", "seabios") for word in ("-L", str(ROOT / "usr/share" / path))]
    return [str(loader), "--library-path", searched, str(ROOT / "usr/bin" / PROGRAM), *firmware]


def environment() -> dict[str, str]:
    """Return the environment variables that QEMU needs."""
    return {} if shutil.which(PROGRAM) else {"QEMU_MODULE_DIR": str(_libraries() / "qemu")}


def _libraries() -> Path:
    return ROOT / "usr/lib/x86_64-linux-gnu"


def _private(libraries: Path) -> list[Path]:
    """Folders of libraries that only some packages look into."""
    return sorted({path.parent for path in libraries.glob("*/*.so*")})
