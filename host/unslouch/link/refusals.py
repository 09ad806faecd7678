"""Refusals: the sentence for each status with which a sensor refuses a request, with the remedy."""

from unslouch.errors import Refused
from unslouch_device.contract import messages

_REFUSALS = {
    messages.UNKNOWN_REQUEST: "its firmware doesn't know the request; bring the firmware up to date",
    messages.BAD_PAYLOAD: "it could not read the request; bring firmware and host to the same version",
    messages.UNKNOWN_PROTOCOL: "it speaks another protocol version; bring firmware and host to the same version",
    messages.STALE_REVISION: "its settings were changed by somebody else meanwhile; read them again and repeat",
    messages.UNKNOWN_SETTING: "its firmware has no such setting; bring the firmware up to date",
    messages.OUT_OF_RANGE: "the value is out of range; `unslouch settings` lists the ranges",
    messages.WRONG_JOURNAL: "it has begun another journal; connect again",
    messages.MOVED: "you moved; keep still for as long as it takes and repeat",
    messages.GRAVITY_OFF: "what it measures at rest is not gravity; keep still and repeat, and if it stays so the "
    "accelerometer is faulty",
    messages.BUSY: "it is busy with another request; wait some seconds and repeat",
    messages.NOT_CALIBRATED: "it isn't calibrated; run `unslouch calibrate` first",
    messages.CLOCK_REFUSED: "it is simulated and has a clock of its own",
    messages.NOT_WORN: "it isn't worn; clip it to the upper back and repeat",
    messages.FLASH_FAILED: "its flash memory failed; restart it and repeat",
    messages.BOW_TOO_SMALL: "it saw no bow of 20° or more; bow further from the hips and repeat",
    messages.BOW_NOT_STRAIGHT: "the bow went sideways or turned on its way; bow straight ahead and repeat",
    messages.SENSOR_SILENT: "its motion sensor doesn't answer; check the wires to it and repeat",
    messages.NO_SELF_TEST: "its motion sensor can't test itself",
    messages.CABLE_ONLY: "that takes its cable, and firmware with Bluetooth; plug it in and repeat",
    messages.UNKNOWN_HOST: "it knows no such computer; `unslouch hosts` lists those it knows",
    messages.BATTERY_LOW: "its battery is below 30 %; charge it and repeat, or plug it in and run `unslouch flash`",
    messages.BATTERY_NOT_MEASURED: "it can't measure its battery, which may be almost empty; plug it in and run "
    "`unslouch flash`",
    messages.FLASH_FULL: "its flash memory is full",
    messages.MAIN_TOO_OLD: "the firmware needs a later main.py, which travels by cable only; plug it in and repeat",
    messages.DAMAGED: "the firmware arrived damaged and was discarded; repeat",
    messages.NO_UPDATE: "another program or another session has ended the transfer; repeat",
    messages.SATURATED: "it was knocked or shaken beyond what it can measure; keep it free of knocks and repeat",
}


_REFUSALS_BY_REQUEST = {
    (messages.CALIBRATE, messages.MOVED): "you moved; sit upright, keep still for three seconds and repeat",
    (messages.REZERO, messages.MOVED): "you moved; sit upright, keep still for a second and repeat",
    (messages.STANDING, messages.MOVED): "you moved; stand upright, keep still for five seconds and repeat",
    (messages.BOW, messages.MOVED): "you were not upright when it began, or the sensor sits elsewhere by now; "
    "sit as you calibrated and repeat, or calibrate again",
    (messages.STANDING, messages.OUT_OF_RANGE): "standing can't be 30° or more off sitting upright; "
    "stand straight and repeat, or calibrate again",
    (messages.UNDO, messages.NOT_CALIBRATED): f"nothing was calibrated in the last {messages.UNDO_S} s; "
    "calibrate or re-zero again",
    (messages.UNDO, messages.BUSY): "it is measuring; wait for its answer and repeat",
    (messages.BUZZ, messages.BATTERY_LOW): "its battery is too low for the motor; charge it and repeat",
    (messages.PLAY_PATTERN, messages.BATTERY_LOW): "its battery is too low for the motor; charge it and repeat",
    (messages.PLAY_PATTERN, messages.OUT_OF_RANGE): "you have not given it a pattern of your own yet; "
    "`unslouch buzz --times 300,150,300` does",
    (messages.SET_OWN_PATTERN, messages.OUT_OF_RANGE): "these times are no pattern it can play",
    (messages.UPDATE_STATE, messages.UNKNOWN_REQUEST): "its firmware is older than updates over Bluetooth; plug it in "
    "and run `unslouch flash` once more by cable",
    (messages.UPDATE_BEGIN, messages.BUSY): "it is still trying out the firmware that it got last, or another computer "
    "updates it; wait five minutes and repeat",
    (messages.SELECT_PROFILE, messages.OUT_OF_RANGE): f"it has no such profile, only 1 to {messages.PROFILES}",
}
"""The meaning of a status for one kind of request, where it differs from the general one."""


def refusal(action: str, name: str, status: int, kind: int | None = None) -> Refused:
    """Return the error for a reply of this status to a request of a kind that the wearer knows as `action`."""
    unknown = f"it answered with the unknown status {status}; bring host and firmware up to date"
    why = _REFUSALS_BY_REQUEST.get((kind, status)) if kind is not None else None
    why = why or _REFUSALS.get(status, unknown)
    return Refused(f"The sensor at {name} refused to {action}: {why}.", status)
