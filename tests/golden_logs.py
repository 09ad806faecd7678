"""The golden logs of tests/export/golden: two small days in every format, as the command writes them.

    python tests/golden_logs.py

writes them again; read the difference before you commit it.
"""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from journals import JournalBuilder
from unslouch.analysis.decode import RawEvent, decode
from unslouch.cli.main import main
from unslouch.errors import ExitCode
from unslouch.store import AlertMark, Answer, CoachAnswer, Store
from unslouch.store.words import WRONG_ALARM
from unslouch_device.contract import records, states

FOLDER = Path(__file__).parent / "export" / "golden"
EIGHT_MS = int(datetime(2025, 3, 14, 8, tzinfo=UTC).timestamp() * 1000)
DAY_MS = 86_400_000
JOURNAL = 7

DAY = ("--day", "2025-03-14")
RANGE = ("--from", "2025-03-13", "--to", "2025-03-15")
LOGS: dict[str, tuple[str, ...]] = {
    "day.csv": DAY,
    "day-summary.csv": (*DAY, "--table", "summary"),
    "day-events.csv": (*DAY, "--table", "events"),
    "day-episodes.csv": (*DAY, "--table", "episodes"),
    "days-summary.csv": (*RANGE, "--table", "summary"),
    "day.json": DAY,
    "days.json": RANGE,
    "day.jsonl": DAY,
    "day.fhir.json": DAY,
    "day.parquet": DAY,
    "day.xlsx": DAY,
}
"""What each log is asked for; the format follows from its name."""
MANIFEST = "day.csv.json"
"""The one manifest that is a golden file, too."""
BINARY = (".parquet", ".xlsx")
"""Their bytes depend on the library that writes them, so their values are compared."""


def fill(path: Path) -> None:
    """Store two days with every kind of row, and the wearer's words about the first."""
    journal = JournalBuilder(JOURNAL)
    journal.calibration_id = 0
    journal.start_boot().clock(EIGHT_MS).epochs(states.UNCALIBRATED, 2).name_profile(1, b"desk")
    journal.calibrate(3, records.CALIBRATED_BOW, profile=1).event(records.STANDING_ZERO, 3, -850, 50)
    journal.epochs(states.UPRIGHT, 4).slouch(6, 3).event(records.DELAY_ADAPTED, 45, records.ADAPTED_LONGER)
    journal.event(records.SENSOR_MOVED, 1600, 350, 1).off_body(60_000).epochs(states.MOVING, 3)
    journal.clock(EIGHT_MS + journal.uptime_ms).start_boot().clock(EIGHT_MS + DAY_MS).epochs(states.UPRIGHT, 3)
    with Store.open(path, simulated=False) as store:
        store.add_pages(journal.pages())
        alert = next(event for event in events_of(journal) if event.code == records.ALERT)
        store.words.mark_alert(AlertMark(JOURNAL, alert.sequence, EIGHT_MS, WRONG_ALARM))
        store.coach_answers.add_all(coach_answers(EIGHT_MS))


def coach_answers(first_ms: int) -> list[CoachAnswer]:
    """Return answers of every shape: about an exercise, with an end, with a step, and about none."""
    return [
        CoachAnswer("a0", first_ms, Answer.SUGGESTED, "chin-tuck"),
        CoachAnswer("a1", first_ms + 5_000, Answer.LATER, "chin-tuck", first_ms + 605_000),
        CoachAnswer("a2", first_ms + 30_000, Answer.STEP, "chin-tuck", step=1),
        CoachAnswer("a3", first_ms + 40_000, Answer.PAUSED, None, first_ms + 3_640_000),
    ]


def events_of(journal: JournalBuilder) -> list[RawEvent]:
    """The events of a journal."""
    return decode(journal.pages()).events


def export(database: Path, name: str, folder: Path) -> Path:
    """Export the log of a name into a folder."""
    path = folder / name
    what = ["--db", str(database), "--timezone", "Europe/Berlin", "--output", str(path), *LOGS[name]]
    assert main(["export", *what]) == ExitCode.OK
    return path


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        fill(Path(scratch) / "a.db")
        FOLDER.mkdir(exist_ok=True)
        for log in LOGS:
            export(Path(scratch) / "a.db", log, FOLDER)
        for manifest in {path.name for path in FOLDER.glob("*.*.json")} - {MANIFEST, *LOGS}:
            (FOLDER / manifest).unlink()
