"""Runs main.py as a board does when it starts, under any Python: run_main.py MAIN FOLDER RESET_CAUSE."""
# ruff: noqa: PTH123

import os
import sys

MAIN, FOLDER, RESET_CAUSE = sys.argv[1], sys.argv[2], int(sys.argv[3])


class Machine:
    """A reset ends the process with a status of its own."""

    HARD_RESET, WDT_RESET, DEEPSLEEP_RESET = 2, 3, 4

    @staticmethod
    def reset_cause():
        return RESET_CAUSE

    @staticmethod
    def reset():
        print("reset")
        sys.exit(42)


class RTC:
    """Memory that a reset leaves alone, in a file; power-on forgets it."""

    path = FOLDER + ".rtc"

    def memory(self, data=None):
        if data is None:
            try:
                with open(self.path, "rb") as file:
                    return file.read()
            except OSError:
                return b""
        with open(self.path, "wb") as file:
            file.write(data)


if RESET_CAUSE == 1:
    RTC().memory(b"")
Machine.RTC = RTC

if not hasattr(sys, "print_exception"):
    sys.print_exception = lambda error: print(repr(error))


class Micropython:
    """Ctrl+C has to be back wherever the prompt comes."""

    character = 3

    @classmethod
    def kbd_intr(cls, character):
        cls.character = character


sys.modules["machine"] = Machine
sys.modules["micropython"] = Micropython
with open(MAIN) as file:
    source = file.read()
os.chdir(FOLDER)
exec(compile(source, "main.py", "exec"), {"__name__": "__main__"})
print("prompt" if Micropython.character == 3 else "a prompt without Ctrl+C")
