"""Spans cover a stretch of time end to end, whatever the intervals of the sensors are."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from unslouch.analysis.spans import WORN, StateInterval, tile
from unslouch_device.contract import states

_INTERVALS = st.builds(
    lambda start_ms, length_ms, state: StateInterval(start_ms, start_ms + length_ms, state),
    st.integers(-20, 80),
    st.integers(1, 30),
    st.sampled_from((states.CHARGING, states.OFF_BODY, states.UPRIGHT, states.SLOUCHING)),
)


@given(intervals=st.lists(_INTERVALS, max_size=6), end_ms=st.integers(1, 60))
def test_each_moment_has_the_state_of_the_interval_that_outranks_the_others(
    intervals: list[StateInterval], end_ms: int
) -> None:
    spans = tile(intervals, 0, end_ms)
    assert [span.start_utc_ms for span in spans] == [0, *(span.end_utc_ms for span in spans[:-1])]
    assert spans[-1].end_utc_ms == end_ms
    assert all(before.state != after.state for before, after in pairwise(spans))
    for span in spans:
        for at_ms in range(span.start_utc_ms, span.end_utc_ms):
            there = [each for each in intervals if each.start_utc_ms <= at_ms < each.end_utc_ms]
            expected = max(there, key=lambda each: (each.state in WORN, *each)).state if there else states.UNKNOWN
            assert span.state == expected
