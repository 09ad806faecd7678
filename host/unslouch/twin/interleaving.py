"""Interrupts between any two steps of the firmware, as they come on an ESP32, where the radio's stack is another task.

A step is a bytecode of CPython; MicroPython has others and lets interrupts in at fewer places, so that this is the
unkinder. What is thrown in may also raise, for instance MemoryError.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Final

import unslouch_device

_FIRMWARE: Final = str(Path(unslouch_device.__file__).parent)


@dataclass(frozen=True)
class Interleaving:
    """An action of the firmware, what interrupts it, and what has to be so afterwards."""

    action: Callable[[], object]
    interrupt: Callable[[], object]
    check: Callable[[], None]


class _Interrupter:
    """Counts the steps of the firmware's own code, and interrupts before one."""

    def __init__(self, step: int, interrupt: Callable[[], object]) -> None:
        self._left = step
        self._interrupt = interrupt
        self.done = False

    def run(self, action: Callable[[], object]) -> None:
        """Do something with interruption; coverage and debuggers are back afterwards."""
        before = sys.gettrace()
        sys.settrace(self._enter)
        try:
            action()
        finally:
            sys.settrace(before)

    def _enter(self, frame: FrameType, event: str, argument: Any) -> Callable[..., Any] | None:
        if not frame.f_code.co_filename.startswith(_FIRMWARE):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return self._step

    def _step(self, frame: FrameType, event: str, argument: Any) -> Callable[..., Any]:
        if event == "opcode" and not self.done:
            if not self._left:
                self.done = True
                self._interrupt()  # Python traces nothing of it
            self._left -= 1
        return self._step


def interrupt_everywhere(begin: Callable[[], Interleaving], first_step: int = 0) -> int:
    """Run an action anew for each of its steps, each time interrupted before another; returns how many there were.

    `begin` makes everything afresh. What the action or the check raises comes with the number of the step.
    """
    step = first_step
    while True:
        interleaving = begin()
        interrupter = _Interrupter(step, interleaving.interrupt)
        try:
            interrupter.run(interleaving.action)
            if not interrupter.done:
                return step
            interleaving.check()
        except BaseException as error:
            error.add_note(f"interrupted before step {step}")
            raise
        step += 1
