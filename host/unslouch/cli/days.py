"""Days on the command line: one that is none is refused in the same way by every command, before it reads anything."""

from datetime import date

from unslouch.errors import BadInput


def check_days(*words: str | None) -> None:
    """Raise BadInput for the first word that names no day; None is a day that wasn't given."""
    for word in words:
        if word is not None:
            named_day(word, date.max)


def named_day(word: str, today: date) -> date:
    """Return the day of a word: today, yesterday or YYYY-MM-DD; raises BadInput for anything else."""
    from unslouch.analysis.zones import day_named

    try:
        return day_named(word, today)
    except ValueError as error:
        raise BadInput(f"{word!r} is no day: write today, yesterday or YYYY-MM-DD.") from error


def check_range(first: str | None, last: str | None) -> None:
    """Raise BadInput for a range that ends before it begins, if this is certain without knowing which day is today."""
    relative = {"today", "yesterday"}
    if first is not None and last is not None and (first in relative) == (last in relative):
        named_range(first, last, date.max)


def named_range(first: str, last: str, today: date) -> tuple[date, date]:
    """Return the first and the last day of a range; raises BadInput if it ends before it begins."""
    begin, end = named_day(first, today), named_day(last, today)
    if end < begin:
        raise BadInput(f"--to {last} is earlier than --from {first}: swap --from and --to.")
    return begin, end
