"""Boards on a pseudo-terminal that tests can install on, unplug at any byte, and plug in again."""

import contextlib
import hashlib
import os
import select
import subprocess
import threading
import tty
from abc import ABC, abstractmethod
from pathlib import Path

from interpreters import MICROPYTHON_I386, MICROPYTHON_WASM, node

HERE = Path(__file__).resolve().parent
RESET_STATUS = 42
BLOCK_BYTES = 4096
READ_BYTES = 4096
POLL_S = 0.02


class Board(ABC):
    """A board whose flash outlives its processes; `port` is there while it is plugged in."""

    def __init__(self, folder: Path, **environment: str) -> None:
        # A name of its own: the system reuses the number of a closed terminal, perhaps for another test.
        self._name = folder / "tty"
        self.port = str(self._name)
        self.received = 0
        """Bytes that have come from the host since plug_in()."""
        self.starts = 0
        """Since plug_in()."""
        self._environment = os.environ | environment
        self._cut_at: int | None = None
        self._master = self._slave = -1
        self._process: subprocess.Popen[bytes]
        self._pump: threading.Thread | None = None
        self._unplugged = threading.Event()

    @abstractmethod
    def _command(self) -> list[str | Path]:
        """Start MicroPython; it ends with RESET_STATUS when the board resets."""

    @abstractmethod
    def files(self) -> dict[str, str]:
        """Return the SHA-256 of each file in its flash, by path; only while it is unplugged."""

    def plug_in(self) -> None:
        """Switch the board on and show its port."""
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self._name.unlink(missing_ok=True)
        self._name.symlink_to(os.ttyname(self._slave))
        self.received = self.starts = 0
        self._cut_at = None
        self._unplugged.clear()
        self._start()
        self._pump = threading.Thread(target=self._carry, name=f"board at {self.port}")
        self._pump.start()

    def unplug(self) -> None:
        """Switch it off, at once."""
        self._unplugged.set()
        if self._pump is not None:
            self._pump.join()
            self._pump = None

    def cut_in(self, size: int) -> None:
        """Let power and port go away once so many more bytes have come from the host."""
        self._cut_at = self.received + size

    def _start(self) -> None:
        self.starts += 1
        self._process = subprocess.Popen(
            self._command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self._environment
        )

    def _carry(self) -> None:
        while not self._unplugged.is_set():
            from_board = self._process.stdout.fileno()
            ready, _, _ = select.select([self._master, from_board], [], [], POLL_S)
            if from_board in ready:
                data = os.read(from_board, READ_BYTES)
                if data:
                    os.write(self._master, data)
                elif not self._has_restarted():
                    break
            if self._master in ready:
                self._give(os.read(self._master, READ_BYTES))
        self._stop()

    def _give(self, data: bytes) -> None:
        if self._cut_at is not None and self.received + len(data) >= self._cut_at:
            data = data[: max(0, self._cut_at - self.received)]
            self._unplugged.set()
        self.received += len(data)
        with contextlib.suppress(BrokenPipeError):  # it is restarting
            os.write(self._process.stdin.fileno(), data)

    def _has_restarted(self) -> bool:
        """Start it again if it has ended with a reset; return whether it has."""
        self._close_pipes()
        if self._process.wait(timeout=5) != RESET_STATUS:
            return False
        self._start()
        return True

    def _stop(self) -> None:
        self._name.unlink()
        self._process.kill()
        self._process.wait(timeout=5)
        self._close_pipes()
        os.close(self._slave)
        os.close(self._master)

    def _close_pipes(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


class NativeBoard(Board):
    """Native MicroPython with LittleFS in a file, which a kill leaves as a power cut would; the app runs on it."""

    def __init__(self, folder: Path, blocks: int = 512, **environment: str) -> None:
        super().__init__(folder, **environment)
        self.image = folder / "flash.bin"
        self.image.write_bytes(b"\xff" * (blocks * BLOCK_BYTES))
        self.log = folder / "board.log"
        self.log.touch()
        self._blocks = blocks

    def _command(self) -> list[str | Path]:
        script = HERE / "native_board.py"
        return [MICROPYTHON_I386.executable, script, self.image, str(self._blocks), self.log, str(RESET_STATUS)]

    def files(self) -> dict[str, str]:
        run = MICROPYTHON_I386.run(HERE / "read_flash.py", str(self.image), str(self._blocks))
        assert run.returncode == 0, run.stdout + run.stderr
        return dict(line.split() for line in run.stdout.splitlines())


class WasmBoard(Board):
    """MicroPython's wasm port with the raw REPL that real boards have; it has no stdin for the app, which crashes."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder / "flash"
        self.folder.mkdir()

    def _command(self) -> list[str | Path]:
        script = HERE / "wasm_board.mjs"
        return [node() or "node", script, MICROPYTHON_WASM.executable, self.folder, str(RESET_STATUS)]

    def files(self) -> dict[str, str]:
        return {
            f"/{path.relative_to(self.folder).as_posix()}": hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.folder.rglob("*")
            if path.is_file()
        }
