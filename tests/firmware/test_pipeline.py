"""The whole way from counts to alerts, as a wearer lives through it."""

from scenes import RATE_HZ, Session, Wearer
from unslouch_device.contract import records as r
from unslouch_device.contract.states import (
    ACTIVITY_LYING,
    LEANING,
    LYING,
    MOVING,
    RECLINED,
    SLOUCHING,
    UNCALIBRATED,
    UPRIGHT,
)
from unslouch_device.sense.pipeline import ALERTED, CONFIRMED, CORRECTED, ENDED


def test_a_slump_passes_from_upright_to_leaning_to_slouching_and_back():
    session = Session(delay_s=10).hold(5).lean_to(22, 2).hold(15).lean_to(0).hold(5)
    assert session.passed() == [UPRIGHT, LEANING, SLOUCHING, UPRIGHT]


def test_the_alert_comes_the_delay_after_the_crossing():
    session = Session(delay_s=10).hold(5).lean_to(24, 2).hold(15)
    (confirmed,) = session.times_of(CONFIRMED)
    assert abs(confirmed - (5 + 1 + 10)) < 0.3  # 12° of 24° are passed after one second of two
    assert session.times_of(ALERTED) == [confirmed]


def test_sitting_up_after_an_alert_is_a_correction():
    session = Session(delay_s=5).hold(2).lean_to(25).hold(10).lean_to(0).hold(5)
    (ended,) = session.times_of(ENDED)
    assert session.times_of(CORRECTED) == [ended]


def test_sitting_up_without_an_alert_is_none():
    session = Session(delay_s=5, tracking_only=1).hold(2).lean_to(25).hold(10).lean_to(0).hold(5)
    assert len(session.times_of(ENDED)) == 1
    assert session.times_of(ALERTED) == session.times_of(CORRECTED) == []


def test_a_slow_slump_is_found():
    session = Session(Wearer(tremble_dps=0.5), delay_s=10).hold(20).lean_to(25, 120).hold(15)
    assert session.state == SLOUCHING


def test_a_phone_glance_never_brings_an_alert():
    session = Session(delay_s=10).hold(3)
    for _ in range(4):
        session.lean_to(35).hold(6).lean_to(0).hold(5)
    assert SLOUCHING not in session.passed()
    assert session.happenings == []


def test_walking_is_moving_whatever_the_tilt():
    session = Session(delay_s=5).hold(3).walk(6)
    assert session.state == MOVING
    session.wearer.forward_deg = 20
    session.walk(20)
    assert session.state == MOVING
    assert session.hold(12).state in (LEANING, SLOUCHING)


def test_leaning_back_is_reclined():
    assert Session().hold(2).lean_to(-20).hold(3).state == RECLINED


def test_lying_down_is_found_after_a_minute_and_shown_as_an_activity():
    session = Session().hold(2).lean_to(-85, 3).hold(55)
    assert session.state == RECLINED
    assert session.hold(8).state == LYING
    assert session.pipeline.shown_activity() == ACTIVITY_LYING
    assert session.lean_to(0, 3).hold(5).state == UPRIGHT


def test_without_a_calibration_nothing_is_judged():
    session = Session(calibrated=False, delay_s=5).hold(3).lean_to(30).hold(20)
    assert session.passed() == [UNCALIBRATED]
    assert session.pipeline.shown_tilt() == (r.TILT_UNKNOWN, r.TILT_UNKNOWN)


def test_leaning_far_to_the_side_is_no_slouch():
    session = Session(delay_s=5).hold(2).bend_aside(75).hold(20)
    assert session.state == LEANING
    assert session.times_of(CONFIRMED) == []


def test_time_above_the_threshold_is_counted_while_leaning_and_slouching():
    session = Session(delay_s=10).hold(2).lean_to(25)
    assert session.hold(5).pipeline.above_threshold_s() in (5, 6)
    assert session.hold(10).pipeline.above_threshold_s() in (15, 16)
    assert session.lean_to(0).hold(4).pipeline.above_threshold_s() == 0


def test_new_settings_take_effect_at_once():
    session = Session(delay_s=10).hold(2).lean_to(25).hold(3)
    from unslouch_device.contract.settings import DELAY_S
    from unslouch_device.sense.pipeline import DEFAULTS

    values = dict(DEFAULTS)
    values[DELAY_S] = 5
    session.pipeline.configure(values)
    session.hold(4)
    assert session.state == SLOUCHING


def test_epochs_are_flagged_with_what_held_during_them():
    session = Session(delay_s=5).hold(2).lean_to(25)
    for _ in range(5 * RATE_HZ):
        session.pipeline.step(1, *session.wearer.sample())
    assert session.pipeline.epoch.flags & r.EPOCH_ALERTED
    session.pipeline.epoch.clear()
    session.pipeline.alerter.snooze(60)
    session.pipeline.step(1, *session.wearer.sample())
    assert session.pipeline.epoch.flags == r.EPOCH_SNOOZED
    assert session.pipeline.snooze_left_s() == 59
    session.pipeline.step(1, 32767, 0, 0, 0, 0, 0)
    assert session.pipeline.epoch.flags & r.EPOCH_SATURATED


def test_charging_needs_a_plug_and_a_sensor_that_lies_still():
    from unslouch_device.contract.states import CHARGING

    still = Wearer(tremble_dps=0.05)
    assert Session(still).hold(30).state == UPRIGHT
    session = Session(Wearer(tremble_dps=0.05))
    session.pipeline.external_power = True
    assert session.hold(30).state == CHARGING
    session.pipeline.external_power = False
    assert session.hold(0.1).state == UPRIGHT


def test_a_plug_on_a_living_back_is_not_charging():
    session = Session()
    session.pipeline.external_power = True
    assert session.hold(60).passed() == [UPRIGHT]


def test_a_sensor_on_a_table_is_off_body_after_two_minutes():
    from unslouch_device.contract.states import OFF_BODY

    session = Session(Wearer(tremble_dps=0.05)).hold(125)
    assert session.state == OFF_BODY
