"""The dashboard in a real Chromium: drawn, typed into without a click, alone, and closed to other sites."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

import browser
import devtools
from requirement import require
from serving.served import served

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="signals")

Open = Callable[[], Any]
SIZE = (1000, 640)
EVIL_PAGE = """<!doctype html><title>evil</title><script>
const address = "ADDRESS";
const tried = {};
const socket = new WebSocket(address.replace("http", "ws") + "ws");
socket.onopen = () => { tried.socket = "open"; };
socket.onerror = () => { tried.socket = "refused"; };
fetch(address).then(() => { tried.fetch = "read"; }, () => { tried.fetch = "refused"; });
const script = document.createElement("script");
script.src = address + "page/start.js";
script.onload = () => { tried.script = "run"; };
script.onerror = () => { tried.script = "refused"; };
document.head.append(script);
</script>"""


@pytest.fixture(scope="module", autouse=True)
def needed() -> None:
    require(None if browser.executable() else "There is no Chromium to show the dashboard in: install one")


@asynccontextmanager
async def evil_site(address: str) -> AsyncIterator[str]:
    """Another site on this machine, whose page knows the whole address of the dashboard."""

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=EVIL_PAGE.replace("ADDRESS", address), content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://localhost:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


def is_drawn() -> str:
    """An expression that says whether the terminal shows something."""
    return "document.body?.classList.contains('-first-byte') && !!document.querySelector('.xterm-screen canvas')"


async def test_the_page_draws_takes_keys_without_a_click_and_asks_nobody_else(tmp_path: Path) -> None:
    async with served(tmp_path) as server, devtools.chromium(tmp_path / "profile") as new_page:
        page = await new_page()
        await page.open(server.address)
        await page.until(is_drawn())
        assert await page.evaluate("document.fonts.check(\"16px 'Roboto Mono'\")")
        assert await page.evaluate("document.activeElement.className") == "xterm-helper-textarea"
        first, last = tmp_path / "first.png", tmp_path / "last.png"
        await page.picture(first, *SIZE)
        await page.type("q")
        await page.until("document.body.classList.contains('-closed')")
        await page.picture(last, *SIZE)
        assert first.read_bytes() != last.read_bytes()
        assert await page.evaluate("document.activeElement.id") == "again"
        await page.type("\r")
        await page.until(f"!document.body?.classList.contains('-closed') && {is_drawn()}")
        assert {urlsplit(request).netloc for request in page.requests} == {f"127.0.0.1:{server.port}"}
        forbidden = [line for line in page.console if "Policy" in line or "Refused" in line or "Uncaught" in line]
        assert forbidden == []


async def test_another_site_that_knows_the_address_can_neither_connect_nor_read_nor_run(tmp_path: Path) -> None:
    async with (
        served(tmp_path) as server,
        evil_site(server.address) as evil,
        devtools.chromium(tmp_path / "profile") as new_page,
    ):
        page = await new_page()
        await page.open(evil)
        await page.until("window.tried === undefined && typeof tried === 'object' && Object.keys(tried).length === 3")
        assert await page.evaluate("JSON.stringify(tried, Object.keys(tried).sort())") == (
            '{"fetch":"refused","script":"refused","socket":"refused"}'
        )
        assert server.viewers == []


async def test_a_name_that_somebody_elses_dns_leads_here_shows_nothing(tmp_path: Path) -> None:
    rebinding = "--host-resolver-rules=MAP evil.example 127.0.0.1"
    async with served(tmp_path) as server, devtools.chromium(tmp_path / "profile", rebinding) as new_page:
        page = await new_page()
        await page.open(server.address.replace("127.0.0.1", "evil.example"))
        await page.until("document.body?.textContent.includes('under this name')")
        assert server.viewers == []


async def test_without_the_token_there_is_one_sentence(tmp_path: Path) -> None:
    async with served(tmp_path) as server, devtools.chromium(tmp_path / "profile") as new_page:
        page = await new_page()
        await page.open(f"http://127.0.0.1:{server.port}/")
        await page.until("document.body?.textContent.includes('no valid token')")
        assert server.viewers == []
