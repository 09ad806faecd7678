"""The transport of a process that looks at a sensor which another process of the wearer owns."""

import asyncio
import hmac
import os
import socket
from contextlib import suppress

from unslouch import __version__
from unslouch.errors import SensorBusy
from unslouch.link.transport import WRITE_TIMEOUT_S, ByteTransport, LinkLost
from unslouch.sensor.owner import Owner

from .endpoint import BUFFER_BYTES, READ_BYTES, family_of, is_same_user, is_tcp, target_of
from .frames import (
    ADMITTED,
    FULL,
    HALF_KEY_BYTES,
    JOINED,
    OTHER_VERSION,
    HandshakeError,
    Joined,
    decode_joined,
    join_wire,
)

ANSWER_TIMEOUT_S = 3.0


class OwnerOfOtherVersion(SensorBusy):
    """The sensor's owner runs another version of unslouch."""


class OwnerStalled(SensorBusy):
    """The sensor's owner accepts a connection, but doesn't answer."""


class SharedTransport(ByteTransport):
    """The frames of a sensor by way of its owner."""

    shared = True

    def __init__(self, sensor: str, owner: Owner, answer_timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        super().__init__(sensor)
        self.owner = owner
        self._answer_timeout_s = answer_timeout_s
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        """Do the handshake with the owner.

        Raises ConnectionError if it ends meanwhile or is no owner any more, OwnerStalled if it does not answer in time,
        OwnerOfOtherVersion or SensorBusy if it refuses this process.
        """
        if not self.owner.is_same_version:
            raise OwnerOfOtherVersion(self._other_version(self.owner.version))
        try:
            async with asyncio.timeout(self._answer_timeout_s):
                self._reader, self._writer = await connect(self.owner.address)
                joined = await self._handshake(self._reader, self._writer)
        except TimeoutError as error:
            raise OwnerStalled(self._stalled()) from error
        except BlockingIOError as error:  # more connections wait than the system keeps
            raise OwnerStalled(self._stalled()) from error
        except OSError as error:
            raise ConnectionError(str(error)) from error
        if joined.admission == OTHER_VERSION:
            raise OwnerOfOtherVersion(self._other_version(joined.unslouch_version or self.owner.version))
        if joined.admission == FULL:
            raise SensorBusy(
                f"Too many programs look at {self.name} through {self.owner.description}; close one of them."
            )
        owner_key = bytes.fromhex(self.owner.key)[HALF_KEY_BYTES:]
        if joined.admission != ADMITTED or not hmac.compare_digest(joined.half_key, owner_key):
            raise ConnectionError("it isn't the owner that the file describes")

    async def _handshake(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Joined:
        writer.write(join_wire(bytes.fromhex(self.owner.key)[:HALF_KEY_BYTES]))
        while True:
            data = await reader.read(READ_BYTES)
            if not data:
                raise ConnectionError("the owner closed the connection")
            for kind, payload in self._deframer.feed(data):
                if kind == JOINED:
                    try:
                        return decode_joined(payload)
                    except HandshakeError as error:
                        raise ConnectionError(str(error)) from error

    def _other_version(self, version: str) -> str:
        if not self.owner.pid:
            return (
                f"The sensor at {self.name} is owned by an unslouch program older than this one ({__version__}); "
                "end that program and start it again."
            )
        return (
            f"The sensor at {self.name} is owned by another unslouch program ({self.owner.description}) of version "
            f"{version}, and this one is of version {__version__}; restart {_older(version, self.owner.command)}."
        )

    def _stalled(self) -> str:
        if os.name == "posix":
            remedy = f"resume it with `fg` or Ctrl+Q, or end it with `kill -9 {self.owner.pid}`"
        else:
            remedy = "end it in the Task Manager"
        return (
            f"Another unslouch program ({self.owner.description}) owns the sensor at {self.name} but does not answer; "
            f"it may be suspended, or its terminal may be stalled: {remedy}."
        )

    async def explain_silence(self) -> SensorBusy | None:
        """Ask the owner again; return OwnerStalled if it doesn't answer, None if it does or has ended."""
        again = SharedTransport(self.name, self.owner, self._answer_timeout_s)
        try:
            await again.open()
        except OwnerStalled as stalled:
            return stalled
        except (OSError, SensorBusy):
            return None
        finally:
            await again.close()
        return None

    async def read(self) -> bytes:
        if self._reader is None:
            raise self._lost()
        try:
            data = await self._reader.read(READ_BYTES)
        except OSError as error:
            raise self._lost() from error
        if not data:
            raise self._lost()
        return data

    async def write(self, data: bytes) -> None:
        if self._writer is None or self._writer.is_closing():
            raise self._lost()
        try:
            self._writer.write(data)
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await self._writer.drain()
        except OSError as error:  # TimeoutError among them
            raise self._lost() from error

    def _lost(self) -> LinkLost:
        return LinkLost(f"The unslouch program that shares {self.name} has ended or lost the sensor.")

    async def close(self) -> None:
        writer, self._writer = self._writer, None
        if writer is None:
            return
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


async def connect(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection to an address of `endpoint`; raises OSError, PermissionError if another user listens there."""
    connection = socket.socket(family_of(address))
    try:
        connection.setblocking(False)
        if is_tcp(address):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        await asyncio.get_running_loop().sock_connect(connection, target_of(address))
        if not is_tcp(address) and not is_same_user(connection):
            raise PermissionError(1, "another user listens there")
        return await asyncio.open_connection(sock=connection, limit=READ_BYTES)
    except BaseException:
        connection.close()
        raise


def _older(version: str, command: str) -> str:
    """Return which of two programs to restart: the one of the older version."""

    def numbers(text: str) -> list[int]:
        return [int(part) for part in text.split(".") if part.isdecimal()]

    if numbers(version) > numbers(__version__):
        return "this one, with unslouch brought up to date"
    return f"`{command}`"
