"""Sessions over the air: coming back, waiting for windows, moving to the cable and back, and being forgotten."""

import asyncio
from pathlib import Path

import pytest

from link.ble_board import ADDRESS, BleScene, on_air
from link.both_links import DEVICE, PORT, Usb, introduced, linked_over, running
from link.fake_board import FakeBoard
from unslouch.link.ble.failures import NotPaired
from unslouch.link.model import LinkState
from unslouch.sensor import locator as locator_module
from unslouch.sensor.locator import REFUSAL_COUNTS_S
from unslouch.twin.radio.air import SENSITIVITY_DBM
from unslouch_device.contract import payloads as p
from unslouch_device.contract import states
from unslouch_device.resting import ATTENTION_MS

PERIOD_S = 180


@pytest.mark.parametrize("sensor", [None, "back", "BACK", DEVICE, ADDRESS, ADDRESS.lower()])
def test_a_paired_sensor_is_found_without_naming_it_by_its_name_and_by_its_address(
    tmp_path: Path, usb: Usb, sensor: str | None
) -> None:
    async def story(scene: BleScene) -> None:
        await introduced(scene)
        async with running(scene, sensor) as (session, notes, writer):
            await notes.until(lambda: linked_over(session) and notes.live and notes.statuses)
            assert linked_over(session) == (sensor or ADDRESS if sensor and ":" in sensor else ADDRESS)
            assert writer.pages == scene.board.board.pages

    on_air(tmp_path, story)


def test_an_unknown_sensor_that_is_heard_is_not_linked_by_itself(tmp_path: Path, usb: Usb) -> None:
    async def story(scene: BleScene) -> None:
        async with running(scene, None) as (_, notes, _):
            await notes.until_state(LinkState.WAITING)
            assert "unslouch pair" in notes.reason
        assert scene.board.admission.refusals == []

    on_air(tmp_path, story)


def test_after_a_lost_link_the_journal_goes_on_without_a_gap(tmp_path: Path, usb: Usb) -> None:
    async def story(scene: BleScene) -> None:
        await introduced(scene)
        board = scene.board.board
        async with running(scene, None) as (session, notes, writer):
            for _ in range(3):
                await notes.until(lambda: linked_over(session))
                board.builder.epochs(states.UPRIGHT, 50)
                scene.air.cut("sensor 01")
                await notes.until(lambda: session.state is not LinkState.LIVE)
            await notes.until(lambda: linked_over(session) and writer.pages == board.pages)
            assert writer.gaps == []

    on_air(tmp_path, story)


def test_plugging_in_moves_to_the_cable_and_pulling_it_back_to_the_air_without_a_gap(tmp_path: Path, usb: Usb) -> None:
    async def story(scene: BleScene) -> None:
        await introduced(scene)
        board = scene.board.board
        async with running(scene, None) as (session, notes, writer):
            for _ in range(2):
                await notes.until(lambda: linked_over(session) == ADDRESS)
                board.builder.epochs(states.UPRIGHT, 30)
                usb.plugged[PORT] = board
                await notes.until(lambda: linked_over(session) == PORT)
                board.builder.epochs(states.UPRIGHT, 30)
                del usb.plugged[PORT]
                board.unplug()
                await notes.until(lambda: linked_over(session) != PORT)
            await notes.until(lambda: linked_over(session) == ADDRESS and writer.pages == board.pages)
            assert writer.gaps == []
            assert {info.journal for info in notes.infos} == {board.builder.journal}

    on_air(tmp_path, story)


def test_another_board_that_is_plugged_in_is_looked_at_and_left_alone(tmp_path: Path, usb: Usb) -> None:
    async def story(scene: BleScene) -> None:
        await introduced(scene)
        other = FakeBoard()
        other.hello = lambda: FakeBoard.hello(other).replace(b"\1\2\3\4\5\6\7\x08", b"another!")  # type: ignore[method-assign]
        async with running(scene, "back") as (session, notes, writer):
            await notes.until(lambda: linked_over(session) == ADDRESS)
            usb.plugged["/dev/ttyOTHER"] = other
            await asyncio.sleep(60)
            assert linked_over(session) == ADDRESS
            assert [state for state, _ in notes.states].count(LinkState.SEARCHING) == 1
            assert usb.opened == ["/dev/ttyOTHER"] * locator_module.MAX_LOOKS_AT_PORT
            assert writer.pages == scene.board.board.pages

    on_air(tmp_path, story)


def test_a_named_sensor_is_not_confused_with_another_that_is_plugged_in(tmp_path: Path, usb: Usb) -> None:
    async def story(scene: BleScene) -> None:
        await introduced(scene)
        other = FakeBoard()
        other.hello = lambda: FakeBoard.hello(other).replace(b"\1\2\3\4\5\6\7\x08", b"another!")  # type: ignore[method-assign]
        usb.plugged["/dev/ttyOTHER"] = other
        async with running(scene, "back") as (session, notes, _):
            await notes.until(lambda: linked_over(session))
            assert linked_over(session) == ADDRESS

    on_air(tmp_path, story)


def test_a_resting_sensor_is_linked_in_its_next_window_and_counted_down_to(tmp_path: Path, usb: Usb) -> None:
    async def story(scene: BleScene) -> None:
        await introduced(scene)
        scene.board.board.window_period_s = PERIOD_S
        loop = asyncio.get_running_loop()
        async with running(scene, None) as (session, notes, _):
            await notes.until(lambda: linked_over(session))
            scene.board.closed = True
            scene.air.cut("sensor 01")
            await notes.until(lambda: session.state is not LinkState.LIVE)
            lost_s = loop.time()
            await asyncio.sleep(PERIOD_S + 2)
            opened_s = loop.time()
            scene.board.rest(False)
            await notes.until(lambda: linked_over(session))
            assert loop.time() - opened_s < 5
        published = [seconds for seconds in notes.windows if seconds is not None]
        assert max(published) == pytest.approx(PERIOD_S, abs=5)
        assert min(published) < 20
        assert opened_s - lost_s > PERIOD_S

    on_air(tmp_path, story)


@pytest.mark.parametrize(("button_wakes", "taken_off_while_linked"), [(True, False), (False, False), (True, True)])
def test_a_sensor_that_sleeps_deeply_is_said_to_be_asleep_and_linked_soon_after_it_is_lifted(
    button_wakes: bool, taken_off_while_linked: bool, tmp_path: Path, usb: Usb
) -> None:
    async def story(scene: BleScene) -> None:
        await introduced(scene)
        scene.board.board.window_period_s = PERIOD_S
        scene.board.board.flags |= p.HELLO_BUTTON_WAKES if button_wakes else 0
        if not taken_off_while_linked:
            scene.board.board.flags |= p.HELLO_SLEEPS_DEEPLY
        async with running(scene, None) as (session, notes, _):
            await notes.until(lambda: linked_over(session))
            if taken_off_while_linked:
                scene.board.board.notices = p.NOTICE_SLEEPS_DEEPLY
                await notes.until(lambda: notes.statuses[-1].sleeps_deeply)
            scene.board.closed = True
            scene.air.cut("sensor 01")
            await asyncio.sleep(PERIOD_S + 60)
            remedy = "lift it or press its button" if button_wakes else "lift it"
            await notes.until(lambda: (LinkState.RESTING, f"The sensor is asleep: {remedy}.") in notes.states)
            assert notes.windows[-1] is None
            await asyncio.sleep(2 * 3600)
            scene.board.board.flags &= ~(p.HELLO_SLEEPS_DEEPLY | p.HELLO_BUTTON_WAKES)
            lifted_s = asyncio.get_running_loop().time()
            scene.board.rest(False)
            await notes.until(lambda: linked_over(session))
            assert asyncio.get_running_loop().time() - lifted_s < ATTENTION_MS / 1000
            assert session.info is not None
            assert not session.info.sleeps_deeply

    on_air(tmp_path, story)


def test_a_sensor_that_forgot_us_is_left_alone_until_it_is_paired_again(tmp_path: Path, usb: Usb) -> None:
    async def story(scene: BleScene) -> None:
        await introduced(scene)
        scene.board.forget()
        async with running(scene, None) as (session, notes, writer):
            await notes.until_state(LinkState.WAITING)
            assert isinstance(session.failure, NotPaired)
            connections = scene.board.connections
            await asyncio.sleep(600)
            assert scene.board.connections == connections
            await asyncio.sleep(REFUSAL_COUNTS_S)  # after which it is tried once more
            assert connections < scene.board.connections
            await introduced(scene)
            await notes.until(lambda: linked_over(session))
            assert writer.pages == scene.board.board.pages

    on_air(tmp_path, story)


def test_the_cable_is_taken_even_where_the_air_is_forbidden(tmp_path: Path, usb: Usb) -> None:
    async def story(scene: BleScene) -> None:
        await introduced(scene)
        scene.board.forget()
        async with running(scene, None) as (session, notes, _):
            await notes.until_state(LinkState.WAITING)
            usb.plugged[PORT] = scene.board.board
            await notes.until(lambda: linked_over(session) == PORT, 60)

    on_air(tmp_path, story)


def test_out_of_reach_and_back_again(tmp_path: Path, usb: Usb) -> None:
    async def story(scene: BleScene) -> None:
        await introduced(scene)
        async with running(scene, None) as (session, notes, writer):
            await notes.until(lambda: linked_over(session))
            scene.air.place("sensor 01", "laptop", SENSITIVITY_DBM - 1)
            await notes.until_state(LinkState.WAITING, 60)
            scene.board.board.builder.epochs(states.UPRIGHT, 700)
            await asyncio.sleep(300)
            assert any("isn't heard" in reason for _, reason in notes.states)
            scene.air.place("sensor 01", "laptop", -60)
            await notes.until(lambda: linked_over(session) and writer.pages == scene.board.board.pages, 60)

    on_air(tmp_path, story)


def test_a_sensor_that_nobody_watches_rests_and_is_visited_in_each_window(tmp_path: Path, usb: Usb) -> None:
    async def story(scene: BleScene) -> None:
        await introduced(scene)
        board = scene.board.board
        board.window_period_s = PERIOD_S
        async with running(scene, None, watched=False) as (session, notes, writer):
            for visit in range(3):
                await notes.until_state(LinkState.RESTING, 60)
                assert writer.pages == board.pages
                assert notes.windows[-1] == pytest.approx(PERIOD_S, abs=1)
                assert len(notes.infos) == visit + 1
                scene.board.rest()
                board.builder.epochs(states.UPRIGHT, 36)
                await asyncio.sleep(PERIOD_S - 20)
                assert session.state is LinkState.RESTING
                await asyncio.sleep(20)
                scene.board.rest(False)
                await notes.until(lambda: linked_over(session), 20)
            assert board.live_hz == 1

    on_air(tmp_path, story)


def test_live_data_come_at_once_when_somebody_begins_to_watch(tmp_path: Path, usb: Usb) -> None:
    async def story(scene: BleScene) -> None:
        await introduced(scene)
        board = scene.board.board
        board.window_period_s = PERIOD_S
        async with running(scene, None, watched=False) as (session, notes, _):
            await notes.until_state(LinkState.RESTING, 60)
            session.watch(True)
            await notes.until(lambda: linked_over(session) and board.live_hz > 1, 20)
            await asyncio.sleep(60)
            assert linked_over(session)
            session.watch(False)
            await notes.until_state(LinkState.RESTING, 20)

    on_air(tmp_path, story)
