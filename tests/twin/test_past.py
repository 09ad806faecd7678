"""The demo's simulated past: what it holds, what it costs, and that it closes the time between two demos."""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from journals import JournalBuilder
from unslouch.analysis.day import Day
from unslouch.analysis.history import History
from unslouch.analysis.metrics.alerts import ALERTS
from unslouch.analysis.metrics.breaks import BREAKS
from unslouch.analysis.metrics.minutes import COVERAGE, STATE_MINUTES, WORN_MIN
from unslouch.analysis.metrics.slouches import SLOUCHES
from unslouch.errors import StoreError
from unslouch.store import Sensor, Store
from unslouch.twin.past.detect import Replayer, Worn
from unslouch.twin.past.fill import PAST_DAYS, fill_past
from unslouch.twin.past.journal import PastJournal, pack_epochs
from unslouch.twin.past.plan import plan_of
from unslouch.twin.wearer.scripted import ScriptedWearer
from unslouch_device.contract import records, states
from unslouch_device.contract.pages import RECORDS_PER_PAGE, unpack_page
from unslouch_device.contract.records import EPOCH_MS, RECORD_BYTES, is_event, pack_epoch_into

BERLIN = ZoneInfo("Europe/Berlin")
SENSOR = Sensor(0, b"twin0000".hex(), "XIAO ESP32-S3", "0.1.0")
NOW = datetime(2026, 3, 5, 15, 20, 13, 400_000, BERLIN)
"""A Thursday."""


def utc_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("past") / "simulated.db"
    fill_past(path, SENSOR, utc_ms(NOW), tz=BERLIN)
    return path


@pytest.fixture(scope="module")
def days(filled: Path) -> dict[date, Day]:
    with Store.open(filled, simulated=True, readonly=True) as store:
        return {day.day: day for day in History(store, BERLIN).days(NOW.date() - timedelta(PAST_DAYS), NOW.date())}


def test_three_weeks_are_there_in_at_most_eight_thousand_pages(filled: Path) -> None:
    """The cost is that of pages, since one is packed, checked and inserted after the other: 1 s on a laptop."""
    with Store.open(filled, simulated=True, readonly=True) as store:
        pages = store.pages()
        assert 4_000 < len(pages) < 8_000
        full = sum(len(unpack_page(page).records) == RECORDS_PER_PAGE * RECORD_BYTES for page in pages)
        assert full > 0.97 * len(pages), "a page is only left before it is full where the wear breaks off"
        assert [sensor.device_id for sensor in store.sensors()] == [SENSOR.device_id]


def test_no_minute_of_the_three_weeks_is_lost(days: dict[date, Day]) -> None:
    for day in list(days.values())[1:]:
        assert day.summary[STATE_MINUTES[states.UNKNOWN]] == 0
    assert days[NOW.date()].until_utc_ms == utc_ms(NOW)


def test_work_days_have_slouches_alerts_and_breaks_and_a_night_off_the_body(days: dict[date, Day]) -> None:
    for day in days.values():
        if day.day.weekday() < 5 and day.day not in (min(days), max(days)):
            assert min(day.summary[SLOUCHES], day.summary[ALERTS]) > 5
            assert day.summary[BREAKS] >= 4
            assert 7 * 60 < day.summary[WORN_MIN] < 11 * 60
            assert day.spans[0].state in (states.OFF_BODY, states.CHARGING)
    assert any(day.summary[STATE_MINUTES[states.CHARGING]] > 60 for day in days.values())


def test_weekends_are_shorter_and_some_sundays_are_without_the_sensor(days: dict[date, Day]) -> None:
    weekend = [day for day in days.values() if day.day.weekday() >= 5]
    assert all(day.summary[WORN_MIN] < 7.5 * 60 for day in weekend)
    assert any(day.summary[WORN_MIN] == 0 for day in weekend)
    assert any(day.summary[WORN_MIN] > 0 for day in weekend)


def test_each_monday_has_a_calibration_and_every_day_uses_one(days: dict[date, Day]) -> None:
    for day in days.values():
        made = [event for event in day.events if event.code == records.CALIBRATED]
        if day.day.weekday() == 0:
            assert len(made) == 1
        if len(day.epochs):
            assert day.calibrations
            assert 0 not in day.epochs.calibration_id


def test_the_same_moment_gives_the_same_records(tmp_path: Path, filled: Path) -> None:
    fill_past(tmp_path / "again.db", SENSOR, utc_ms(NOW), tz=BERLIN)
    with (
        Store.open(filled, simulated=True, readonly=True) as first,
        Store.open(tmp_path / "again.db", simulated=True, readonly=True) as second,
    ):
        assert first.pages() == second.pages()


def test_two_wearers_have_different_days_and_journals(tmp_path: Path) -> None:
    counts = []
    for wearer in (0, 1):
        path = tmp_path / f"{wearer}.db"
        fill_past(path, SENSOR, utc_ms(NOW), wearer, tz=BERLIN)
        with Store.open(path, simulated=True, readonly=True) as store:
            counts.append((store.journals(), History(store, BERLIN).day(NOW.date()).summary[SLOUCHES]))
    assert counts[0] != counts[1]
    assert counts[0][0] != counts[1][0]


def test_a_second_demo_goes_on_where_the_first_ended_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "simulated.db"
    fill_past(path, SENSOR, utc_ms(NOW), tz=BERLIN)
    later = NOW + timedelta(minutes=18, seconds=3)
    assert fill_past(path, SENSOR, utc_ms(later), tz=BERLIN) > 200
    assert fill_past(path, SENSOR, utc_ms(later), tz=BERLIN) == 0
    with Store.open(path, simulated=True, readonly=True) as store:
        today = History(store, BERLIN).day(NOW.date())
    assert today.until_utc_ms == utc_ms(later)
    assert today.summary[STATE_MINUTES[states.UNKNOWN]] == 0
    coverage = today.summary[COVERAGE]
    assert coverage is not None
    assert coverage > 0.99


def test_a_sensor_that_was_recorded_shortly_before_the_first_demo_leaves_it_its_three_weeks(tmp_path: Path) -> None:
    path = tmp_path / "simulated.db"
    recorded = NOW - timedelta(minutes=5)
    with Store.open(path, simulated=True) as store:
        store.add_pages(JournalBuilder(7).start_boot().clock(utc_ms(recorded)).epochs(states.UPRIGHT, 20).pages())
    fill_past(path, SENSOR, utc_ms(NOW), tz=BERLIN)
    assert fill_past(path, SENSOR, utc_ms(NOW), tz=BERLIN) == 0
    with Store.open(path, simulated=True, readonly=True) as store:
        history = History(store, BERLIN)
        assert history.day(NOW.date() - timedelta(days=1)).summary[WORN_MIN] > 400
        assert history.day(NOW.date()).summary[STATE_MINUTES[states.UNKNOWN]] == 0


def test_a_demo_after_a_year_has_three_weeks_again(tmp_path: Path) -> None:
    path = tmp_path / "simulated.db"
    fill_past(path, SENSOR, utc_ms(NOW - timedelta(days=365)), tz=BERLIN)
    assert fill_past(path, SENSOR, utc_ms(NOW), tz=BERLIN) > 50_000
    with Store.open(path, simulated=True, readonly=True) as store:
        history = History(store, BERLIN)
        assert history.day(NOW.date() - timedelta(days=40)).summary[WORN_MIN] == 0
        assert history.day(NOW.date() - timedelta(days=1)).summary[WORN_MIN] > 400


def test_records_of_the_future_are_no_reason_to_leave_out_the_past(tmp_path: Path) -> None:
    path = tmp_path / "simulated.db"
    ahead = JournalBuilder(7).start_boot().clock(utc_ms(NOW + timedelta(days=900))).epochs(states.UPRIGHT, 20)
    with Store.open(path, simulated=True) as store:
        store.add_pages(ahead.pages())
    assert fill_past(path, SENSOR, utc_ms(NOW), tz=BERLIN) > 50_000


def test_a_real_wearers_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "posture.db"
    Store.open(path, simulated=False).close()
    with pytest.raises(StoreError):
        fill_past(path, SENSOR, utc_ms(NOW))
    with Store.open(path, simulated=False) as store:
        assert store.records() == 0


def test_the_past_begins_and_ends_at_any_hour(tmp_path: Path) -> None:
    """At night, at noon and while summer time begins."""
    for number, now in enumerate(
        (
            datetime(2026, 3, 29, 4, 0, 1, tzinfo=BERLIN),
            datetime(2026, 3, 2, 0, 0, 0, 1000, tzinfo=BERLIN),
            datetime(2026, 3, 3, 12, 30, tzinfo=UTC),
        )
    ):
        path = tmp_path / f"{number}.db"
        fill_past(path, SENSOR, utc_ms(now), tz=BERLIN)
        with Store.open(path, simulated=True, readonly=True) as store:
            history = History(store, BERLIN)
            assert history.last_record_utc_ms() == utc_ms(now)
            yesterday = history.day(now.date() - timedelta(1))
            assert yesterday.summary[STATE_MINUTES[states.UNKNOWN]] == 0


def worn_hours(hours: float, seed: int) -> Worn:
    """Return a time on the body of a plan's wearer."""
    plan = plan_of(date(2026, 3, 4))
    wearer = ScriptedWearer(seed, hours, plan.habits)
    t_s = np.arange(round(hours * 3600), dtype=np.float64)
    forward, _, lateral, walking = wearer.posture(t_s)
    ends = np.array([segment.end_s for segment in wearer.segments])
    pose = np.minimum(np.searchsorted(ends, t_s, side="right"), len(ends) - 1)
    return Worn(
        np.rint(forward * 100).astype(np.int32),
        np.rint(lateral * 100).astype(np.int32),
        walking > 0.5,
        np.minimum(ends[pose], len(t_s)).astype(np.int32),
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_skipping_what_changes_nothing_gives_the_states_and_events_of_every_second(seed: int) -> None:
    results = []
    for skips in (True, False):
        worn = worn_hours(4, seed)
        results.append(Replayer().replay(worn, 0, random.Random(5), 0.6, skips=skips))
    assert results[0][1] == results[1][1]
    assert results[0][0].tolist() == results[1][0].tolist()
    assert len(results[0][1]) > 20


def test_an_answered_alert_is_followed_by_a_correction_within_half_a_minute() -> None:
    _, events = Replayer().replay(worn_hours(4, 3), 0, random.Random(5), 1.0)
    corrected = [event.fields[0] for event in events if event.code == records.CORRECTED]
    assert len(corrected) > 5
    assert max(corrected) <= 30_000


def test_epochs_are_packed_as_the_firmware_packs_them() -> None:
    draw = np.random.default_rng(3)
    second_cdeg = (draw.normal(500, 900, (400, 1)) + draw.normal(0, 1200, (400, 5))).astype(np.int32)
    lateral = draw.integers(-3000, 3000, 400).astype(np.int32)
    speed = draw.integers(0, 9000, 400).astype(np.int32)
    state = draw.integers(1, 10, 400).astype(np.uint8)
    activity = draw.integers(0, 5, 400).astype(np.uint8)
    packed = pack_epochs(state, activity, np.zeros(400, np.uint8), second_cdeg, lateral, speed)
    for row in range(400):
        expected = bytearray(RECORD_BYTES)
        head = int(state[row]), int(activity[row]), 0
        seconds = second_cdeg[row].tolist()
        pack_epoch_into(expected, *head, sum(seconds) // 5, int(lateral[row]), seconds, int(speed[row]))
        assert packed[row * RECORD_BYTES : (row + 1) * RECORD_BYTES] == expected


def test_an_event_comes_before_the_record_of_its_epoch_wherever_pages_break() -> None:
    epochs = bytes(RECORD_BYTES) * 40
    events = [(at, records.pack_event(records.BUZZED, at * EPOCH_MS + 1)) for at in (0, 15, 16, 17, 33, 39, 40)]
    journal = PastJournal(1, 1, 0)
    journal.epochs(epochs, events)
    pages = [unpack_page(page) for page in journal.pages()]
    assert [page.first_sequence for page in pages] == [0, 17, 34]
    assert pages[-1].next_sequence == 47
    epoch_at_ms: list[int] = []
    seen: list[tuple[int, int]] = []
    for page in pages:
        nth = 0
        for start in range(0, len(page.records), RECORD_BYTES):
            record = page.records[start : start + RECORD_BYTES]
            if is_event(record):
                seen.append((len(epoch_at_ms), records.EventRecord(record).uptime_low_ms))
            else:
                epoch_at_ms.append(page.base_uptime_ms + nth * EPOCH_MS)
                nth += 1
    assert epoch_at_ms == [number * EPOCH_MS for number in range(40)]
    assert seen == [(at, at * EPOCH_MS + 1) for at, _ in events]
