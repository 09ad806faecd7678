"""The file of a day has all that is known, leaves the rest empty, and has the same bytes for the same records."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from day_logs import log_of
from journals import JournalBuilder
from unslouch.analysis.day import Day
from unslouch.analysis.history import History
from unslouch.errors import NoData
from unslouch.export.epoch_columns import EPOCH_COLUMNS
from unslouch.export.export_log import default_path, recorded_day
from unslouch.export.formats import FORMATS
from unslouch.export.tables import TABLES
from unslouch.export.writer import Contents
from unslouch.store import Store
from unslouch_device.contract import records, states
from unslouch_device.contract.states import STATE_NAMES

BERLIN = ZoneInfo("Europe/Berlin")
MARCH_14 = date(2025, 3, 14)
EIGHT_MS = int(datetime(2025, 3, 14, 8, tzinfo=UTC).timestamp() * 1000)


def a_journal() -> JournalBuilder:
    journal = JournalBuilder(7)
    journal.calibration_id = 0
    journal.start_boot().clock(EIGHT_MS).epochs(states.UNCALIBRATED, 2).flush()
    journal.calibration_id = 3
    journal.epochs(states.UPRIGHT, 12).slouch().off_body(60_000).epochs(
        states.UPRIGHT, 3, flags=records.EPOCH_SNOOZED | records.EPOCH_PARTIAL, forward_cdeg=-50
    )
    return journal.clock(EIGHT_MS + journal.uptime_ms)


def an_eventful_journal() -> JournalBuilder:
    journal = JournalBuilder(7)
    journal.calibration_id = 0
    journal.start_boot().clock(EIGHT_MS).name_profile(1, "Büro".encode())
    journal.calibrate(3, records.CALIBRATED_BOW, profile=1).event(records.STANDING_ZERO, 3, -850, 50)
    journal.epochs(states.UPRIGHT, 12).slouch(6, 3).event(records.DELAY_ADAPTED, 45, records.ADAPTED_LONGER)
    journal.event(records.SENSOR_MOVED, 1600, 350, 1).epochs(states.UPRIGHT, 3)
    return journal.clock(EIGHT_MS + journal.uptime_ms)


def a_day(path: Path, pages: list[bytes]) -> Day:
    with Store.open(path, simulated=False) as store:
        store.add_pages(pages)
        return recorded_day(History(store, BERLIN), MARCH_14)


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_the_epochs_are_rows_with_units_in_their_names(tmp_path: Path) -> None:
    rows = rows_of(log_of(a_day(tmp_path / "a.db", a_journal().pages())))
    assert list(rows[0]) == [column.name for column in EPOCH_COLUMNS]
    assert len(rows) == 2 + 12 + 18 + 3
    assert rows[2] == {
        "utc": "2025-03-14T08:00:10.000Z",
        "local": "2025-03-14T09:00:10.000+01:00",
        "duration_s": "5",
        "state": "upright",
        "activity": "still",
        "forward_deg": "1.2",
        "lateral_deg": "-1.3",
        "forward_1_deg": "-0.8",
        "forward_2_deg": "0.2",
        "forward_3_deg": "1.2",
        "forward_4_deg": "2.2",
        "forward_5_deg": "3.2",
        "speed_deg_s": "0.75",
        "partial": "0",
        "snoozed": "0",
        "tracking_only": "0",
        "alerted": "0",
        "saturated": "0",
        "boot": "1",
        "uptime_ms": "10000",
        "journal": "7",
        "sequence": "4",
        "utc_error_s": "0.501",
        "dating": "firm",
        "settings_revision": "1",
        "calibration_id": "3",
    }
    assert [rows[-1][name] for name in ("forward_deg", "partial", "snoozed", "saturated")] == ["-0.5", "1", "1", "0"]


def test_an_unknown_value_is_empty_or_null_and_never_zero(tmp_path: Path) -> None:
    day = a_day(tmp_path / "a.db", a_journal().pages())
    unknown = [column.name for column in EPOCH_COLUMNS if column.name.endswith("_deg")] + [
        "speed_deg_s",
        "calibration_id",
    ]
    first = rows_of(log_of(day))[0]
    assert first["state"] == "uncalibrated"
    assert {first[name] for name in unknown} == {""}
    columns = json.loads(log_of(day, format="json"))["epochs"]
    assert {columns[name][0] for name in unknown} == {None}


def test_the_summary_is_a_row_for_each_metric(tmp_path: Path) -> None:
    rows = rows_of(log_of(a_day(tmp_path / "a.db", a_journal().pages()), table="summary"))
    assert {(row["date"], row["timezone"]) for row in rows} == {("2025-03-14", "Europe/Berlin")}
    metrics = {row["metric"]: (row["value"], row["unit"]) for row in rows}
    assert metrics["upright"] == ("1.25", "min")
    assert metrics["slouching"] == ("1.0", "min")
    assert metrics["off_body"] == ("1.0", "min")
    assert metrics["lost"] == ("540.0", "min")
    assert metrics["episodes"] == metrics["alerts"] == metrics["corrected"] == ("1", "count")
    assert metrics["alerts_late"] == ("1", "count")
    assert metrics["alerts_corrected"] == metrics["alerts_interrupted"] == metrics["alerts_unknown"] == ("0", "count")
    assert metrics["corrected_share"] == ("0.0", "share")
    assert metrics["sensor_moved"] == ("0", "count")
    assert metrics["longest_episode"] == ("1.5", "min")
    assert metrics["coverage"] == (f"{2.75 / (2.75 + 10 / 60):.4f}", "share")
    assert metrics["day_length"] == ("24.0", "h")


def test_shares_of_a_day_without_wear_are_empty(tmp_path: Path) -> None:
    journal = JournalBuilder().start_boot().clock(EIGHT_MS).charging(3_600_000)
    rows = rows_of(log_of(a_day(tmp_path / "a.db", journal.pages()), table="summary"))
    assert {row["value"] for row in rows if row["unit"] in ("share", "deg", "deg/s", "1/h", "bit")} == {""}


def test_json_has_all_of_the_day(tmp_path: Path) -> None:
    day = a_day(tmp_path / "a.db", a_journal().pages())
    document = json.loads(log_of(day, simulated=True, format="json"))
    assert (document["format"], document["version"], document["simulated"]) == ("unslouch-day", 1, True)
    assert (document["start"], document["hours"]) == ("2025-03-14T00:00:00+01:00", 24)
    assert document["summary"]["slouching"] == {"value": 1.0, "unit": "min"}
    assert document["spans"][1] == {
        "state": "uncalibrated",
        "start": "2025-03-14T09:00:00.000+01:00",
        "end": "2025-03-14T09:00:10.000+01:00",
    }
    assert document["episodes"] == [
        {
            "start": "2025-03-14T09:01:10.000+01:00",
            "end": "2025-03-14T09:02:40.000+01:00",
            "peak_deg": 26.0,
            "mean_deg": 22.0,
            "alerts": 1,
            "correction_latency_s": 60.0,
            "began_before": 0,
            "goes_on": 0,
        }
    ]
    assert [event["event"] for event in document["events"]][:4] == ["boot", "host clock", "slouch started", "alert"]
    assert document["events"][1]["utc_ms"] == EIGHT_MS
    rows = rows_of(log_of(day, simulated=True))
    columns = document["epochs"]
    assert {name: ["" if value is None else str(value) for value in columns[name]] for name in columns} == {
        name: [row[name] for row in rows] for name in rows[0]
    }
    assert set(document["units"]) == set(columns)


def test_json_has_calibrations_delays_notices_and_the_outcomes_of_alerts(tmp_path: Path) -> None:
    document = json.loads(log_of(a_day(tmp_path / "a.db", an_eventful_journal().pages()), format="json"))
    (alert,) = document["alerts"]
    assert alert == {
        "at": "2025-03-14T09:01:30.000+01:00",
        "forward_deg": 22.0,
        "number": 1,
        "mode": "delay",
        "outcome": "corrected",
        "latency_s": 15.0,
        "marked_wrong": 0,
        "journal": 7,
        "sequence": 26,
    }
    (calibration,) = document["calibrations"]
    assert calibration == {
        "calibration_id": 3,
        "profile": 1,
        "profile_name": "Büro",
        "how": "bow",
        "made": "2025-03-14T09:00:00.000+01:00",
        "standing_forward_deg": -8.5,
        "standing_lateral_deg": 0.5,
        "standing_set": "2025-03-14T09:00:00.000+01:00",
        "journal": 7,
    }
    assert document["delays"] == [
        {"start": "2025-03-14T09:01:45.000+01:00", "delay_s": 45, "why": "corrected without alerts", "journal": 7}
    ]
    (notice,) = document["sensor_moved"]
    assert notice == {
        "at": "2025-03-14T09:01:45.000+01:00",
        "walking_deg": 16.0,
        "usual_deg": 3.5,
        "profile": 1,
        "profile_name": "Büro",
        "journal": 7,
        "sequence": notice["sequence"],
    }


def test_every_name_in_the_json_is_documented(tmp_path: Path) -> None:
    day = a_day(tmp_path / "a.db", an_eventful_journal().pages())
    document = json.loads(log_of(day, format="json"))
    text = (Path(__file__).parents[2] / "docs/log.md").read_text(encoding="utf-8")
    lists = ("alerts", "calibrations", "delays", "sensor_moved")
    fields = set(re.findall(r"`(\w+)`", text))
    assert {name for part in lists for entry in document[part] for name in entry} <= fields
    states_of = [name.replace(" ", "_") for name in STATE_NAMES]
    summary = [name for name in document["summary"] if name not in states_of]
    assert not [name for name in [*document, *summary] if f"`{name}`" not in text]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 0x7F), st.binary(min_size=11, max_size=11)), min_size=1, max_size=12))
def test_damaged_and_unknown_events_do_not_prevent_an_export(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[int, bytes]]
) -> None:
    journal = an_eventful_journal()
    for code, data in events:
        journal.damaged(code, data).epochs(states.SLOUCHING, 2)
    day = a_day(tmp_path_factory.mktemp("log") / "a.db", journal.pages())
    for format, table in (("csv", "epochs"), ("csv", "summary"), ("json", None)):
        assert log_of(day, format=format, table=table)


@pytest.mark.parametrize("journal", [a_journal, an_eventful_journal])
def test_the_same_journal_gives_the_same_bytes_however_it_was_fetched(
    tmp_path: Path, journal: Callable[[], JournalBuilder]
) -> None:
    pages = journal().pages()
    one = a_day(tmp_path / "a.db", pages)
    a_day(tmp_path / "b.db", pages[2:])
    other = a_day(tmp_path / "b.db", pages[::-1])
    for format, table in (("csv", "epochs"), ("csv", "summary"), ("json", None)):
        assert log_of(one, format=format, table=table) == log_of(other, format=format, table=table)


def test_a_day_without_records_names_the_nearest_days_with_some(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a.db", simulated=False) as store:
        with pytest.raises(NoData, match="nor for any other day"):
            recorded_day(History(store, UTC), MARCH_14)
        store.add_pages(a_journal().wait(72 * 3_600_000).epochs(states.UPRIGHT, 1).pages())
        with pytest.raises(NoData, match="2025-03-14 and 2025-03-17"):
            recorded_day(History(store, UTC), date(2025, 3, 16))
        with pytest.raises(NoData, match="The nearest day with records is 2025-03-17; choose it with --day"):
            recorded_day(History(store, UTC), date(2026, 3, 16))


def test_a_file_is_named_after_its_days_and_a_demos_differs() -> None:
    csv, json, parquet = (FORMATS[name] for name in ("csv", "json", "parquet"))
    day = Contents(MARCH_14, MARCH_14, BERLIN)
    summaries = Contents(MARCH_14, date(2025, 3, 20), BERLIN, table=TABLES["summary"], is_range=True)
    assert str(default_path(day, csv)) == "unslouch-2025-03-14.csv"
    assert str(default_path(day, json)) == "unslouch-2025-03-14.json"
    assert str(default_path(replace(day, simulated=True), csv)) == "unslouch-demo-2025-03-14.csv"
    assert str(default_path(summaries, csv)) == "unslouch-2025-03-14-to-2025-03-20-summary.csv"
    assert str(default_path(summaries, parquet)) == "unslouch-2025-03-14-to-2025-03-20-summary"
