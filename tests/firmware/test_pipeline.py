"""The whole way from counts to alerts, as a wearer lives through it."""

from scenes import FORWARD, RATE_HZ, UP, Session, Wearer
from unslouch_device.contract import records as r
from unslouch_device.contract.settings import ALERT_MODE, BUDGET_MODE, DELAY_S
from unslouch_device.contract.states import (
    ACTIVITY_LYING,
    CHARGING,
    LEANING,
    LYING,
    MOVING,
    OFF_BODY,
    RECLINED,
    SLOUCHING,
    UNCALIBRATED,
    UPRIGHT,
)
from unslouch_device.sense.pipeline import (
    ALERTED,
    CONFIRMED,
    CORRECTED,
    DEFAULTS,
    DELAY_ADAPTED,
    ENDED,
    MISSED,
    SENSOR_MOVED,
)


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
    assert session.happened == []


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
    values = dict(DEFAULTS)
    values[DELAY_S] = 5
    session.pipeline.configure(values)
    session.hold(4)
    assert session.state == SLOUCHING


def test_epochs_are_flagged_with_what_held_during_them():
    session = Session(delay_s=5).hold(2).lean_to(25)
    pipeline = session.pipeline

    def take(*sample):
        for _ in range(pipeline.wanted):
            pipeline.step(1, *(sample or session.wearer.sample()))

    for _ in range(5 * RATE_HZ):
        take()
    assert pipeline.epoch.flags & r.EPOCH_ALERTED
    pipeline.epoch.clear()
    pipeline.alerter.snooze(60)
    take()
    assert pipeline.epoch.flags == r.EPOCH_SNOOZED
    assert pipeline.snooze_left_s() == 59
    for sample in (
        (65534, 0, 0, 0, 0, 0),
        (0, 0, -65520, 0, 0, 0),
        (0, 0, 65000, 0, -32768, 0),
        (0, 0, 0, 32760, 0, 0),
    ):
        pipeline.epoch.clear()
        take(*sample)
        assert pipeline.epoch.flags & r.EPOCH_SATURATED, sample
    for sample in ((0, 0, 65000, 0, 32000, 0), (65518, -65518, 65518, -32759, 32759, 0)):
        pipeline.epoch.clear()
        take(*sample)
        assert not pipeline.epoch.flags & r.EPOCH_SATURATED, sample


def test_one_saturated_sample_of_those_of_a_decision_marks_the_epoch():
    session = Session().hold(1)
    pipeline = session.pipeline
    while pipeline.wanted != 4:
        pipeline.step(1, *session.wearer.sample())
    pipeline.epoch.clear()
    pipeline.step(1, 65534, 0, 0, 0, 0, 0)
    for _ in range(3):
        pipeline.step(1, *session.wearer.sample())
    assert pipeline.epoch.flags & r.EPOCH_SATURATED


def test_charging_needs_a_plug_and_a_sensor_that_lies_still():
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
    session = Session(Wearer(tremble_dps=0.05)).hold(125)
    assert session.state == OFF_BODY


def test_an_alert_that_is_not_heeded_is_missed_and_a_late_correction_told():
    session = Session(delay_s=5).hold(2).lean_to(25).hold(50).lean_to(0).hold(5)
    (alerted,) = session.times_of(ALERTED)
    (missed,) = session.times_of(MISSED)
    assert abs(missed - alerted - 30) < 0.1
    assert session.times_of(CORRECTED) == session.times_of(ENDED)


def test_standing_up_and_walking_off_after_an_alert_is_no_correction():
    session = Session(delay_s=5).hold(2).lean_to(25).hold(8).walk(10)
    assert session.times_of(CORRECTED) == []
    assert session.times_of(MISSED) == session.times_of(ENDED)
    assert session.pipeline.alerter.missed_why == r.MISSED_INTERRUPTED


def test_an_alert_before_a_gap_in_the_samples_was_interrupted():
    for alert_mode in (0, 1):
        session = Session(delay_s=5, alert_mode=alert_mode).hold(2).lean_to(55)
        for _ in range(120):
            session.hold(1)
            if session.times_of(ALERTED):
                break
        session.hold(3)
        assert session.times_of(MISSED) == [], alert_mode
        session.pipeline.resume_after_gap(60)
        session.hold(3)
        assert len(session.times_of(MISSED)) == 1, alert_mode
        assert session.pipeline.alerter.missed_why == r.MISSED_INTERRUPTED
        assert session.times_of(CORRECTED) == []


def test_the_delay_in_force_confirms_slouches_and_brings_alerts_alike():
    session = Session(delay_s=10).hold(3)
    for _ in range(5):
        session.lean_to(25).hold(6).lean_to(0).hold(4)
    (adapted,) = session.times_of(DELAY_ADAPTED)
    assert session.pipeline.alerter.delay_s == 15
    begin = session.samples / RATE_HZ
    session.lean_to(24, 2).hold(20)
    (confirmed,) = session.times_of(CONFIRMED)
    assert abs(confirmed - begin - (1 + 15)) < 0.3
    assert session.times_of(ALERTED) == [confirmed]
    assert adapted < begin


def test_glances_do_not_lengthen_the_delay():
    session = Session(delay_s=10).hold(3)
    for _ in range(8):
        session.lean_to(25, 0.5).hold(2.5).lean_to(0, 0.5).hold(5)
    assert session.happened == []


def test_by_budget_a_tilt_may_be_held_for_as_long_as_iso_11226_says():
    for tilt_deg, limit_s in ((25, 217.5), (40, 150), (58, 69)):
        session = Session(alert_mode=BUDGET_MODE, delay_s=600).lean_to(tilt_deg, 2).hold(limit_s + 10)
        (alerted,) = session.times_of(ALERTED)
        assert abs(alerted - 2 - limit_s) < 3, tilt_deg
        assert session.times_of(CONFIRMED) == []


def test_by_budget_20_degrees_may_be_held_for_any_time_although_it_is_a_slouch():
    session = Session(alert_mode=BUDGET_MODE).lean_to(19, 2).hold(300)
    assert session.state == SLOUCHING
    assert session.times_of(ALERTED) == []


def test_by_budget_deep_bending_alerts_after_four_seconds_and_in_delay_mode_never():
    session = Session(alert_mode=BUDGET_MODE).hold(2).lean_to(75, 2).hold(8)
    (alerted,) = session.times_of(ALERTED)
    assert 2 + 2 + 3 < alerted < 2 + 2 + 6
    assert session.state == LEANING
    assert Session(delay_s=5).hold(2).lean_to(75, 2).hold(30).times_of(ALERTED) == []


def test_by_budget_moving_on_to_another_tilt_begins_a_new_hold():
    session = Session(alert_mode=BUDGET_MODE).hold(2)
    for _ in range(4):
        session.lean_to(40).hold(100).lean_to(28).hold(100)
    assert session.times_of(ALERTED) == []


def test_by_budget_sitting_up_is_a_correction():
    session = Session(alert_mode=BUDGET_MODE).hold(2).lean_to(40).hold(160).lean_to(10).hold(5)
    (alerted,) = session.times_of(ALERTED)
    (corrected,) = session.times_of(CORRECTED)
    assert 0 < corrected - alerted < 20
    assert session.times_of(MISSED) == []


def test_by_budget_a_smaller_lean_is_none():
    session = Session(alert_mode=BUDGET_MODE).hold(2).lean_to(40).hold(160).lean_to(25).hold(40)
    assert session.times_of(CORRECTED) == []
    assert len(session.times_of(MISSED)) == 1


def test_by_budget_hovering_at_20_degrees_after_an_alert_is_no_row_of_corrections():
    session = Session(alert_mode=BUDGET_MODE).hold(2).lean_to(21).hold(245)
    for _ in range(10):
        session.lean_to(19.5).hold(4).lean_to(21).hold(4)
    assert len(session.times_of(ALERTED)) == 1
    assert session.times_of(CORRECTED) == []


def test_with_a_standing_zero_the_budget_counts_from_standing():
    session = Session(alert_mode=BUDGET_MODE)
    session.pipeline.calibrate(UP, FORWARD, -1200)
    session.lean_to(28, 2).hold(155)
    (alerted,) = session.times_of(ALERTED)
    assert abs(alerted - 2 - 150) < 3  # 40° from standing


def test_nobody_is_alerted_for_the_upright_that_he_calibrated():
    session = Session(alert_mode=BUDGET_MODE)
    session.pipeline.calibrate(UP, FORWARD, -2600)
    assert session.lean_to(3, 1).hold(500).times_of(ALERTED) == []
    session.lean_to(20, 1).hold(200)
    assert len(session.times_of(ALERTED)) == 1
    session.lean_to(2, 1).hold(5)
    assert len(session.times_of(CORRECTED)) == 1


def test_by_budget_no_state_without_posture_brings_an_alert():
    walking = Session(alert_mode=BUDGET_MODE).hold(2).lean_to(40).walk(200)
    assert walking.state == MOVING
    lying = Session(alert_mode=BUDGET_MODE, alert_gap_s=30).hold(2).bend_aside(85).lean_to(85, 3).hold(300)
    assert lying.state == LYING
    off_body = Session(Wearer(tremble_dps=0.05), alert_mode=BUDGET_MODE).hold(125).lean_to(50, 0.2).hold(200)
    assert off_body.state == OFF_BODY
    charging = Session(Wearer(tremble_dps=0.05), alert_mode=BUDGET_MODE)
    charging.pipeline.external_power = True
    charging.hold(30).lean_to(50, 0.2).hold(200)
    assert charging.state == CHARGING
    uncalibrated = Session(calibrated=False, alert_mode=BUDGET_MODE).hold(2).lean_to(50).hold(200)
    assert uncalibrated.state == UNCALIBRATED
    for session in (walking, lying, off_body, charging, uncalibrated):
        assert session.times_of(ALERTED) == []


def test_a_mode_set_anew_begins_with_a_whole_budget():
    session = Session(alert_mode=BUDGET_MODE, delay_s=600).hold(2).lean_to(40).hold(140)
    values = dict(DEFAULTS)
    values[DELAY_S] = 600
    session.pipeline.configure(values)
    session.hold(5)
    values[ALERT_MODE] = BUDGET_MODE
    session.pipeline.configure(values)
    assert session.hold(140).times_of(ALERTED) == []
    assert len(session.hold(15).times_of(ALERTED)) == 1


def test_without_its_calibration_a_slouch_is_over_and_nothing_is_judged():
    session = Session(delay_s=5).hold(2).lean_to(25).hold(8)
    session.pipeline.uncalibrate()
    session.hold(5)
    assert session.state == UNCALIBRATED
    assert len(session.times_of(ENDED)) == len(session.times_of(MISSED)) == 1
    assert session.times_of(CORRECTED) == []
    assert session.pipeline.shown_tilt() == (r.TILT_UNKNOWN, r.TILT_UNKNOWN)


def test_breath_and_sway_at_the_threshold_make_neither_state_nor_slouch_flap():
    session = Session(delay_s=10).hold(2).lean_to(12)
    for _ in range(20):
        session.lean_to(12.3, 2).lean_to(11.6, 2)
    assert session.passed() == [UPRIGHT, LEANING, SLOUCHING]
    assert len(session.times_of(ALERTED)) == 1


def test_a_sensor_that_sits_otherwise_while_walking_may_have_moved_and_that_is_told_once():
    session = Session().hold(3).walk(150)
    assert session.times_of(SENSOR_MOVED) == []
    assert session.pipeline.walking.walked_s >= 60
    session.lean_to(15).walk(100)
    assert len(session.times_of(SENSOR_MOVED)) == 1
    assert session.pipeline.walking.moved
