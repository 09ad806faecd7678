"""A past day under other settings: what a slider in the dashboard shows."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from lively_days import lively_days
from unslouch.analysis.history import History
from unslouch.analysis.model import Interval
from unslouch.store import Store
from unslouch.tuning.replay import ReplayCancelled
from unslouch.tuning.trial import (
    REPLAYED,
    Trial,
    TrialDay,
    day_title,
    describe_trial,
    describe_unreplayed,
    last_whole_day,
)
from unslouch_device.contract.settings import (
    DEFAULTS,
    DELAY_S,
    FADING,
    HYSTERESIS_DEG,
    SETTINGS,
    THRESHOLD_DEG,
    TRACKING_ONLY,
    Setting,
)

FIRST = date(2025, 3, 10)
PLAIN = {**DEFAULTS, FADING: 0}
NOW_MS = int(datetime(2025, 3, 12, 9, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("trial") / "days.db"
    with Store.open(path, simulated=False) as store:
        store.add_pages(lively_days(FIRST, 2, hours=6, settings=PLAIN).pages())
    return path


@pytest.fixture
def history(path: Path) -> Iterator[History]:
    with Store.open(path, simulated=False, readonly=True) as store:
        yield History(store, UTC)


@pytest.fixture
def yesterday(history: History) -> TrialDay:
    day = last_whole_day(history, NOW_MS)
    assert day is not None
    return day


def test_the_day_is_the_last_one_before_today(yesterday: TrialDay) -> None:
    assert yesterday.day.day == FIRST + timedelta(days=1)


def test_without_an_earlier_day_today_is_replayed(history: History) -> None:
    day = last_whole_day(history, int(datetime(2025, 3, 10, 20, tzinfo=UTC).timestamp() * 1000))
    assert day is not None
    assert day.day.day == FIRST


def test_under_the_settings_of_the_day_alerts_come_when_they_came(yesterday: TrialDay) -> None:
    trial = yesterday.trial(PLAIN)
    came_ms = [alert.utc_ms for alert in yesterday.day.alerts]
    assert len(trial.alerts_utc_ms) == len(came_ms) > 3
    assert all(abs(ours - theirs) <= 2000 for ours, theirs in zip(trial.alerts_utc_ms, came_ms, strict=True))


def test_under_the_settings_of_the_day_slouches_are_where_they_were(yesterday: TrialDay) -> None:
    trial = yesterday.trial(PLAIN)
    ended = [episode for episode in yesterday.day.episodes if episode.end_utc_ms is not None]
    assert len(trial.slouches) == len(ended) > 3
    for (start_ms, end_ms), episode in zip(trial.slouches, ended, strict=True):
        assert abs(start_ms - episode.start_utc_ms) <= 2000
        assert episode.end_utc_ms is not None
        assert abs(end_ms - episode.end_utc_ms) <= 2000


def test_a_higher_threshold_finds_fewer_minutes_of_slouching(yesterday: TrialDay) -> None:
    assert yesterday.trial({**PLAIN, THRESHOLD_DEG: 25}).slouched_min < yesterday.trial(PLAIN).slouched_min


def test_tracking_only_gives_no_alerts_and_the_same_slouches(yesterday: TrialDay) -> None:
    silent = yesterday.trial({**PLAIN, TRACKING_ONLY: 1})
    assert silent.alerts_utc_ms == ()
    assert silent.slouches == yesterday.trial(PLAIN).slouches


def test_a_trial_ends_soon_after_it_is_cancelled(yesterday: TrialDay) -> None:
    looks = iter([False, False, True])
    with pytest.raises(ReplayCancelled):
        yesterday.trial(PLAIN, lambda: next(looks))


def test_settings_that_do_not_go_together_are_refused(yesterday: TrialDay) -> None:
    with pytest.raises(ValueError, match="hysteresis"):
        yesterday.trial({**PLAIN, THRESHOLD_DEG: 5, HYSTERESIS_DEG: 15})


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)
def test_a_setting_is_replayed_or_says_why_not(yesterday: TrialDay, setting: Setting) -> None:
    said = describe_unreplayed(setting, yesterday)
    assert bool(said) != (setting.id in REPLAYED)


def test_a_trial_is_described_beside_the_present_settings() -> None:
    present = Trial((Interval(0, 600_000), Interval(900_000, 1_000_000)), (40_000, 300_000))
    assert describe_trial(present, present) == "2 alerts; 2 slouches, 12 min"
    gentler = Trial((Interval(0, 600_000),), (60_000,))
    assert describe_trial(gentler, present) == "1 alert (now 2); 1 slouch (now 2), 10 min (now 12)"


def test_days_have_the_names_that_people_use() -> None:
    today = date(2026, 3, 9)
    assert day_title(today, today) == "today so far"
    assert day_title(date(2026, 3, 8), today) == "yesterday"
    assert day_title(date(2026, 3, 6), today) == "Fri 6 March"


def test_a_short_delay_alerts_more_often(yesterday: TrialDay) -> None:
    assert len(yesterday.trial({**PLAIN, DELAY_S: 5}).alerts_utc_ms) > len(yesterday.trial(PLAIN).alerts_utc_ms)
