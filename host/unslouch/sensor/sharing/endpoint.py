"""Where an owner listens: a Unix socket in a private folder, or a loopback TCP port where a system has no Unix sockets.

An address is the path of a Unix socket, or `tcp:PORT`. Both carry the same frames. On a Unix socket the system says
which user is at the other end. At a TCP port any user can connect, so there the two halves of a key, which lies in a
private file, prove each side to the other.
"""

import errno
import os
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio.trsock import TransportSocket

    PeerSocket = socket.socket | TransportSocket

LISTENS_ON_TCP = os.name != "posix"
LOOPBACK = "127.0.0.1"
BACKLOG = 128  # who asks whether there is an owner waits here too, until the owner looks
READ_BYTES = 16384
BUFFER_BYTES = 65536
"""What the system may hold of a TCP connection, each way: telemetry that waits there is old when it is read."""

_TCP = "tcp:"
_LINUX_CREDENTIALS = "3i"  # struct ucred of unix(7): process, user and group
_XUCRED = "=IIh"  # struct xucred of macOS and FreeBSD, sys/ucred.h, begins with: version, user, number of groups
_XUCRED_BYTES = 128  # more than any of them has
_SOL_LOCAL, _LOCAL_PEERCRED = 0, 1  # sys/un.h of both


def listen(path: Path) -> tuple[socket.socket, str]:
    """Return a listening socket and its address; path is of the Unix socket, if it becomes one. Raises OSError."""
    if LISTENS_ON_TCP:
        listener = socket.create_server((LOOPBACK, 0), backlog=BACKLOG)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)  # its connections inherit it
        return listener, f"{_TCP}{listener.getsockname()[1]}"
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(str(path))
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener, str(path)


def is_listening(address: str) -> bool:
    """Whether a process listens at an address, even one that is suspended; a process that has ended doesn't.

    It connects to a Unix socket, which the system refuses at once if nobody listens. It tries to bind a TCP port,
    because Windows takes 2 s to refuse a connection.
    """
    if not is_tcp(address) and not hasattr(socket, "AF_UNIX"):
        return False
    with socket.socket(family_of(address)) as probe:
        try:
            if is_tcp(address):
                if os.name == "posix":
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # old connections don't count
                probe.bind(target_of(address))
                return False
            probe.setblocking(False)
            probe.connect(target_of(address))
        except BlockingIOError:  # as many connections wait as the system keeps, so there is somebody
            return True
        except (OSError, ValueError) as error:  # ValueError: no address at all
            return isinstance(error, OSError) and error.errno == errno.EADDRINUSE
    return True


def is_same_user(connection: "PeerSocket") -> bool:
    """Whether this user runs the process at the other end; True where the system can't say."""
    user = peer_user(connection)
    return user is None or user == os.geteuid()


def peer_user(connection: "PeerSocket", platform: str = sys.platform) -> int | None:
    """Return the user id of the process at the other end of a Unix socket; None where the system can't say."""
    if connection.family != getattr(socket, "AF_UNIX", None):
        return None
    with suppress(OSError, struct.error):
        if platform == "linux":
            size = struct.calcsize(_LINUX_CREDENTIALS)
            credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
            return int(struct.unpack(_LINUX_CREDENTIALS, credentials)[1])
        if platform == "darwin" or platform.startswith("freebsd"):
            credentials = connection.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, _XUCRED_BYTES)
            return int(struct.unpack_from(_XUCRED, credentials)[1])
    return None


def is_tcp(address: str) -> bool:
    """Whether an address is a TCP port."""
    return address.startswith(_TCP)


def family_of(address: str) -> int:
    """Return the family of sockets that an address is of."""
    return socket.AF_INET if is_tcp(address) else socket.AF_UNIX


def target_of(address: str) -> str | tuple[str, int]:
    """Return an address as socket.connect() wants it."""
    return (LOOPBACK, int(address.removeprefix(_TCP))) if is_tcp(address) else address
