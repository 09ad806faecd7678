"""What the live link has seen before it is stored."""

from unslouch.analysis.model import Span
from unslouch.tui.seen import MOST_SPANS, SeenSpans, with_seen
from unslouch_device.contract.states import LEANING, UNKNOWN, UPRIGHT


class Clock:
    now_ms = 1_000_000

    def __call__(self) -> int:
        return self.now_ms


def seen(*states: int, every_ms: int = 1000) -> tuple[SeenSpans, Clock]:
    clock = Clock()
    spans = SeenSpans(clock)
    for state in states:
        spans.add(state)
        clock.now_ms += every_ms
    return spans, clock


def test_samples_of_one_state_are_one_span_and_another_state_goes_on_without_a_gap() -> None:
    spans, _ = seen(UPRIGHT, UPRIGHT, UPRIGHT, LEANING, LEANING)
    assert spans.spans() == [Span(UPRIGHT, 1_000_000, 1_003_000), Span(LEANING, 1_003_000, 1_004_000)]


def test_time_without_samples_belongs_to_no_state() -> None:
    spans, clock = seen(UPRIGHT, UPRIGHT)
    clock.now_ms += 60_000
    spans.add(UPRIGHT)
    assert [span.start_utc_ms for span in spans.spans()] == [1_000_000, 1_062_000]


def test_a_silent_motion_sensor_adds_nothing() -> None:
    spans, _ = seen(UNKNOWN, UNKNOWN)
    assert spans.spans() == []


def test_what_is_stored_is_left_out() -> None:
    spans, _ = seen(UPRIGHT, UPRIGHT, LEANING, LEANING, LEANING)
    spans.drop_until(1_003_000)
    assert spans.spans() == [Span(LEANING, 1_003_000, 1_004_000)]
    spans.drop_until(2_000_000)
    assert spans.spans() == []


def test_after_midnight_only_the_new_day_counts() -> None:
    spans, _ = seen(UPRIGHT, UPRIGHT, UPRIGHT)
    assert spans.spans(1_001_000) == [Span(UPRIGHT, 1_001_000, 1_002_000)]


def test_a_clock_that_is_set_back_begins_again() -> None:
    spans, clock = seen(UPRIGHT, UPRIGHT)
    clock.now_ms -= 60_000
    spans.add(LEANING)
    clock.now_ms += 1000
    spans.add(LEANING)
    assert spans.spans() == [Span(LEANING, clock.now_ms - 1000, clock.now_ms)]


def test_hours_without_a_store_take_bounded_memory() -> None:
    spans, _ = seen(*([UPRIGHT, LEANING] * MOST_SPANS))
    assert len(spans.spans()) <= MOST_SPANS


def test_seen_states_follow_the_stored_ones_and_never_overlap_them() -> None:
    stored = [Span(UPRIGHT, 0, 1000)]
    assert with_seen(stored, [Span(LEANING, 500, 3000)]) == [Span(UPRIGHT, 0, 1000), Span(LEANING, 1000, 3000)]
    assert with_seen(stored, [Span(LEANING, 500, 900)]) == stored
    assert with_seen(stored, [Span(LEANING, 2000, 3000)]) == [
        Span(UPRIGHT, 0, 1000),
        Span(UNKNOWN, 1000, 2000),
        Span(LEANING, 2000, 3000),
    ]
