"""One attempt at a calibration: waits for the posture or the bow that CALIBRATE, REZERO, BOW or STANDING ask for."""

from ..contract import messages as m
from ..port import sleep_ms
from ..sense.calibration import PENDING, BowCalibrator, Calibrator

# Seconds of stillness, and after how many an attempt without them ends.
_STILL_S = {m.CALIBRATE: (3, 20), m.REZERO: (1, 5), m.STANDING: (5, 20)}
_SILENCE_MS = 2000  # beyond a calibrator's patience: no samples come to count


def calibrator_of(kind: int, imu, profile) -> "BowCalibrator | Calibrator":
    """Return what the sampler is to feed during an attempt. imu: the motion sensor. profile: the active one."""
    if kind == m.BOW:
        return BowCalibrator(imu.rate_hz, profile.up, profile.forward)
    return Calibrator(imu.rate_hz, imu.gyro_dps_per_count, *_STILL_S[kind])


async def wait(calibrator, uptime) -> int:
    """Wait for the end of an attempt and return its outcome, a status."""
    give_up_ms = uptime.now_ms() + calibrator.patience_s * 1000 + _SILENCE_MS
    while calibrator.outcome == PENDING:
        if uptime.now_ms() >= give_up_ms:
            return m.MOVED
        await sleep_ms(50)
    return calibrator.outcome
