"""Manifest: FILE.json beside a log that has no place for its own hash, with that hash and the days' summaries.

Beside epochs it holds each day's object as JSON has it, but for the epochs and what is derived: so the summary can be
computed again from the rows of the log and the lists of the manifest. A range of epochs in Parquet, which is made for
speed, has the hash of each file, and of the summary what the epochs alone give quickly.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from unslouch.analysis.day import Day
from unslouch.analysis.history import DayEpochs
from unslouch.analysis.metrics.of_epochs import QUICK_METRICS, measure_epochs
from unslouch.analysis.metrics.registry import ALGORITHM_VERSION, METRICS_BY_NAME
from unslouch.analysis.model import Calibration, Epochs
from unslouch.errors import BadInput

from .hashing import HashingFile, file_sha256
from .json_log import day_head, day_members
from .summary_rows import rounded
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


def read_manifest(path: Path) -> dict[str, Any]:
    """Return a manifest; raises BadInput if it is none."""
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise ValueError("another format")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path} is no manifest of a log: export the days again.") from error
    return manifest


def quick_summary(epochs: Epochs, calibrations: Iterable[Calibration]) -> dict[str, dict[str, Any]]:
    """Return the part of a day's summary that its epochs give quickly, as a day's object has it."""
    return {
        name: {"value": rounded(METRICS_BY_NAME[name], value), "unit": METRICS_BY_NAME[name].unit.value}
        for name, value in measure_epochs(epochs, calibrations, QUICK_METRICS).items()
    }


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

    def add(self, day: Day | DayEpochs) -> None:
        """Take in a day that was written to the log."""
        if not isinstance(day, Day):
            summary = quick_summary(day.epochs, day.calibrations)
            head = {"date": day.day.isoformat(), "algorithm": ALGORITHM_VERSION, "summary": summary}
            entry = json.dumps(head, allow_nan=False)
        elif self._has_epochs:
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
