"""Pictures: LIVE, STATUS and EVENT frames as the host's own types."""

import struct

from unslouch_device.contract import messages, records, states

from .model import BoardStatus, JournalEvent, LiveSample


class TelemetryError(ValueError):
    """A payload is not what the contract says."""


def decode_live(payload: bytes, base_uptime_ms: int) -> LiveSample:
    """Return a LIVE frame; base_uptime_ms, a full uptime from lately, supplies the upper bits of its own."""
    try:
        low_ms, forward, lateral, state, activity, flags, above_s = struct.unpack(messages.LIVE_FORMAT, payload)
    except struct.error as error:
        raise TelemetryError(f"live sample of {len(payload)} bytes") from error
    if state >= len(states.STATE_NAMES) or activity >= len(states.ACTIVITY_NAMES):
        raise TelemetryError(f"live sample of state {state}, activity {activity}")
    if state == states.UNKNOWN:
        forward = lateral = records.TILT_UNKNOWN  # whatever it says: nothing was measured
    return LiveSample(
        uptime_ms=records.full_uptime_ms(low_ms, base_uptime_ms),
        forward_deg=_degrees(forward),
        lateral_deg=_degrees(lateral),
        state=state,
        activity=activity,
        alerting=bool(flags & messages.LIVE_ALERTING),
        snoozed=bool(flags & messages.LIVE_SNOOZED),
        tracking_only=bool(flags & messages.LIVE_TRACKING_ONLY),
        above_threshold_s=above_s,
    )


def decode_status(payload: bytes) -> BoardStatus:
    """Return a STATUS frame."""
    try:
        fields = struct.unpack(messages.STATUS_FORMAT, payload)
    except struct.error as error:
        raise TelemetryError(f"status of {len(payload)} bytes") from error
    return BoardStatus(
        uptime_ms=fields[0],
        battery_mV=fields[1],
        battery_percent=None if fields[2] == messages.BATTERY_UNKNOWN else fields[2],
        external_power=bool(fields[3] & messages.POWER_EXTERNAL),
        snooze_left_s=fields[4],
        oldest_sequence=fields[5],
        next_sequence=fields[6],
        alerts=fields[7],
        samples_lost=fields[8],
        settings_revision=fields[9],
        calibration_id=fields[10],
        profile=fields[11],
        sensor_moved=bool(fields[12] & messages.NOTICE_SENSOR_MOVED),
        delay_s=fields[13],
    )


def decode_event(payload: bytes, base_uptime_ms: int) -> JournalEvent:
    """Return an EVENT frame; base_uptime_ms as for decode_live()."""
    if len(payload) != records.RECORD_BYTES or not records.is_event(payload):
        raise TelemetryError(f"event of {len(payload)} bytes")
    code, low_ms, values = records.unpack_event(payload)
    name, _, fields = records.EVENTS.get(code, (f"event {code}", "", ()))
    uptime_ms = records.full_uptime_ms(low_ms, base_uptime_ms)
    return JournalEvent(code, name, uptime_ms, dict(zip(fields, values, strict=False)))


def _degrees(cdeg: int) -> float | None:
    return None if cdeg == records.TILT_UNKNOWN else cdeg / 100
