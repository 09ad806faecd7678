"""Button actions: what the button can ask for, done and answered by pulses."""

from ..contract import messages as m
from ..contract import records as r
from ..contract.payloads import BATTERY_UNKNOWN
from ..contract.settings import TRACKING_ONLY
from ..contract.states import CHARGING
from ..parts.motor import DONE_PATTERN, REFUSED_PATTERN
from ..port import random_id, sleep_ms
from . import load

PRESSES_REZERO = 1
PRESSES_SNOOZE = 2
PRESSES_NEXT_PROFILE = 3
PRESSES_TRAINING = 4
PRESSES_UNDO = 5
SIT_MS = 4000  # to sit, and for the arm to come back, before a measurement
SIT_PATTERN = (250,)  # when that time begins, and when it is over
SETTLE_MS = 500  # in which the motor comes to rest
TRAINING_PATTERN = (80, 120, 350)
TRACKING_PATTERN = (350, 120, 80)
QUARTERS = 4  # of the battery
QUARTER_MS = 150, 250  # on, off: a pulse and a blink for each quarter


def serve(app, presses: int) -> None:
    """Do what a series of presses, or a long press (HELD_…), asks the App for; what ACTIONS doesn't have is ignored."""
    action = ACTIONS.get(presses)
    if action is not None:
        action(app)


def _measure(app) -> None:
    """Re-zero, or calibrate where there is no calibration, once the wearer has had time to sit."""
    calibrating = app.calibrating
    if calibrating.busy or app.pipeline.posture.state == CHARGING:
        app.feedback.play(REFUSED_PATTERN)
    else:
        calibrating.waiting = True
        app.tasks.send_off(_measure_soon, app)


async def _measure_soon(app) -> None:
    async def answer(status: int, data: bytes) -> None:
        if status != m.OK:
            app.feedback.play(REFUSED_PATTERN)

    calibrating = app.calibrating
    try:
        app.feedback.play(SIT_PATTERN, urgent=True)
        await sleep_ms(SIT_MS)
        app.feedback.play(SIT_PATTERN, urgent=True)
        await sleep_ms(SIT_PATTERN[0] + SETTLE_MS)
    finally:
        calibrating.waiting = False
    calibrating.begin(m.REZERO if app.config.calibration_id else m.CALIBRATE, answer)


def _snooze(app) -> None:
    app.snooze(m.SNOOZE_AS_SET)
    app.feedback.play(DONE_PATTERN)


def _select_next(app) -> None:
    try:
        if not app.calibrating.busy:
            app.calibrating.select_next()
            return
    except OSError:
        app.event_log.flash_errors += 1
    app.feedback.play(REFUSED_PATTERN)


def _switch_training(app) -> None:
    """Change from training to tracking only, or back."""
    tracking_only = 1 - app.config.settings[TRACKING_ONLY]
    try:
        app.change_setting(TRACKING_ONLY, tracking_only)
    except OSError:
        app.event_log.flash_errors += 1
        app.feedback.play(REFUSED_PATTERN)
        return
    app.feedback.play(TRACKING_PATTERN if tracking_only else TRAINING_PATTERN)


def _undo(app) -> None:
    """Take back the last calibration or re-zero."""
    status = load("undo").undo(app.calibrating)
    app.feedback.play(DONE_PATTERN if status == m.OK else REFUSED_PATTERN)


def _show_battery(app) -> None:
    """Show the charge in quarters, rounded up, by pulses and blinks."""
    percent = app.power.battery_percent
    if percent == BATTERY_UNKNOWN:
        app.feedback.play(REFUSED_PATTERN)
        return
    quarters = min(QUARTERS, 1 + percent * QUARTERS // 100)
    app.feedback.play(QUARTER_MS * (quarters - 1) + QUARTER_MS[:1])
    app.feedback.blink(quarters)


def _open_pairing(app) -> None:
    app.pairing_window.open()


def _switch_off(app) -> None:
    load("off").switch_off(app)


def erase(app) -> None:
    """Forget all hosts and the whole journal: a person who finds the sensor must not read the wearer's days."""
    app.pairing_window.close()
    try:
        app.radio.hosts.admission.forget()
        app.journal.wipe(random_id())
    except OSError:
        app.event_log.flash_errors += 1
        app.feedback.play(REFUSED_PATTERN, urgent=True)
        return
    app.begin_journal()
    app.feedback.play(DONE_PATTERN, urgent=True)


def _stop(app) -> None:
    """End run() at MicroPython's prompt if the cable may be there: elsewhere nothing would be recorded."""
    if app.power.may_be_plugged_in():
        app.stop()
    else:
        app.feedback.play(REFUSED_PATTERN, urgent=True)


# number of presses, or HELD_… of contract.records: what it does
ACTIONS = {
    PRESSES_REZERO: _measure,
    PRESSES_SNOOZE: _snooze,
    PRESSES_NEXT_PROFILE: _select_next,
    PRESSES_TRAINING: _switch_training,
    PRESSES_UNDO: _undo,
    r.HELD_FOR_BATTERY: _show_battery,
    r.HELD_TO_PAIR: _open_pairing,
    r.HELD_TO_SWITCH_OFF: _switch_off,
    r.HELD_TO_ERASE: erase,
    r.HELD_TO_STOP: _stop,
}
