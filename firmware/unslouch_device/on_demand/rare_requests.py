"""Requests that a wearer seldom makes: undoing a calibration, feeling a pattern, and setting one's own."""

from ..contract import messages as m
from ..contract.patterns import OWN
from ..contract.payloads import pack_number
from . import load


def answer(app, kind: int, *fields) -> "tuple[int, bytes]":
    """Return the status and the data of the reply to one of the rare requests of contract.messages."""
    if kind == m.UNDO:
        status = load("undo").undo(app.calibrating)
        return status, pack_number(app.config.calibration_id) if status == m.OK else b""
    patterns = load("patterns")
    if kind == m.GET_OWN_PATTERN:
        return m.OK, patterns.own_pattern(app.config)
    if kind == m.SET_OWN_PATTERN:
        try:
            return m.OK if patterns.keep_own_pattern(app.config, fields[0]) else m.OUT_OF_RANGE, b""
        except OSError:
            return m.FLASH_FAILED, b""
    if fields[0] > OWN or (fields[0] == OWN and not any(patterns.own_pattern(app.config))):
        return m.OUT_OF_RANGE, b""
    app.feedback.alert(1, fields[0])
    return m.OK, b""
