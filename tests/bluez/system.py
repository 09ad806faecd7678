"""The virtual machine's Debian: kernel, modules, BlueZ and D-Bus, fetched and packed once into .cache/bluez."""

import platform
import shutil
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from subprocess import PIPE, Popen

import private_apt
from bluez.cpio import MERGED, Archive
from bluez.modules import in_loading_order

CACHE = Path(__file__).parents[2] / ".cache" / "bluez"
KERNEL = CACHE / "vmlinuz"
LAYER = CACHE / "system.cpio"
# Of Debian 13 at least: with Linux 6.1, of Debian 12, a connection given up in the moment in which its device is heard,
# as happens with a lost bond, leaves the adapter unable to connect to anything.
PACKAGES = ("bluez", "busybox-static", "dbus", "linux-image-amd64")
UNPACKED = ("bluez_", "busybox-static_", "dbus", "lib")
"""Files of packages that begin so are wanted; the rest are dependencies that nothing here calls."""
LEFT_OUT = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/alsa", "usr/share/perl", "usr/lib/udev")
MODULES = (
    *("hmac", "sha512_generic", "ctr", "jitterentropy_rng", "drbg"),  # or there is no key for LE Secure Connections
    *("cmac", "ecb", "algif_hash", "algif_skcipher"),  # pairing in the kernel, and bluetoothd's cryptography
    *("hci_vhci", "uhid"),  # the virtual adapter; bluetoothd's input plug-in
)
ACCOUNTS = {
    "etc/passwd": b"root:x:0:0:root:/root:/bin/sh\nmessagebus:x:101:101::/nonexistent:/usr/sbin/nologin\n",
    "etc/group": b"root:x:0:\nmessagebus:x:101:\nbluetooth:x:102:\n",
    "etc/machine-id": b"0123456789abcdef0123456789abcdef\n",
}


def missing() -> str | None:
    """One sentence on why there can be no virtual machine here, or None."""
    found = private_apt.described().get("PRETTY_NAME", platform.system())
    if platform.machine() != "x86_64" or private_apt.described().get("ID") != "debian":
        return f"the virtual machine with BlueZ is made of Debian's packages for amd64, and this is {found}"
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return "there is no apt here to fetch the virtual machine's packages with"
    return None


def make() -> None:
    """Fetch and pack what isn't there yet; raises what private_apt.fetch() raises."""
    if KERNEL.exists() and LAYER.exists():
        return
    work = CACHE / "work"
    shutil.rmtree(work, ignore_errors=True)
    root = work / "root"
    root.mkdir(parents=True)
    packages = private_apt.fetch(work / "apt", "amd64", private_apt.release(), *PACKAGES)
    for package in packages:
        if package.name.startswith(UNPACKED):
            private_apt.unpack(package, root)
    kernel, modules = _kernel([package for package in packages if package.name.startswith("linux-image-")])
    packed = work / "system.cpio"
    with packed.open("wb") as out:
        archive = Archive(out)
        _fill(archive, root)
        for number, (name, data) in enumerate(in_loading_order(MODULES, modules)):
            archive.data(f"modules/{number:02}-{name}.ko", data)
        archive.close()
    KERNEL.write_bytes(kernel)
    packed.replace(LAYER)  # last: its presence says that all went well
    shutil.rmtree(work)


def _fill(archive: Archive, root: Path) -> None:
    archive.device("dev/console", 5, 1)
    archive.device("dev/null", 1, 3)
    for name in ("proc", "sys", "run", "tmp", "root", "var/lib/bluetooth"):
        archive.directory(name)
    for name in MERGED:
        archive.directory(f"usr/{name}")
        archive.link(name, f"usr/{name}")
    archive.link("var/run", "/run")
    for name, data in ACCOUNTS.items():
        archive.data(name, data)
    archive.tree(root, LEFT_OUT)


def _kernel(packages: list[Path]) -> tuple[bytes, dict[str, bytes]]:
    """The kernel and its modules by file name, out of the packages of which one has them."""
    kernel, modules = b"", {}
    for name, data in (entry for package in packages for entry in _wanted(package)):
        if name.startswith("./boot/"):
            kernel = data
        else:
            modules[name.rpartition("/")[2]] = data
    return kernel, modules


def _wanted(package: Path) -> Iterator[tuple[str, bytes]]:
    with Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=PIPE) as process:
        assert process.stdout is not None
        with tarfile.open(fileobj=BytesIO(process.stdout.read())) as content:
            for member in content:
                if member.isfile() and (member.name.startswith("./boot/vmlinuz") or ".ko" in member.name):
                    file = content.extractfile(member)
                    assert file is not None
                    yield member.name, file.read()
