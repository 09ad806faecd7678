"""The main job: a simulated day over a pty into the store and out as a file, compared with the journal."""

import csv
import io
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from end_to_end.bench import WAIT_S, assert_same_journal, flash_pages, process, record_everything, run, twin
from interpreters import MICROPYTHON_I386
from requirement import require
from unslouch.twin.wearer.scripted import ScriptedWearer
from unslouch_device.contract import records as r
from unslouch_device.contract import states
from unslouch_device.contract.pages import unpack_page

HOURS = 2
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(database, flash) after a recorder has followed two hours of a simulated day."""
    folder = tmp_path_factory.mktemp("day")
    database, flash = folder / "day.db", folder / "flash"
    port = ("--socket",) if sys.platform == "win32" else ()
    arguments = ("--speed", "400", "--hours", str(HOURS), "--start", START.isoformat(), *port)
    with twin(flash, *arguments) as address:
        with process("record", "--sensor", address, "--db", str(database)):
            until = time.monotonic() + WAIT_S
            while _world_s(flash) < HOURS * 3600 and time.monotonic() < until:
                time.sleep(0.05)
        record_everything(address, database)
    return database, flash


def _world_s(flash: Path) -> float:
    try:
        return float((flash / "world-time").read_text().split()[0])
    except (FileNotFoundError, IndexError):
        return 0.0


def _journal_epochs(flash: Path, count: int) -> list[tuple[int, r.EpochRecord]]:
    """(sequence, epoch) of the first epochs in flash."""
    found = []
    for data in flash_pages(flash):
        page = unpack_page(data)
        for index in range(len(page.records) // r.RECORD_BYTES):
            record = page.records[index * r.RECORD_BYTES : (index + 1) * r.RECORD_BYTES]
            if not r.is_event(record):
                found.append((page.first_sequence + index, r.EpochRecord(record)))
    return found[:count]


def test_the_store_holds_the_journal_byte_for_byte(day: tuple[Path, Path]) -> None:
    database, flash = day
    pages = assert_same_journal(database, flash, at_least=HOURS * 3600 // 5 * 3 // 4)
    assert {page.calibration_id for page in pages} == {0, 1}


def test_the_exported_epochs_are_the_journals(day: tuple[Path, Path]) -> None:
    database, flash = day
    arguments = ("--db", str(database), "--day", "2026-03-02", "--timezone", "UTC", "--output", "-")
    rows = list(csv.DictReader(io.StringIO(run("export", *arguments).stdout)))
    journal = _journal_epochs(flash, len(rows))
    assert len(rows) > 1000
    for row, (sequence, epoch) in zip(rows, journal, strict=True):
        assert int(row["sequence"]) == sequence
        if epoch.state != states.UNCALIBRATED:
            assert float(row["forward_deg"]) == epoch.forward_cdeg / 100
            assert float(row["lateral_deg"]) == epoch.lateral_cdeg / 100
            assert float(row["forward_5_deg"]) == epoch.second_cdeg[4] / 100
            assert float(row["speed_deg_s"]) == epoch.speed_cdeg_s / 100
        else:
            assert row["forward_deg"] == ""
    began = datetime.fromisoformat(rows[0]["utc"])
    assert abs((began - START).total_seconds()) < 1


def test_the_summary_agrees_with_the_script_of_the_day(day: tuple[Path, Path]) -> None:
    database, _ = day
    arguments = ("--db", str(database), "--day", "2026-03-02", "--timezone", "UTC", "--format", "json", "--output", "-")
    summary = json.loads(run("export", *arguments).stdout)["summary"]
    script = ScriptedWearer(1, HOURS).segments
    walked_min = sum(segment.duration_s for segment in script if segment.kind in ("walk", "stand up", "sit down")) / 60
    charged_min = sum(segment.duration_s for segment in script if segment.kind == "charging") / 60
    away_min = sum(segment.duration_s for segment in script if segment.kind == "off body") / 60
    minutes = {metric: entry["value"] for metric, entry in summary.items() if entry["unit"] == "min"}
    assert minutes["moving"] == pytest.approx(walked_min, rel=0.2)
    assert minutes["charging"] == pytest.approx(charged_min, abs=1.0)
    assert minutes["off_body"] == pytest.approx(away_min, abs=1.0)
    slumps = [segment for segment in script if segment.kind == "slouch" and segment.duration_s > 45]
    assert summary["episodes"]["value"] == pytest.approx(len(slumps), abs=2)
    assert summary["alerts"]["value"] >= 1


def test_exporting_twice_gives_the_same_bytes(day: tuple[Path, Path], tmp_path: Path) -> None:
    database, _ = day
    for name in ("a.json", "b.json"):
        arguments = (
            "--db",
            str(database),
            "--day",
            "2026-03-02",
            "--timezone",
            "UTC",
            "--output",
            str(tmp_path / name),
        )
        assert run("export", *arguments).returncode == 0
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_a_day_in_a_real_micropython_is_recorded_over_its_port(tmp_path: Path) -> None:
    require(MICROPYTHON_I386.missing())
    database, flash = tmp_path / "day.db", tmp_path / "flash"
    interpreter = ("--interpreter", str(MICROPYTHON_I386.executable))
    with twin(flash, "--speed", "60", "--hours", "0.2", *interpreter) as address:
        assert run("record", "--sensor", address, "--db", str(database), "--for", "14").returncode == 0
    pages = assert_same_journal(database, flash, at_least=100)
    assert any(page.calibration_id for page in pages)
