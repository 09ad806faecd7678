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
