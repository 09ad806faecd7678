"""Quiet times of a week, as a wearer writes them."""

from datetime import datetime

import pytest

from unslouch.sensor.quiet_times import QuietTimes, parse_span

MONDAY = datetime(2025, 3, 3)


def quiet_until(spans: list[str], day: int, time: str) -> str | None:
    """The end of the quiet at a time of a day (0 is Monday), as "Tue 07:00"."""
    hour, minute = map(int, time.split(":"))
    end = QuietTimes(tuple(map(parse_span, spans))).until(MONDAY.replace(day=3 + day, hour=hour, minute=minute))
    return None if end is None else f"{end:%a %H:%M}"


@pytest.mark.parametrize(
    ("spans", "day", "time", "end"),
    [
        (["22:00-07:00"], 0, "21:59", None),
        (["22:00-07:00"], 0, "22:00", "Tue 07:00"),
        (["22:00-07:00"], 1, "06:59", "Tue 07:00"),
        (["22:00-07:00"], 1, "07:00", None),
        (["22:00-07:00"], 6, "23:00", "Mon 07:00"),
        (["sun 22:00-07:00"], 0, "06:00", "Mon 07:00"),  # over the end of the week
        (["mon 22:00-07:00"], 0, "06:00", None),
        (["sat-sun 00:00-24:00"], 5, "12:00", "Mon 00:00"),
        (["Fri - Mon 09:00-10:00"], 6, "09:30", "Sun 10:00"),  # a range over the end of the week
        (["fri-mon 09:00-10:00"], 2, "09:30", None),
        (["mon, wed 12:00–13:00"], 2, "12:30", "Wed 13:00"),
        (["monday 9:00-10:00"], 0, "09:00", "Mon 10:00"),
        (["12:00-13:00", "13:00-14:00", "13:30-15:00"], 0, "12:10", "Mon 15:00"),  # they touch and overlap
        ([], 0, "12:00", None),
    ],
)
def test_quiet_ends_where_the_spans_that_touch_end(spans: list[str], day: int, time: str, end: str | None) -> None:
    assert quiet_until(spans, day, time) == end


def test_quiet_without_an_end_is_given_a_week() -> None:
    end = QuietTimes((parse_span("00:00-24:00"),)).until(MONDAY.replace(hour=9, second=30))
    assert end == MONDAY.replace(day=10, hour=9)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no span"),
        ("22-7", "no span"),
        ("22:00", "no span"),
        ("22:60-07:00", "22:60"),
        ("24:30-07:00", "24:30"),
        ("24:00-07:00", "no length"),
        ("09:00-09:00", "no length"),
        ("funday 09:00-10:00", "'fun'"),
    ],
)
def test_a_text_that_is_no_span_is_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_span(text)
