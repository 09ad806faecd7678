"""One attempt at a calibration: waits for what CALIBRATE, REZERO, BOW or STANDING ask for, and keeps the result."""

from ..contract import messages as m
from ..contract import records as r
from ..port import sleep_ms
from ..sense.axes import axes, shown, up_at
from ..sense.calibration import PENDING, BowCalibrator, Calibrator

# Seconds of stillness, and after how many an attempt without them ends.
_STILL_S = {m.CALIBRATE: (3, 20), m.REZERO: (1, 5), m.STANDING: (5, 20)}
_SILENCE_MS = 2000  # beyond a calibrator's patience: no samples come to count
_STANDING_LIMIT_CDEG = 3000  # standing is no further from sitting upright than that, or it was something else


class Attempt:
    """An attempt under way: the sampler feeds `calibrator` while wait() runs."""

    def __init__(self, kind: int, calibrating, imu, board) -> None:
        """imu: the motion sensor. board: the module of boards/ with the nominal axes."""
        self._kind = kind
        self._calibrating = calibrating
        self._board = board
        profile = calibrating.profiles.active
        if kind == m.BOW:
            self.calibrator: "BowCalibrator | Calibrator" = BowCalibrator(imu.rate_hz, profile.up, profile.forward)
        else:
            self.calibrator = Calibrator(imu.rate_hz, imu.gyro_dps_per_count, *_STILL_S[kind])

    async def wait(self, uptime) -> int:
        """Wait for the end and keep the calibration; return a status."""
        calibrator = self.calibrator
        give_up_ms = uptime.now_ms() + calibrator.patience_s * 1000 + _SILENCE_MS
        while calibrator.outcome == PENDING:
            if uptime.now_ms() >= give_up_ms:
                return m.MOVED
            await sleep_ms(50)
        if calibrator.outcome != m.OK:
            return calibrator.outcome
        try:
            return self._keepers[self._kind](self, calibrator)
        except OSError:
            return m.FLASH_FAILED

    def _keep_upright(self, held: Calibrator) -> int:
        up, forward = axes(held.mean, self._board.FORWARD, self._board.SPARE)
        return self._keep_axes(up, forward, r.CALIBRATED_UPRIGHT, False, None)

    def _keep_rezero(self, held: Calibrator) -> int:
        """Keep the plane of the bow: its p as it lies against the new upright."""
        profile = self._calibrating.profiles.active
        x, y, z = profile.up
        if sum([a * b for a, b in zip(held.mean, profile.forward)]) > 0:
            x, y, z = -x, -y, -z
        up, forward = axes(held.mean, profile.forward, (x, y, z))  # turned by 90°, p and u₀ have changed places
        return self._keep_axes(up, forward, r.CALIBRATED_REZERO, profile.bowed, _standing_cdeg(profile))

    def _keep_bow(self, bow: BowCalibrator) -> int:
        """Take p from the bow; where standing was against upright has not changed, but its angles have."""
        profile = self._calibrating.profiles.active
        up, forward = axes(profile.up, bow.forward, profile.forward)
        standing_cdeg = _standing_cdeg(profile)
        if standing_cdeg is not None:
            standing_cdeg = shown(up, forward, up_at(profile.up, profile.forward, *standing_cdeg))
        return self._keep_axes(up, forward, r.CALIBRATED_BOW, True, standing_cdeg)

    def _keep_axes(self, up, forward, how: int, bowed: bool, standing_cdeg: "tuple[int, int] | None") -> int:
        calibrating = self._calibrating
        completes = how == r.CALIBRATED_BOW and calibrating.may_undo()
        calibration_id = calibrating.profiles.calibrate(up, forward, bowed, standing_cdeg, completes)
        calibrating.allow_undo()
        calibrating.apply()
        calibrating.event_log.note_now(r.CALIBRATED, calibration_id, how, calibrating.profiles.index)
        if standing_cdeg is not None:
            calibrating.event_log.note_now(r.STANDING_ZERO, calibration_id, *standing_cdeg)
        calibrating.event_log.flush()  # a page must not name a calibration that no event explains
        return m.OK

    def _keep_standing(self, held: Calibrator) -> int:
        calibrating = self._calibrating
        profile = calibrating.profiles.active
        standing_cdeg = shown(profile.up, profile.forward, held.mean)
        if max(abs(standing_cdeg[0]), abs(standing_cdeg[1])) > _STANDING_LIMIT_CDEG:
            return m.OUT_OF_RANGE
        calibrating.profiles.stand(*standing_cdeg)
        if calibrating.may_undo():
            calibrating.allow_undo()
        calibrating.measure()
        calibrating.event_log.note_now(r.STANDING_ZERO, profile.calibration_id, *standing_cdeg)
        calibrating.event_log.flush()
        return m.OK

    _keepers: dict = {m.CALIBRATE: _keep_upright, m.REZERO: _keep_rezero, m.BOW: _keep_bow, m.STANDING: _keep_standing}


def _standing_cdeg(profile) -> "tuple[int, int] | None":
    return (profile.standing_forward_cdeg, profile.standing_lateral_cdeg) if profile.stood else None
