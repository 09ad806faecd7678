"""Keeps what an attempt has measured as the active profile's calibration or standing zero, and records it."""

from ..contract import messages as m
from ..contract import records as r
from ..sense.axes import axes, shown, up_at

_STANDING_LIMIT_CDEG = 3000  # standing is no further from sitting upright than that, or it was something else


def keep(kind: int, calibrating, direction) -> int:
    """Keep the direction that an attempt of this kind has measured; return a status. Raises OSError if flash fails."""
    return _KEEPERS[kind](calibrating, direction)


def _keep_upright(calibrating, up) -> int:
    board = calibrating.board
    up, forward = axes(up, board.FORWARD, board.SPARE)
    return _keep_axes(calibrating, up, forward, r.CALIBRATED_UPRIGHT, False, None)


def _keep_rezero(calibrating, up) -> int:
    """Keep the plane of the bow: its p as it lies against the new upright."""
    profile = calibrating.profiles.active
    x, y, z = profile.up
    if sum([a * b for a, b in zip(up, profile.forward)]) > 0:
        x, y, z = -x, -y, -z
    up, forward = axes(up, profile.forward, (x, y, z))  # turned by 90°, p and u₀ have changed places
    return _keep_axes(calibrating, up, forward, r.CALIBRATED_REZERO, profile.bowed, _standing_cdeg(profile))


def _keep_bow(calibrating, forward) -> int:
    """Take p from the bow; where standing was against upright has not changed, but its angles have."""
    profile = calibrating.profiles.active
    up, forward = axes(profile.up, forward, profile.forward)
    standing_cdeg = _standing_cdeg(profile)
    if standing_cdeg is not None:
        standing_cdeg = shown(up, forward, up_at(profile.up, profile.forward, *standing_cdeg))
    return _keep_axes(calibrating, up, forward, r.CALIBRATED_BOW, True, standing_cdeg)


def _keep_axes(calibrating, up, forward, how: int, bowed: bool, standing_cdeg: "tuple[int, int] | None") -> int:
    completes = how == r.CALIBRATED_BOW and calibrating.may_undo()
    calibration_id = calibrating.profiles.calibrate(up, forward, bowed, standing_cdeg, completes)
    calibrating.allow_undo()
    calibrating.apply()
    calibrating.event_log.note_now(r.CALIBRATED, calibration_id, how, calibrating.profiles.index)
    if standing_cdeg is not None:
        calibrating.event_log.note_now(r.STANDING_ZERO, calibration_id, *standing_cdeg)
    calibrating.event_log.flush()  # a page must not name a calibration that no event explains
    return m.OK


def _keep_standing(calibrating, up) -> int:
    profile = calibrating.profiles.active
    standing_cdeg = shown(profile.up, profile.forward, up)
    if max(abs(standing_cdeg[0]), abs(standing_cdeg[1])) > _STANDING_LIMIT_CDEG:
        return m.OUT_OF_RANGE
    calibrating.profiles.stand(*standing_cdeg)
    if calibrating.may_undo():
        calibrating.allow_undo()
    calibrating.measure()
    calibrating.event_log.note_now(r.STANDING_ZERO, profile.calibration_id, *standing_cdeg)
    calibrating.event_log.flush()
    return m.OK


def _standing_cdeg(profile) -> "tuple[int, int] | None":
    return (profile.standing_forward_cdeg, profile.standing_lateral_cdeg) if profile.stood else None


_KEEPERS = {m.CALIBRATE: _keep_upright, m.REZERO: _keep_rezero, m.BOW: _keep_bow, m.STANDING: _keep_standing}
