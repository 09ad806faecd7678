"""Packs of the firmware, worn in native i386 MicroPython: see wear.py, which runs there."""

import json
from dataclasses import dataclass
from pathlib import Path

from interpreters import MICROPYTHON_I386, ROOT
from unslouch.flashing.compile import PACKAGE, compiled, firmware_folder, sources
from unslouch.flashing.shrink.program import names_of, shrunk
from unslouch.flashing.shrink.shorten import shortened
from unslouch_device.contract import messages as m
from unslouch_device.contract.frames import to_wire

HERE = Path(__file__).parent
X86 = 6 | 3 << 8 | 1 << 10
REFERENCE = "xiao_esp32s3"
JOURNAL = 0x07070707  # as wear.py has it
LIVE_HZ = 10


@dataclass(frozen=True)
class Worn:
    """The result of wearing a pack."""

    journal: dict[str, bytes]
    import_ms: int
    code_bytes: int
    heap_bytes: int
    sent_bytes: int


def wear(folder: Path, hours: float, shrink: bool, night: bool = False) -> Worn:
    """Compile the reference board's pack, shrunk or plain, and wear it, with a host from the second minute on.

    night: whether it then lies off the body, sleeps deeply and is lifted.
    """
    names = names_of(firmware_folder()) if shrink else {}
    texts = sources(firmware_folder(), REFERENCE, machine_code=True)
    pack = folder / "pack"
    texts = shrunk(texts, firmware_folder()) if shrink else texts
    for path, data in compiled(texts, "x86", X86).items():
        _write(pack / path, data)
    world = {"fake_board.py": (ROOT / "tests" / "soak" / "fake_board.py").read_text(encoding="utf-8")}
    world["fake_board.py"] = world["fake_board.py"].replace(
        f"from {PACKAGE}.boards import {REFERENCE} as wiring", "import wiring"
    )
    world["wiring.py"] = (firmware_folder() / "boards" / f"{REFERENCE}.py").read_text(encoding="utf-8")
    world["wear.py"] = (HERE / "wear.py").read_text(encoding="utf-8")
    public = {name: short for name, short in names.items() if not name.startswith("_")}
    for path, text in shortened(world, public).items():
        _write(folder / path, text.encode())
    flash = folder / "flash"
    name = names["app__App"] if shrink else "App"
    holder = next(path for path, text in texts.items() if f"class {name}:" in text)
    module = holder.removesuffix(".py").replace("/", ".")
    arguments = module, name, str(flash), str(hours), str(int(night)), *_requests(hours)
    run = MICROPYTHON_I386.run(folder / "wear.py", *arguments, path=(pack, folder))
    assert run.returncode == 0, run.stdout + run.stderr
    files = {
        path.relative_to(flash).as_posix(): path.read_bytes() for path in sorted(flash.rglob("*")) if path.is_file()
    }
    return Worn(files, **json.loads(run.stdout.splitlines()[-1]))


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _requests(hours: float) -> list[str]:
    """Connect, follow telemetry, and fetch everything again and again, as the commands of wear.py."""
    asked: list[tuple[int, int, tuple[int, ...]]] = [(1, m.HELLO, (m.PROTOCOL_VERSION,)), (2, m.SUBSCRIBE, (LIVE_HZ,))]
    asked += [(minute, m.FETCH, (JOURNAL, 0, 64)) for minute in range(10, int(hours * 60), 10)]
    return [
        word
        for tag, (minute, kind, fields) in enumerate(asked)
        for word in (str(minute), to_wire(kind, m.pack_request(kind, tag % m.HOST_TAGS, *fields)).hex())
    ]
