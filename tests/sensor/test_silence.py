"""Why the motor would not run now."""

import pytest

from unslouch.link.model import BoardStatus, JournalEvent, LiveSample, SensorInfo
from unslouch.sensor.events import SensorConnected
from unslouch.sensor.quiet import Quiet, QuietKind
from unslouch.sensor.silence import SilenceWatch, describe_duration
from unslouch_device.contract import records, states
from unslouch_device.contract.settings import SETTINGS

DEFAULTS = {setting.key: setting.default for setting in SETTINGS}


def info(boot: int = 1) -> SensorInfo:
    return SensorInfo("a1", "xiao", "1.0.0", 3, 7, boot, 0, 0, 0, 1, 1, False, False, 0)


def sample(uptime_s: float = 100, state: int = states.SLOUCHING, **flags: bool) -> LiveSample:
    given = {"alerting": False, "snoozed": False, "tracking_only": False} | flags
    return LiveSample(round(uptime_s * 1000), 20.0, 0.0, state, 1, **given, above_threshold_s=5)


def status(uptime_s: float = 100, snooze_left_s: int = 0, external_power: bool = False) -> BoardStatus:
    return BoardStatus(round(uptime_s * 1000), 3900, 70, external_power, snooze_left_s, 0, 0, 0, 0, 1, 1, 0, False, 30)


def alert(uptime_s: float, number: int = 1) -> JournalEvent:
    fields = {"forward_cdeg": 2000, "number": number, "mode": 0}
    return JournalEvent(records.ALERT, "alert", round(uptime_s * 1000), fields)


def event(code: int, uptime_s: float, **fields: int) -> JournalEvent:
    return JournalEvent(code, records.EVENTS[code][0], round(uptime_s * 1000), fields)


def why(*events: object, quiet: Quiet | None = None, **changed: int) -> str | None:
    watch = SilenceWatch()
    for each in (SensorConnected(info()), *events):
        watch.handle(each)  # type: ignore[arg-type]
    silence = watch.why(DEFAULTS | {key.replace("_", "-"): value for key, value in changed.items()}, quiet)
    return None if silence is None else str(silence)


@pytest.mark.parametrize("state", [states.SLOUCHING, states.LEANING, states.UPRIGHT, states.RECLINED])
def test_nothing_is_said_while_the_motor_would_run(state: int) -> None:
    assert why(sample(state=state), status()) is None


def test_without_a_sample_nothing_is_known() -> None:
    assert why(status()) is None


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (states.UNKNOWN, "the motion sensor sends nothing"),
        (states.CHARGING, "charging"),
        (states.OFF_BODY, "off the body"),
        (states.UNCALIBRATED, "not calibrated yet"),
        (states.LYING, "lying"),
        (states.MOVING, "moving"),
    ],
)
def test_a_state_without_alerts_is_named(state: int, reason: str) -> None:
    assert why(sample(state=state), status()) == reason


def test_a_snooze_is_named_with_what_is_left_and_with_its_reason() -> None:
    snoozed = sample(snoozed=True), status(snooze_left_s=125)
    assert why(*snoozed) == "snoozed, for 2 min"
    assert why(*snoozed, quiet=Quiet(QuietKind.CAMERA, None)) == "meeting: a camera is in use"
    assert why(sample(state=states.MOVING, snoozed=True), status(snooze_left_s=30)) == "snoozed, for 30 s"
    assert why(sample(), status(), quiet=Quiet(QuietKind.MEETING, None)) is None, "the board decides, not the plan"


def test_tracking_only_is_named_before_a_snooze() -> None:
    assert why(sample(tracking_only=True, snoozed=True), status()) == "tracking only, as the setting says"


def test_the_gap_after_an_alert_or_a_correction_is_named_until_it_is_over() -> None:
    assert why(alert(90), sample(100)) == "just after an alert, for 3 min"
    assert why(alert(90), event(records.CORRECTED, 95, latency_ms=5000), sample(265)) == "just after an alert, for 10 s"
    assert why(alert(90), sample(270)) is None


def test_after_three_alerts_about_one_slouch_the_wearer_decides() -> None:
    alerts = [alert(number * 200, number) for number in (1, 2, 3)]
    assert why(*alerts, sample(900)) == "alerted three times about this slouch, until you sit up"
    assert why(*alerts, event(records.SLOUCH_ENDED, 850), sample(900)) is None


def test_an_hour_with_its_share_of_alerts_is_named_until_the_oldest_is_an_hour_old() -> None:
    alerts = [alert(1000 + 300 * number) for number in range(6)]
    assert why(*alerts, sample(3000)) == "6 alerts in an hour are the most, for 27 min"
    assert why(*alerts, sample(4601)) is None
    assert why(*alerts, sample(3000), hourly_cap=7) is None


def test_a_battery_too_low_for_the_motor_is_named_unless_it_is_charged() -> None:
    low = event(records.BATTERY_LOW, 50, level=records.BATTERY_MOTOR_OFF)
    assert why(low, sample(), status()) == "the battery is too low for the motor"
    assert why(low, sample(), status(external_power=True)) is None
    assert why(event(records.BATTERY_LOW, 50, level=records.BATTERY_WARNING), sample(), status()) is None


def test_a_restarted_board_has_given_no_alerts() -> None:
    assert why(alert(90), SensorConnected(info(boot=2)), sample(5)) is None


@pytest.mark.parametrize(
    ("duration_s", "text"), [(59, "59 s"), (60, "1 min"), (3569, "59 min"), (3600, "1 h 0 min"), (29100, "8 h 5 min")]
)
def test_durations_are_as_exact_as_is_useful(duration_s: int, text: str) -> None:
    assert describe_duration(duration_s) == text
