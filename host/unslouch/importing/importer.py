"""Importer: stores what an exported log holds."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from unslouch.errors import BadInput
from unslouch.export.integrity import check_integrity
from unslouch.store import AlertMark, CoachAnswer, ExerciseSession, ImportCount, MomentNote, Store

from .readers import Batch, read_log, unreadable
from .rows import ADD, Contents, Words
from .values import BadRow

_MOST_NAMES = 3
Word = TypeVar("Word", Words, CoachAnswer)
Progress = Callable[[int], None]
"""Is called with the number of rows that have been read."""


class Imported(NamedTuple):
    """What became of a log."""

    records: ImportCount
    words: int
    """How many marks, notes, sessions and answers to the coach were new."""
    was_checked: bool = True
    """Whether the log's SHA-256 was compared: CSV and Parquet have it in the manifest beside them."""


def import_log(
    store: Store,
    path: Path,
    *,
    with_deleted: bool = False,
    with_changed: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Store what a log holds; what is stored already stays as it is, so importing twice changes nothing.

    Rows are stored in batches, each whole or not at all: an import that was interrupted is finished by repeating it.
    What the wearer has deleted is left out unless with_deleted. Raises BadInput for a file that is no log of ours, is
    damaged, with the place, or has another SHA-256 than when it was exported, unless with_changed; and StoreError.
    """
    was_checked = _check_hash(path, with_changed)
    records, words, rows = ImportCount(0, 0, 0), 0, 0
    for batch in read_log(path):
        if batch.simulated not in (None, store.simulated):
            raise BadInput(_other_kind(path, store))
        contents = _contents(path, batch, rows)
        counted = store.imports.add(contents.records, contents.spans, contents.setups, with_deleted=with_deleted)
        records = records.plus(counted)
        words += store.words.add(_allowed(store, contents.words, with_deleted), replace=False)
        words += store.coach_answers.add_all(_allowed(store, contents.coach_answers, with_deleted))
        rows += len(batch.rows)
        if progress is not None:
            progress(rows)
    return Imported(records, words, was_checked)


def check_log(path: Path) -> None:
    """Raise BadInput for what can't be imported, as import_log() does, from the first of its rows."""
    _check_hash(path, with_changed=True)
    next(read_log(path), None)


def _check_hash(path: Path, with_changed: bool) -> bool:
    """Return whether a log has a hash; raises BadInput if it is another one than when it was exported."""
    try:
        integrity = check_integrity(path)
    except OSError as error:
        raise unreadable(path, error) from error
    if integrity is not None and integrity.changed_files and not with_changed:
        others = [name for name in integrity.changed_files if name != path.name]
        files = f" ({', '.join(others[:_MOST_NAMES])}{' …' if len(others) > _MOST_NAMES else ''})" if others else ""
        raise BadInput(
            f"{path} was changed after it was exported{files}: its SHA-256 doesn't match. Export it again, or add "
            "--with-changed to import it as it is."
        )
    return integrity is not None


def _other_kind(path: Path, store: Store) -> str:
    log, database, option = (
        ("a real", "a simulated", "leave out --demo") if store.simulated else ("a simulated", "a real", "add --demo")
    )
    return (
        f"{path} is the log of {log} wearer, and {store.path} the database of {database} one: {option}, or choose "
        "another database with --db."
    )


def _contents(path: Path, batch: Batch, rows_before: int) -> Contents:
    contents = Contents()
    add = ADD[batch.table]
    for number, row in enumerate(batch.rows, rows_before + 1):
        try:
            add(contents, row)
        except BadRow as error:
            raise BadInput(f"{path} is damaged at row {number} of its rows ({error}): export it again.") from error
    return contents


def _allowed(store: Store, words: list[Word], with_deleted: bool) -> list[Word]:
    """Return the words whose time was not deleted."""
    if with_deleted or not words:
        return words
    return [word for word in words if not store.deleted_times(_moment_ms(word), _moment_ms(word) + 1)]


def _moment_ms(word: Words | CoachAnswer) -> int:
    match word:
        case AlertMark(alert_utc_ms=utc_ms) | MomentNote(utc_ms=utc_ms) | CoachAnswer(utc_ms=utc_ms):
            return utc_ms
        case ExerciseSession(start_utc_ms=utc_ms):
            return utc_ms
