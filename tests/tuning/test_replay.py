"""The replay gives what the firmware's detector gave on the board, and skipping samples changes nothing."""

from array import array
from collections.abc import Callable, Iterator
from datetime import UTC, date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lively_days import lively_days
from unslouch.analysis.day import Day
from unslouch.analysis.history import History
from unslouch.store import Store
from unslouch.tuning.replay import Slouch, replay
from unslouch.tuning.series import INERT, POSTURE, WALKING, Piece, Series, journal_series
from unslouch_device.contract.settings import (
    ALERT_MODE,
    BUDGET_MODE,
    DEFAULTS,
    DELAY_S,
    FADING,
    THRESHOLD_DEG,
)

FIRST = date(2025, 3, 10)
PLAIN = {**DEFAULTS, FADING: 0}


def series_of(*holds: tuple[int, int], kind: int = POSTURE, pieces: list[Piece] | None = None) -> Series:
    """A series of (degrees, seconds) one after the other."""
    forward_cdeg = [degrees * 100 for degrees, seconds in holds for _ in range(seconds)]
    uprightness = [int(np.floor((1 << 14) * np.cos(np.radians(cdeg / 100)))) for cdeg in forward_cdeg]
    length = len(forward_cdeg)
    return Series(
        array("i", forward_cdeg),
        array("h", [0] * length),
        array("h", uprightness),
        bytes([kind]) * length,
        pieces or [Piece(0, length, 0, 0, 0)],
    )


def test_a_slouch_is_found_from_its_crossing_on_and_alerts_after_the_delay() -> None:
    played = replay(series_of((2, 60), (20, 100), (2, 60)), PLAIN)
    assert played.alerts == [60 + PLAIN[DELAY_S]]
    assert played.slouches == [Slouch(60, 161)]


def test_a_slouch_ends_at_a_gap_and_counts_anew_behind_it() -> None:
    pieces = [Piece(0, 60, 0, 0, 0), Piece(60, 120, 30, 0, 0)]
    played = replay(series_of((20, 120), pieces=pieces), PLAIN)
    assert played.slouches == [Slouch(0, 60), Slouch(61, 120)]  # the first sample behind a gap ends what was before
    assert played.alerts == [30], "the second comes within the gap between alerts"


def test_no_alert_comes_while_alerts_were_snoozed() -> None:
    pieces = [Piece(0, 10, 0, 0, 0), Piece(10, 90, None, 0, 80), Piece(90, 120, None, 0, 0)]
    assert replay(series_of((20, 120), pieces=pieces), PLAIN).alerts == [89]


@pytest.mark.parametrize("kind", [WALKING, INERT])
def test_tilt_while_walking_or_off_the_body_is_no_slouch(kind: int) -> None:
    assert replay(series_of((30, 300), kind=kind), PLAIN).slouches == []


def test_budget_mode_alerts_by_holding_time() -> None:
    budget = {**PLAIN, ALERT_MODE: BUDGET_MODE}
    (alert,) = replay(series_of((0, 30), (40, 170)), budget).alerts
    assert 30 + 145 < alert < 30 + 155, "240 - 4.5 * (40 - 20) = 150 s"


@given(
    holds=st.lists(
        st.tuples(st.sampled_from([-70, -20, 0, 6, 8, 9, 11, 12, 13, 19, 21, 35, 59, 62, 90]), st.integers(1, 90)),
        min_size=1,
        max_size=25,
    ),
    kinds=st.lists(st.sampled_from([POSTURE, POSTURE, POSTURE, WALKING, INERT]), min_size=1, max_size=6),
    mode=st.sampled_from([0, 1]),
    standing_cdeg=st.sampled_from([0, -900, 1400]),
    snooze_s=st.sampled_from([0, 45]),
    threshold=st.sampled_from([8, 12, 20]),
)
@settings(max_examples=120, deadline=None)
def test_leaving_out_samples_that_change_nothing_changes_nothing(
    holds: list[tuple[int, int]], kinds: list[int], mode: int, standing_cdeg: int, snooze_s: int, threshold: int
) -> None:
    plain = series_of(*holds)
    cut = len(plain) // 2
    series = Series(
        plain.forward_cdeg,
        plain.lateral_cdeg,
        plain.uprightness,
        bytes(kinds[at // 40 % len(kinds)] for at in range(len(plain))),
        [Piece(0, cut, 0, standing_cdeg, snooze_s), Piece(cut, len(plain), None, standing_cdeg, 0)],
    )
    chosen = {**DEFAULTS, ALERT_MODE: mode, THRESHOLD_DEG: threshold, DELAY_S: 20}
    assert replay(series, chosen) == replay(series, chosen, skip_dull=False)


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[date], Day]]:
    """Days of a wearer whose sensor ran the firmware's detector, without fading."""
    path: Path = tmp_path_factory.mktemp("lively") / "days.db"
    with Store.open(path, simulated=False) as store:
        store.add_pages(lively_days(FIRST, 2, hours=8, settings=PLAIN).pages())
        yield History(store, UTC).day


def test_replaying_the_settings_of_the_time_gives_the_alerts_of_the_time(lively: Callable[[date], Day]) -> None:
    day = lively(FIRST)
    (series,) = journal_series(day.epochs, {})
    seconds_ms = (day.epochs.utc_ms[:, None] + np.arange(5) * 1000).ravel()
    replayed_ms = [int(seconds_ms[at]) for at in replay(series, PLAIN).alerts]
    given_ms = [alert.utc_ms for alert in day.alerts]
    assert len(given_ms) > 10
    near = [any(abs(replayed - given) <= 10_000 for replayed in replayed_ms) for given in given_ms]
    assert sum(near) >= 0.9 * len(given_ms), "the journal rounds tilt, so single alerts may move"
    assert len(replayed_ms) == pytest.approx(len(given_ms), rel=0.1)
