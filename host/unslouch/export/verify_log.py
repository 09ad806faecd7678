"""Verifying a log: whether it has the SHA-256 that it carries, and whether its summary follows from its own rows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from unslouch.analysis.metrics.metric import Value
from unslouch.analysis.metrics.of_epochs import TILT_METRICS
from unslouch.analysis.metrics.registry import ALGORITHM_VERSION, METRICS, METRICS_BY_NAME, summarise
from unslouch.analysis.metrics.validity import DATA, TOO_SHORT
from unslouch.errors import BadInput

from .formats import FORMATS
from .integrity import check_integrity
from .jsonl_log import FIRST_BYTES
from .manifest import manifest_path, quick_summary
from .observed import epochs_of, observations_of
from .read_fhir import bundle_days
from .read_log import (
    LoggedDay,
    csv_epoch_days,
    json_days,
    json_lines_days,
    open_workbook,
    parquet_columns,
    parquet_metadata,
    summary_values,
    xlsx_epoch_days,
)
from .read_sheets import different_sheets
from .standing_zeros import calibrations_in
from .summary_rows import rounded
from .tables import EPOCHS, SUMMARY

_NOT_A_LOG = (AttributeError, KeyError, TypeError, ValueError, OverflowError, IndexError, StopIteration)
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
    metrics: int = len(METRICS)
    """How many metrics of each were."""
    differences: list[str] = field(default_factory=list)
    """Sentences on what does not follow from the rows."""
    not_computed: str | None = None
    """Why no summary, or only some metrics of it, could be computed again; None if all could."""

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found wrong."""
        return self.hash_matches and not self.differences


@dataclass
class _Check:
    """One log while it is verified."""

    path: Path
    verdict: Verdict
    on_day: OnDay | None

    def compare(self, days: Iterable[LoggedDay]) -> None:
        """Compute the summary of each day again and compare it with the one in the log."""
        for day in days:
            if not self.is_of_this_version(day.head["algorithm"]):
                return
            computed = summarise(observations_of(day.head, day.epochs or {})).values
            written = {name: entry["value"] for name, entry in day.head["summary"].items()}
            self.compare_day(day.head["date"], written, computed)

    def is_of_this_version(self, algorithm: int | None) -> bool:
        """Note which version of the metrics a log was written with, and return whether it is the one here."""
        self.verdict.algorithm = algorithm
        if algorithm == ALGORITHM_VERSION:
            return True
        version = "an earlier version" if algorithm is None else f"version {algorithm}"
        self.verdict.not_computed = (
            f"it was written with {version} of the metrics and this unslouch has version {ALGORITHM_VERSION}"
        )
        return False

    def compare_day(self, date: str, written: Mapping[str, Value], computed: Mapping[str, Value]) -> None:
        """Compare the values of a day by the names of their metrics."""
        for name, value in written.items():
            expected = rounded(METRICS_BY_NAME[name], computed[name])
            if value != expected:
                self.verdict.differences.append(f"{date}: {name} is {_shown(value)}, its rows give {_shown(expected)}")
        self.verdict.days += 1
        if self.on_day is not None:
            self.on_day(self.verdict.days)


def verify(path: Path, on_day: OnDay | None = None) -> Verdict:
    """Check a log, a file or a folder; raises BadInput for what is no log or can't be read."""
    if not path.exists():
        raise BadInput(f"{path} doesn't exist: name a file or folder that `unslouch export` wrote.")
    try:
        integrity = check_integrity(path)
        if integrity is None:
            raise BadInput(_not_verifiable(path))
        verdict = Verdict(hash_matches=not integrity.changed_files)
        check = _Check(path, verdict, on_day)
        if integrity.manifest is not None:
            verdict.changed_files = integrity.changed_files
            verdict.algorithm = integrity.manifest.get("algorithm")
        try:
            if integrity.manifest is None:
                _compare_own(check)
            else:
                _compare_by_manifest(check, integrity.manifest)
            if not verdict.days and verdict.not_computed is None:
                raise ValueError("no days")
        except _NOT_A_LOG as error:
            if verdict.hash_matches:
                raise BadInput(
                    f"{path} is no log that can be verified: name one that `unslouch export` wrote."
                ) from error
            verdict.differences.append("its rows can't be read as those of a log")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise BadInput(f"{path} can't be read ({reason}): make it readable, or name another log.") from error
    return verdict


def _not_verifiable(path: Path) -> str:
    """Return why a file or folder without a hash and a manifest can't be verified."""
    if path.is_dir() and next(path.iterdir(), None) is None:
        return f"{path} is an empty folder: name a file or folder that `unslouch export` wrote."
    return (
        f"{path} is no log, or its manifest {manifest_path(path)} is missing: put it beside the log, or export the "
        "days again."
    )


def _compare_own(check: _Check) -> None:
    """Compare the days of a log that carries its hash itself."""
    with check.path.open("rb") as file:
        begin = file.read(400)
    if b'"resourceType"' in begin:
        _compare_bundle(check)
    elif b'"unslouch-manifest"' in begin:
        check.verdict.not_computed = "it is a manifest, not a log; verify the log that it belongs to"
    else:
        check.compare(json_lines_days(check.path) if begin.startswith(FIRST_BYTES) else json_days(check.path))


def _compare_bundle(check: _Check) -> None:
    """Compare what the series of a FHIR Bundle give."""
    verdict = check.verdict
    verdict.metrics = len(TILT_METRICS)
    verdict.not_computed = "a Bundle has no events, alerts and times off the body, from which the others follow"
    for day in bundle_days(check.path):
        if not check.is_of_this_version(day.algorithm):
            return
        if day.observed is None:
            verdict.not_computed = f"on {day.date} two sensors measured at once, which a Bundle doesn't tell apart"
            continue
        too_short = day.summary[DATA.name] == TOO_SHORT
        computed = {
            metric.name: None if metric.is_score and too_short else metric.measure(day.observed)
            for metric in TILT_METRICS
        }
        check.compare_day(day.date, {name: day.summary[name] for name in computed}, computed)


def _compare_by_manifest(check: _Check, manifest: dict[str, Any]) -> None:
    heads = {day["date"]: day for day in manifest["days"]}
    log_format, table = FORMATS[manifest["log_format"]].name, manifest["table"]
    if not heads:
        check.verdict.not_computed = "its manifest is of an earlier version, which had no summary of a range in Parquet"
    elif table == SUMMARY.name:
        _compare_summary_rows(check, log_format, heads)
    elif not check.is_of_this_version(manifest["algorithm"]):
        return
    elif log_format == "xlsx":
        _compare_workbook(check, heads)
    elif table != EPOCHS.name:
        check.verdict.not_computed = (
            "the summary doesn't follow from this table alone; JSON and epochs have all it needs"
        )
    elif log_format == "csv":
        check.compare(csv_epoch_days(check.path, heads))
    elif check.path.is_dir():
        _compare_folder(check, heads)
    else:
        check.compare(LoggedDay(head, parquet_columns(check.path)) for head in heads.values())


def _compare_workbook(check: _Check, heads: dict[str, dict[str, Any]]) -> None:
    """Compare the sheets of epochs, summary, episodes and alerts with the manifest and with each other."""
    book = open_workbook(check.path)
    try:
        check.compare(xlsx_epoch_days(book, heads))
        check.verdict.differences += different_sheets(book, list(heads.values()))
    finally:
        book.close()


def _compare_folder(check: _Check, heads: dict[str, dict[str, Any]]) -> None:
    """Compare what the files of a range of epochs in Parquet give with the quick summaries of its manifest."""
    for path in sorted(check.path.rglob("*.parquet")):
        head = heads[path.parent.name.removeprefix("date=")]
        zeros = calibrations_in(parquet_metadata(path))
        summary = quick_summary(epochs_of(parquet_columns(path)), zeros)
        computed = {name: entry["value"] for name, entry in summary.items()}
        check.compare_day(head["date"], {name: entry["value"] for name, entry in head["summary"].items()}, computed)
        check.verdict.metrics = len(computed)
    check.verdict.not_computed = "of a range in Parquet the manifest has those that the epochs give quickly"


def _shown(value: float | str | None) -> str:
    return "empty" if value is None else str(value)


def _compare_summary_rows(check: _Check, log_format: str, heads: dict[str, dict[str, Any]]) -> None:
    """Compare the rows of a summary with the summaries of its manifest."""
    rows = summary_values(check.path, log_format)
    for date, head in heads.items():
        of_day = [row for row in rows if row["date"] == date]
        for name, entry in head["summary"].items():
            found = [row[METRICS_BY_NAME[name].column] for row in of_day]
            if len(found) != 1 or not _is_same(found[0], entry["value"]):
                shown = ", ".join(map(_shown, found)) or "missing"
                check.verdict.differences.append(
                    f"{date}: {name} is {shown}, its manifest has {_shown(entry['value'])}"
                )
        check.verdict.days += 1


def _is_same(found: float | str | None, expected: float | str | None) -> bool:
    """Whether a field has a value. A text of CSV may have a number with or without its zeros."""
    if expected is None:
        return found in (None, "") or found != found
    if isinstance(expected, str):
        return found == expected
    try:
        return found is not None and float(found) == expected
    except ValueError:
        return False
