"""Descriptions: the events and live samples of a sensor in words for the wearer."""

from unslouch_device.contract import messages, records, settings, states

from .model import JournalEvent, LiveSample

MOVED_REMEDY = "sit upright and re-zero, or calibrate again"

_HOW = {
    records.CALIBRATED_UPRIGHT: "upright is where you sit now",
    records.CALIBRATED_REZERO: "re-zeroed to where you sit now",
    records.CALIBRATED_BOW: "your bow showed which way is forward",
}
_CUES = {records.TAKEN_OFF_STILL: "it lies still", records.TAKEN_OFF_COLD: "it lies still and has cooled"}
_WHY_MISSED = {
    records.MISSED_LATE: "still slouching after 30 s",
    records.MISSED_INTERRUPTED: "it ended without sitting up",
}
_WHY_ADAPTED = {
    records.ADAPTED_LONGER: "you corrected yourself unaided",
    records.ADAPTED_SHORTER: "alerts were not corrected",
    records.ADAPTED_RESET: "as set",
}
_WHY_REFUSED = {
    records.REFUSED_NO_BOND: "it wanted to pair while the pairing window was closed",
    records.REFUSED_REPEAT: "it claimed to be a paired one, and wanted to pair again",
    records.REFUSED_SHORT_KEY: "its key is too short",
    records.REFUSED_FULL: "four are paired already",
    records.REFUSED_SILENT: "it didn't encrypt the link",
    records.REFUSED_PAIRING: "its pairing was not safe: it needs LE Secure Connections and an address of its own",
    records.REFUSED_UNKNOWN: "it isn't paired",
}
_HOW_PAIRED = {
    records.PAIRED_SECURE: "by LE Secure Connections",
    records.PAIRED_UNVERIFIED: "perhaps without LE Secure Connections: this firmware doesn't know how its Bluetooth "
    "stack stores keys",
}
_WHY_ASLEEP = {
    records.ASLEEP_OFF_BODY: "nobody wears it",
    records.ASLEEP_EMPTY: "its battery is empty",
    records.ASLEEP_BY_HAND: "its button has switched it off; hold the button until it vibrates to switch it on",
}
_WOKEN_BY = {
    records.WOKEN_BY_TIMER: "by itself",
    records.WOKEN_BY_BUTTON: "by its button",
    records.WOKEN_BY_MOTION: "it was moved",
    records.WOKEN_BY_CABLE: "it was plugged in",
}
_PRESSES = {
    1: "re-zero, or calibrate",
    2: "snooze",
    3: "next profile",
    4: "training or tracking only",
    5: "undo the last calibration",
    records.HELD_FOR_BATTERY: "show the battery",
    records.HELD_TO_PAIR: "let a computer pair",
    records.HELD_TO_SWITCH_OFF: "switch off",
    records.HELD_TO_ERASE: "erase",
    records.HELD_TO_STOP: "stop, until the next start",
    records.HELD_DOWN: "held down; does something lie on it?",
}


def describe_event(event: JournalEvent) -> str:
    """Return a short description, such as "alert at 24 degrees (holding time)", or just the event's name."""
    detail = _detail(event.code, event.fields)
    return f"{event.name}{detail}" if detail else event.name


def _detail(code: int, fields: dict[str, int]) -> str:
    match code, fields:
        case records.ALERT, {"forward_cdeg": forward_cdeg, "mode": mode}:
            return f" at {forward_cdeg / 100:.0f} degrees" + (" (holding time)" if mode == settings.BUDGET_MODE else "")
        case records.ALERT_MISSED, {"why": why}:
            return _after_colon(_WHY_MISSED.get(why))
        case records.CORRECTED, {"latency_ms": latency_ms}:
            return f" {latency_ms / 1000:.0f} s after the alert"
        case records.DELAY_ADAPTED, {"delay_s": delay_s, "why": why}:
            return f" to {delay_s} s" + _after_colon(_WHY_ADAPTED.get(why))
        case records.SENSOR_MOVED, {"walking_cdeg": walking_cdeg, "usual_cdeg": usual_cdeg}:
            return f": you walk {abs(walking_cdeg - usual_cdeg) / 100:.0f} degrees differently; {MOVED_REMEDY}"
        case records.CALIBRATED, {"how": how}:
            return _after_colon(_HOW.get(how))
        case records.CALIBRATION_UNDONE, {"calibration_id": calibration_id}:
            return ": the one before it counts again" if calibration_id else ": there is none now"
        case records.STANDING_ZERO, {"forward_cdeg": forward_cdeg}:
            return f": standing is {round(forward_cdeg / 100):+d} degrees from upright"
        case records.PROFILE_SELECTED | records.PROFILE_NAMED, _:
            profile = fields.get("profile", fields.get("part_profile", 0) & 0x0F)
            return f": number {profile + 1}" if profile < messages.PROFILES else ""
        case records.TAKEN_OFF, {"cue": cue}:
            return _after_colon(_CUES.get(cue))
        case records.SNOOZED, {"minutes": minutes}:
            return f" for {minutes} min" if minutes else ": ended"
        case records.PAIRING, {"window_s": window_s}:
            return f": a computer may pair for {window_s} s" if window_s else ": ended"
        case records.HOST_REFUSED, {"why": why, "times": times}:
            return _after_colon(_WHY_REFUSED.get(why)) + (f" ({times} times)" if times > 1 else "")
        case records.SLEEP_REFUSED, _:
            return ": the motion sensor's interrupt stays high, so it no longer wakes the sensor; check its wire"
        case records.DEEP_SLEEP_BEGAN, {"why": why}:
            return _after_colon(_WHY_ASLEEP.get(why))
        case records.DEEP_SLEEP_ENDED, {"slept_s": slept_s, "woken_by": woken_by}:
            return f" after {slept_s // 3600} h {slept_s // 60 % 60} min" + _after_colon(_WOKEN_BY.get(woken_by))
        case records.HOST_PAIRED, {"hosts": hosts, "how": how}:
            return _after_colon(_HOW_PAIRED.get(how)) + f" ({hosts} known)"
        case records.HOST_FORGOTTEN, {"hosts": hosts}:
            return f" ({hosts} left)"
        case records.BUTTON, {"presses": presses}:
            return _after_colon(_PRESSES.get(presses))
    return ""


def describe_live(sample: LiveSample, delay_s: int | None = None) -> str:
    """Return a live sample in words, such as "leaning, forward 12 lateral -2 degrees, above threshold for 3 s".

    delay_s is the time above the threshold that makes a slouch, where it shall be named too.
    """
    parts = [states.STATE_NAMES[sample.state]]
    if sample.state == states.UNKNOWN:
        parts.append("no data from the motion sensor")
    if sample.forward_deg is not None and sample.lateral_deg is not None:
        parts.append(f"forward {sample.forward_deg:.0f} lateral {sample.lateral_deg:.0f} degrees")
    if sample.above_threshold_s:
        goal = f" of {delay_s}" if delay_s is not None and sample.state == states.LEANING else ""
        parts.append(f"above threshold for {sample.above_threshold_s} s{goal}")
    parts += ["vibrating"] * sample.alerting + ["snoozed"] * sample.snoozed
    return ", ".join(parts).replace("-0 ", "0 ")


def _after_colon(words: str | None) -> str:
    return f": {words}" if words else ""
