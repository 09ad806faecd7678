"""Telemetry: what the sensor shows of the moment to hosts that have subscribed."""

from ..contract import payloads as p
from ..contract.records import TILT_UNKNOWN
from ..contract.states import UNKNOWN


class Telemetry:
    """Packs live samples and the status; the servers of all links share it."""

    def __init__(self, app) -> None:
        self._pipeline = app.pipeline
        self._motor = app.motor
        self._sampler = app.sampler
        self._uptime = app.uptime
        self._power = app.power
        self._journal = app.journal
        self._config = app.config
        self._resting = app.resting

    def live(self) -> bytes:
        """Return the payload of LIVE."""
        pipeline = self._pipeline
        flags = 0
        if self._motor.running:
            flags |= p.LIVE_ALERTING
        if pipeline.alerter.snooze_samples:
            flags |= p.LIVE_SNOOZED
        if pipeline.alerter.tracking_only:
            flags |= p.LIVE_TRACKING_ONLY
        state = pipeline.posture.state
        forward_cdeg, lateral_cdeg = pipeline.shown_tilt()
        if self._sampler.silent():
            state = UNKNOWN
            forward_cdeg = lateral_cdeg = TILT_UNKNOWN
        return p.pack_live(
            self._uptime.now_ms() & 0xFFFFFFFF,
            forward_cdeg,
            lateral_cdeg,
            state,
            pipeline.shown_activity(),
            flags,
            min(255, pipeline.above_threshold_s()),
        )

    def status(self) -> bytes:
        """Return the payload of STATUS."""
        pipeline = self._pipeline
        notices = p.NOTICE_SENSOR_MOVED if pipeline.walking.moved else 0
        if self._resting.may_sleep_deeply():
            notices |= p.NOTICE_SLEEPS_DEEPLY
        return p.pack_status(
            self._uptime.now_ms(),
            self._power.battery_mV,
            self._power.battery_percent,
            p.POWER_EXTERNAL if pipeline.external_power else 0,
            pipeline.snooze_left_s(),
            self._journal.oldest_sequence,
            self._journal.flushed_sequence,
            self._sampler.alerts & 0xFFFF,
            self._sampler.lost_samples & 0xFFFFFFFF,
            self._config.revision,
            self._config.calibration_id,
            self._config.profiles.index,
            notices,
            pipeline.alerter.delay_s,
        )
