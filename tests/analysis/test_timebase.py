"""Records get the UTC that the clock marks in their journal give, with an honest bound of its error."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journals import JournalBuilder
from unslouch.analysis.boot_index import BootIndex
from unslouch.analysis.model import NO_BOUND, TimeQuality
from unslouch.analysis.timebase import (
    CLOCK_ERROR_MS,
    DRIFT_PPM,
    BootTimebase,
    ClockMark,
    timebase_from_marks,
)
from unslouch.store import Store
from unslouch.store.derived import AFTER_LAST_CLOCK_MS, EARLIEST_CLOCK_MS
from unslouch_device.contract import states

HOUR_MS = 3_600_000
NOON_MS = int(datetime(2025, 3, 14, 12, tzinfo=UTC).timestamp() * 1000)


def times_of(*journals: JournalBuilder) -> dict[tuple[int, int], BootTimebase]:
    """The timebase of every boot that can be dated."""
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "a.db", simulated=False) as store:
        store.add_pages(page for journal in journals for page in journal.pages())
        index = BootIndex(store)
        index.refresh()
        return {boot[:2]: index.timebase(boot[:2]) for boot, _, _ in index.dated_boots()}


def dated(time: BootTimebase, uptime_ms: int) -> tuple[int, int, TimeQuality]:
    stamps = time.timestamps(np.array([uptime_ms]))
    return int(stamps.utc_ms[0]), int(stamps.error_ms[0]), list(TimeQuality)[stamps.quality[0]]


def test_time_between_two_host_clocks_runs_linearly_and_is_firm() -> None:
    journal = JournalBuilder(1).start_boot().wait(HOUR_MS).clock(NOON_MS).wait(2 * HOUR_MS)
    time = times_of(journal.clock(NOON_MS + 2 * HOUR_MS + 400))[1, 1]
    assert dated(time, HOUR_MS) == (NOON_MS, CLOCK_ERROR_MS, TimeQuality.FIRM)
    assert dated(time, 2 * HOUR_MS) == (NOON_MS + HOUR_MS + 200, CLOCK_ERROR_MS + 360, TimeQuality.FIRM)
    assert dated(time, 3 * HOUR_MS)[0] == NOON_MS + 2 * HOUR_MS + 400


def test_time_outside_of_the_host_clocks_runs_at_the_nominal_rate_and_is_provisional() -> None:
    journal = JournalBuilder(1).start_boot().wait(HOUR_MS).clock(NOON_MS).wait(HOUR_MS)
    time = times_of(journal.clock(NOON_MS + HOUR_MS + 400))[1, 1]
    assert dated(time, 0) == (NOON_MS - HOUR_MS, CLOCK_ERROR_MS + 360, TimeQuality.PROVISIONAL)
    assert dated(time, 12 * HOUR_MS) == (NOON_MS + 11 * HOUR_MS + 400, CLOCK_ERROR_MS + 3600, TimeQuality.PROVISIONAL)


def test_marks_that_contradict_each_other_each_hold_from_their_own_uptime_on() -> None:
    journal = JournalBuilder(1).start_boot().clock(NOON_MS).wait(HOUR_MS).clock(NOON_MS + 3 * HOUR_MS)
    time = times_of(journal.wait(HOUR_MS).clock(NOON_MS + 4 * HOUR_MS))[1, 1]
    assert dated(time, HOUR_MS - 1)[0] == NOON_MS + HOUR_MS - 1
    assert dated(time, HOUR_MS)[0] == NOON_MS + 3 * HOUR_MS
    assert time.jumps_ms == {HOUR_MS: 2 * HOUR_MS}
    first, second = time.utc_intervals(HOUR_MS - 60_000, HOUR_MS + 60_000)
    assert first == (NOON_MS + HOUR_MS - 60_000, NOON_MS + HOUR_MS)
    assert second == (NOON_MS + 3 * HOUR_MS, NOON_MS + 3 * HOUR_MS + 60_000)


@pytest.mark.parametrize("uptime_ms", [0, HOUR_MS - 1, HOUR_MS, HOUR_MS + 60_000, 2 * HOUR_MS, 20 * HOUR_MS])
@pytest.mark.parametrize("difference_ms", [17 * HOUR_MS, -17 * HOUR_MS, 40_000])
def test_a_record_dated_by_contradicting_marks_is_uncertain_and_bounded_by_both(
    uptime_ms: int, difference_ms: int
) -> None:
    journal = JournalBuilder(1).start_boot().wait(HOUR_MS).clock(NOON_MS).wait(HOUR_MS)
    time = times_of(journal.clock(NOON_MS + HOUR_MS + difference_ms))[1, 1]
    utc_ms, error_ms, quality = dated(time, uptime_ms)
    assert abs(NOON_MS + uptime_ms - HOUR_MS - utc_ms) <= error_ms
    assert abs(NOON_MS + uptime_ms - HOUR_MS + difference_ms - utc_ms) <= error_ms
    assert error_ms <= abs(difference_ms) + 20_000
    assert quality == TimeQuality.UNCERTAIN


@pytest.mark.parametrize("uptime_ms", [0, HOUR_MS, 3 * HOUR_MS // 2, 2 * HOUR_MS, 9 * HOUR_MS])
def test_marks_further_apart_than_a_crystal_drifts_are_both_in_the_bound(uptime_ms: int) -> None:
    journal = JournalBuilder(1).start_boot().wait(HOUR_MS).clock(NOON_MS).wait(HOUR_MS)
    utc_ms, error_ms, _ = dated(times_of(journal.clock(NOON_MS + HOUR_MS + 6000))[1, 1], uptime_ms)
    assert abs(NOON_MS + uptime_ms - HOUR_MS - utc_ms) <= error_ms
    assert abs(NOON_MS + uptime_ms - HOUR_MS + 6000 - utc_ms) <= error_ms


@pytest.mark.parametrize("first_says_ms", [NOON_MS, NOON_MS + 17 * HOUR_MS])
def test_marks_at_the_same_uptime_that_contradict_each_other_are_both_in_the_bound(first_says_ms: int) -> None:
    journal = JournalBuilder(1).start_boot().clock(first_says_ms).clock(2 * NOON_MS + 17 * HOUR_MS - first_says_ms)
    _, error_ms, quality = dated(times_of(journal)[1, 1], 0)
    assert error_ms >= 17 * HOUR_MS
    assert quality == TimeQuality.UNCERTAIN


def test_a_wrong_mark_between_marks_that_agree_dates_nothing_and_leaves_the_rest_firm() -> None:
    journal = JournalBuilder(1).start_boot().clock(NOON_MS).wait(HOUR_MS).clock(NOON_MS + HOUR_MS).wait(60_000)
    journal.clock(NOON_MS - 17 * HOUR_MS).wait(HOUR_MS - 60_000).clock(NOON_MS + 2 * HOUR_MS).wait(HOUR_MS)
    time = times_of(journal.clock(NOON_MS + 3 * HOUR_MS))[1, 1]
    assert time.jumps_ms == {}
    assert dated(time, HOUR_MS // 2) == (NOON_MS + HOUR_MS // 2, CLOCK_ERROR_MS + 180, TimeQuality.FIRM)
    utc_ms, error_ms, quality = dated(time, HOUR_MS + 60_000)
    assert utc_ms == NOON_MS + HOUR_MS + 60_000
    assert error_ms >= 18 * HOUR_MS
    assert quality == TimeQuality.UNCERTAIN
    assert dated(time, 5 * HOUR_MS // 2)[1:] == (CLOCK_ERROR_MS + 180, TimeQuality.FIRM)


def test_two_hosts_that_disagree_by_seconds_do_not_turn_time_around() -> None:
    journal = JournalBuilder(1).start_boot().clock(NOON_MS).wait(1000).clock(NOON_MS - 1000)
    time = times_of(journal.wait(500).clock(NOON_MS + 1500))[1, 1]
    assert [dated(time, at)[0] - NOON_MS for at in (0, 999, 1000, 1499, 1500)] == [0, 999, 1000, 1499, 1500]
    assert dated(time, 1000)[1:] == (CLOCK_ERROR_MS + 2000, TimeQuality.FIRM)


marks = st.lists(
    st.tuples(
        st.integers(0, 2**40) | st.integers(0, HOUR_MS),
        st.integers(EARLIEST_CLOCK_MS, AFTER_LAST_CLOCK_MS - 1) | st.integers(NOON_MS, NOON_MS + 20_000),
    ),
    min_size=2,
    max_size=6,
)


@settings(max_examples=200, deadline=None)
@given(marks, st.integers(0, 2**41))
def test_unless_it_is_outvoted_every_mark_is_in_the_bound_of_every_record_if_marks_disagree(
    said: list[tuple[int, int]], uptime_ms: int
) -> None:
    time = timebase_from_marks([ClockMark(*mark) for mark in said])
    utc_ms, error_ms, _ = dated(time, uptime_ms)
    used = {mark for mark in said if mark[0] in time._anchors}
    if len(time.jumps_ms) == 0:
        used = set()
    for at_ms, at_utc_ms in used:
        allowed_ms = error_ms + abs(uptime_ms - at_ms) * DRIFT_PPM // 1_000_000 + 2
        assert abs(at_utc_ms + uptime_ms - at_ms - utc_ms) <= allowed_ms


@pytest.mark.parametrize(
    "wrong", [0, 86_400_000, EARLIEST_CLOCK_MS - 1, AFTER_LAST_CLOCK_MS, 253_402_300_800_000, 2**48 - 1]
)
def test_a_mark_that_no_right_clock_can_have_made_is_not_used(wrong: int) -> None:
    journal = JournalBuilder(1).start_boot().clock(wrong).wait(HOUR_MS).clock(NOON_MS)
    assert dated(times_of(journal)[1, 1], 0)[0] == NOON_MS - HOUR_MS
    assert times_of(JournalBuilder(1).start_boot().clock(wrong)) == {}


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, HOUR_MS), st.integers(-CLOCK_ERROR_MS, CLOCK_ERROR_MS)), min_size=1, max_size=20)
)
def test_clocks_that_jitter_within_their_error_make_time_that_runs_on_and_keeps_its_bound(
    steps: list[tuple[int, int]],
) -> None:
    uptime_ms, said = 0, []
    for wait_ms, jitter_ms in steps:
        uptime_ms += wait_ms
        said.append(ClockMark(uptime_ms, NOON_MS + uptime_ms + jitter_ms))
    time = timebase_from_marks(said)
    assert time.jumps_ms == {}
    uptimes_ms = np.linspace(0, uptime_ms + HOUR_MS, 500).astype(np.int64)
    stamps = time.timestamps(uptimes_ms)
    assert (np.diff(stamps.utc_ms) >= 0).all()
    assert (np.abs(stamps.utc_ms - NOON_MS - uptimes_ms) <= stamps.error_ms + 1).all()


def test_a_boot_that_no_host_met_lies_in_the_middle_between_its_neighbours() -> None:
    journal = JournalBuilder(1).start_boot().clock(NOON_MS).wait(HOUR_MS).epochs(states.UPRIGHT, 1)
    journal.start_boot().epochs(states.UPRIGHT, 720).start_boot().epochs(states.UPRIGHT, 720)
    journal.start_boot().clock(NOON_MS + 6 * HOUR_MS + 5000)
    times = times_of(journal)
    # Three hours of slack around two boots of an hour each.
    assert dated(times[1, 2], 0)[0] == NOON_MS + HOUR_MS + 5000 + 3 * HOUR_MS // 2
    assert dated(times[1, 3], 0)[0] == dated(times[1, 2], HOUR_MS)[0]
    _, error_ms, dating = dated(times[1, 2], 0)
    assert 3 * HOUR_MS // 2 < error_ms < 3 * HOUR_MS // 2 + 3000
    assert dating == TimeQuality.UNCERTAIN


def test_a_boot_without_a_neighbour_on_one_side_touches_the_other_and_has_no_bound() -> None:
    journal = JournalBuilder(1).start_boot().epochs(states.UPRIGHT, 720).start_boot().clock(NOON_MS).wait(HOUR_MS)
    journal.epochs(states.UPRIGHT, 1).start_boot().epochs(states.UPRIGHT, 2)
    times = times_of(journal)
    assert dated(times[1, 1], HOUR_MS) == (NOON_MS, NO_BOUND, TimeQuality.UNCERTAIN)
    assert dated(times[1, 3], 0) == (NOON_MS + HOUR_MS + 5000, NO_BOUND, TimeQuality.UNCERTAIN)


def test_a_boot_that_does_not_fit_between_its_neighbours_says_by_how_much() -> None:
    journal = JournalBuilder(1).start_boot().clock(NOON_MS).start_boot().epochs(states.UPRIGHT, 720)
    times = times_of(journal.start_boot().clock(NOON_MS + HOUR_MS // 2))
    utc_ms, error_ms, _ = dated(times[1, 2], 0)
    assert utc_ms == NOON_MS
    assert error_ms >= HOUR_MS // 2


def met(journal: JournalBuilder, *utc_ms: int) -> dict[tuple[int, int], BootTimebase]:
    """The timebases of boots of one hour, each with a mark at its begin."""
    for at_ms in utc_ms:
        journal.start_boot().clock(at_ms).epochs(states.UPRIGHT, 720)
    return times_of(journal)


def qualities(times: dict[tuple[int, int], BootTimebase]) -> str:
    """The first letters of the qualities at the begin of each boot, in order."""
    return "".join(dated(times[boot], 0)[2][0] for boot in sorted(times))


def test_a_boot_that_by_its_marks_began_before_the_one_before_it_ended_leaves_both_in_doubt() -> None:
    times = met(JournalBuilder(1), NOON_MS, NOON_MS - 17 * HOUR_MS)
    for boot in times:
        _, error_ms, quality = dated(times[boot], 0)
        assert error_ms >= 18 * HOUR_MS
        assert quality == TimeQuality.UNCERTAIN
        assert times[boot].is_disputed


@pytest.mark.parametrize("wrong_ms", [NOON_MS - 300 * HOUR_MS, NOON_MS + 300 * HOUR_MS])
def test_one_boot_among_others_that_agree_is_alone_in_doubt(wrong_ms: int) -> None:
    right = [NOON_MS + 24 * day * HOUR_MS for day in range(4)]
    assert qualities(met(JournalBuilder(1), *right)) == "pppp"
    assert qualities(met(JournalBuilder(1), *right[:2], wrong_ms, *right[2:])) == "ppupp"


def test_two_journals_may_run_at_the_same_time() -> None:
    journals = [JournalBuilder(number).start_boot().clock(NOON_MS).epochs(states.UPRIGHT, 720) for number in (1, 2)]
    assert qualities(times_of(*journals)) == "pp"


def test_a_journal_without_any_clock_has_no_time_and_lends_none_to_another() -> None:
    times = times_of(
        JournalBuilder(1).start_boot().epochs(states.UPRIGHT, 5), JournalBuilder(2).start_boot().clock(NOON_MS)
    )
    assert set(times) == {(2, 1)}


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2**47), st.integers(EARLIEST_CLOCK_MS, AFTER_LAST_CLOCK_MS - 1)),
        min_size=1,
        max_size=8,
    ),
    st.integers(0, 2**47),
)
def test_an_uptime_is_found_again_by_the_utc_that_it_was_given(said: list[tuple[int, int]], uptime_ms: int) -> None:
    time = timebase_from_marks([ClockMark(*mark) for mark in said])
    utc_ms, error_ms, _ = dated(time, uptime_ms)
    assert error_ms >= CLOCK_ERROR_MS
    uptimes = time.uptime_range(utc_ms, utc_ms + 1)
    assert uptimes
    assert uptimes[0] <= uptime_ms < uptimes[1]
