"""Verifying a log: whether it has the SHA-256 that it carries, and whether its summary follows from its own rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from unslouch.analysis.metrics.registry import ALGORITHM_VERSION, METRICS_BY_NAME, summarise
from unslouch.errors import BadInput

from .formats import format_of
from .hashing import carried_and_actual, file_sha256
from .manifest import manifest_path
from .observed import observations_of
from .read_log import (
    LoggedDay,
    csv_epoch_days,
    csv_rows,
    json_days,
    json_lines_days,
    parquet_epochs,
    read_manifest,
)
from .summary_rows import rounded

_NOT_A_LOG = (KeyError, TypeError, ValueError, IndexError, UnicodeDecodeError)
OnDay = Callable[[int], None]


@dataclass
class Verdict:
    """What was found out about a log."""

    hash_matches: bool = True
    changed_files: list[str] = field(default_factory=list)
    """The files of a folder, or the manifest, whose hash does not match."""
    algorithm: int | None = None
    """The version of the metrics that the log was written with."""
    days: int = 0
    """Days whose summary was computed again."""
    differences: list[str] = field(default_factory=list)
    """Sentences on what does not follow from the rows."""
    not_computed: str | None = None
    """Why no summary could be computed again; None if that was possible."""

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found wrong."""
        return self.hash_matches and not self.differences


def verify(path: Path, on_day: OnDay | None = None) -> Verdict:
    """Check a log, a file or a folder; raises BadInput for what is no log or can't be read."""
    if not path.exists():
        raise BadInput(f"{path} doesn't exist: name a file or folder that `unslouch export` wrote.")
    verdict = Verdict()
    try:
        if path.is_file() and (hashes := carried_and_actual(path)) is not None:
            verdict.hash_matches = hashes[0] == hashes[1]
            _check_own(path, verdict, on_day)
        else:
            _check_by_manifest(path, verdict, on_day)
    except OSError as error:
        raise BadInput(f"{path} can't be read ({(error.strerror or str(error)).lower()}).") from error
    return verdict


def _check_own(path: Path, verdict: Verdict, on_day: OnDay | None) -> None:
    """Check a log that carries its hash itself."""
    with path.open("rb") as file:
        begin = file.read(400)
    if b'"resourceType"' in begin:
        verdict.not_computed = "FHIR's SampledData has no states, from which the summary could be computed"
    elif b'"unslouch-manifest"' in begin:
        verdict.not_computed = "it is a manifest: verify the log that it belongs to"
    else:
        days = json_lines_days(path) if begin.startswith(b'{"table"') else json_days(path)
        _compare(days, verdict, path, on_day)


def _check_by_manifest(path: Path, verdict: Verdict, on_day: OnDay | None) -> None:
    beside = manifest_path(path)
    if not beside.exists():
        raise BadInput(
            f"{path} carries no hash and {beside} isn't there: keep both files together, or export the days again."
        )
    manifest = read_manifest(beside)
    verdict.algorithm = manifest["algorithm"]
    hashes = carried_and_actual(beside)
    if hashes is None or hashes[0] != hashes[1]:
        verdict.changed_files.append(beside.name)
    verdict.changed_files += _changed(path, manifest)
    verdict.hash_matches = not verdict.changed_files
    days = manifest["days"]
    if path.is_dir() or not days:
        verdict.not_computed = "a range in Parquet has the hash of each file alone"
    elif manifest["table"] is None:
        verdict.not_computed = "a workbook is checked by its hash; JSON, and epochs as CSV, have all that it needs"
    elif manifest["table"] == "summary":
        _compare_summary_rows(path, manifest, verdict)
    elif manifest["table"] != "epochs":
        verdict.not_computed = "the summary doesn't follow from this table alone; JSON and epochs have all it needs"
    else:
        heads = {day["date"]: day for day in days}
        if format_of(manifest["log_format"], None).name == "csv":
            _compare(csv_epoch_days(path, heads), verdict, path, on_day)
        else:
            _compare((parquet_epochs(path, day) for day in days), verdict, path, on_day)


def _changed(path: Path, manifest: dict[str, Any]) -> list[str]:
    """Return the names of the files that differ from what a manifest says, are missing or were added."""
    if path.is_file():
        return [] if file_sha256(path) == manifest.get("log_sha256") else [path.name]
    expected = manifest.get("files_sha256", {})
    actual = {
        each.relative_to(path).as_posix(): file_sha256(each) for each in sorted(path.rglob("*")) if each.is_file()
    }
    return sorted(name for name in expected.keys() | actual.keys() if expected.get(name) != actual.get(name))


def _compare(days: Iterable[LoggedDay], verdict: Verdict, path: Path, on_day: OnDay | None) -> None:
    """Compute the summary of each day again and compare it with the one in the log."""
    try:
        for day in days:
            verdict.algorithm = day.head["algorithm"]
            if verdict.algorithm != ALGORITHM_VERSION:
                verdict.not_computed = (
                    f"it was written with version {verdict.algorithm} of the metrics and this unslouch has version "
                    f"{ALGORITHM_VERSION}"
                )
                return
            computed = summarise(observations_of(day.head, day.epochs or {})).values
            verdict.differences += _differences(day.head["date"], day.head["summary"], computed)
            verdict.days += 1
            if on_day is not None:
                on_day(verdict.days)
        if not verdict.days:
            raise ValueError("no days")
    except _NOT_A_LOG as error:
        if verdict.hash_matches:
            raise BadInput(f"{path} is no log that can be verified: name one that `unslouch export` wrote.") from error
        verdict.differences.append("rows of it can't be read as those of a log")


def _differences(date: str, written: dict[str, Any], computed: dict[str, Any]) -> list[str]:
    sentences = []
    for name, entry in written.items():
        value = rounded(METRICS_BY_NAME[name], computed[name])
        if value != entry["value"]:
            sentences.append(f"{date}: {name} is {_shown(entry['value'])}, its rows give {_shown(value)}")
    return sentences


def _shown(value: float | str | None) -> str:
    return "empty" if value is None else str(value)


def _compare_summary_rows(path: Path, manifest: dict[str, Any], verdict: Verdict) -> None:
    """Compare the rows of a summary in CSV with the summaries of its manifest."""
    if manifest["log_format"] != "csv":
        verdict.not_computed = "its rows are the summary itself"
        return
    header, *rows = csv_rows(path)
    is_long = header == ["date", "timezone", "metric", "value", "unit"]
    for day in manifest["days"]:
        for name, entry in day["summary"].items():
            expected = entry["value"]
            if is_long:
                found = [row[3] for row in rows if row[0] == day["date"] and row[2] == name]
            else:
                at = header.index(METRICS_BY_NAME[name].column)
                found = [row[at] for row in rows if row[0] == day["date"]]
            if len(found) != 1 or not _is_same(found[0], expected):
                shown = ", ".join(found) or "missing"
                verdict.differences.append(f"{day['date']}: {name} is {shown}, its manifest has {_shown(expected)}")
        verdict.days += 1


def _is_same(text: str, value: float | str | None) -> bool:
    """Whether a field of CSV has a value: a number may be written with or without its zeros."""
    if value is None or isinstance(value, str):
        return text == (value or "")
    try:
        return float(text) == value
    except ValueError:
        return False
