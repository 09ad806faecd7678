"""A day knows what it was measured under, also where that is older than the day, and from its journal alone."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from journals import JournalBuilder
from unslouch.analysis.day import Day
from unslouch.analysis.model import Calibration
from unslouch_device.contract import records, settings, states
from unslouch_device.contract.records import name_parts

MIDNIGHT_MS = int(datetime(2025, 3, 14, tzinfo=UTC).timestamp() * 1000)
DAY_MS = 86_400_000
YESTERDAY, TODAY, TOMORROW = date(2025, 3, 13), date(2025, 3, 14), date(2025, 3, 15)


def started(hour: int = 8, journal: int = 1) -> JournalBuilder:
    """A journal, not calibrated yet, that begins at an hour UTC of March 14; a negative one is the day before."""
    builder = JournalBuilder(journal)
    builder.calibration_id = 0
    return builder.start_boot().clock(MIDNIGHT_MS + hour * 3_600_000)


def test_a_calibration_has_its_profile_way_and_time(day_of: Callable[..., Day]) -> None:
    journal = started().name_profile(1, "Stehpult ä".encode()).epochs(states.UNCALIBRATED, 12)
    journal.calibrate(7, records.CALIBRATED_BOW, profile=1).event(records.STANDING_ZERO, 7, -850, 120)
    assert day_of(journal.epochs(states.UPRIGHT, 12)).calibrations == [
        Calibration(
            journal=1,
            calibration_id=7,
            profile=1,
            profile_name="Stehpult ä",
            how="bow",
            made_utc_ms=MIDNIGHT_MS + 8 * 3_600_000 + 60_000,
            standing_forward_deg=-8.5,
            standing_lateral_deg=1.2,
            standing_utc_ms=MIDNIGHT_MS + 8 * 3_600_000 + 60_000,
        )
    ]


def test_a_calibration_of_an_earlier_day_and_boot_is_known_on_each_day_that_was_measured_under_it(
    day_of: Callable[..., Day],
) -> None:
    journal = started(-4).calibrate(2).event(records.STANDING_ZERO, 2, -500, 0).calibrate(3, records.CALIBRATED_REZERO)
    journal.epochs(states.UPRIGHT, 12).start_boot().clock(MIDNIGHT_MS + 8 * 3_600_000).epochs(states.UPRIGHT, 12)
    (calibration,) = day_of(journal, wanted=TODAY).calibrations
    assert (calibration.calibration_id, calibration.how) == (3, "re-zero")
    assert calibration.made_utc_ms == MIDNIGHT_MS - 4 * 3_600_000
    assert calibration.standing_forward_deg is None
    assert [made.calibration_id for made in day_of(journal, wanted=YESTERDAY).calibrations] == [2, 3]


def test_what_the_journal_lacks_about_a_calibration_is_not_known(day_of: Callable[..., Day]) -> None:
    journal = started()
    journal.calibration_id = 5
    (calibration,) = day_of(journal.epochs(states.UPRIGHT, 12)).calibrations
    assert calibration == Calibration(1, 5, None, None, None, None, None, None, None)
    (calibration,) = day_of(journal.event(records.PROFILE_SELECTED, 2, 5).epochs(states.UPRIGHT, 1)).calibrations
    assert calibration.profile == 2


def test_another_journal_knows_nothing_of_a_calibration_with_the_same_number(day_of: Callable[..., Day]) -> None:
    other = started(journal=2)
    other.calibration_id = 5
    day = day_of(started().calibrate(5, profile=1).epochs(states.UPRIGHT, 12), other.epochs(states.UPRIGHT, 12))
    assert [(made.journal, made.profile) for made in day.calibrations] == [(1, 1), (2, None)]


def test_a_day_keeps_its_profile_names_when_the_profile_is_renamed_later(day_of: Callable[..., Day]) -> None:
    journal = started().calibrate(1).name_profile(0, b"office chair").epochs(states.UPRIGHT, 12)
    journal.wait(DAY_MS).name_profile(0, b"sofa").epochs(states.UPRIGHT, 12)
    names = [
        [made.profile_name for made in day_of(journal, wanted=wanted).calibrations] for wanted in (TODAY, TOMORROW)
    ]
    assert names == [["office chair"], ["sofa"]]


def test_a_cleared_or_incomplete_or_garbled_name_does_no_harm(day_of: Callable[..., Day]) -> None:
    def named(journal: JournalBuilder) -> str | None:
        (calibration,) = day_of(journal.epochs(states.UPRIGHT, 1)).calibrations
        return calibration.profile_name

    def before() -> JournalBuilder:
        return started().calibrate(1).name_profile(0, b"office chair")

    assert named(before()) == "office chair"
    assert named(before().name_profile(0, b"")) is None
    assert named(before().event(records.PROFILE_NAMED, *name_parts(0, b"sofa")[0])) is None
    assert named(before().name_profile(0, b"\xff\xfesofa")) == "\ufffd\ufffdsofa"
    assert named(before().event(records.PROFILE_NAMED, 9 << 4, 1, 1)) is None


def test_a_calibration_of_older_firmware_is_of_the_first_profile(day_of: Callable[..., Day]) -> None:
    journal = started().flush()
    journal.calibration_id = 4
    (calibration,) = day_of(
        journal.damaged(records.CALIBRATED, bytes(4) + b"\x04\0\x01" + bytes(4)).epochs(states.UPRIGHT, 1)
    ).calibrations
    assert (calibration.calibration_id, calibration.how, calibration.profile) == (4, "upright", 0)


def delays(day: Day) -> list[tuple[int | None, int, str | None]]:
    midnight_ms = int(day.start.timestamp() * 1000)
    hours = [None if step.utc_ms is None else (step.utc_ms - midnight_ms) // 3_600_000 for step in day.delays]
    return [(hour, step.delay_s, step.why) for hour, step in zip(hours, day.delays, strict=True)]


def test_the_delay_of_a_day_begins_with_the_active_one_and_has_every_change(day_of: Callable[..., Day]) -> None:
    journal = started(-6).event(records.SETTING_CHANGED, settings.DELAY_S, 20, 2).epochs(states.UPRIGHT, 720)
    journal.event(records.DELAY_ADAPTED, 30, records.ADAPTED_LONGER).epochs(states.UPRIGHT, 720 * 10)
    journal.event(records.DELAY_ADAPTED, 45, records.ADAPTED_LONGER).epochs(states.UPRIGHT, 720)
    journal.event(records.DELAY_ADAPTED, 30, records.ADAPTED_SHORTER).epochs(states.UPRIGHT, 720)
    journal.event(records.SETTING_CHANGED, settings.DELAY_S, 60, 3).event(records.DELAY_ADAPTED, 60, 3)
    journal.event(records.SETTING_CHANGED, settings.THRESHOLD_DEG, 15, 4).epochs(states.UPRIGHT, 12)
    assert delays(day_of(journal, wanted=YESTERDAY)) == [(18, 20, "set"), (19, 30, "corrected without alerts")]
    assert delays(day_of(journal, wanted=TODAY)) == [
        (-5, 30, "corrected without alerts"),
        (5, 45, "corrected without alerts"),
        (6, 30, "alerts not corrected"),
        (7, 60, "set"),
    ]


def test_a_journal_that_never_changed_its_delay_has_none(day_of: Callable[..., Day]) -> None:
    assert day_of(started().epochs(states.UPRIGHT, 12)).delays == []


def test_a_sensor_that_may_have_moved_is_noticed_with_both_tilts_and_in_a_sentence(day_of: Callable[..., Day]) -> None:
    journal = started().calibrate(1, profile=1).name_profile(1, b"desk").epochs(states.MOVING, 12)
    day = day_of(journal.event(records.SENSOR_MOVED, 1620, 340, 1).epochs(states.UPRIGHT, 12))
    (notice,) = day.sensor_moved
    assert (notice.walking_deg, notice.usual_deg, notice.profile, notice.profile_name) == (16.2, 3.4, 1, "desk")
    (caveat,) = [caveat for caveat in day.caveats if "moved" in caveat]
    assert "at 08:01 the forward tilt while walking was 16° where 3° is usual" in caveat


def test_setup_dated_by_a_clock_far_off_has_no_time_where_no_calendar_reaches(day_of: Callable[..., Day]) -> None:
    journal = JournalBuilder(1).start_boot().flush()
    journal.uptime_ms = 1 << 47
    journal.calibrate(1).event(records.DELAY_ADAPTED, 45, 1).flush()
    journal.uptime_ms = (1 << 48) - 1
    journal.clock(MIDNIGHT_MS).start_boot().clock(MIDNIGHT_MS)
    day = day_of(journal.epochs(states.UPRIGHT, 12))
    assert [made.made_utc_ms for made in day.calibrations] == [None]
    assert [(step.utc_ms, step.delay_s) for step in day.delays] == [(None, 45)]
