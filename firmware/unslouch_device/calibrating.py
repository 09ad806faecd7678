"""Calibrating at the wearer's request, and choosing among profiles: joins profiles, pipeline and journal."""

from .contract import messages as m
from .contract import records as r
from .contract.payloads import pack_number, pack_standing_reply
from .contract.states import CHARGING, OFF_BODY
from .on_demand import NotLoaded, load
from .parts.motor import DONE_PATTERN

_COUNT_PULSE_MS = 100
_COUNT_PAUSE_MS = 200


class Calibrating:
    """Calibrations and profiles: `begin` an attempt, `select` and `rename` profiles.

    One attempt at a time; the profile stays the same while it lasts (`busy`).
    """

    def __init__(self, app, board, imu) -> None:
        """board: the module of boards/ whose nominal axes serve until a bow shows the wearer's own."""
        self.board = board
        self._imu = imu
        self._config = app.config
        self.profiles = app.config.profiles
        self._pipeline = app.pipeline
        self._journal = app.journal
        self._served = app.served
        self._uptime = app.uptime
        self.event_log = app.event_log
        self._feedback = app.feedback
        self._tasks = app.tasks
        self.waiting = False  # whether an attempt is about to begin
        self._undo_until_ms = 0  # an uptime
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
        profile = self.profiles.active
        if profile.calibration_id:
            self.measure()
        else:
            pipeline.uncalibrate()
        pipeline.walking.restore(profile.usual_cdeg, profile.walked_s)  # zeros after calibrating
        self._journal.context(self._config.revision, profile.calibration_id)

    def measure(self) -> None:
        """Let the pipeline measure with the axes of the active profile, which has a calibration."""
        profile = self.profiles.active
        self._pipeline.calibrate(profile.up, profile.forward, profile.standing_forward_cdeg)

    def may_undo(self) -> bool:
        """Return whether the last calibration of the active profile may still be taken back."""
        return self.profiles.can_undo and self._uptime.now_ms() < self._undo_until_ms

    def allow_undo(self) -> None:
        """Let the last calibration be taken back from now on for UNDO_S."""
        self._undo_until_ms = self._uptime.now_ms() + m.UNDO_S * 1000

    # Profiles

    def select(self, index: int) -> None:
        """Make another profile the active one; raises OSError, and changes nothing, if flash fails."""
        if index != self.profiles.index:
            if self.profiles.active.calibration_id:
                self.remember_walking()
            self.profiles.select(index)
            self.apply()
            self.event_log.note_now(r.PROFILE_SELECTED, index, self.profiles.active.calibration_id)
            self.event_log.flush()
        self._feedback.play((_COUNT_PULSE_MS, _COUNT_PAUSE_MS) * index + (_COUNT_PULSE_MS,))

    def select_next(self) -> None:
        """Make the next profile that has a calibration the active one; raises like select()."""
        for step in range(1, m.PROFILES + 1):
            index = (self.profiles.index + step) % m.PROFILES
            if self.profiles.all[index].calibration_id or step == m.PROFILES:
                self.select(index)
                return

    def rename(self, index: int, name: bytes) -> None:
        """Name a profile in UTF-8, an empty name clears it; raises OSError, and changes nothing, if flash fails."""
        self.profiles.rename(index, name)
        for part in r.name_parts(index, name):
            self.event_log.note_now(r.PROFILE_NAMED, *part)
        self.event_log.flush()

    def remember_walking(self) -> None:
        """Keep in the active profile what walking has come to look like; raises OSError if flash fails."""
        walking = self._pipeline.walking
        walking.learned = False  # even if it fails: not again before there is more to keep
        self.profiles.remember_walking(walking.usual_cdeg, walking.walked_s)

    # Attempts

    async def _attempt(self, kind: int, answer) -> None:
        status = self._refusal(kind)
        if status == m.OK:
            status = await self._calibrate(kind)
        if status != m.OK:
            await answer(status, b"")
            return
        self._feedback.play(DONE_PATTERN)
        profile = self.profiles.active
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
        if kind != m.CALIBRATE and not self.profiles.active.calibration_id:
            return m.NOT_CALIBRATED
        return m.OK

    async def _calibrate(self, kind: int) -> int:
        """Measure, then keep the result: two modules, since memory is shortest where a file is opened."""
        try:
            status, direction = await self._measure(kind)
            if status == m.OK:
                status = load("keep_calibration").keep(kind, self, direction)
        except NotLoaded:
            return m.BUSY
        except OSError:
            return m.FLASH_FAILED
        return status

    async def _measure(self, kind: int):
        """Return an attempt's outcome and the direction that it has measured: up, or forward for a bow."""
        attempt = load("attempt")
        calibrator = attempt.calibrator_of(kind, self._imu, self.profiles.active)
        self._served.calibrator = calibrator
        try:
            status = await attempt.wait(calibrator, self._uptime)
        finally:
            self._served.calibrator = None
        return status, calibrator.forward if kind == m.BOW else calibrator.mean
