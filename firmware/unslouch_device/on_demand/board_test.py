"""Tests the parts around the motion sensor: motor, supplies, radio, flash and memory."""

from ..contract.board_test import TEST_FAILED, TEST_IMPOSSIBLE, TEST_PASSED, pack_board_test
from ..files import load, remove, save

_PATTERN = bytes(range(256))
_HEAP_BYTES = 2048  # in one piece: more than any single buffer of the app


async def run(app) -> bytes:
    """Test the parts of the App one after the other, and return the data of BOARD_TEST's reply."""
    power = app.power
    return pack_board_test(
        await app.motor.test(),
        int(power.external()) if power.knows_external else TEST_IMPOSSIBLE,
        power.battery_mV,
        await app.radio.test(),
        _flash(app.folder + "/test.bin", app.journal),
        _heap(),
    )


def _flash(path: str, journal) -> int:
    """Write a file and read it back."""
    journal.interlude()
    try:
        save(path, _PATTERN)
        same = load(path) == _PATTERN
    except OSError:
        same = False
    remove(path)
    return TEST_PASSED if same else TEST_FAILED


def _heap() -> int:
    try:
        return TEST_PASSED if len(bytearray(_HEAP_BYTES)) == _HEAP_BYTES else TEST_FAILED
    except MemoryError:
        return TEST_FAILED
