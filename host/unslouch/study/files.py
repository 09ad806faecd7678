"""Files of a study: the Parquet that `unslouch export` has written for a range of days, wearer=…/date=…"""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from unslouch.errors import BadInput

_PARTITION = re.compile(
    r"wearer=(?P<wearer>[^/\\]+)[/\\]date=(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[/\\](?P<table>\w+)\.parquet$"
)


class StudyFile(NamedTuple):
    """One table of one day of one wearer."""

    wearer: str
    date: date
    path: str


def study_files(folders: Iterable[Path]) -> dict[str, list[StudyFile]]:
    """Return the files below some folders by their table, in order of wearer and date.

    Raises BadInput for a folder without any, or if two folders have the same day of the same wearer.
    """
    found: dict[str, dict[tuple[str, date], StudyFile]] = {}
    for folder in folders:
        count = 0
        for path in sorted(folder.resolve().rglob("*.parquet")):  # a worker may stand in another folder
            match = _PARTITION.search(str(path))
            day = None if match is None else _date(match["date"])
            if match is None or day is None:
                continue
            name = match["wearer"]
            table = found.setdefault(match["table"], {})
            if (name, day) in table:
                raise BadInput(
                    f"The day {day} of the wearer {name} is there twice, in {table[name, day].path} and {path}: "
                    "name only one of the folders."
                )
            table[name, day] = StudyFile(name, day, str(path))
            count += 1
        if not count:
            what = "has no exported days" if folder.is_dir() else "is no folder"
            raise BadInput(f"{folder} {what}: write one with `unslouch export --from … --format parquet`, and name it.")
    return {table: [files[key] for key in sorted(files)] for table, files in found.items()}


def _date(text: str) -> date | None:
    """Return the date of YYYY-MM-DD, None if no calendar has it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
