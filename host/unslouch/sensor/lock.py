"""The sensor lock: at most one process owns a sensor, and says so to the wearer's other processes."""

import logging
import os
import secrets
import shlex
import socket
import sys
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from .owner import OWNER_SUFFIX, Owner, canonical, data_folder, sharing_of, stem, write_owner
from .sharing.endpoint import listen
from .sharing.frames import HALF_KEY_BYTES

log = logging.getLogger(__name__)

LONGEST_COMMAND = 80


class SensorLock:
    """The right to be the one process that talks to a sensor; held from take() to release() or the process's end."""

    def __init__(self, sensor: str) -> None:
        self.sensor = canonical(sensor)
        self.listener: socket.socket | None = None
        """Where others connect while this process owns the sensor; None if it can't listen."""
        self.key = b""
        self._owner: Owner | None = None
        files = stem(self.sensor)
        self._lock = FileLock(files.with_suffix(".lock"), thread_local=False)
        self._socket_file = files.with_suffix(".sock")
        self._owner_file = files.with_suffix(OWNER_SUFFIX)

    def take(self) -> bool:
        """Become the owner unless there is one; return whether it worked."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        self._remove_files()  # an owner that was killed left them; nobody else may write them now
        self.key = secrets.token_bytes(2 * HALF_KEY_BYTES)
        owner = Owner(self.sensor, os.getpid(), own_command(), key=self.key.hex(), data_folder=data_folder())
        try:
            self.listener, address = listen(self._socket_file)
            self._owner = replace(owner, address=address)
            write_owner(self._owner)
        except OSError as error:  # the lock alone keeps the others out; only sharing needs the rest
            log.warning("The sensor can't be shared with other programs of yours (%s).", error)
            self._stop_listening()
        return True

    def announce(self, database: Path | None, simulated: bool = False) -> None:
        """Let the wearer's other processes know that the sensor is shared, where its journal is stored, and its kind.

        Only the owner may call it. Raises OSError.
        """
        assert self._owner is not None
        write_owner(sharing_of(self._owner, database, simulated))

    def withdraw(self) -> None:
        """Take back what announce() said; the sensor is still owned."""
        if self._owner is not None:
            try:
                write_owner(self._owner)
            except OSError as error:
                log.debug("the owner's file can't be written: %s", error)

    def release(self) -> None:
        """Stop being the owner; may be called more than once, and without having been one."""
        if self._lock.is_locked:
            self._stop_listening()
            self._lock.release()

    def _stop_listening(self) -> None:
        self._owner = None
        listener, self.listener = self.listener, None
        if listener is not None:
            listener.close()
        self._remove_files()

    def _remove_files(self) -> None:
        for file in (self._owner_file, self._socket_file):
            try:
                file.unlink(missing_ok=True)
            except OSError as error:  # on Windows a process reads it just now; nobody is misled by what it says
                log.debug("%s stays: %s", file, error)


def own_command() -> str:
    """Return how this process was started, for the wearer to recognise it."""
    program, *arguments = sys.argv or [""]
    name = Path(program).stem
    command = shlex.join(["unslouch" if name in ("", "-c", "__main__") else name, *arguments])
    command = "".join(c if c.isprintable() and c != "`" else "?" for c in command)
    return command if len(command) <= LONGEST_COMMAND else command[: LONGEST_COMMAND - 1] + "…"
