"""A year of records with faults in it: each day is complete, counts each moment once, and says what it is worth."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from journals import JournalBuilder
from unslouch.analysis.day import Day, LocalDay
from unslouch.analysis.history import History
from unslouch.analysis.metrics.minutes import STATE_MINUTES
from unslouch.analysis.metrics.registry import TABLES
from unslouch.analysis.metrics.summary import Summary
from unslouch.analysis.metrics.validity import AFTER_LAST_RECORD, DELETED
from unslouch.store import Store
from unslouch_device.contract import records, states

BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
HOUR_MS = 3_600_000
SPRING, AUTUMN = date(2025, 3, 30), date(2025, 10, 26)
GAP, OVERLAP, CONTRADICTED, MIDNIGHT, PROFILE, TWO_SENSORS = (
    *(date(2025, 2, 3), date(2025, 4, 7), date(2025, 5, 12), date(2025, 6, 16), date(2025, 7, 21), date(2025, 9, 1)),
)
SECOND_SENSOR = 2


def utc_ms(day: date, hour: float) -> int:
    """A local hour of a day."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=BERLIN)
    return round(midnight.timestamp() * 1000 + hour * HOUR_MS)


def a_year() -> list[bytes]:
    """About 1.5 h of wear a day, Sundays off, and a fault on each of the days above."""
    journal, second = JournalBuilder(1), JournalBuilder(SECOND_SENSOR)
    day = FIRST
    while day <= LAST:
        faulty = FAULTS.get(day)
        if faulty:
            faulty(journal, second, day)
        elif day.weekday() < 6:
            ordinary(journal, day)
        day += timedelta(1)
    return [*journal.pages(), *second.pages()]


def ordinary(journal: JournalBuilder, day: date, hour: float = 9, hours: float = 1.5) -> None:
    """A boot with wear, a walk of 2 min each half hour, and a charge."""
    journal.start_boot().clock(utc_ms(day, hour))
    for _ in range(round(hours * 2)):
        journal.epochs(states.UPRIGHT, 250).slouch(6, 30).epochs(states.LEANING, 50).epochs(states.MOVING, 24)
    journal.clock(utc_ms(day, hour) + journal.uptime_ms).charging(HOUR_MS)


def gap(journal: JournalBuilder, second: JournalBuilder, day: date) -> None:
    """Four hours of records are lost between an hour of wear and another."""
    ordinary(journal, day, 9, 1)
    journal.lose(2880).wait(4 * HOUR_MS).epochs(states.UPRIGHT, 720)


def overlap(journal: JournalBuilder, second: JournalBuilder, day: date) -> None:
    """The clock says that a boot began an hour before the one before it ended."""
    ordinary(journal, day, 9, 3)
    ordinary(journal, day, 12, 3)


def contradicted(journal: JournalBuilder, second: JournalBuilder, day: date) -> None:
    """Two computers an hour apart meet the sensor within one boot."""
    journal.start_boot().clock(utc_ms(day, 9)).epochs(states.UPRIGHT, 1440)
    journal.clock(utc_ms(day, 12)).epochs(states.UPRIGHT, 1440)


def over_midnight(journal: JournalBuilder, second: JournalBuilder, day: date) -> None:
    """A slouch from half past eleven to half past twelve, in 2 h of wear."""
    journal.start_boot().clock(utc_ms(day, 22)).epochs(states.UPRIGHT, 1080).slouch(6, 714).epochs(states.UPRIGHT, 360)


def profile_at_midnight(journal: JournalBuilder, second: JournalBuilder, day: date) -> None:
    """At midnight another profile with another calibration and standing zero is chosen."""
    journal.start_boot().clock(utc_ms(day, 21)).calibrate(11, profile=0).event(records.STANDING_ZERO, 11, -1000, 0)
    journal.epochs(states.UPRIGHT, 3 * 720, forward_cdeg=1500).calibrate(12, profile=1)
    journal.event(records.STANDING_ZERO, 12, 500, 0).event(records.PROFILE_SELECTED, 1, 12)
    journal.epochs(states.UPRIGHT, 2 * 720, forward_cdeg=1500)
    journal.calibrate(1, profile=0)


def two_sensors(journal: JournalBuilder, second: JournalBuilder, day: date) -> None:
    """Two sensors are worn for two hours at once, and one of them for an hour more."""
    journal.start_boot().clock(utc_ms(day, 9)).epochs(states.UPRIGHT, 2160)
    second.start_boot().clock(utc_ms(day, 10) + 2500).epochs(states.RECLINED, 1440)


FAULTS = {
    GAP: gap,
    OVERLAP: overlap,
    CONTRADICTED: contradicted,
    MIDNIGHT: over_midnight,
    MIDNIGHT + timedelta(1): lambda *_: None,
    PROFILE: profile_at_midnight,
    PROFILE + timedelta(1): lambda *_: None,
    TWO_SENSORS: two_sensors,
    SPRING: lambda journal, second, day: ordinary(journal, day, 0.5, 4),
    AUTUMN: lambda journal, second, day: ordinary(journal, day, 0.5, 4),
}


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    with Store.open(tmp_path_factory.mktemp("year") / "a.db", simulated=False) as store:
        store.add_pages(a_year())
        yield History(store, BERLIN)


@pytest.fixture(scope="module")
def summaries(history: History) -> dict[date, Summary]:
    return history.summaries(FIRST, LAST)


def day_of(history: History, day: date) -> Day:
    read = history.day(day)
    for table in TABLES:
        lengths = {len(values.array) for values in table.read(read.observations).values()}
        assert len(lengths) == 1, table.name
    return read


def test_each_day_of_the_year_adds_up_to_its_length(summaries: dict[date, Summary]) -> None:
    assert len(summaries) == 365
    for day, summary in summaries.items():
        local = LocalDay(day, BERLIN)
        parts = [summary[metric] for metric in (*STATE_MINUTES.values(), DELETED, AFTER_LAST_RECORD)]
        assert min(parts) >= 0, day
        assert sum(parts) == pytest.approx((local.end_ms - local.start_ms) / 60_000), day
        in_zones = sum(summary.values[f"zone_{zone}"] for zone in ("below_0", "0_20", "20_60", "60_up"))
        # An epoch belongs to the day in which it begins.
        assert in_zones == pytest.approx(summary.values["measured"] - summary.values["lying"], abs=0.35), day


def test_an_ordinary_day_has_its_scores_and_a_day_off_has_none(summaries: dict[date, Summary]) -> None:
    ordinary_day, day_off = summaries[date(2025, 1, 15)].values, summaries[date(2025, 1, 19)].values
    assert (ordinary_day["data"], ordinary_day["standing_zero"]) == ("enough", "from walking")
    assert ordinary_day["upright_share"] == pytest.approx(250 / 336)
    assert (day_off["data"], day_off["upright_share"], day_off["tilt_p50"]) == ("too short", None, None)
    assert (day_off["lost"], day_off["measured"]) == (1440, 0)


def test_a_day_with_a_gap_of_most_of_its_span_has_no_score(history: History) -> None:
    day = day_of(history, GAP)
    assert day.summary.values["coverage"] == pytest.approx(2 / 6, abs=0.01)
    assert (day.summary.values["data"], day.summary.values["upright_share"]) == ("too short", None)
    assert any("too short for a score" in sentence for sentence in day.caveats)


def test_overlapping_boots_count_each_moment_once(history: History) -> None:
    day = day_of(history, OVERLAP)
    seconds = day.observations.seconds
    assert len(set((seconds.utc_ms // 1000).tolist())) >= len(seconds) - 60
    assert len(seconds) / 60 == pytest.approx(day.summary.values["measured"], abs=0.2)


def test_contradicting_clocks_are_marked(history: History) -> None:
    values = day_of(history, CONTRADICTED).summary.values
    assert values["uncertain_time"] == pytest.approx(values["measured"], abs=0.2)
    assert values["uncertain_time"] > 200


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25)])
def test_wear_through_a_change_of_the_clocks_counts_once(history: History, day: date, hours: int) -> None:
    read = day_of(history, day)
    assert read.hours == hours
    assert read.summary.values["measured"] == pytest.approx(240, abs=0.1)


def test_a_slouch_over_midnight_has_a_part_on_each_day(history: History) -> None:
    before, after = day_of(history, MIDNIGHT), day_of(history, MIDNIGHT + timedelta(1))
    (begin,), (rest,) = before.episodes, after.episodes
    midnight_ms = utc_ms(MIDNIGHT + timedelta(1), 0)
    assert begin.end_utc_ms == rest.start_utc_ms == midnight_ms
    assert (before.summary.values["episodes"], after.summary.values["episodes"]) == (1, 0)
    assert before.summary.values["longest_episode"] == after.summary.values["longest_episode"] == 30


def test_a_change_of_profile_at_midnight_counts_each_day_from_its_own_standing(history: History) -> None:
    before, after = day_of(history, PROFILE), day_of(history, PROFILE + timedelta(1))
    # Standing at −10° makes 15° 25°; standing at 5° makes it 10°. The five seconds of an epoch lie 1° apart.
    assert before.summary.values["zone_20_60"] == pytest.approx(180, abs=0.1)
    assert after.summary.values["zone_0_20"] == pytest.approx(120, abs=0.1)
    for day, calibration in ((before, 11), (after, 12)):
        assert day.summary.values["standing_zero"] == "by hand"
        (segments,) = (table for table in TABLES if table.name == "segments")
        columns = segments.read(day.observations)
        assert columns["calibration_id"].array.tolist() == [calibration]
        assert columns["firmware"].array.tolist() == ["0.1.0"]


def test_two_sensors_on_one_day_count_each_moment_once(history: History) -> None:
    day = day_of(history, TWO_SENSORS)
    values = day.summary.values
    assert values["measured"] == pytest.approx(180, abs=0.1)
    assert values["reclined"] == pytest.approx(120, abs=0.1)
    # Of the five seconds of an upright epoch one is below 0°.
    assert values["zone_below_0"] == pytest.approx(120 + 60 / 5, abs=0.1)
    assert any("more than one record of the posture" in sentence for sentence in day.caveats)


def test_the_same_database_gives_the_same_summaries_again(history: History, summaries: dict[date, Summary]) -> None:
    for day in (GAP, OVERLAP, MIDNIGHT, TWO_SENSORS):
        assert history.day(day).summary == summaries[day]
