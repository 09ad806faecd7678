"""No clock of a computer, however wrong, keeps a day from being exported, and the log says what was wrong."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from journals import JournalBuilder
from unslouch.cli.main import main
from unslouch.errors import ExitCode
from unslouch.store import Store
from unslouch_device.contract import records, states

EIGHT_MS = int(datetime(2025, 3, 14, 8, tzinfo=UTC).timestamp() * 1000)
YEAR_2106_MS = (1 << 32) * 1000
YEAR_10000_MS = 253_402_300_800_000
LAST_UPTIME_MS = (1 << 48) - 10**9


def exported(folder: Path, journal: JournalBuilder, *options: str) -> str:
    with Store.open(folder / "a.db", simulated=False) as store:
        store.add_pages(journal.pages())
    output = folder / f"log.{'json' if 'json' in options else 'csv'}"
    what = ["--db", str(folder / "a.db"), "--day", "2025-03-14", "--timezone", "Europe/Berlin", "--output", str(output)]
    assert main(["export", *what, *options]) == ExitCode.OK
    return output.read_text()


@pytest.mark.parametrize("options", [("--format", "json"), ("--format", "csv"), ("--table", "summary")])
@pytest.mark.parametrize("said_ms", [0, 1, YEAR_2106_MS, YEAR_10000_MS - 1, YEAR_10000_MS, (1 << 48) - 1])
@pytest.mark.parametrize("own_boot", [False, True])
@pytest.mark.parametrize("uptime_ms", [600_000, LAST_UPTIME_MS])
def test_a_day_is_exported_whatever_a_computer_said(
    tmp_path: Path, options: tuple[str, ...], said_ms: int, own_boot: bool, uptime_ms: int
) -> None:
    journal = JournalBuilder(1).start_boot().clock(EIGHT_MS).epochs(states.UPRIGHT, 12)
    if own_boot:
        journal.start_boot()
    journal.flush().uptime_ms = uptime_ms
    journal.clock(said_ms).calibrate(2).event(records.STANDING_ZERO, 2, -800, 0).epochs(states.LYING, 12)
    journal.start_boot().clock(EIGHT_MS + 3_600_000).event(records.DELAY_ADAPTED, 40, 1).epochs(states.UPRIGHT, 12)
    assert exported(tmp_path, journal, *options)


@pytest.mark.parametrize(("said_ms", "when"), [(0, "before 2020"), (YEAR_10000_MS, "after the year 9999")])
def test_the_log_says_that_a_clock_was_not_used(tmp_path: Path, said_ms: int, when: str) -> None:
    journal = JournalBuilder(1).start_boot().clock(EIGHT_MS).epochs(states.UPRIGHT, 12).clock(said_ms)
    log = json.loads(exported(tmp_path, journal.epochs(states.UPRIGHT, 12), "--format", "json"))
    assert (
        f"At 09:01 a computer's clock stood at a date {when}: it was not used, so set that clock right." in log["notes"]
    )
    assert set(log["epochs"]["dating"]) == {"provisional"}


def test_the_log_says_that_clocks_contradict_each_other(tmp_path: Path) -> None:
    journal = JournalBuilder(1).start_boot().clock(EIGHT_MS).epochs(states.UPRIGHT, 12).clock(EIGHT_MS - 6 * 3_600_000)
    log = json.loads(exported(tmp_path, journal.epochs(states.UPRIGHT, 12), "--format", "json"))
    assert any("contradict each other" in note for note in log["notes"])
    assert set(log["epochs"]["dating"]) == {"uncertain"}
    assert all(error_s >= 6 * 3600 for error_s in log["epochs"]["utc_error_s"])
