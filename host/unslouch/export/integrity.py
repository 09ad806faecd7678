"""Integrity: whether a log is as it was exported, by the SHA-256 that it carries or that its manifest has."""

from pathlib import Path
from typing import Any, NamedTuple

from .hashing import carried_and_actual, file_sha256
from .jsonl_log import FIRST_BYTES
from .manifest import manifest_path, read_manifest


class Integrity(NamedTuple):
    """What the hashes say of a log."""

    changed_files: list[str]
    """The files whose hash does not match, that are missing or that were added; the manifest may be one of them."""
    manifest: dict[str, Any] | None
    """None for a log that carries its hash itself."""


def check_integrity(path: Path) -> Integrity | None:
    """Return what the hashes say of a file or folder; None if it carries none and has no manifest beside it.

    Raises OSError, and BadInput if what has the name of its manifest is none.
    """
    if path.is_file():
        hashes = carried_and_actual(path)
        if hashes is not None:
            return Integrity([] if hashes[0] == hashes[1] else [path.name], None)
        if _is_json_lines(path):  # its last line is missing
            return Integrity([path.name], None)
    beside = manifest_path(path)
    if not beside.exists():
        return None
    manifest = read_manifest(beside)
    hashes = carried_and_actual(beside)
    changed = [] if hashes is not None and hashes[0] == hashes[1] else [beside.name]
    return Integrity([*changed, *_changed(path, manifest)], manifest)


def _is_json_lines(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(FIRST_BYTES)) == FIRST_BYTES


def _changed(path: Path, manifest: dict[str, Any]) -> list[str]:
    """Return the names of the files that differ from what a manifest says, are missing or were added."""
    if path.is_file():
        return [] if file_sha256(path) == manifest.get("log_sha256") else [path.name]
    expected = manifest.get("files_sha256", {})
    actual = {
        each.relative_to(path).as_posix(): file_sha256(each) for each in sorted(path.rglob("*")) if each.is_file()
    }
    return sorted(name for name in expected.keys() | actual.keys() if expected.get(name) != actual.get(name))
