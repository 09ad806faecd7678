"""Writes docs/codes.md: what each press of the button does, and what each pulse and blink means, from the firmware."""

from pathlib import Path

from unslouch_device import app, battery, calibrating, feedback, resting
from unslouch_device.contract import records
from unslouch_device.contract.messages import UNDO_S
from unslouch_device.contract.patterns import HEARTBEAT, LONG
from unslouch_device.link import pairing_window
from unslouch_device.on_demand import button_actions, off
from unslouch_device.on_demand import patterns as alert_patterns
from unslouch_device.parts import button, motor

PAGE = Path(__file__).with_name("codes.md")


def counted(on_off_ms: tuple[int, int], times: int) -> tuple[int, ...]:
    """Return a pattern of so many equal pulses."""
    return on_off_ms * (times - 1) + on_off_ms[:1]


EFFECTS = {
    button_actions.PRESSES_REZERO: "re-zero: takes your tilt as upright; calibrates if there is no calibration yet",
    button_actions.PRESSES_SNOOZE: "snooze: no vibration for a while; again: the time starts over",
    button_actions.PRESSES_NEXT_PROFILE: "next profile that has a calibration",
    button_actions.PRESSES_TRAINING: "tracking only: records and never alerts; again: back to training",
    button_actions.PRESSES_UNDO: f"undo: takes back the last calibration or re-zero of the last {UNDO_S} s",
    records.HELD_FOR_BATTERY: "shows the battery: one pulse and one blink for each quarter",
    records.HELD_TO_PAIR: "opens the pairing window for two minutes",
    records.HELD_TO_SWITCH_OFF: "switches the sensor off, unless it is on the cable; the cable, or holding the button "
    "until it vibrates, switches it on",
    records.HELD_TO_ERASE: "erases the journal and forgets all computers",
    records.HELD_TO_STOP: "on the cable: safe mode, at MicroPython's prompt",
}
"""What each of button_actions.ACTIONS does."""
HOLDS = {meaning: (least_ms, pattern) for least_ms, meaning, pattern in button.HOLDS}
PULSES = (
    (motor.ALERT_PATTERNS[0], "slouching: the first alert of a slouch"),
    (motor.ALERT_PATTERNS[1], "slouching: the second"),
    (motor.ALERT_PATTERNS[2], "slouching: the third and last"),
    (alert_patterns.ONCE[HEARTBEAT], "slouching, with the setting `pattern heartbeat`: once, twice, three times"),
    (alert_patterns.ONCE[LONG], "slouching, with the setting `pattern long`: once, twice, three times"),
    (motor.PULSE_PATTERN, "you have corrected yourself (setting `corrected-pulse`)"),
    (
        button_actions.SIT_PATTERN,
        f"sit upright: in {button_actions.SIT_MS // 1000} s you feel it again; then keep still until the next pulses",
    ),
    (motor.DONE_PATTERN, "done: what you asked for with the button, or a step of a calibration"),
    (motor.REFUSED_PATTERN, "not done: what you asked for was refused, or you moved while the sensor measured"),
    (button_actions.TRACKING_PATTERN, "tracking only from now on"),
    (button_actions.TRAINING_PATTERN, "training again: a slouch brings an alert"),
    (off.OFF_PATTERN, "it is off now"),
    (off.ON_PATTERN, "it is on again: let the button go"),
    (motor.BUZZ_PATTERN, "`unslouch buzz`: the motor works"),
    (battery.WARNING_PATTERN, "the battery is low: charge it today"),
    (
        counted(button_actions.QUARTER_MS, 3),
        "after you held the button: as many pulses as the battery has quarters left, the last one included (here: 3)",
    ),
    (
        counted((calibrating._COUNT_PULSE_MS, calibrating._COUNT_PAUSE_MS), 3),
        "as many pulses as the number of the profile that is active now (here: 3)",
    ),
)
LIGHT = (
    (f"{app.START_BLINKS} short", "started"),
    (f"{pairing_window.PAIRING_BLINKS} short", "the pairing window is open"),
    (f"{battery.WARNING_BLINKS} short, with pulses", "the battery is low"),
    (f"1 to {button_actions.QUARTERS} short, after you held the button", "as many as the battery has quarters left"),
    (
        f"{feedback.CHARGING_BLINK_MS / 1000:g} s of every {battery.SHOW_MS // 1000} s",
        "on the cable, if the board senses it: charging",
    ),
    ("all the time", f"on the cable, if the board senses it: charged to {battery.FULL_PERCENT} % or more"),
)
BAR_MS = 50
"""One block of a pattern."""


def page() -> str:
    """Return the page."""
    lines = [
        "# Button, pulses and light",
        "",
        "<!-- made by docs/codes.py from the firmware: change that -->",
        "",
        f"In the pictures of pulses one block is {BAR_MS} ms: █ vibrates, ░ pauses.",
        "",
        "## The button",
        "",
        "| do | effect | felt when you may let go |",
        "|---|---|---|",
    ]
    lines += [f"| {_do(code)} | {EFFECTS[code]} | {_felt(code)} |" for code in button_actions.ACTIONS]
    down_ms, _ = HOLDS[records.HELD_DOWN]
    lines += [
        "",
        f"A short press is shorter than {button.LONG_MS / 1000:g} s. A series ends with a pause of "
        f"{button.PAUSE_MS / 1000:g} s; more presses than the table has do nothing,",
        "and neither does a long press right before or after a short one. A press that lasts "
        f"{down_ms // 1000} s or longer does nothing: something lies on the button.",
        "Every press also wakes a resting sensor, so that a computer can connect; holding it for "
        f"{HOLDS[records.HELD_FOR_BATTERY][0] / 1000:g} s changes nothing else.",
        "",
        "An M5StickC Plus2 can't sense the cable: it switches off there too, and the cable doesn't switch it on.",
        "The button of an XIAO ESP32-C6 can't end its sleep: only the cable switches it on, and a resting sensor that",
        f"you wear notices the button up to {resting.PRESS_BATCH_MS // 1000} s late. Hold it until you feel a pulse, "
        f"and let go: for {resting.ATTENTION_MS // 1000} s from then on it notices each press at once.",
        "",
        "## What you feel",
        "",
        "| pulses | meaning |",
        "|---|---|",
    ]
    lines += [f"| {bars(pattern)} | {meaning} |" for pattern, meaning in PULSES]
    lines += [
        "",
        f"With {battery.MOTOR_OFF_PERCENT} % battery or less the motor rests, unless the board senses the cable: the "
        "button works, but you feel nothing.",
    ]
    lines += ["", "## The light", "", "| blinks | meaning |", "|---|---|"]
    lines += [f"| {times} | {meaning} |" for times, meaning in LIGHT]
    return "\n".join(lines) + "\n"


def _do(code: int) -> str:
    return f"hold {HOLDS[code][0] / 1000:g} s" if code in HOLDS else f"press {code} ×"


def _felt(code: int) -> str:
    return bars(HOLDS[code][1]) if code in HOLDS else "–"


def bars(pattern: tuple[int, ...]) -> str:
    """Return a pattern (ms on, off, on, …) as blocks."""
    return "`" + "".join(("█", "░")[i % 2] * max(1, round(ms / BAR_MS)) for i, ms in enumerate(pattern)) + "`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
