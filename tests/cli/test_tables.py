"""Tables on terminals of any width, and in pipes."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unslouch.cli.tables import narrow, table_text

HEADINGS = ("name", "address", "remark")
ROWS = [
    ("Rücken", "74:4D:BD:00:00:01", "known"),
    ("腰", "/dev/ttyACM0", "The port is silent; press the reset button and try again."),
]


def test_in_a_pipe_every_row_is_one_line_however_long() -> None:
    rows = [*ROWS, ("x", "y", "word " * 100)]
    lines = table_text(HEADINGS, rows).splitlines()
    assert lines[:3] == [
        "name    address            remark",
        "Rücken  74:4D:BD:00:00:01  known",
        "腰      /dev/ttyACM0       The port is silent; press the reset button and try again.",
    ]
    assert len(lines) == 4
    assert lines[3].endswith("word")


def test_on_a_terminal_long_cells_are_folded_between_words() -> None:
    assert table_text(HEADINGS, ROWS, width=55).splitlines() == [
        "name    address            remark",
        "Rücken  74:4D:BD:00:00:01  known",
        "腰      /dev/ttyACM0       The port is silent; press",
        "                           the reset button and try",
        "                           again.",
    ]


def test_where_columns_do_not_fit_each_field_is_a_line() -> None:
    assert table_text(HEADINGS, ROWS, width=30).splitlines() == [
        "name     Rücken",
        "address  74:4D:BD:00:00:01",
        "remark   known",
        "",
        "name     腰",
        "address  /dev/ttyACM0",
        "remark   The port is silent;",
        "         press the reset",
        "         button and try again.",
    ]


def test_numbers_can_stand_to_the_right() -> None:
    assert table_text(("key", "value"), [("delay", "5"), ("gap", "180")], right=["value"]).splitlines() == [
        "key    value",
        "delay      5",
        "gap      180",
    ]


def test_a_table_without_rows_has_its_headings() -> None:
    assert table_text(HEADINGS, []) == "name  address  remark"


@pytest.mark.parametrize("width", range(20, 120, 7))
def test_nothing_of_a_table_is_lost_at_any_width(width: int) -> None:
    text = table_text(HEADINGS, ROWS, width=width)
    assert all(len(line) <= width for line in text.splitlines())
    assert Counter("".join(cell for row in ROWS for cell in row)) - Counter(text) <= Counter(" " * 99)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 17)), min_size=1, max_size=6), st.integers(0, 200))
def test_columns_share_the_room_that_there_is(columns: list[tuple[int, int]], room: int) -> None:
    least = [min(pair) for pair in columns]
    widths = [max(pair) for pair in columns]
    narrowed = narrow(widths, least, room)
    if narrowed is None:
        assert sum(least) > room
        return
    assert sum(narrowed) == min(room, sum(widths))
    assert all(low <= width <= high for low, width, high in zip(least, narrowed, widths, strict=True))
