"""Whether a board's MicroPython has memory enough for the firmware, and which build to get if it hasn't."""

from dataclasses import dataclass

from .errors import NotInstalled
from .prompt import Prompt
from .targets import Target

LEAST_HEAP_KIB = 120  # with which a board lives a day: tests/benchmarks/firmware_heap.py
_PSRAM_BYTES = 1 << 20  # a region of this size lies outside of the chip
# With Bluetooth on, since the heap grows out of the memory that Bluetooth needs too: MicroPython's gc.mem_free() counts
# what it can grow by (py/modgc.c). Tuples of idf_heap_info() begin with the size of a region (docs: library/esp32).
MEASURE = """
import gc
def _measure():
    radio = None
    try:
        import bluetooth
        radio = bluetooth.BLE()
        radio.active(True)
    except (ImportError, AttributeError, OSError):
        pass
    gc.collect()
    free = gc.mem_free() if hasattr(gc, "mem_free") else -1
    try:
        if radio is not None:
            radio.active(False)
    except OSError:
        pass
    try:
        import esp32
        region = max([each[0] for each in esp32.idf_heap_info(esp32.HEAP_DATA)])
    except (ImportError, AttributeError, ValueError):
        region = 0
    print((free, region))
"""


@dataclass(frozen=True)
class Memory:
    """A board's memory at MicroPython's prompt, Bluetooth being on."""

    free_bytes: int
    """Of the Python heap and what it can grow by; negative: unknown."""
    largest_region_bytes: int
    """Of the chip's memory and PSRAM; 0: unknown."""

    @property
    def has_psram(self) -> bool:
        """Whether MicroPython uses memory outside of the chip."""
        return self.largest_region_bytes >= _PSRAM_BYTES

    @property
    def suffices(self) -> bool:
        """Whether the firmware can run."""
        return self.free_bytes < 0 or self.free_bytes >= LEAST_HEAP_KIB * 1024


def measure(prompt: Prompt) -> Memory:
    """Return a board's memory."""
    prompt.run(MEASURE)
    free_bytes, region_bytes = prompt.ask("_measure()")
    return Memory(free_bytes, region_bytes)


def advice(memory: Memory, target: Target | None, *, over_air: bool = False) -> str | None:
    """Return a sentence if another build would use PSRAM that the board has; None if there is nothing to say.

    over_air: the board runs the firmware, and what takes MicroPython's prompt takes the cable, too. Raises
    NotInstalled, saying what to do, if the memory doesn't suffice.
    """
    builds = target.psram_builds if target is not None else ()
    by_cable = "plug the sensor in and run `unslouch flash --micropython FILE`"
    then = f", {by_cable}" if over_air else " and repeat with --micropython FILE"
    names = f"get the build {' or, for an older MicroPython, '.join(builds)}{then}"
    if memory.suffices:
        if builds and not memory.has_psram and memory.largest_region_bytes:
            return f"This MicroPython doesn't use the board's PSRAM; for more memory, {names}."
        return None
    free_kib = memory.free_bytes // 1024
    short = f"With Bluetooth on, this board's MicroPython has {free_kib} KiB of memory; the firmware needs "
    if builds and not memory.has_psram:
        raise NotInstalled(f"{short}{LEAST_HEAP_KIB}. The board has PSRAM that this build doesn't use: {names}.")
    if target is not None and not builds:
        again = "Reset it and repeat, in case something else runs on it"
        if over_air:
            again = "Plug it in and run `unslouch flash`, which measures while no firmware runs"
        raise NotInstalled(
            f"{short}{LEAST_HEAP_KIB}, and the board {target.board} has no PSRAM. {again}; otherwise take a board "
            "with PSRAM, such as the XIAO ESP32-S3."
        )
    if over_air:
        raise NotInstalled(f"{short}{LEAST_HEAP_KIB}. Get a build that uses PSRAM, {by_cable}.")
    raise NotInstalled(f"{short}{LEAST_HEAP_KIB}. Get a build that uses PSRAM, or end what else runs on the board.")
