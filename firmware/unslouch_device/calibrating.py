"""Calibrating at the wearer's request, and choosing among profiles: joins sense.calibration, profiles and journal."""

from .contract import messages as m
from .contract import records as r
from .contract.payloads import pack_number, pack_standing_reply
from .contract.states import CHARGING, OFF_BODY
from .parts.motor import DONE_PATTERN
from .port import sleep_ms
from .sense.calibration import PENDING, BowCalibrator, Calibrator
from .sense.tilt import axes, shown, up_at

# Seconds of stillness, and after how many an attempt without them ends.
_STILL_S = {m.CALIBRATE: (3, 20), m.REZERO: (1, 5), m.STANDING: (5, 20)}
_SILENCE_MS = 2000  # beyond a calibrator's patience: no samples come to count
_STANDING_LIMIT_CDEG = 3000  # standing is no further from sitting upright than that, or it was something else
_COUNT_PULSE_MS = 100
_COUNT_PAUSE_MS = 200


class Calibrating:
    """Calibrations and profiles: `begin` an attempt, `select` and `rename` profiles.

    One attempt at a time; the profile stays the same while it lasts (`busy`).
    """

    def __init__(self, app, board, imu) -> None:
        """board: the module of boards/ whose nominal axes serve until a bow shows the wearer's own."""
        self._board = board
        self._imu = imu
        self._config = app.config
        self._profiles = app.config.profiles
        self._pipeline = app.pipeline
        self._journal = app.journal
        self._served = app.served
        self._uptime = app.uptime
        self._log = app.event_log
        self._feedback = app.feedback
        self._tasks = app.tasks
        self.waiting = False  # whether an attempt is about to begin
        self.apply()

    @property
    def busy(self) -> bool:
        """Whether an attempt is under way, or about to begin."""
        return self.waiting or self._served.calibrator is not None

    def begin(self, kind: int, answer) -> None:
        """Begin what CALIBRATE, REZERO, BOW or STANDING ask for; `answer(status, data)` is awaited at its end."""
        self._tasks.send_off(self._attempt, kind, answer)

    def apply(self) -> None:
        """Let the pipeline measure, and the journal record, under the active profile."""
        pipeline = self._pipeline
        profile = self._profiles.active
        if profile.calibration_id:
            pipeline.calibrate(profile.up, profile.forward, profile.standing_forward_cdeg)
        else:
            pipeline.uncalibrate()
        pipeline.walking.restore(profile.usual_cdeg, profile.walked_s)  # zeros after calibrating
        self._journal.context(self._config.revision, profile.calibration_id)

    # Profiles

    def select(self, index: int) -> None:
        """Make another profile the active one; raises OSError, and changes nothing, if flash fails."""
        if index != self._profiles.index:
            if self._profiles.active.calibration_id:
                self.remember_walking()
            self._profiles.select(index)
            self.apply()
            self._log.note_now(r.PROFILE_SELECTED, index, self._profiles.active.calibration_id)
            self._log.flush()
        self._feedback.play((_COUNT_PULSE_MS, _COUNT_PAUSE_MS) * index + (_COUNT_PULSE_MS,))

    def select_next(self) -> None:
        """Make the next profile that has a calibration the active one; raises like select()."""
        for step in range(1, m.PROFILES + 1):
            index = (self._profiles.index + step) % m.PROFILES
            if self._profiles.all[index].calibration_id or step == m.PROFILES:
                self.select(index)
                return

    def rename(self, index: int, name: bytes) -> None:
        """Name a profile in UTF-8, an empty name clears it; raises OSError, and changes nothing, if flash fails."""
        self._profiles.rename(index, name)
        for part in r.name_parts(index, name):
            self._log.note_now(r.PROFILE_NAMED, *part)
        self._log.flush()

    def remember_walking(self) -> None:
        """Keep in the active profile what walking has come to look like; raises OSError if flash fails."""
        walking = self._pipeline.walking
        walking.learned = False  # even if it fails: not again before there is more to keep
        self._profiles.remember_walking(walking.usual_cdeg, walking.walked_s)

    # Attempts

    async def _attempt(self, kind: int, answer) -> None:
        status = self._refusal(kind)
        if status == m.OK:
            status = await self._calibrate(kind)
        if status != m.OK:
            await answer(status, b"")
            return
        self._feedback.play(DONE_PATTERN)
        profile = self._profiles.active
        if kind == m.STANDING:
            data = pack_standing_reply(profile.standing_forward_cdeg, profile.standing_lateral_cdeg)
        else:
            data = pack_number(profile.calibration_id)
        await answer(m.OK, data)

    def _refusal(self, kind: int) -> int:
        if self.busy:
            return m.BUSY
        if self._pipeline.posture.state in (CHARGING, OFF_BODY):
            return m.NOT_WORN
        if kind != m.CALIBRATE and not self._profiles.active.calibration_id:
            return m.NOT_CALIBRATED
        return m.OK

    async def _calibrate(self, kind: int) -> int:
        calibrator = self._calibrator(kind)
        uptime = self._uptime
        give_up_ms = uptime.now_ms() + calibrator.patience_s * 1000 + _SILENCE_MS
        self._served.calibrator = calibrator
        try:
            while calibrator.outcome == PENDING and uptime.now_ms() < give_up_ms:
                await sleep_ms(50)
        finally:
            self._served.calibrator = None
        if calibrator.outcome == PENDING:
            return m.MOVED
        if calibrator.outcome != m.OK:
            return calibrator.outcome
        try:
            return self._keepers[kind](self, calibrator)
        except OSError:
            return m.FLASH_FAILED

    def _calibrator(self, kind: int):
        if kind == m.BOW:
            profile = self._profiles.active
            return BowCalibrator(self._imu.rate_hz, profile.up, profile.forward)
        return Calibrator(self._imu.rate_hz, self._imu.gyro_dps_per_count, *_STILL_S[kind])

    def _keep_upright(self, found: Calibrator) -> int:
        up, forward = axes(found.mean, self._board.FORWARD, self._board.SPARE)
        return self._keep_axes(up, forward, r.CALIBRATED_UPRIGHT, False, None)

    def _keep_rezero(self, found: Calibrator) -> int:
        """Keep the plane of the bow: its p as it lies against the new upright."""
        profile = self._profiles.active
        x, y, z = profile.up
        if sum([a * b for a, b in zip(found.mean, profile.forward)]) > 0:
            x, y, z = -x, -y, -z
        up, forward = axes(found.mean, profile.forward, (x, y, z))  # turned by 90°, p and u₀ have changed places
        return self._keep_axes(up, forward, r.CALIBRATED_REZERO, profile.bowed, _standing_cdeg(profile))

    def _keep_bow(self, found: BowCalibrator) -> int:
        """Take p from the bow; where standing was against upright has not changed, but its angles have."""
        profile = self._profiles.active
        up, forward = axes(profile.up, found.forward, profile.forward)
        standing_cdeg = _standing_cdeg(profile)
        if standing_cdeg is not None:
            standing_cdeg = shown(up, forward, up_at(profile.up, profile.forward, *standing_cdeg))
        return self._keep_axes(up, forward, r.CALIBRATED_BOW, True, standing_cdeg)

    def _keep_axes(self, up, forward, how: int, bowed: bool, standing_cdeg: "tuple[int, int] | None") -> int:
        calibration_id = self._profiles.calibrate(up, forward, bowed, standing_cdeg)
        self.apply()
        self._log.note_now(r.CALIBRATED, calibration_id, how, self._profiles.index)
        if standing_cdeg is not None:
            self._log.note_now(r.STANDING_ZERO, calibration_id, *standing_cdeg)
        self._log.flush()  # a page must not name a calibration that no event explains
        return m.OK

    def _keep_standing(self, found: Calibrator) -> int:
        profile = self._profiles.active
        standing_cdeg = shown(profile.up, profile.forward, found.mean)
        if max(abs(standing_cdeg[0]), abs(standing_cdeg[1])) > _STANDING_LIMIT_CDEG:
            return m.OUT_OF_RANGE
        self._profiles.stand(*standing_cdeg)
        self._pipeline.calibrate(profile.up, profile.forward, profile.standing_forward_cdeg)
        self._log.note_now(r.STANDING_ZERO, profile.calibration_id, *standing_cdeg)
        self._log.flush()
        return m.OK

    _keepers: dict = {m.CALIBRATE: _keep_upright, m.REZERO: _keep_rezero, m.BOW: _keep_bow, m.STANDING: _keep_standing}


def _standing_cdeg(profile) -> "tuple[int, int] | None":
    return (profile.standing_forward_cdeg, profile.standing_lateral_cdeg) if profile.stood else None
