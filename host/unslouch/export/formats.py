"""Formats: every file format of the log, what it can hold, and the writer that makes it."""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from unslouch.errors import BadInput

if TYPE_CHECKING:
    from .writer import LogWriter


@dataclass(frozen=True)
class Format:
    """One format. Its writer and the library that it needs are imported when it is used."""

    name: str
    suffix: str
    """What its files end in."""
    writer: str
    """MODULE.CLASS in this package."""
    takes_table: bool = False
    """Holds a single table, which --table chooses."""
    may_take_table: bool = False
    """Holds all tables unless --table chooses one."""
    carries_hash: bool = False
    """Has a place for its own hash; for any other a manifest is written beside it."""
    folder_for_range: bool = False
    """A range is a folder of files."""
    needs: str | None = None
    """The library that it needs."""
    extra: str | None = None
    """The extra of unslouch that installs it."""

    def load(self) -> "type[LogWriter]":
        """Return the class of the writer; raises BadInput if the library that it needs is missing."""
        if self.needs is not None and find_spec(self.needs) is None:
            raise BadInput(
                f"The format {self.name} needs {self.needs}, which isn't installed: "
                f"pip install 'unslouch[{self.extra}]', or choose another --format."
            )
        module, _, name = self.writer.rpartition(".")
        writer: type[LogWriter] = getattr(import_module(f"unslouch.export.{module}"), name)
        return writer


FORMATS = {
    format.name: format
    for format in (
        Format("csv", ".csv", "csv_log.CsvWriter", takes_table=True),
        Format("json", ".json", "json_log.JsonWriter", carries_hash=True),
        Format("jsonl", ".jsonl", "jsonl_log.JsonLinesWriter", may_take_table=True, carries_hash=True),
        Format(
            "parquet",
            ".parquet",
            "parquet_log.ParquetWriter",
            takes_table=True,
            folder_for_range=True,
            needs="pyarrow",
            extra="parquet",
        ),
        Format("xlsx", ".xlsx", "xlsx_log.XlsxWriter", needs="xlsxwriter", extra="xlsx"),
        Format("fhir", ".fhir.json", "fhir_log.FhirWriter", carries_hash=True),
    )
}
"""Every format by its name."""


def format_of(name: str | None, output: str | None) -> Format:
    """Return the format of a name, or else the one that the output's name ends in, or else CSV."""
    if name is not None:
        return FORMATS[name]
    fitting = [format for format in FORMATS.values() if output and output.lower().endswith(format.suffix)]
    return max(fitting, key=lambda format: len(format.suffix), default=FORMATS["csv"])
