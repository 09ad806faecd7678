"""Every format gives the golden log, and an independent reader finds in it what the CSV has."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import openpyxl
import pytest
from fhir.resources.R4B.bundle import Bundle
from pyarrow import dataset, parquet

from golden_logs import BINARY, FOLDER, LOGS, MANIFEST, export, fill
from unslouch.export.schema import schemas
from unslouch.export.tables import EPOCHS

SCHEMAS = Path(__file__).parents[2] / "docs/schema"
TEXT_LOGS = [name for name in LOGS if not name.endswith(BINARY)]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with each golden log, exported now."""
    folder = tmp_path_factory.mktemp("logs")
    fill(folder / "a.db")
    for name in LOGS:
        export(folder / "a.db", name, folder)
    return folder


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", [*TEXT_LOGS, MANIFEST])
def test_a_log_of_text_has_the_bytes_of_the_golden_one(logs: Path, name: str) -> None:
    assert (logs / name).read_bytes() == (FOLDER / name).read_bytes()  # if not: run golden_logs.py, read the difference


@pytest.mark.parametrize("name", TEXT_LOGS)
def test_csv_ends_its_lines_as_rfc_4180_has_it(logs: Path, name: str) -> None:
    if name.endswith(".csv"):
        data = (logs / name).read_bytes()
        assert data.endswith(b"\r\n")
        assert data.count(b"\n") == data.count(b"\r\n")


def test_a_range_in_csv_has_a_row_for_each_recorded_day_and_units_in_its_names(logs: Path) -> None:
    rows = csv_rows(logs / "days-summary.csv")
    assert [row["date"] for row in rows] == ["2025-03-14", "2025-03-15"]
    assert rows[0]["off_body_min"] == "1.0"
    assert rows[0]["episodes"] == "1"


def test_the_schemas_are_those_that_the_code_writes() -> None:
    for name, schema in schemas().items():
        assert json.loads((SCHEMAS / name).read_text()) == schema, f"{name}: run docs/log_tables.py"


def test_json_fits_its_schema(logs: Path) -> None:
    for name, schema in (("day.json", "unslouch-day"), ("days.json", "unslouch-days")):
        checker = jsonschema.Draft202012Validator(json.loads((SCHEMAS / f"{schema}.schema.json").read_text()))
        checker.validate(json.loads((logs / name).read_text()))
    checker = jsonschema.Draft202012Validator(json.loads((SCHEMAS / "unslouch-lines.schema.json").read_text()))
    lines = [json.loads(line) for line in (logs / "day.jsonl").read_text().splitlines()]
    for line in lines:
        checker.validate(line)
    assert sum(line["table"] == "epochs" for line in lines) == len(csv_rows(logs / "day.csv"))
    broken = json.loads((logs / "day.json").read_text())
    broken["summary"]["upright"]["value"] = "much"
    assert list(jsonschema.Draft202012Validator(schemas()["unslouch-day.schema.json"]).iter_errors(broken))


def as_csv_has_it(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return "" if value is None else str(value)


@pytest.mark.parametrize("folder", ["now", "golden"])
def test_pyarrow_and_duckdb_read_in_parquet_what_csv_has(logs: Path, folder: str) -> None:
    path = (logs if folder == "now" else FOLDER) / "day.parquet"
    expected = [{name: text for name, text in row.items() if name != "local"} for row in csv_rows(logs / "day.csv")]
    table = parquet.read_table(path)
    assert str(table.schema.field("utc").type) == "timestamp[ms, tz=UTC]"
    by_arrow = [{name: as_csv_has_it(value) for name, value in row.items()} for row in table.to_pylist()]
    assert [{name: row[name] for name in expected[0]} for row in by_arrow] == expected
    names = ", ".join(name for name in table.column_names if name not in ("utc", "local"))
    by_duckdb = duckdb.sql(f"SELECT {names} FROM '{path}'").fetchall()
    assert by_duckdb == [tuple(row[name] for name in names.split(", ")) for row in table.to_pylist()]
    assert duckdb.sql(f"SELECT local FROM '{path}' LIMIT 1").fetchall() == [(datetime(2025, 3, 14, 9),)]


def test_what_counts_up_in_parquet_is_stored_as_differences(logs: Path) -> None:
    row_group = parquet.read_metadata(logs / "day.parquet").row_group(0)
    columns = [row_group.column(at) for at in range(row_group.num_columns)]
    encodings = {column.path_in_schema: column.encodings for column in columns}
    for name in ("utc", "local", "uptime_ms", "sequence"):
        assert "DELTA_BINARY_PACKED" in encodings[name], name
    assert "RLE_DICTIONARY" in encodings["state"]


def test_a_range_in_parquet_is_one_table_partitioned_by_wearer_and_date(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LOGS, "days", ("--from", "2025-03-14", "--to", "2025-03-15", "--format", "parquet"))
    folder = export(logs / "a.db", "days", tmp_path)
    table = dataset.dataset(folder, partitioning="hive").to_table()
    epochs = len(csv_rows(logs / "day.csv"))
    assert table.column("wearer").unique().to_pylist() == ["me"]
    counted = duckdb.sql(
        f"SELECT date::TEXT, count(*) FROM read_parquet('{folder}/**/*.parquet', hive_partitioning=true) GROUP BY 1"
    ).fetchall()
    assert sorted(counted) == [("2025-03-14", epochs), ("2025-03-15", 3)]
    assert len(table) == epochs + 3
    export(logs / "a.db", "days", tmp_path)  # replaces the earlier one
    assert len(list(folder.rglob("*.parquet"))) == 2


@pytest.mark.parametrize("folder", ["now", "golden"])
def test_openpyxl_reads_real_dates_frozen_headers_and_the_values_of_csv(logs: Path, folder: str) -> None:
    book = openpyxl.load_workbook((logs if folder == "now" else FOLDER) / "day.xlsx")
    assert book.sheetnames == ["summary", "epochs", "episodes", "alerts", "dictionary"]
    assert {sheet.freeze_panes for sheet in book} == {"A2"}
    header, *rows = book["epochs"].iter_rows(values_only=True)
    assert header == tuple(column.name for column in EPOCHS.columns)
    expected = csv_rows(logs / "day.csv")
    assert len(rows) == len(expected)
    assert rows[2][:2] == (datetime(2025, 3, 14, 8, 0, 10), datetime(2025, 3, 14, 9, 0, 10))
    for row, texts in zip(rows, expected, strict=True):
        for value, (name, text) in list(zip(row, texts.items(), strict=True))[2:]:
            assert value == (None if text == "" else value if isinstance(value, str) else float(text)), name
    assert book["summary"]["A2"].value == datetime(2025, 3, 14)


def test_fhir_resources_reads_the_bundle(logs: Path) -> None:
    bundle = Bundle.model_validate_json((logs / "day.fhir.json").read_text())
    summary, *tilts = [entry.resource for entry in bundle.entry]
    components = {each.code.coding[0].code: each for each in summary.component}
    assert float(components["off_body"].valueQuantity.value) == 1.0
    assert components["corrected_share"].valueQuantity.code == "1"
    rows = csv_rows(logs / "day.csv")
    forward = [each for each in tilts if each.code.coding[0].code == "forward-tilt"]
    values = " ".join(each.valueSampledData.data for each in forward).split()
    texts = [row[f"forward_{second}_deg"] or "E" for row in rows for second in range(1, 6)]
    assert values == texts
    assert {int(each.valueSampledData.period) for each in forward} == {1000}
