"""Columns of epochs are numpy arrays until a writer takes them, and say what they hold."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journals import JournalBuilder
from unslouch.analysis.history import History
from unslouch.analysis.metrics.alerts import ALERTS, ALERTS_CORRECTED_SHARE
from unslouch.analysis.metrics.minutes import WORN_MIN
from unslouch.analysis.metrics.table import Values
from unslouch.export.columns import Column, Kind
from unslouch.export.epoch_columns import EPOCH_COLUMNS
from unslouch.export.iso_times import iso_local, iso_local_column, iso_utc, iso_utc_column
from unslouch.export.summary_rows import rounded
from unslouch.export.texts import csv_texts, json_texts
from unslouch.store import Store
from unslouch_device.contract import states

ZONES = ("Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia")
FIRST_MS, LAST_MS = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000) for year in (1972, 2037))


def test_no_column_makes_a_python_object_per_row(tmp_path: Path) -> None:
    utc_ms = int(datetime(2025, 3, 14, 8, tzinfo=UTC).timestamp() * 1000)
    with Store.open(tmp_path / "a.db", simulated=False) as store:
        store.add_pages(JournalBuilder().start_boot().clock(utc_ms).epochs(states.UPRIGHT, 30).pages())
        epochs = History(store, UTC).day(date(2025, 3, 14)).epochs
    assert len({column.name for column in EPOCH_COLUMNS}) == len(EPOCH_COLUMNS)
    for column in EPOCH_COLUMNS:
        values = column.read(epochs)
        assert values.array.dtype.kind in "iufU", column.name
        assert values.array.shape == (30,)
        assert len(csv_texts(column, values, UTC)) == len(json_texts(column, values, UTC)) == 30


_NUMBERS = st.one_of(
    st.lists(st.integers(-9000, 18000).map(lambda cdeg: cdeg / 100), max_size=200),
    st.lists(st.sampled_from((0.0, -0.0, 0.001, 1.5, 1e9, 1 / 3)), max_size=200),
    st.lists(st.floats(allow_nan=False), max_size=200),
    st.lists(st.integers(-(1 << 40), 1 << 40), max_size=200),
    st.lists(st.integers(-5, 5), max_size=200),
)


@given(numbers=_NUMBERS)
def test_a_column_of_numbers_reads_as_each_number_alone_does(numbers: list[float]) -> None:
    column, values = Column("x", Kind.NUMBER, "a number"), Values(np.array(numbers))
    expected = [str(number) for number in values.array.tolist()]
    assert csv_texts(column, values, UTC) == json_texts(column, values, UTC) == expected


@given(
    rows=st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=100),
    names=st.tuples(*[st.text(max_size=5)] * 3),
)
def test_a_column_of_names_reads_as_a_column_of_texts_does(
    rows: list[tuple[int, bool]], names: tuple[str, str, str]
) -> None:
    column = Column("x", Kind.TEXT, "a text")
    known = np.array([is_known for _, is_known in rows])
    named = Values(np.array([at for at, _ in rows], np.uint8), known, names)
    texts = Values(np.array([names[at] for at, _ in rows], object), known)
    for texts_of in (csv_texts, json_texts):
        assert texts_of(column, named, UTC) == texts_of(column, texts, UTC)


@pytest.mark.parametrize("zone", ZONES)
@given(instants_ms=st.lists(st.integers(FIRST_MS, LAST_MS), max_size=50))
def test_a_column_of_times_reads_as_each_time_alone_does(zone: str, instants_ms: list[int]) -> None:
    tz, column = ZoneInfo(zone), np.array(instants_ms, np.int64)
    assert iso_utc_column(column).tolist() == [iso_utc(at_ms) for at_ms in instants_ms]
    assert iso_local_column(column, tz).tolist() == [iso_local(at_ms, tz) for at_ms in instants_ms]


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Europe/Berlin", datetime(2025, 3, 30, 1, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2025, 4, 5, 15, tzinfo=UTC)),
        ("America/St_Johns", datetime(2008, 11, 2, 2, 31, tzinfo=UTC)),
    ],
)
def test_local_times_change_their_offset_in_the_very_millisecond(zone: str, change: datetime) -> None:
    tz = ZoneInfo(zone)
    change_ms = int(change.timestamp() * 1000)
    around_ms = [change_ms - 60_000, change_ms - 1, change_ms, change_ms + 59_999]
    texts = iso_local_column(np.array(around_ms), tz).tolist()
    assert texts == [iso_local(at_ms, tz) for at_ms in around_ms]
    assert texts[1][-6:] != texts[2][-6:]


def test_a_writer_rounds_to_the_decimals_of_the_metric() -> None:
    assert rounded(WORN_MIN, 10 / 3) == 3.333
    assert rounded(ALERTS_CORRECTED_SHARE, 2 / 3) == 0.6667
    assert rounded(ALERTS_CORRECTED_SHARE, None) is None
    assert repr(rounded(ALERTS, 3)) == "3"
