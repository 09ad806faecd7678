"""Notifications of the desktop: what is due and when, on a real session bus and without one."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tui.conftest import NEVER_PER_S, Open
from tui.fake_feed import FakeFeed, sit_through_a_slump
from unslouch.config import load_config
from unslouch.link.model import LinkState
from unslouch.sensor.events import LinkChanged
from unslouch.tui.app import DashboardApp
from unslouch.tui.desktop import LOST_AFTER_S, NOT_INSTALLED, NOT_TAKEN, Desktop, DesktopNotes, Note

SERVER = """
import asyncio, sys
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, method

class Notifications(ServiceInterface):
    def __init__(self):
        super().__init__("org.freedesktop.Notifications")

    @method()
    def Notify(self, app: "s", id: "u", icon: "s", title: "s", body: "s", actions: "as", hints: "a{sv}", t: "i") -> "u":
        print(f"{app}|{title}|{body}", flush=True)
        return 1

    @method()
    def GetCapabilities(self) -> "as":
        return ["body"]

    @method()
    def GetServerInformation(self) -> "ssss":
        return ["a test", "unslouch", "1", "1.2"]

async def main():
    bus = await MessageBus().connect()
    bus.export("/org/freedesktop/Notifications", Notifications())
    await bus.request_name("org.freedesktop.Notifications")
    print("ready", flush=True)
    await bus.wait_for_disconnect()

asyncio.run(main())
"""


@asynccontextmanager
async def session_bus() -> AsyncIterator[str]:
    """A session bus of the test's own; gives its address."""
    process = await asyncio.create_subprocess_exec(
        *("dbus-daemon", "--session", "--nofork", "--print-address"), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        yield (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()
    finally:
        process.terminate()
        await process.communicate()


@pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon isn't here")
async def test_a_notification_reaches_the_desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = tmp_path / "server.py"
    server.write_text(SERVER, encoding="utf-8")
    async with session_bus() as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        shown = await asyncio.create_subprocess_exec(sys.executable, str(server), stdout=asyncio.subprocess.PIPE)
        try:
            assert shown.stdout is not None
            assert await asyncio.wait_for(shown.stdout.readline(), 30) == b"ready\n"
            assert await Desktop().show(Note("Chin tuck", "You have leaned for long.")) == ""
            assert await asyncio.wait_for(shown.stdout.readline(), 30) == (
                b"unslouch|Chin tuck|You have leaned for long.\n"
            )
        finally:
            shown.terminate()
            await shown.communicate()


@pytest.mark.skipif("sys.platform != 'linux'", reason="a session bus")
async def test_without_a_session_bus_that_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)
    assert await Desktop().show(Note("Chin tuck", "")) == NOT_TAKEN
    assert caplog.records == []


async def test_without_the_package_the_command_that_installs_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "desktop_notifier", None)
    assert await Desktop().show(Note("Chin tuck", "")) == NOT_INSTALLED


async def test_a_suggestion_is_due_once_while_nobody_looks(dashboard: Open) -> None:
    async with dashboard() as stage:
        notes = DesktopNotes()
        assert notes.due(stage.app.shared) is None
        sit_through_a_slump(stage.feed)
        await stage.frame()
        note = notes.due(stage.app.shared)
        assert note is not None
        assert note.title == stage.app.shared.coach.suggestion.exercise.name  # type: ignore[union-attr]
        assert notes.due(stage.app.shared) is None


@pytest.mark.parametrize("reason", ["the terminal has the focus", "a meeting"])
async def test_nothing_is_due_while_it_is_seen_or_quiet(dashboard: Open, reason: str) -> None:
    async with dashboard() as stage:
        notes = DesktopNotes()
        if reason == "a meeting":
            stage.app.shared.quiet.begin_meeting(30)
        else:
            notes.has_focus = True
        sit_through_a_slump(stage.feed)
        await stage.frame()
        assert (stage.app.shared.coach.suggestion is None) == (reason == "a meeting")
        assert notes.due(stage.app.shared) is None
        stage.app.shared.quiet.end_meeting()
        notes.has_focus = False
        assert notes.due(stage.app.shared) is None, "nor later, when it is no news"


async def test_a_sensor_lost_for_a_minute_is_due_once_and_again_after_its_return(dashboard: Open) -> None:
    async with dashboard() as stage:
        notes, shared = DesktopNotes(), stage.app.shared
        for _ in range(2):
            stage.feed.publish(LinkChanged(LinkState.WAITING, "Its cable was pulled."))
            assert notes.due(shared) is None
            stage.clock.now_s += LOST_AFTER_S - 1
            assert notes.due(shared) is None
            stage.clock.now_s += 1
            assert notes.due(shared) == Note("The sensor is lost", "Its cable was pulled.")
            assert notes.due(shared) is None
            stage.feed.publish(LinkChanged(LinkState.LIVE))
            assert notes.due(shared) is None


async def test_a_desktop_that_takes_none_is_reported_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "desktop_notifier", None)
    path = tmp_path / "config.toml"
    path.write_text("[dashboard]\ndesktop_notifications = true\n", encoding="utf-8")
    feed = FakeFeed()
    app = DashboardApp(feed, loaded=load_config(path), frames_per_s=NEVER_PER_S)
    async with app.run_test(notifications=True) as pilot:
        await asyncio.wait_for(feed.is_followed.wait(), 60)
        feed.connect()
        await app.shared.refresh_coach()
        for _ in range(2):
            sit_through_a_slump(feed)
            app._frame()
            assert app.shared.coach.suggestion is not None
            if shown := [each for each in app.workers if each.group == "desktop"]:
                await app.workers.wait_for_complete(shown)
            await pilot.pause()
            app.shared.coach.put_off(2)
            feed.live(2.0, seconds=60)  # the next slump takes the rest of the two minutes
        assert [each.message for each in app._notifications] == [NOT_INSTALLED]
