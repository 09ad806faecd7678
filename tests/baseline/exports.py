"""The files that are exported from a baseline's databases."""

from pathlib import Path
from typing import NamedTuple

from unslouch.cli.main import main
from unslouch.errors import ExitCode


class Export(NamedTuple):
    """What `unslouch export` is asked for; the format follows from the name of the file."""

    database: str
    day: str
    table: str = "epochs"


EXPORTS = {
    "wearer-2025-03-14.csv": Export("wearer.db", "2025-03-14"),
    "wearer-2025-03-14-summary.csv": Export("wearer.db", "2025-03-14", "summary"),
    "wearer-2025-03-14.json": Export("wearer.db", "2025-03-14"),
    "wearer-2025-03-30-summary.csv": Export("wearer.db", "2025-03-30", "summary"),
    "wearer-2025-03-30.json": Export("wearer.db", "2025-03-30"),
    "simulated-2025-03-14.csv": Export("simulated.db", "2025-03-14"),
    "simulated-2025-03-14-summary.csv": Export("simulated.db", "2025-03-14", "summary"),
    "simulated-2025-03-14.json": Export("simulated.db", "2025-03-14"),
}


def exported(folder: Path, name: str) -> bytes:
    """Export the file of a name from the databases in a folder, beside them."""
    database, day, table = EXPORTS[name]
    output = folder / f"now-{name}"
    what = ["--day", day, "--timezone", "Europe/Berlin", *(["--table", table] if name.endswith(".csv") else [])]
    assert main(["export", "--db", str(folder / database), *what, "--output", str(output)]) == ExitCode.OK
    return output.read_bytes()
