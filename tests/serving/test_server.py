"""The server: whom it answers, and the dashboards that it runs."""

import asyncio
import signal
import socket
from pathlib import Path

import psutil
import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from sensor.sharing_owner import recording_process
from serving.served import PATIENCE_S, Served, served
from unslouch.cli.main import main
from unslouch.errors import ExitCode
from unslouch.sensor.owner import sharing_owners

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="signals")


async def connected(session: ClientSession, server: Served, **headers: str) -> ClientWebSocketResponse:
    own = {"Origin": f"http://127.0.0.1:{server.port}"}
    return await session.ws_connect(f"{server.address}ws?width=80&height=24", headers=own | headers)


async def drawn(page: ClientWebSocketResponse, text: str) -> None:
    """Wait until the dashboard has drawn a text."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            message = await page.receive()
            assert message.type in (WSMsgType.BINARY, WSMsgType.TEXT), message
            if message.type is WSMsgType.BINARY and text.encode() in message.data:
                return


async def test_requests_without_token_with_another_host_or_from_another_site_get_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as server, ClientSession() as session:
        root = f"http://127.0.0.1:{server.port}"
        for address, headers in (
            (f"{root}/", {}),
            (f"{root}/wrong-token/", {}),
            (f"{root}/static/js/textual.js", {}),
            (server.address, {"Host": "evil.example"}),
            (server.address, {"Host": f"evil.example:{server.port}"}),
            (server.address, {"Origin": "http://evil.example"}),
        ):
            async with session.get(address, headers=headers) as answer:
                assert answer.status == 403
                assert "textual" not in await answer.text()
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Host": f"evil.example:{server.port}"}):
            with pytest.raises(WSServerHandshakeError) as refusal:
                await connected(session, server, **headers)
            assert refusal.value.status == 403
        with pytest.raises(WSServerHandshakeError):
            await session.ws_connect(f"{server.address}ws")  # no Origin at all
        assert server.viewers == []


async def test_the_page_names_nobody_else_and_keeps_itself_to_itself(tmp_path: Path) -> None:
    async with served(tmp_path) as server, ClientSession() as session:
        async with session.get(server.address) as answer:
            text = await answer.text()
            policy = answer.headers["Content-Security-Policy"]
            assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        for address in ("http://", "https://"):
            assert address not in text.replace(server.address, "")
        async with session.get(server.address.rstrip("/")) as answer:
            assert str(answer.url) == server.address
        async with session.get(f"{server.address}static/") as answer:
            assert answer.status == 403, "no folder is listed"
        async with session.get(f"{server.address}static/js/textual.js") as answer:
            assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")


async def test_a_page_runs_a_dashboard_that_follows_the_recorder_and_ends_with_the_page(tmp_path: Path) -> None:
    async with served(tmp_path) as server, ClientSession() as session:
        owners = [(owner.sensor, owner.pid) for owner in sharing_owners()]
        assert [pid for _, pid in owners] == [server.recorder.pid]
        page = await connected(session, server)
        await drawn(page, "LEANING")
        await server.until_viewers(1)
        assert [(owner.sensor, owner.pid) for owner in sharing_owners()] == owners
        await page.close()
        await server.until_viewers(0)
        assert server.recorder.returncode is None


async def test_a_viewer_takes_no_sensor_when_the_recorder_ends_and_follows_the_next_one(tmp_path: Path) -> None:
    async with served(tmp_path) as server, ClientSession() as session:
        page = await connected(session, server)
        await drawn(page, "LEANING")
        server.recorder.send_signal(signal.SIGTERM)
        await server.recorder.wait()
        await drawn(page, "waiting")
        asked = len(server.board.requests)
        assert sharing_owners() == []
        async with recording_process(server.sensor, server.database) as next_recorder:
            assert asked < len(server.board.requests), "by the recorder"
            await drawn(page, "LEANING")
            assert [owner.pid for owner in sharing_owners()] == [next_recorder.pid]


async def test_a_killed_server_leaves_no_dashboard_behind(tmp_path: Path) -> None:
    async with served(tmp_path) as server, ClientSession() as session:
        page = await connected(session, server)
        await drawn(page, "LEANING")
        viewers = server.viewers
        assert viewers
        server.process.kill()
        await server.process.wait()
        _, left = await asyncio.to_thread(psutil.wait_procs, viewers, timeout=PATIENCE_S)
        assert left == []


async def test_a_server_that_ends_closes_its_pages_within_two_seconds(tmp_path: Path) -> None:
    async with served(tmp_path) as server, ClientSession() as session:
        page = await connected(session, server)
        await drawn(page, "LEANING")
        viewers = server.viewers
        server.process.terminate()
        async with asyncio.timeout(PATIENCE_S):
            while not page.closed:
                await page.receive()
            assert await server.process.wait() == ExitCode.OK
        assert not any(viewer.is_running() for viewer in viewers)


async def test_nonsense_from_a_page_ends_that_page_alone(tmp_path: Path) -> None:
    async with served(tmp_path) as server, ClientSession() as session:
        for nonsense in ("{", "[]", '{"a": 1}', '["stdin"]', '["resize", 3]', '["resize", {"width": "x"}]'):
            page = await connected(session, server)
            await page.send_str(nonsense)
            async with asyncio.timeout(PATIENCE_S):
                while not page.closed:
                    await page.receive()
        page = await connected(session, server)
        await drawn(page, "LEANING")


def test_a_port_in_use_and_a_missing_package_are_sentences(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for host in ("192.0.2.1", "nowhere.invalid"):
        assert main(["serve", "--host", host]) == ExitCode.OUTPUT
        assert capsys.readouterr().err == (
            f"unslouch: Nothing can be served at {host}, port 0: this computer has no such address; give one of its "
            "own with --host.\n"
        )
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == ExitCode.OUTPUT
    assert f"port {port}: address already in use; choose another port with --port." in capsys.readouterr().err
    monkeypatch.delitem(__import__("sys").modules, "unslouch.tui.serving.server", raising=False)
    monkeypatch.setitem(__import__("sys").modules, "textual_serve", None)
    assert main(["serve"]) == ExitCode.BAD_INPUT
    assert "pip install 'unslouch[serve]'" in capsys.readouterr().err
