"""The two packs of a simulated board: main.py itself chooses the one that starts, and that one has to be whole.

A pack here is any bytes and, at its end, their SHA-256: what runs is the source of the firmware, whichever is chosen.
"""

import os
import sys
from hashlib import sha256

DIGEST_BYTES = 32
FIRST = b"the pack that was installed by cable" * 300


class Slots:
    """A folder as main.py and the firmware's `slots` have it, with a slash at the end."""

    def __init__(self, folder: str, main_py: str) -> None:
        """main_py: the path of root/main.py."""
        self.folder = folder if folder.startswith("/") else os.getcwd() + "/" + folder  # noqa: PTH109
        self.switches = 0  # from one pack to the other
        self._letter = "a"
        with open(main_py) as file:  # noqa: PTH123 - MicroPython has no pathlib
            source = file.read()
        self._functions = source[: source.rindex("\nmain()")]
        os.mkdir(folder[:-1])  # noqa: PTH102
        for name, data in (("main.py", source), ("slot", "a")):
            with open(folder + name, "w") as file:  # noqa: PTH123
                file.write(data)
        with open(folder + "a.pack", "wb") as file:  # noqa: PTH123
            file.write(FIRST + sha256(FIRST).digest())

    def choose(self, machine) -> None:
        """Let main.py choose the pack of a boot; raises RuntimeError if that pack is damaged."""
        letter = self._call(machine, "due") or self._call(machine, "due")  # after safe mode the next reset tries again
        with open(self.folder + letter + ".pack", "rb") as file:  # noqa: PTH123
            data = file.read()
        if sha256(data[:-DIGEST_BYTES]).digest() != data[-DIGEST_BYTES:]:
            raise RuntimeError("a damaged pack was started", letter, len(data))
        self.switches += letter != self._letter
        self._letter = letter

    def crash(self, machine) -> None:
        """Let main.py note that the firmware has raised an exception."""
        self._call(machine, "failed", self._letter)

    def _call(self, machine, name: str, *arguments):
        """Call a function of main.py, which works in the folder that MicroPython starts in."""
        here = os.getcwd()  # noqa: PTH109
        os.chdir(self.folder)
        sys.modules["machine"] = machine
        try:
            functions = {"__name__": "main"}
            exec(self._functions, functions)
            return functions[name](*arguments)
        finally:
            del sys.modules["machine"]
            os.chdir(here)
