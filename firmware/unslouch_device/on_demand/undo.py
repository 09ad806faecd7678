"""Undoing the last calibration or re-zero, as long as Profiles keeps what it has replaced."""

from ..contract import messages as m
from ..contract import records as r


def undo(calibrating) -> int:
    """Give the active profile the calibration back that it had, or none if it had none; return a status."""
    profiles = calibrating.profiles
    if calibrating.busy:
        return m.BUSY
    if not calibrating.may_undo():
        return m.NOT_CALIBRATED
    try:
        profiles.undo()
    except OSError:
        return m.FLASH_FAILED
    calibrating.apply()
    calibrating.event_log.note_now(r.CALIBRATION_UNDONE, profiles.active.calibration_id, profiles.index)
    calibrating.event_log.flush()  # a page must not name a calibration that no event explains
    return m.OK
