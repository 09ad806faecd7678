"""The commands that use a sensor, as processes of their own: what they print, and how they end."""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from link.fake_board import FakeBoard
from unslouch.cli.record import counted
from unslouch.errors import ExitCode, NoSensor
from unslouch.sensor.paired import PairedSensor, add_paired
from unslouch.sensor.quiet_times import DAYS
from unslouch.store import Store, default_path
from unslouch.twin.child import simulated_sensor
from unslouch_device.contract import messages, patterns, payloads, records, states
from unslouch_device.contract.settings import ALERT_MODE, BUDGET_MODE, SETTINGS, TRACKING_ONLY

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="signals")


class Outcome(NamedTuple):
    code: int | None
    out: str
    err: str


@asynccontextmanager
async def started(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "unslouch",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        stdin=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ended(process: asyncio.subprocess.Process) -> Outcome:
    out, err = await asyncio.wait_for(process.communicate(), 30)
    assert "Traceback" not in err.decode()
    return Outcome(process.returncode, (out or b"").decode(), err.decode())


async def unslouch(*arguments: str) -> Outcome:
    async with started(*arguments) as process:
        return await ended(process)


async def test_record_stores_the_journal_and_says_how_much(tmp_path: Path) -> None:
    board, path = FakeBoard(hours=1), tmp_path / "x.db"
    async with board.on_tcp() as sensor:
        outcome = await unslouch("record", "--sensor", sensor, "--db", str(path), "--for", "1")
    assert outcome.code == ExitCode.OK
    assert outcome.out == ""
    assert f"Stored {board.end} records in {path}." in outcome.err
    with Store.open(path, simulated=True, readonly=True) as store:
        assert store.pages() == board.pages


@pytest.mark.parametrize("command", ["record", "watch"])
async def test_a_database_that_stayed_locked_is_a_sentence_and_code_7(tmp_path: Path, command: str) -> None:
    board, path = FakeBoard(), tmp_path / "x.db"
    Store.open(path, simulated=True).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        async with board.on_tcp() as sensor:
            outcome = await unslouch(command, "--sensor", sensor, "--db", str(path), "--for", "7")
    assert outcome.code == ExitCode.STORE
    sentences = [line for line in outcome.err.splitlines() if f"{path} is locked by another program" in line]
    assert len(sentences) == 2  # while it waited, and at the end
    assert "Stored" not in outcome.err


@pytest.mark.parametrize(("number", "words"), [(0, "0 records"), (1, "1 record"), (2, "2 records")])
def test_one_record_is_not_called_records(number: int, words: str) -> None:
    assert counted(number, "record") == words


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_record_with_a_summary_and_code_0(tmp_path: Path, number: signal.Signals) -> None:
    board = FakeBoard()
    async with (
        board.on_tcp() as sensor,
        started("record", "--sensor", sensor, "--db", str(tmp_path / "x.db")) as process,
    ):
        assert process.stderr is not None
        while b"Linked to" not in await asyncio.wait_for(process.stderr.readline(), 20):
            pass
        process.send_signal(number)
        outcome = await ended(process)
    assert outcome.code == ExitCode.OK
    assert f"Stored {board.end} records" in outcome.err


async def test_a_signal_ends_a_one_off_command_with_code_130() -> None:
    board = FakeBoard()
    board.deaf_to.add(messages.CALIBRATE)
    async with board.on_tcp() as sensor, started("calibrate", "--sensor", sensor) as process:
        while messages.CALIBRATE not in board.requests:
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert (await ended(process)).code == ExitCode.INTERRUPTED


async def test_record_goes_on_after_the_sensor_was_unplugged(tmp_path: Path) -> None:
    board, link, path = FakeBoard(), tmp_path / "port", tmp_path / "x.db"
    async with started("record", "--wait", "--sensor", str(link), "--db", str(path)) as process:
        assert process.stderr is not None
        said = (await asyncio.wait_for(process.stderr.readline(), 20)).decode()
        assert f"There is no port {link}" in said
        for _ in range(2):
            async with board.on_pty(link):
                while "Linked to" not in said:
                    said = (await asyncio.wait_for(process.stderr.readline(), 20)).decode()
            while "Waiting for it" not in said:
                said = (await asyncio.wait_for(process.stderr.readline(), 20)).decode()
        process.send_signal(signal.SIGTERM)
        assert (await ended(process)).code == ExitCode.OK


@pytest.mark.parametrize("command", ["record", "watch", "buzz", "status", "settings", "calibrate"])
async def test_a_missing_port_is_one_sentence_and_code_3(command: str) -> None:
    outcome = await unslouch(command, "--sensor", "/dev/nothing-here")
    assert outcome.code == ExitCode.NO_SENSOR
    lines = [line for line in outcome.err.splitlines() if "keep still" not in line]
    assert lines == ["unslouch: There is no port /dev/nothing-here; plug the sensor in, or choose another port."]


async def test_a_mistyped_name_is_answered_with_the_sensor_that_may_be_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    add_paired(PairedSensor("my back", "24ec4a0c9f51d3e8", "74:4D:BD:12:34:56"))
    outcome = await unslouch("status", "--sensor", "my bakc")
    assert outcome.code == ExitCode.NO_SENSOR
    assert outcome.err == (
        "unslouch: Neither a sensor that you have paired nor a port is named 'my bakc'; did you mean 'my back'?\n"
    )
    assert (await unslouch("status", "--sensor", "nobody")).err == (
        "unslouch: Neither a sensor that you have paired nor a port is named 'nobody'; `unslouch scan` lists your "
        "sensors.\n"
    )
    assert "my back" not in (await unslouch("status", "--sensor", "/dev/my-back")).err


async def test_another_protocol_version_is_code_4() -> None:
    board = FakeBoard()
    board.protocol = 9
    async with board.on_tcp() as sensor:
        for command in ("record", "buzz"):
            outcome = await unslouch(command, "--sensor", sensor)
            assert outcome.code == ExitCode.NOT_OURS
            versions = f"speaks version 9 of the protocol and this computer version {messages.PROTOCOL_VERSION}"
            assert outcome.err.count(versions) == 1


async def test_a_refusal_is_code_6_and_says_why() -> None:
    board = FakeBoard()
    board.refuse[messages.CALIBRATE] = messages.MOVED
    async with board.on_tcp() as sensor:
        outcome = await unslouch("calibrate", "--sensor", sensor)
    assert outcome.code == ExitCode.REFUSED
    assert "refused to calibrate: you moved; sit upright" in outcome.err


async def test_settings_are_listed_read_and_written() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        listed = (await unslouch("settings", "--sensor", sensor)).out.splitlines()
        assert listed[0].split() == ["key", "value", "unit", "range", "meaning"]
        assert [line.split()[0] for line in listed[1:]] == [setting.key for setting in SETTINGS]
        assert listed[1].split()[:4] == ["threshold", "12", "deg", "5..45"]
        assert len({line.index(setting.meaning) for line, setting in zip(listed[1:], SETTINGS, strict=True)}) == 1
        assert (await unslouch("settings", "delay", "45", "--sensor", sensor)).code == ExitCode.OK
        assert (await unslouch("settings", "delay", "--sensor", sensor)).out == "45\n"
        assert (await unslouch("settings", "strength", "strong", "--sensor", sensor)).code == ExitCode.OK
        assert (await unslouch("settings", "pattern", "own", "--sensor", sensor)).err == "pattern is own now.\n"
        assert (await unslouch("settings", "strength", "--sensor", sensor)).out == "100\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["delay", "4"], "give a whole number from 5 to 600 s"),
        (["delay", "long"], "delay can't be 'long'; give a whole number from 5 to 600"),
        (["strength", "loud"], "give a whole number from 20 to 100, or light, medium, strong."),
        (["dealy", "5"], "There is no setting 'dealy'; did you mean delay? The settings are threshold,"),
        (["dealy"], "There is no setting 'dealy'"),
    ],
)
async def test_a_setting_that_can_not_be_is_code_9(arguments: list[str], sentence: str) -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        outcome = await unslouch("settings", *arguments, "--sensor", sensor)
    assert outcome.code == ExitCode.BAD_INPUT
    assert sentence in outcome.err


async def test_a_write_that_lost_a_race_is_repeated_once() -> None:
    board = FakeBoard()
    really_do, raced = board._do, []

    def race(kind: int, fields: list[int]) -> tuple[int, bytes]:
        if kind == messages.SET_SETTING and not raced:
            raced.append(True)
            board.revision += 1
        return really_do(kind, fields)

    board._do = race  # type: ignore[method-assign]
    async with board.on_tcp() as sensor:
        assert (await unslouch("settings", "delay", "45", "--sensor", sensor)).code == ExitCode.OK
    assert board.settings[3] == 45


async def test_status_says_profile_delay_and_that_the_sensor_may_have_moved() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        quiet = (await unslouch("status", "--sensor", sensor)).out
        assert "profile      office chair\n" in quiet
        assert "calibration  number 1, bow, no standing zero\n" in quiet
        assert "after 30 s of leaning\n" in quiet
        assert "notice" not in quiet
        board.notices = payloads.NOTICE_SENSOR_MOVED
        board.delay_s = 45
        shown = (await unslouch("status", "--sensor", sensor)).out
        assert "after 45 s of leaning (you set 30 s" in shown
        assert "The sensor may have moved" in shown
        assert "`unslouch rezero`" in shown
        board.settings[TRACKING_ONLY] = 1
        assert "none come while tracking-only is 1\n" in (await unslouch("status", "--sensor", sensor)).out
        board.settings |= {TRACKING_ONLY: 0, ALERT_MODE: BUDGET_MODE}
        assert "they come by holding time\n" in (await unslouch("status", "--sensor", sensor)).out


async def test_status_is_text_or_json() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        text = (await unslouch("status", "--sensor", sensor)).out
        status = json.loads((await unslouch("status", "--json", "--sensor", sensor)).out)
    assert "posture      leaning, forward 12 lateral -2 degrees, above threshold for 3 s" in text
    assert "battery      80 % (3900 mV)" in text
    assert status["sensor"]["board"] == "fake board"
    assert status["live"]["state"] == "leaning"
    assert status["status"]["battery_percent"] == 80


async def test_status_and_watch_say_when_the_motion_sensor_is_silent() -> None:
    board = FakeBoard()
    line = "lost, no data from the motion sensor"
    board.live = lambda: payloads.pack_live(  # type: ignore[method-assign]
        board.uptime_ms & 0xFFFFFFFF, 1234, -210, states.UNKNOWN, states.ACTIVITY_UNKNOWN, 0, 0
    )
    async with board.on_tcp() as sensor:
        assert f"posture      {line}\n" in (await unslouch("status", "--sensor", sensor)).out
        live = json.loads((await unslouch("status", "--json", "--sensor", sensor)).out)["live"]
        assert (live["state"], live["forward_deg"], live["lateral_deg"]) == ("lost", None, None)
        watched = (await unslouch("watch", "--for", "1", "--sensor", sensor)).out.splitlines()
    assert [each for each in watched if not each.startswith(("sensor: ", "today: "))] == [line]


async def test_snooze_buzz_and_rezero_ask_the_board() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        assert "No vibration for 15 minutes" in (await unslouch("snooze", "--sensor", sensor)).err
        assert "No vibration for 5 minutes" in (await unslouch("snooze", "5", "--sensor", sensor)).err
        assert "No vibration for 1 minute." in (await unslouch("snooze", "1", "--sensor", sensor)).err
        assert (await unslouch("snooze", "-1", "--sensor", sensor)).code in (ExitCode.BAD_INPUT, ExitCode.USAGE)
        assert (await unslouch("buzz", "--sensor", sensor)).code == ExitCode.OK
        assert "calibration 2" in (await unslouch("rezero", "--sensor", sensor)).err
        assert "calibration 1 counts again" in (await unslouch("undo", "--sensor", sensor)).err
        assert "no calibration now" in (await unslouch("undo", "--sensor", sensor)).err
        refused = await unslouch("undo", "--sensor", sensor)
        assert "nothing was calibrated in the last 60 s" in refused.err
        assert refused.code == ExitCode.REFUSED


async def test_buzz_plays_a_named_pattern_and_keeps_and_plays_the_wearers_own() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        assert "`unslouch buzz --times" in (await unslouch("buzz", "--pattern", "own", "--sensor", sensor)).err
        assert (await unslouch("buzz", "--pattern", "heartbeat", "--sensor", sensor)).code == ExitCode.OK
        assert "settings pattern own" in (await unslouch("buzz", "--times", "300,150,300", "--sensor", sensor)).err
        assert patterns.unpack_pattern(board.own_pattern) == (300, 150, 300)
        assert board.played == [patterns.HEARTBEAT, patterns.OWN]
        for times, problem in (("loud", "is no pattern"), ("5", "10 to 2550 ms"), ("2500,2500,10", "5 s at most")):
            wrong = await unslouch("buzz", "--times", times, "--sensor", sensor)
            assert problem in wrong.err
            assert wrong.code == ExitCode.BAD_INPUT
        assert board.played == [patterns.HEARTBEAT, patterns.OWN]


async def test_watch_prints_a_line_when_something_changes_and_stores_meanwhile() -> None:
    board = FakeBoard(journal=0x77)
    async with board.on_tcp() as sensor, started("watch", "--sensor", sensor) as process:
        assert process.stdout is not None
        first = await asyncio.wait_for(process.stdout.readline(), 20)
        assert first.startswith(b"leaning, forward 12 lateral -2 degrees, above threshold for 3 s")
        await line_after(process, b"sensor: battery 80 %, by cable\n")
        await line_after(process, b"today: nothing is stored yet\n")
        board.noise = board.event(records.ALERT, 1500, 1, 0)
        board.revision += 1
        await line_after(process, b"event: alert at 15 degrees\n")
        await line_after(process, b"motor: silent, just after an alert, for 3 min\n")
        process.send_signal(signal.SIGINT)
        outcome = await ended(process)
    assert outcome.code == ExitCode.OK
    # Nothing else changed; the board repeats its event before each answer, and is asked for its last records.
    assert {line for line in outcome.out.splitlines() if line.startswith("event")} <= {"event: alert at 15 degrees"}
    with Store.open(default_path(simulated=True), simulated=True, readonly=True) as store:
        assert store.pages(0x77) == board.pages


@pytest.mark.parametrize("command", ["record", "watch"])
async def test_quiet_hours_of_the_settings_snooze_the_sensor(command: str, tmp_path: Path) -> None:
    board, settings = FakeBoard(), tmp_path / "config.toml"
    days_around = DAYS[(datetime.now().weekday() - 1) % 7], DAYS[(datetime.now().weekday() + 1) % 7]
    settings.write_text(f'[quiet_hours]\ntimes = ["{"-".join(days_around)} 00:00-24:00"]\n', encoding="utf-8")
    arguments = ("--config", str(settings), "--db", str(tmp_path / "x.db"))
    async with board.on_tcp() as sensor, started(command, "--sensor", sensor, *arguments) as process:
        async with asyncio.timeout(20):
            while messages.SNOOZE not in board.requests:
                await asyncio.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert (await ended(process)).code == ExitCode.OK


async def line_after(process: asyncio.subprocess.Process, line: bytes) -> None:
    """Read lines until this one comes."""
    assert process.stdout is not None
    async with asyncio.timeout(20):
        while (read := await process.stdout.readline()) != line:
            assert read, f"the output ended before {line!r}"


async def test_watch_says_lost_when_the_sensor_goes_away(tmp_path: Path) -> None:
    board, link = FakeBoard(), tmp_path / "port"
    async with started("watch", "--sensor", str(link), "--wait", "--db", str(tmp_path / "x.db")) as process:
        assert process.stdout is not None
        async with board.on_pty(link):
            assert (await asyncio.wait_for(process.stdout.readline(), 20)).startswith(b"leaning")
        await line_after(process, b"lost\n")
        process.send_signal(signal.SIGTERM)
        assert (await ended(process)).code == ExitCode.OK


async def test_a_command_that_found_a_simulated_sensor_by_itself_says_which(tmp_path: Path) -> None:
    board = FakeBoard()
    async with (
        board.on_tcp() as sensor,
        started("record", "--sensor", sensor, "--db", str(tmp_path / "x.db")) as process,
    ):
        assert process.stderr is not None
        while b"Linked to" not in await asyncio.wait_for(process.stderr.readline(), 20):
            pass
        outcome = await unslouch("buzz")
        process.send_signal(signal.SIGINT)
        await ended(process)
    assert outcome.code == ExitCode.OK
    assert "(simulated) at " in outcome.err.splitlines()[0]


async def test_a_hysteresis_that_reaches_the_threshold_is_refused_with_the_reason() -> None:
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        outcome = await unslouch("settings", "hysteresis", "12", "--sensor", sensor)
    assert outcome.code == ExitCode.BAD_INPUT
    assert "hysteresis (12) must stay below threshold (12)" in outcome.err
    assert messages.SET_SETTING not in board.requests


async def test_watch_ends_quietly_when_its_reader_has_read_enough() -> None:
    board = FakeBoard()
    read_end, write_end = os.pipe()
    async with board.on_tcp() as sensor:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "unslouch", "watch", "--sensor", sensor,
            stdout=write_end, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        os.close(write_end)
        os.close(read_end)
        outcome = await ended(process)
    assert outcome.code == ExitCode.OK


# The twin as a child

SAYS_AN_ADDRESS = (sys.executable, "-c", "print('socket://127.0.0.1:5', flush=True); import time; time.sleep(60)")


async def test_a_simulated_sensor_lives_as_long_as_it_is_needed() -> None:
    async with simulated_sensor(command=SAYS_AN_ADDRESS) as sensor:
        assert sensor == "socket://127.0.0.1:5"
        children = psutil.Process().children()
        assert len(children) == 1
    assert not children[0].is_running()


async def test_a_simulated_sensor_ends_when_its_user_is_cancelled() -> None:
    running = asyncio.Event()

    async def use() -> None:
        async with simulated_sensor(command=SAYS_AN_ADDRESS):
            running.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(use())
    await asyncio.wait_for(running.wait(), 20)
    children = psutil.Process().children()
    task.cancel()
    await asyncio.wait([task])
    assert children
    assert not any(child.is_running() for child in children)


async def test_a_simulated_sensor_that_does_not_start_says_why() -> None:
    fails = (sys.executable, "-c", "import sys; sys.exit('no such wearer')")
    with pytest.raises(NoSensor, match="did not start: no such wearer"):
        async with simulated_sensor(command=fails):
            pass
    hangs = (sys.executable, "-c", "import time; time.sleep(60)")
    with pytest.raises(NoSensor, match="did not start within"):
        async with simulated_sensor(command=hangs, start_timeout_s=0.3):
            pass
