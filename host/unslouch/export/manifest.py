"""Manifest: FILE.json beside a log that has no place for its own hash, with that hash and the days' summaries.

Beside epochs it holds each day's object as JSON has it, but for the epochs and what is derived: so the summary can be
computed again from the rows of the log and the lists of the manifest. A range of epochs in Parquet, which is made for
speed, has the hash of each file alone.
"""

import json
from pathlib import Path

from unslouch.analysis.day import Day
from unslouch.analysis.metrics.registry import ALGORITHM_VERSION

from .hashing import HashingFile, file_sha256
from .json_log import day_head, day_members
from .tables import EPOCHS
from .writer import Contents

FORMAT = "unslouch-manifest"
VERSION = 1


def manifest_path(log: Path) -> Path:
    """Return where the manifest of a log is: FILE.json beside FILE."""
    return log.with_name(f"{log.name}.json")


def is_manifest(path: Path) -> bool:
    """Whether a file is a manifest of ours, or not there at all."""
    try:
        with path.open("rb") as file:
            return f'"format": "{FORMAT}"'.encode() in file.read(200)
    except FileNotFoundError:
        return True
    except OSError:
        return False


class ManifestWriter:
    """Writes a manifest while its log is written. Raises OSError."""

    def __init__(self, path: Path, log_name: str, log_format: str, contents: Contents) -> None:
        self._raw = path.open("wb")
        self._file = HashingFile(self._raw)
        self._contents = contents
        self._days = 0
        table = None if log_format == "xlsx" else contents.table or EPOCHS
        self._has_epochs = table in (None, EPOCHS)
        head = {
            "format": FORMAT,
            "version": VERSION,
            "algorithm": ALGORITHM_VERSION,
            "log": log_name,
            "log_format": log_format,
            "table": None if table is None else table.name,
            "timezone": str(contents.tz),
            "wearer": contents.wearer,
        }
        lines = [f"{json.dumps(name)}: {json.dumps(value)},\n" for name, value in head.items()]
        self._file.write(("{\n" + "".join(lines) + '"days": [').encode())

    def add(self, day: Day) -> None:
        """Take in a day that was written to the log."""
        if self._has_epochs:
            members = day_members(day, self._contents, is_complete=False)
            entry = "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in members) + "}"
        else:
            entry = json.dumps(day_head(day, self._contents), allow_nan=False)
        self._file.write(((",\n" if self._days else "\n") + entry).encode())
        self._days += 1

    def finish(self, log: Path) -> None:
        """Write the hashes of the finished log, a file or a folder, and close the manifest."""
        if log.is_dir():
            paths = sorted(path for path in log.rglob("*") if path.is_file())
            files = {path.relative_to(log).as_posix(): file_sha256(path) for path in paths}
            hashes = f'"files_sha256": {json.dumps(files, indent=0)}'
        else:
            hashes = f'"log_sha256": "{file_sha256(log)}"'
        self._file.end_with_hash(f"\n],\n{hashes},\n", "\n}\n")
        self._raw.close()

    def abandon(self) -> None:
        """Close the file, finished or not."""
        self._raw.close()
