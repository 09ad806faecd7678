"""Telemetry: LIVE, STATUS and EVENT frames as the host's own types."""

from unslouch_device.contract import payloads, records, states

from .model import BoardStatus, JournalEvent, LiveSample


class TelemetryError(ValueError):
    """A payload is not what the contract says."""


def decode_live(payload: bytes, base_uptime_ms: int) -> LiveSample:
    """Return a LIVE frame; base_uptime_ms, a full uptime from lately, supplies the upper bits of its own."""
    try:
        live = payloads.Live(payload)
    except payloads.PayloadError as error:
        raise TelemetryError(f"live sample of {len(payload)} bytes") from error
    if live.state >= len(states.STATE_NAMES) or live.activity >= len(states.ACTIVITY_NAMES):
        raise TelemetryError(f"live sample of state {live.state}, activity {live.activity}")
    measured = live.state != states.UNKNOWN  # else tilt means nothing, whatever it says
    return LiveSample(
        uptime_ms=records.full_uptime_ms(live.uptime_low_ms, base_uptime_ms),
        forward_deg=_degrees(live.forward_cdeg) if measured else None,
        lateral_deg=_degrees(live.lateral_cdeg) if measured else None,
        state=live.state,
        activity=live.activity,
        alerting=bool(live.flags & payloads.LIVE_ALERTING),
        snoozed=bool(live.flags & payloads.LIVE_SNOOZED),
        tracking_only=bool(live.flags & payloads.LIVE_TRACKING_ONLY),
        above_threshold_s=live.above_threshold_s,
    )


def decode_status(payload: bytes) -> BoardStatus:
    """Return a STATUS frame."""
    try:
        status = payloads.Status(payload)
    except payloads.PayloadError as error:
        raise TelemetryError(f"status of {len(payload)} bytes") from error
    return BoardStatus(
        uptime_ms=status.uptime_ms,
        battery_mV=status.battery_mV,
        battery_percent=None if status.battery_percent == payloads.BATTERY_UNKNOWN else status.battery_percent,
        external_power=bool(status.power_flags & payloads.POWER_EXTERNAL),
        snooze_left_s=status.snooze_left_s,
        oldest_sequence=status.oldest_sequence,
        next_sequence=status.next_sequence,
        alerts=status.alerts,
        samples_lost=status.samples_lost,
        settings_revision=status.settings_revision,
        calibration_id=status.calibration_id,
        profile=status.profile,
        sensor_moved=bool(status.notices & payloads.NOTICE_SENSOR_MOVED),
        delay_s=status.delay_s,
        sleeps_deeply=bool(status.notices & payloads.NOTICE_SLEEPS_DEEPLY),
    )


def decode_event(payload: bytes, base_uptime_ms: int) -> JournalEvent:
    """Return an EVENT frame; base_uptime_ms as for decode_live()."""
    if len(payload) != records.RECORD_BYTES or not records.is_event(payload):
        raise TelemetryError(f"event of {len(payload)} bytes")
    event = records.EventRecord(payload)
    uptime_ms = records.full_uptime_ms(event.uptime_low_ms, base_uptime_ms)
    return JournalEvent(event.code, event.name, uptime_ms, event.fields)


def _degrees(cdeg: int) -> float | None:
    return None if cdeg == records.TILT_UNKNOWN else cdeg / 100
