"""A real Chromium without a window: what a page logs and requests, how it looks, and what axe-core says of it."""

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from interpreters import AXE_CORE

TIMEOUT_S = 120
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--disable-features=NetworkTimeServiceQuerying,OptimizationHints,MediaRouter",
    "--enable-logging=stderr",
)
_BROWSERS_OWN = re.compile(r"(^|[/.])(google|googleapis|gvt1)\.com([:/]|$)")
"""What Chromium asks for by itself, whatever page is open."""
_NOWHERE = "--proxy-server=http://127.0.0.1:9"
"""Nothing listens there, so nothing leaves the machine."""


def missing() -> str | None:
    """Return what is missing, as a sentence; None if the checks can run."""
    if executable() is None:
        return "There is no Chromium to show the report in: install one (on Debian: apt-get install chromium)"
    if not AXE_CORE.exists():
        return "axe-core is not here: `make interpreters` fetches it"
    return None


def executable() -> str | None:
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


@dataclass
class Visit:
    """What happened while a page was open."""

    dom: str
    console: list[str]
    requests: list[str] = field(default_factory=list)
    """Every request to whatever host over HTTP, or its encrypted kind."""


class _Proxy(BaseHTTPRequestHandler):
    """Notes every request and answers none of them."""

    requests: list[str]

    def do_GET(self) -> None:
        if not _BROWSERS_OWN.search(self.path):
            self.requests.append(self.path)
        self.send_error(404)

    do_CONNECT = do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""


@contextmanager
def _noted_requests() -> Iterator[tuple[int, list[str]]]:
    requests: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Proxy", (_Proxy,), {"requests": requests}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1], requests
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def visit(page: Path, profile: Path, *flags: str) -> Visit:
    """Open a page, let it finish, and return what happened."""
    with _noted_requests() as (port, requests):
        # The proxy takes every request, those to this machine too.
        proxy = (f"--proxy-server=http://127.0.0.1:{port}", "--proxy-bypass-list=<-loopback>")
        run = _run(profile, *proxy, *flags, "--virtual-time-budget=15000", "--dump-dom", page.as_uri())
    console = [line for line in run.stderr.splitlines() if "CONSOLE" in line]
    return Visit(run.stdout, console, requests)


def _run(profile: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [executable() or "", *FLAGS, f"--user-data-dir={profile}", *words]
    run = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    return run


def screenshot(page: Path, profile: Path, image: Path, width: int, height: int, *flags: str) -> None:
    """Save what a window of this size shows of a page."""
    _run(profile, _NOWHERE, *flags, f"--window-size={width},{height}", f"--screenshot={image}", page.as_uri())


def print_pdf(page: Path, profile: Path, pdf: Path) -> None:
    """Print a page into a file."""
    _run(profile, _NOWHERE, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", page.as_uri())


def violations(page: Path, folder: Path, profile: Path, *flags: str) -> list[str]:
    """Return what axe-core finds wrong with a page, one line each, with all that is folded away unfolded.

    axe-core is a script, so it runs in a copy without the page's policy.
    """
    script = AXE_CORE.read_text(encoding="utf-8").replace("</script", "<\\/script")
    check = (
        "document.querySelectorAll('details').forEach(each => { each.open = true; });"
        "axe.run().then(found => { document.body.insertAdjacentHTML('beforeend', '<pre id=axe></pre>');"
        "document.getElementById('axe').textContent = JSON.stringify(found.violations.map(each =>"
        "each.id + ': ' + each.nodes.slice(0, 3).map(node => node.html.slice(0, 200)).join(' | '))); });"
    )
    html = _POLICY.sub("", page.read_text(encoding="utf-8"))
    copy = folder / "with-axe.html"
    copy.write_text(html.replace("</body>", f"<script>{script}</script><script>{check}</script></body>"))
    found = re.search(r'<pre id="axe">(.*?)</pre>', visit(copy, profile, *flags).dom, re.DOTALL)
    assert found, "axe-core has not finished"
    lines: list[str] = json.loads(unescape(found[1]))
    return lines
