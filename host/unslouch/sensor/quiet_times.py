"""Quiet times: the hours of the week in which the motor shall not run, as the wearer writes them.

"22:00-07:00"              each night; the second time belongs to the next morning
"sat-sun 00:00-24:00"      whole weekends
"mon,wed 12:30-13:15"      days with commas between
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_PER_DAY = 24 * 60
MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY
_SPAN = re.compile(
    r"(?:(?P<days>[a-z,\s-]+?)\s+)?(?P<start>\d{1,2}:\d\d)\s*[-–]\s*(?P<end>\d{1,2}:\d\d)", re.IGNORECASE
)


@dataclass(frozen=True)
class QuietSpan:
    """One span of the week: the days on which it starts (0 is Monday), its first minute of the day, and its length."""

    days: frozenset[int]
    start_min: int
    length_min: int
    text: str
    """As the wearer wrote it."""


@dataclass(frozen=True)
class QuietTimes:
    """The quiet spans of a week. Local times are wall times: what the wearer reads on a clock."""

    spans: tuple[QuietSpan, ...] = ()

    def until(self, now: datetime) -> datetime | None:
        """Return when the quiet that holds at a local time ends, None if it isn't quiet then.

        Spans that touch or overlap count as one. Of quiet without an end, a week is returned.
        """
        minute = now.weekday() * MINUTES_PER_DAY + now.hour * 60 + now.minute
        end = minute
        while end < minute + MINUTES_PER_WEEK and (further := self._end_of_span(end)) is not None:
            end = further
        if end == minute:
            return None
        start_of_minute = now.replace(second=0, microsecond=0)
        return start_of_minute + timedelta(minutes=min(end - minute, MINUTES_PER_WEEK))

    @property
    def is_endless(self) -> bool:
        """Whether the spans leave no minute of the week."""
        monday = datetime(2024, 1, 1)
        until = self.until(monday)
        return until is not None and until - monday >= timedelta(minutes=MINUTES_PER_WEEK)

    def _end_of_span(self, minute: int) -> int | None:
        """Return the latest end of the spans that hold at a minute, counted as the minute is."""
        ends = [
            minute - into + span.length_min
            for span in self.spans
            for day in span.days
            if (into := (minute - day * MINUTES_PER_DAY - span.start_min) % MINUTES_PER_WEEK) < span.length_min
        ]
        return max(ends, default=None)


def parse_span(text: str) -> QuietSpan:
    """Return the span that a text means; raises ValueError with what is wrong and how to write it."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'{text!r} is no span of time: write "22:00-07:00" or "sat-sun 09:00-12:00"')
    start_min, end_min = _minutes(match["start"], text), _minutes(match["end"], text)
    if start_min in (MINUTES_PER_DAY, end_min):
        raise ValueError(f'{text!r} has no length: write "00:00-24:00" for a whole day')
    days = frozenset(range(7)) if match["days"] is None else _days(match["days"], text)
    return QuietSpan(days, start_min, (end_min - start_min) % MINUTES_PER_DAY or MINUTES_PER_DAY, text.strip())


def _minutes(text: str, whole: str) -> int:
    hours, minutes = map(int, text.split(":"))
    if minutes > 59 or hours * 60 + minutes > MINUTES_PER_DAY:
        raise ValueError(f"{whole!r} has {text}, which is no time of a day")
    return hours * 60 + minutes


def _days(text: str, whole: str) -> frozenset[int]:
    days: set[int] = set()
    for part in text.lower().split(","):
        first, _, last = (name.strip()[:3] for name in part.partition("-"))
        for name in (first, last or first):
            if name not in DAYS:
                raise ValueError(f"{whole!r} has the day {name!r}, which is none of {', '.join(DAYS)}")
        start, end = DAYS.index(first), DAYS.index(last or first)
        days |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
    return frozenset(days)
