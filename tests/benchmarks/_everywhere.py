"""Gives benchmarks the interpreters that firmware tests run under, and chooses one."""

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE.parent / "interpreters"), str(HERE.parent / "firmware")]  # and what firmware tests share

import interpreters  # noqa: E402 - found through the line above
from interpreters import CPYTHON, MICROPYTHON_AMD64, MICROPYTHON_I386, MICROPYTHON_WASM, Interpreter  # noqa: E402

FIRMWARE = interpreters.ROOT / "firmware"
EVERY = (CPYTHON, MICROPYTHON_I386, MICROPYTHON_AMD64, MICROPYTHON_WASM)


class SystemMicroPython(Interpreter):
    """The `micropython` on this machine's PATH."""

    @property
    def executable(self) -> Path:
        return Path(shutil.which("micropython") or "micropython")


def micropython() -> Interpreter:
    """The MicroPython here that resembles the board most; raises FileNotFoundError where there is none."""
    candidates = (MICROPYTHON_I386, MICROPYTHON_AMD64, SystemMicroPython("micropython"), MICROPYTHON_WASM)
    for candidate in candidates:
        if candidate.missing() is None:
            return candidate
    raise FileNotFoundError("There is no MicroPython here; `make interpreters` fetches one, or says why it can't.")
