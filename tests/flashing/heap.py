"""The least heap with which a board lives a day, in native i386 MicroPython: see heap_day.py, which runs there."""

import json
import re
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from interpreters import MICROPYTHON_I386, ROOT
from unslouch.flashing.compile import compiled, firmware_folder, sources
from unslouch.flashing.pack import packed
from unslouch.flashing.shrink.program import names_of, shrunk, translated

HERE = Path(__file__).parent
X86 = 6 | 3 << 8 | 1 << 10
REFERENCE = "xiao_esp32s3"
BLOCKS = 512  # 2 MiB, as on a board with 4 MB of flash
MINUTES = 65  # of a day, after pairing and calibrating
PLENTY_KIB = 1024
MOST_KIB = 320
TIMEOUT_S = 240


@dataclass(frozen=True)
class Life:
    """What was in use, in bytes beyond what the harness held before main.py, and what the host saw."""

    held_bytes: int
    """What the harness holds: MicroPython, the simulated chips and the host."""
    loaded_bytes: int
    """All code of the firmware, before the app is made."""
    live_bytes: int
    """In use in the last minute, no host being there."""
    peak_bytes: int
    """The most that was ever in use."""
    pages: int
    live_samples: int
    syncs: int
    holders: dict[str, int]
    """Bytes of attributes and buffers by class; those of code are not among them."""


class Bench:
    """A flash with the reference board's pack, and the files that a board needs to live a day on it."""

    def __init__(self, folder: Path, minutes: int = MINUTES) -> None:
        self._folder = folder
        self._minutes = minutes
        self._firmware = firmware_folder()
        names = names_of(self._firmware)
        self._class = names["app__App"]
        self._long = {short: name.rpartition("__")[2] for name, short in names.items()}
        self._image = folder / "flash.bin"
        root = folder / "root"
        root.mkdir()
        files = compiled(shrunk(sources(self._firmware, REFERENCE, machine_code=True), self._firmware), "x86", X86)
        (root / "a.pack").write_bytes(packed(files).data)
        (root / "slot").write_text("a")
        shutil.copy(self._firmware / "root" / "main.py", root / "main.py")
        run = MICROPYTHON_I386.run(HERE / "write_flash.py", str(self._image), str(BLOCKS), str(root))
        assert run.returncode == 0, run.stdout + run.stderr
        self._world = folder / "world"
        self._world.mkdir()
        shutil.copy(self._firmware / "boards" / f"{REFERENCE}.py", self._world / "wiring.py")
        board = (ROOT / "tests" / "soak" / "fake_board.py").read_text(encoding="utf-8")
        wanted = f"from unslouch_device.boards import {REFERENCE} as wiring"
        assert wanted in board
        fake = {"fake_board.py": board.replace(wanted, "import wiring")}  # compiled, it has fewer names: see py/qstr.c
        (self._world / "fake_board.mpy").write_bytes(compiled(fake, "x86", X86)["fake_board.mpy"])

    def live(self, heap_kib: int, measure: bool = False) -> Life | str:
        """Live the day with a heap; return what it took, or why it ended early."""
        image = self._folder / f"flash-{heap_kib}.bin"
        shutil.copy(self._image, image)
        try:
            run = MICROPYTHON_I386.run(
                HERE / "heap_day.py",
                *(str(image), str(BLOCKS), str(self._minutes), "measure" if measure else "live", self._class),
                path=(self._world,),
                timeout_s=TIMEOUT_S,
                heap_kib=heap_kib,
            )
        finally:
            image.unlink()
        if run.returncode != 0 or not run.stdout.strip().endswith("}"):
            return translated((run.stdout + run.stderr)[-2000:], names_of(self._firmware))
        result = json.loads(run.stdout.splitlines()[-1])
        holders: Counter[str] = Counter()
        for name, size in result.pop("holders").items():
            holders[self._long.get(name, name)] += size
        return Life(holders=dict(holders.most_common()), **result)

    def least_kib(self, life: Life) -> int:
        """Return the least heap beyond what the harness holds, found by bisection."""
        held_kib = -(-life.held_bytes // 1024)
        low, high = 32, MOST_KIB  # the day fails with low, and succeeds with high
        while high - low > 1:
            middle = (low + high) // 2
            if isinstance(self.live(held_kib + middle), Life):
                high = middle
            else:
                low = middle
        return high


def code_holders(firmware: Path) -> Counter[str]:
    """Return the bytes of source that a pack has of each module, as a share of its code."""
    names = {short: name for name, short in names_of(firmware).items()}
    found: Counter[str] = Counter()
    text = shrunk(sources(firmware, REFERENCE, machine_code=True), firmware)["unslouch_device/start.py"]
    data = compiled({"start.py": text}, "x86", X86)["start.mpy"]
    found["start.mpy"] = len(data)
    for short in re.findall(r"^(?:class|def|async def) (\w+)", text, re.M):
        found[names.get(short, short).rpartition("__")[0]] += 1
    return found
