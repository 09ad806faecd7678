"""Tests the parts around the motion sensor: motor, supplies, radio, flash and memory."""

from .contract import messages as m
from .contract import payloads as p
from .files import load, remove, save

_PATTERN = bytes(range(256))
_HEAP_BYTES = 2048  # in one piece: more than any single buffer of the app


class SelfTest:
    """Runs one test at a time."""

    def __init__(self, app, folder: str) -> None:
        self._path = folder + "/test.bin"
        self._motor = app.feedback.motor
        self._power = app.power
        self._radio = app.radio
        self._journal = app.journal
        self._tasks = app.tasks
        self._under_way = False

    def begin(self, answer) -> bool:
        """Begin a test; False if one is under way or the motor runs.

        answer: a coroutine function that takes a status of contract.messages and the data of BOARD_TEST's reply.
        """
        if self._under_way or self._motor.running:
            return False
        self._under_way = True
        self._tasks.send_off(self._run, answer)
        return True

    async def _run(self, answer) -> None:
        try:
            external = p.TEST_IMPOSSIBLE if not self._power.knows_external else int(self._power.external())
            data = p.pack_board_test(
                await self._motor.test(),
                external,
                self._power.battery_mV,
                await self._radio.test(),
                self._flash(),
                _heap(),
            )
        finally:
            self._under_way = False
        await answer(m.OK, data)

    def _flash(self) -> int:
        """Write a file and read it back."""
        self._journal.interlude()
        try:
            save(self._path, _PATTERN)
            same = load(self._path) == _PATTERN
        except OSError:
            same = False
        remove(self._path)
        return p.TEST_PASSED if same else p.TEST_FAILED


def _heap() -> int:
    try:
        return p.TEST_PASSED if len(bytearray(_HEAP_BYTES)) == _HEAP_BYTES else p.TEST_FAILED
    except MemoryError:
        return p.TEST_FAILED
