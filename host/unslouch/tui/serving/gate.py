"""Who may ask the server: only a page that the server itself delivered, at an address with the token.

The token is in the path, so no other server on this machine gets it, as it would get a cookie. A name that leads here
through foreign DNS (rebinding) fails at Host. A page of another site that opens a connection fails at Origin,
which browsers always send with one. The address isn't secret to anybody who can read this user's screen or history.
"""

import hmac
import ipaddress
import secrets
from collections.abc import Collection
from urllib.parse import urlsplit

TOKEN_BYTES = 24
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
EVERYWHERE = ("0.0.0.0", "::", "")
HTTP_PORTS = {"http": 80, "https": 443}


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def is_loopback(host: str) -> bool:
    """Tell whether a host to listen on can be reached from this machine alone."""
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Gate:
    """Decides about requests to a server that listens on a host and port.

    names are further host names by which it is reached, such as that of a proxy in front of it; each may be given with
    a port, and has any port else.
    """

    def __init__(self, host: str, port: int, token: str, names: Collection[str] = ()) -> None:
        self.token = token
        self._host = host
        self._port = port
        self._names = frozenset(name.lower() for name in names)

    def why_refused(self, path: str, host: str | None, origin: str | None, is_connection: bool) -> str | None:
        """Return why a request is refused, None if it is served.

        host and origin are the headers, None where they are missing; is_connection: whether it opens a WebSocket.
        """
        if host is None or not self.is_own_host(host):
            return "The dashboard isn't served under this name."
        if (is_connection and origin is None) or (origin is not None and not self._is_own_origin(origin, host)):
            return "Another site may not use the dashboard."
        if not self._has_token(path):
            return "The address has no valid token; `unslouch serve` prints the one that has."
        return None

    def is_own_host(self, host: str) -> bool:
        """Tell whether a Host header (`name` or `name:port`) means this server."""
        name, port = split_host(host)
        if name is None:
            return False
        if name in self._names or f"{name}:{port}" in self._names:
            return True
        if port != self._port:
            return False
        return name in LOOPBACK_NAMES or name == self._host or (self._host in EVERYWHERE and _is_ip(name))

    def _is_own_origin(self, origin: str, host: str) -> bool:
        """Tell whether an Origin header is that of a page from the very host that is asked."""
        parts = urlsplit(origin)
        if parts.scheme not in HTTP_PORTS:
            return False
        default = HTTP_PORTS[parts.scheme]
        return split_host(parts.netloc, default) == split_host(host, default)

    def _has_token(self, path: str) -> bool:
        given = path.split("/")[1] if path.startswith("/") else ""
        return hmac.compare_digest(given.encode(), self.token.encode())


def split_host(netloc: str, default_port: int = 80) -> tuple[str | None, int]:
    """Return the name, in small letters, and the port; the name is None where it can't be read."""
    try:
        parts = urlsplit(f"//{netloc}")
        port = parts.port
    except ValueError:
        return None, default_port
    if parts.username is not None or parts.path or parts.query or parts.fragment or parts.hostname is None:
        return None, default_port
    return parts.hostname.lower(), default_port if port is None else port


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
