"""Kernel modules, in the order in which they can be loaded one by one, without depmod and modprobe."""

import lzma
import re
from collections.abc import Iterable, Mapping

SUFFIXES = {".ko": bytes, ".ko.xz": lzma.decompress}


def in_loading_order(wanted: Iterable[str], files: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
    """The wanted modules and what they depend on, from a kernel's files by name; one that isn't there is built in."""
    ordered: dict[str, bytes] = {}

    def add(name: str) -> None:
        if name in ordered:
            return
        module = _find(name, files)
        if module is not None:
            for other in dependencies(module):
                add(other)
            ordered[name] = module

    for name in wanted:
        add(name)
    return list(ordered.items())


def dependencies(module: bytes) -> list[str]:
    """The modules that a module says it depends on, in its section .modinfo."""
    found = re.search(rb"\0depends=([\w,-]*)\0", module)
    return [name.replace("-", "_") for name in found[1].decode().split(",") if name] if found else []


def _find(name: str, files: Mapping[str, bytes]) -> bytes | None:
    for written in (name, name.replace("_", "-")):
        for suffix, unpacked in SUFFIXES.items():
            if written + suffix in files:
                return unpacked(files[written + suffix])
    return None
