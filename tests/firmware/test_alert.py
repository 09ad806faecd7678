"""Alerts: soon enough to help, and never a nuisance."""

from unslouch_device.sense.alert import ALERTS_PER_SLOUCH, Alerter

RATE_HZ = 10
GAP_S = 180


def alerter(tracking_only=False):
    made = Alerter(RATE_HZ)
    made.configure(GAP_S, tracking_only)
    return made


def slouch(alerter, seconds, slouching=True):
    """Return the seconds at which it alerts."""
    return [i / RATE_HZ for i in range(seconds * RATE_HZ) if alerter.update(slouching)]


def test_a_confirmed_slouch_brings_an_alert_at_once():
    assert slouch(alerter(), 10) == [0]


def test_a_slouch_that_goes_on_is_told_again_after_the_gap_and_three_times_at_most():
    assert slouch(alerter(), 3600) == [0, GAP_S, 2 * GAP_S]
    assert ALERTS_PER_SLOUCH == 3


def test_a_new_slouch_waits_for_the_gap_too():
    made = alerter()
    slouch(made, 5)
    slouch(made, 20, slouching=False)
    made.slouch_over()
    assert slouch(made, 600) == [GAP_S - 25, 2 * GAP_S - 25, 3 * GAP_S - 25]


def test_without_a_slouch_it_keeps_quiet():
    assert slouch(alerter(), 3600, slouching=False) == []


def test_a_snooze_keeps_it_quiet_and_then_it_speaks():
    made = alerter()
    made.snooze(60)
    (first,) = slouch(made, 100)
    assert abs(first - 60) < 0.2


def test_a_snooze_can_be_ended():
    made = alerter()
    made.snooze(600)
    slouch(made, 5)
    made.snooze(0)
    assert slouch(made, 5) == [0]


def test_tracking_only_never_vibrates():
    assert slouch(alerter(tracking_only=True), 3600) == []


def test_a_shorter_gap_applies_to_the_wait_under_way():
    made = alerter()
    slouch(made, 1)
    made.configure(30, False)
    (second,) = slouch(made, 40)
    assert abs(second - 30) < 0.2
