"""Schema: JSON Schema (draft 2020-12) of the logs in JSON and JSON Lines, from the definitions that the writers use."""

from collections.abc import Iterable
from typing import Any

from unslouch.analysis.metrics.metric import Metric, Unit
from unslouch.analysis.metrics.registry import DISTRIBUTIONS, METRICS

from .columns import Column, Kind
from .json_log import DAY_FORMAT, RANGE_FORMAT, VERSION, json_columns
from .jsonl_log import DAY_LINE, END_LINE
from .jsonl_log import FORMAT as LINES_FORMAT
from .tables import DERIVED, EPOCHS, EVENT_FIELDS, EVENT_TABLE, OBSERVED, Table

Schema = dict[str, Any]

ADDED_LATER = ("coach",)
"""Lists that logs of earlier releases don't have."""
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = {
    Kind.UTC: {"type": "string", "format": "date-time"},
    Kind.LOCAL: {"type": "string", "format": "date-time"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.INTEGER: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.TEXT: {"type": "string"},
    Kind.FLAG: {"enum": [0, 1]},
}
_DATE: Schema = {"type": "string", "format": "date"}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_SHA256: Schema = {
    "type": "string",
    "pattern": "^[0-9a-f]{64}$",
    "description": "SHA-256 of the file with 64 zeros in the place of these digits",
}


def schemas() -> dict[str, Schema]:
    """Return each schema by the name of its file."""
    return {
        "unslouch-day.schema.json": _titled("A day of the posture log", _day(has_hash=True)),
        "unslouch-days.schema.json": _titled("A range of days of the posture log", _range()),
        "unslouch-lines.schema.json": _titled("One line of the posture log in JSON Lines", _line()),
    }


def _titled(title: str, schema: Schema) -> Schema:
    return {"$schema": _DRAFT, "title": title, **schema}


def _object(properties: dict[str, Schema], optional: Iterable[str] = ()) -> Schema:
    """Return an object whose members may only be these; later versions may add some."""
    left_out = set(optional)
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in left_out],
    }


def _value(column: Column) -> Schema:
    """Return the schema of a column's values, null if one is not known."""
    known = _TYPES[column.kind]
    return {"anyOf": [known, {"type": "null"}], "description": column.meaning}


def _row(table: Table) -> Schema:
    columns = {column.name: _value(column) for _, column in json_columns(table)}
    return _object(columns, optional=EVENT_FIELDS if table is EVENT_TABLE else ())


def _rows(table: Table) -> Schema:
    return {"type": "array", "items": _row(table), "description": table.meaning}


def _metric(metric: Metric[Any]) -> Schema:
    known = "string" if metric.is_text else "integer" if metric.unit is Unit.COUNT else "number"
    return _object(
        {
            "value": {"type": [known, "null"]},
            "unit": {"const": metric.unit.value},
        }
    ) | {"description": metric.definition}


def _head(format: str) -> dict[str, Schema]:
    return {
        "format": {"const": format},
        "version": {"const": VERSION},
        "date": _DATE,
        "timezone": {"type": "string"},
        "start": _MOMENT,
        "end": _MOMENT,
        "hours": {"type": "number"},
        "until": _MOMENT,
        "simulated": {"type": "boolean"},
        "wearer": {"type": "string"},
        "algorithm": {"type": "integer"},
        "notes": {"type": "array", "items": {"type": "string"}},
        "summary": _object({metric.name: _metric(metric) for metric in METRICS}),
    }


def _day(has_hash: bool) -> Schema:
    seconds: Schema = {"type": "array"}
    epochs = {column.name: {"type": "array", "items": _value(column)} for column in EPOCHS.columns}
    may_lack = [table.name for table in OBSERVED if table.is_private or table.name in ADDED_LATER]
    members = {
        **_head(DAY_FORMAT),
        **{table.name: _rows(table) for table in OBSERVED},
        "derived": _object({table.name: _rows(table) for table in DERIVED}),
        "distributions": _object({each.name: seconds | {"description": each.definition} for each in DISTRIBUTIONS}),
        "units": _object({column.name: {"type": "string"} for column in EPOCHS.columns}),
        "epochs": _object(epochs),
    }
    if has_hash:
        members["sha256"] = _SHA256
    return _object(members, optional=may_lack)


def _range() -> Schema:
    return _object(
        {
            "format": {"const": RANGE_FORMAT},
            "version": {"const": VERSION},
            "first": _DATE,
            "last": _DATE,
            "timezone": {"type": "string"},
            "days": {"type": "array", "items": _day(has_hash=False)},
            "sha256": _SHA256,
        }
    )


def _line() -> Schema:
    lines = [
        _object({"table": {"const": DAY_LINE}, **_head(LINES_FORMAT)}),
        _object({"table": {"const": END_LINE}, "lines": {"type": "integer"}, "sha256": _SHA256}),
    ]
    for table in (*OBSERVED, *DERIVED, EPOCHS):
        row = _row(table)
        named = {"table": {"const": table.name}, "date": _DATE, **row["properties"]}
        lines.append({**row, "properties": named, "required": ["table", "date", *row["required"]]})
    return {"oneOf": lines}
