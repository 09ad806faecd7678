"""Writes docs/codes.md: what each press of the button does, and what each pulse and blink means, from the firmware."""

from pathlib import Path

from unslouch_device import app, battery, calibrating
from unslouch_device.contract import records
from unslouch_device.link import pairing_window
from unslouch_device.parts import button, motor

PAGE = Path(__file__).with_name("codes.md")
HOLD_S = {meaning: ms // 1000 for ms, meaning in button._HOLDS_MS}
BUTTON = (
    (f"press {app.PRESSES_REZERO} ×", "re-zero: takes your tilt now as upright", ""),
    (f"press {app.PRESSES_SNOOZE} ×", "snooze: no vibration for a while; again: for as long once more", ""),
    (f"press {app.PRESSES_NEXT_PROFILE} ×", "next profile that has a calibration", ""),
    (
        f"hold {HOLD_S[records.HELD_TO_PAIR]} s",
        "opens the pairing window for two minutes",
        app.HOLD_PATTERNS[records.HELD_TO_PAIR],
    ),
    (
        f"hold {HOLD_S[records.HELD_TO_ERASE]} s",
        "erases the journal and forgets all computers",
        app.HOLD_PATTERNS[records.HELD_TO_ERASE],
    ),
    (
        f"hold {HOLD_S[records.HELD_TO_STOP]} s",
        "on the cable: safe mode, at MicroPython's prompt",
        app.HOLD_PATTERNS[records.HELD_TO_STOP],
    ),
)
"""What to do, what it does, and what you feel as soon as letting go does that."""
PULSES = (
    (motor.ALERT_PATTERNS[0], "slouching: the first alert of a slouch"),
    (motor.ALERT_PATTERNS[1], "slouching: the second"),
    (motor.ALERT_PATTERNS[2], "slouching: the third and last"),
    (motor.PULSE_PATTERN, "you have corrected yourself (setting `corrected-pulse`)"),
    (motor.DONE_PATTERN, "done: what you asked for with the button, or a step of a calibration"),
    (app.REFUSED_PATTERN, "not done: what you asked for was refused"),
    (motor.BUZZ_PATTERN, "`unslouch buzz`: the motor works"),
    (battery.WARNING_PATTERN, "the battery is low: charge it today"),
    (
        (calibrating._COUNT_PULSE_MS, calibrating._COUNT_PAUSE_MS) * 2 + (calibrating._COUNT_PULSE_MS,),
        "as many pulses as the number of the profile that is active now (here: 3)",
    ),
)
LIGHT = (
    (app.START_BLINKS, "started"),
    (pairing_window.PAIRING_BLINKS, "the pairing window is open"),
    (battery.WARNING_BLINKS, "the battery is low"),
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
    lines += [f"| {do} | {effect} | {bars(pattern) if pattern else '–'} |" for do, effect, pattern in BUTTON]
    lines += [
        "",
        f"A press that lasts {HOLD_S[records.HELD_DOWN]} s or longer does nothing: something lies on the button.",
        "",
        "## What you feel",
        "",
        "| pulses | meaning |",
        "|---|---|",
    ]
    lines += [f"| {bars(pattern)} | {meaning} |" for pattern, meaning in PULSES]
    lines += ["", "## The light", "", "| blinks | meaning |", "|---|---|"]
    lines += [f"| {times} | {meaning} |" for times, meaning in LIGHT]
    return "\n".join(lines) + "\n"


def bars(pattern: tuple[int, ...]) -> str:
    """Return a pattern (ms on, off, on, …) as blocks."""
    return "`" + "".join(("█", "░")[i % 2] * max(1, round(ms / BAR_MS)) for i, ms in enumerate(pattern)) + "`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
