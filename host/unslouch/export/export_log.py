"""Export: the days of a history as a log, written whole or not at all, with one day in memory at a time."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from unslouch.analysis.day import Day, LocalDay, has_data
from unslouch.analysis.history import History
from unslouch.errors import BadInput, NoData

from .formats import Format
from .manifest import ManifestWriter, is_manifest, manifest_path
from .output import check_folder, explained, replacing_file, replacing_folder, temporary_file
from .pseudonym import Pseudonym
from .tables import EPOCHS
from .writer import Contents, LogWriter

OnProgress = Callable[[int, int], None]
"""Called with how many days of how many are written."""


@dataclass
class Written:
    """What was written."""

    days: int = 0
    epochs: int = 0
    caveats: list[str] = field(default_factory=list)
    """Those of a single day; a range has them in its days."""
    path: Path | None = None
    manifest: Path | None = None


def export_to_file(
    history: History,
    contents: Contents,
    format: Format,
    path: Path,
    pseudonym: Pseudonym | None = None,
    on_progress: OnProgress | None = None,
) -> Written:
    """Write days to a file or, where the format has it so, to a folder, and a manifest where the log needs one.

    Raises NoData if nothing is recorded in them, BadInput, OutputError or StoreError; then what was there before stays.
    """
    format.load()
    is_folder = format.folder_for_range and contents.is_range
    with explained(path):
        is_regular = is_folder or not path.exists() or path.is_file()
    manifest = None if format.carries_hash or not is_regular else manifest_path(path)
    if manifest is not None and not is_manifest(manifest):
        raise BadInput(
            f"{manifest} exists and is no manifest, which has to have this name: choose another name with --output."
        )
    if is_folder:
        check_folder(path, is_ours=manifest is not None and manifest.exists())
    with ExitStack() as stack:
        new_manifest = None
        if manifest is not None:
            new_path = stack.enter_context(replacing_file(manifest, belongs_to=path))
            new_manifest = ManifestWriter(new_path, path.name, format.name, contents)
            stack.callback(new_manifest.abandon)
        log_path = stack.enter_context((replacing_folder if is_folder else replacing_file)(path))
        written = _write(history, contents, format, log_path, new_manifest, pseudonym, on_progress)
    written.path, written.manifest = path, manifest
    return written


def export_to_stream(
    history: History,
    contents: Contents,
    format: Format,
    emit: Callable[[bytes], None],
    pseudonym: Pseudonym | None = None,
    on_progress: OnProgress | None = None,
) -> Written:
    """Hand the bytes of a log on, without a manifest, once all of it was written; raises as export_to_file()."""
    check_stream(format, contents.is_range)
    format.load()
    with temporary_file() as path:
        written = _write(history, contents, format, path, None, pseudonym, on_progress)
        with path.open("rb") as file:
            while data := file.read(1 << 20):
                emit(data)
    return written


def check_stream(format: Format, is_range: bool) -> None:
    """Raise BadInput for a log that is a folder, which no stream can take."""
    if format.folder_for_range and is_range:
        raise BadInput(f"A range in {format.name} is a folder, which can't go to stdout: name one with --output.")


def _write(
    history: History,
    contents: Contents,
    format: Format,
    path: Path,
    manifest: ManifestWriter | None,
    pseudonym: Pseudonym | None,
    on_progress: OnProgress | None,
) -> Written:
    is_bulk = _is_bulk(contents, format)
    if format.name == "xlsx":
        _check_sheet(history, contents)
    writer: LogWriter = format.load()(path, contents)
    written = Written()
    days_in_all = (contents.last - contents.first).days + 1
    try:
        for number, day in enumerate(_days(history, contents, is_bulk), 1):
            if day is not None:
                shown = pseudonym.applied_to(day) if pseudonym is not None else day
                writer.add(shown)
                if manifest is not None:
                    manifest.add(shown)
                written.days += 1
                written.epochs += len(day.epochs)
                written.caveats = [] if contents.is_range else shown.caveats
            if on_progress is not None and contents.is_range:
                on_progress(number, days_in_all)
        if not written.days:
            raise NoData(nothing_recorded(history, contents.first, contents.last))
        writer.finish()
        if manifest is not None:
            manifest.finish(path)
    except BaseException:
        writer.abandon()
        raise
    return written


def _is_bulk(contents: Contents, format: Format) -> bool:
    """Whether the epochs alone are needed, which are read many times faster than whole days."""
    return format.folder_for_range and contents.is_range and contents.table in (None, EPOCHS)


def _days(history: History, contents: Contents, is_bulk: bool) -> Iterator[Any]:
    """Yield each day, None for one without records."""
    if is_bulk:
        for epochs_of_day in history.epochs_by_day(contents.first, contents.last):
            yield epochs_of_day if len(epochs_of_day.epochs) else None
    else:
        for day in history.days(contents.first, contents.last):
            yield day if has_data(day) else None


def _check_sheet(history: History, contents: Contents) -> None:
    """Raise BadInput if a sheet has no room for the epochs of a range."""
    from .xlsx_log import check_rows, fits_surely

    if not fits_surely((contents.last - contents.first).days + 1):
        days = history.epochs_by_day(contents.first, contents.last)
        check_rows(sum(len(day.epochs) for day in days))


def nothing_recorded(history: History, first: date, last: date) -> str:
    """Return a sentence for days without records, which names the nearest ones that have some."""
    path = history.store.path
    wanted = str(first) if first == last else f"{first} to {last}"
    near = sorted({*history.nearest_days(first), *history.nearest_days(last)})
    near = [day for day in near if not first <= day <= last]
    if history.store.deleted_times(LocalDay(first, history.tz).start_ms, LocalDay(last, history.tz).end_ms):
        return f"The records of {wanted} were deleted from {path} by the wearer, so there is nothing to export."
    if not near:
        return f"Nothing is recorded for {wanted}, nor for any other day, in {path}."
    option = "--day" if first == last else "--from and --to"
    nearest = (
        f"The nearest day with records is {near[0]}; choose it"
        if len(near) == 1
        else f"The nearest days with records are {' and '.join(map(str, near))}; choose one"
    )
    return f"Nothing is recorded for {wanted} in {path}. {nearest} with {option}."


def recorded_day(history: History, wanted: date) -> Day:
    """Return a day with records; raises NoData for one without, and names the nearest days that have some."""
    read = history.day(wanted)
    if not has_data(read):
        raise NoData(nothing_recorded(history, wanted, wanted))
    return read


def default_path(contents: Contents, format: Format) -> Path:
    """Return where a log goes if no path is given, like ./unslouch-2025-03-14.csv.

    The log of a simulated wearer has a name of its own, so that it never replaces a real wearer's.
    """
    days = f"{contents.first}-to-{contents.last}" if contents.is_range else str(contents.first)
    table = f"-{contents.table.name}" if contents.table not in (None, EPOCHS) and contents.table is not None else ""
    suffix = "" if format.folder_for_range and contents.is_range else format.suffix
    return Path(f"unslouch{'-demo' if contents.simulated else ''}-{days}{table}{suffix}")
