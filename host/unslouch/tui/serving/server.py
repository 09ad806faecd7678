"""The server: pages and the connection between a page and its dashboard, for whom the gate lets in."""

import asyncio
import errno
import logging
import os
import shlex
import socket
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from string import Template

import textual_serve
from aiohttp import WSCloseCode, web
from textual_serve.app_service import AppService
from textual_serve.server import Server, to_int

from unslouch.errors import OutputError

from .gate import EVERYWHERE, Gate

log = logging.getLogger(__name__)

MOST_VIEWERS = 8
STOP_TIMEOUT_S = 5.0
SHUTDOWN_TIMEOUT_S = 2.0
MOST_MESSAGE_BYTES = 1 << 20
PAGE = Path(__file__).with_name("page")
STATIC = Path(textual_serve.__file__).with_name("static")
SMALLEST, LARGEST = 6, 40
"""Sizes of the font in px."""
HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self' {socket}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The terminal writes its own styles into the page."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Viewer(AppService):
    """One dashboard's process, which ends with the page."""

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        return super()._build_environment(width, height) | {"PYTHONUTF8": "1"}

    async def stop(self) -> None:
        """Ask the dashboard to leave; end its process if it doesn't."""
        process: Process | None = self._process
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await super().stop()
                if process is not None:
                    await process.wait()
        except TimeoutError:
            assert process is not None
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


class DashboardServer(Server):
    """textual-serve's server with our gate, our page, and no talk on stdout."""

    def __init__(self, command: Sequence[str], gate: Gate) -> None:
        super().__init__(_shell_command(command), title="unslouch")
        self._gate = gate
        self._open: set[web.WebSocketResponse] = set()

    async def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/{token}", self._handle_slashless),
                web.get("/{token}/", self.handle_index),
                web.get("/{token}/ws", self.handle_websocket),
                web.static(f"/{self._gate.token}/static", STATIC),
                web.static(f"/{self._gate.token}/page", PAGE),
            ]
        )
        app.on_shutdown.append(self.on_shutdown)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse whom the gate refuses, and give every answer the headers that keep the page to itself."""
        is_connection = request.headers.get("Upgrade") is not None
        headers = request.headers
        reason = self._gate.why_refused(request.path, headers.get("Host"), headers.get("Origin"), is_connection)
        if reason is not None:
            return web.Response(status=403, text=f"{reason}\n", headers=HEADERS)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            error.headers.update(HEADERS)
            raise
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    async def _handle_slashless(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPMovedPermanently(f"/{self._gate.token}/")

    async def handle_index(self, request: web.Request) -> web.Response:
        """Return the page, which names the server by the name that it was asked by."""
        scheme = "wss" if request.headers.get("X-Forwarded-Proto", request.scheme) == "https" else "ws"
        address = f"{scheme}://{request.host}"
        size = min(max(to_int(request.query.get("fontsize", "16"), 16), SMALLEST), LARGEST)
        text = (PAGE / "index.html").read_text(encoding="utf-8")
        page = Template(text).substitute(websocket=f"{address}/{self._gate.token}/ws", font_size=size)
        policy = {"Content-Security-Policy": POLICY.format(socket=address)}
        return web.Response(text=page, content_type="text/html", headers=policy)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run a dashboard for a page until either ends."""
        page = web.WebSocketResponse(heartbeat=15, max_msg_size=MOST_MESSAGE_BYTES)
        await page.prepare(request)
        if len(self._open) >= MOST_VIEWERS:
            await page.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"too many pages are open")
            return page
        self._open.add(page)

        async def close() -> None:
            await page.close()

        viewer = Viewer(
            self.command,
            write_bytes=page.send_bytes,
            write_str=page.send_str,
            close=close,
            download_manager=self.download_manager,
        )
        try:
            await viewer.start(
                to_int(request.query.get("width", "80"), 80), to_int(request.query.get("height", "24"), 24)
            )
            await self._process_messages(page, viewer)
        except (ValueError, KeyError, IndexError, TypeError, AssertionError) as error:
            log.warning("A page sent what no page of ours sends, and was closed: %r", error)
            await page.close(code=WSCloseCode.UNSUPPORTED_DATA)
        finally:
            self._open.discard(page)
            await viewer.stop()
        return page

    async def on_shutdown(self, app: web.Application) -> None:
        """Close all pages' connections, so that their dashboards end."""
        for page in list(self._open):
            await page.close(code=WSCloseCode.GOING_AWAY)

    async def on_startup(self, app: web.Application) -> None:
        """Print nothing."""


def _why_not(error: OSError) -> str:
    """Return why a host and port can't be listened on, and the option that remedies it."""
    if error.errno in (socket.EAI_NONAME, errno.EADDRNOTAVAIL):
        return "this computer has no such address; give one of its own with --host"
    return f"{os.strerror(error.errno or 0).lower()}; choose another port with --port"


@asynccontextmanager
async def serving(
    command: Sequence[str], host: str, port: int, token: str, names: Collection[str] = ()
) -> AsyncIterator[str]:
    """Serve the dashboard that a command runs, and give the address; port 0 takes one that is free.

    Raises OutputError if the host and port can't be listened on.
    """
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise OutputError(f"Nothing can be served at {host}, port {port}: {_why_not(error)}.") from error
    port = listener.getsockname()[1]
    server = DashboardServer(command, Gate(host, port, token, names))
    runner = web.AppRunner(await server._make_app(), access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT_S)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield f"http://{_shown(host)}:{port}/{token}/"
    finally:
        await runner.cleanup()
        listener.close()


def _shown(host: str) -> str:
    """Return a host as it stands in an address; where the server listens everywhere, this machine's own."""
    if host in EVERYWHERE:
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _shell_command(command: Sequence[str]) -> str:
    """Return a command as the system's shell reads it, since textual-serve starts it through that."""
    return subprocess.list2cmdline(command) if sys.platform == "win32" else f"exec {shlex.join(command)}"
