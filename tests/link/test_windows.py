"""Windows: the sensor is linked in each of its windows, whatever else is paired or plugged in."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from bleak.backends.scanner import BaseBleakScanner

from link.ble_board import ADDRESS, BleScene, on_air
from link.both_links import DEVICE, PORT, Usb, introduced, linked_over, running
from link.fake_board import FakeBoard, ReceivedEvents
from unslouch.link.ble import devices as ble_devices
from unslouch.link.ble.failures import NotPaired
from unslouch.link.client import HELLO_TIMEOUT_S
from unslouch.link.model import LinkState
from unslouch.sensor import handshake, paired
from unslouch.sensor import locator as locator_module
from unslouch.sensor.lock import SensorLock
from unslouch.sensor.paired import PairedSensor
from unslouch.sensor.session import Session
from unslouch.sensor.timing import Timing

PERIOD_S = 180
WINDOW_S = 5
WINDOWS = 10
ABSENT = "74:4D:BD:99:99:99"
OTHER = "74:4D:BD:00:00:02"
OTHER_PORT = "/dev/ttyOTHER"


def silent() -> FakeBoard:
    """A gadget with a serial port that is no sensor."""
    board = FakeBoard()
    board.silent = True
    return board


async def visits(scene: BleScene, late_s: float = 0.0) -> list[float]:
    """Record unwatched for some windows, counted from each link's end; return how long each visit was, 0 if missed."""
    scene.board.board.window_period_s = PERIOD_S
    scene.board.board.stream_every_s = 1.0  # as a board does whose host records without being watched
    loop = asyncio.get_running_loop()
    found = []
    async with running(scene, None, watched=False) as (session, received, _):
        await received.until(lambda: linked_over(session), 60)
        scene.board.closed = True
        await scene.board.until_linked(False)
        for _ in range(WINDOWS):
            await asyncio.sleep(PERIOD_S + late_s)
            scene.board.rest(False)
            with suppress(TimeoutError):
                async with asyncio.timeout(WINDOW_S):
                    await scene.board.until_linked()
            scene.board.rest()
            began_s = loop.time()
            await scene.board.until_linked(False)
            found.append(loop.time() - began_s)
    return found


@pytest.mark.parametrize("late_s", [0.0, 6.0, 11.0])
@pytest.mark.parametrize("absent", [0, 1, 3])
@pytest.mark.parametrize("ports", [0, 2])
def test_each_window_is_met(tmp_path: Path, usb: Usb, ports: int, absent: int, late_s: float) -> None:
    async def story(scene: BleScene) -> None:
        for number in range(absent):
            paired.add_paired(PairedSensor(f"old {number}", f"old {number}", ABSENT[:-1] + str(number)))
        usb.plugged = {port: silent() for port in (PORT, OTHER_PORT)[:ports]}
        await introduced(scene)
        found = await visits(scene, late_s)
        assert 0 not in found
        assert max(found[1:]) < 2 * Timing().linger_s  # silent ports aren't looked at for ever, while the sensor waits

    on_air(tmp_path, story)


def test_a_sensor_that_starts_slowly_on_its_cable_is_found_there_though_others_are_silent(
    tmp_path: Path, usb: Usb
) -> None:
    async def story(scene: BleScene) -> None:
        board = scene.board.board
        board.silent = True
        scene.board.rest()
        paired.add_paired(PairedSensor("back", DEVICE, ADDRESS))
        usb.plugged = {OTHER_PORT: silent(), PORT: board}
        async with running(scene, None) as (session, received, _):
            await asyncio.sleep(10 * HELLO_TIMEOUT_S)
            board.silent = False
            await received.until(lambda: linked_over(session) == PORT, 30)

    on_air(tmp_path, story)


def test_a_sensor_on_its_cable_is_linked_before_anybody_listens(tmp_path: Path, usb: Usb) -> None:
    class NobodyListens(BaseBleakScanner):
        def __init__(self, *args: object, **options: object) -> None:
            raise AssertionError("somebody listens although the sensor is plugged in")

    async def story(scene: BleScene) -> None:
        await introduced(scene)
        paired.add_paired(PairedSensor("old", "old", ABSENT))
        usb.plugged[PORT] = scene.board.board
        backends = replace(scene.backends, scanner=NobodyListens)
        async with running(scene, None, backends=backends) as (session, received, _):
            await received.until(lambda: linked_over(session) == PORT, handshake.HEAD_START_S)

    on_air(tmp_path, story)


def test_of_two_that_are_heard_the_one_linked_last_is_linked_again(tmp_path: Path, usb: Usb) -> None:
    async def story(scene: BleScene) -> None:
        other = another_sensor(scene)
        await scene.pair(board=other)
        paired.add_paired(PairedSensor("other", "other".ljust(8).encode().hex(), OTHER))
        other.rest()
        await introduced(scene)
        async with running(scene, None) as (session, received, _):
            await received.until(lambda: linked_over(session) == ADDRESS, 60)
            other.rest(False)
            for _ in range(5):
                scene.air.cut("sensor 01")
                await received.until(lambda: not linked_over(session))
                await received.until(lambda: linked_over(session), 60)
                assert linked_over(session) == ADDRESS
            scene.board.rest()
            scene.air.cut("sensor 01")
            await received.until(lambda: linked_over(session) == OTHER, 60)

    on_air(tmp_path, story)


def test_a_sensor_without_our_bond_does_not_keep_us_from_the_other(tmp_path: Path, usb: Usb) -> None:
    async def story(scene: BleScene) -> None:
        other = another_sensor(scene)
        paired.add_paired(PairedSensor("other", "other".ljust(8).encode().hex(), OTHER))
        await introduced(scene)
        scene.board.rest()
        async with running(scene, None) as (session, received, _):
            await until_refused(session, received)
            connections = other.connections
            scene.board.rest(False)
            await received.until(lambda: linked_over(session) == ADDRESS, 60)
            assert other.connections == connections

    on_air(tmp_path, story)


def test_absent_sensors_are_named_in_one_sentence(tmp_path: Path, usb: Usb) -> None:
    async def story(scene: BleScene) -> None:
        scene.board.rest()
        await asyncio.sleep(1)
        paired.add_paired(PairedSensor("old", "old", ABSENT))
        paired.add_paired(PairedSensor("back", DEVICE, ADDRESS))
        async with running(scene, None) as (_, received, _):
            began_s = asyncio.get_running_loop().time()
            await received.until_state(LinkState.WAITING)
            assert asyncio.get_running_loop().time() - began_s == pytest.approx(ble_devices.LISTEN_S, abs=0.5)
            assert f"The sensor {ABSENT} or {ADDRESS} isn't heard" in received.reason

    on_air(tmp_path, story)


def test_one_that_another_program_has_is_left_to_it(tmp_path: Path, usb: Usb) -> None:
    async def story(scene: BleScene) -> None:
        await introduced(scene)
        paired.add_paired(PairedSensor("old", "old", ABSENT))
        lock = SensorLock(ADDRESS)
        assert lock.take()
        connections = scene.board.connections
        locator = locator_module.SharedLocator(None, scene.backends)
        assert await locator.candidates() == [ADDRESS]
        assert await locator.listen([]) == ABSENT
        assert await locator.listen([ABSENT]) is None
        lock.release()
        assert await locator.candidates() == []
        assert await locator.listen([]) == ADDRESS
        assert scene.board.connections == connections

    on_air(tmp_path, story)


def another_sensor(scene: BleScene):  # type: ignore[no-untyped-def]
    other = scene.another_board(OTHER)
    other.board.hello = lambda: FakeBoard.hello(other.board).replace(b"\1\2\3\4\5\6\7\x08", b"other   ")
    return other


async def until_refused(session: Session, received: ReceivedEvents) -> None:
    await received.until_state(LinkState.WAITING, 60)
    assert isinstance(session.failure, NotPaired)


def test_a_window_that_the_sensor_opens_early_is_met_while_the_host_waits_for_the_next(
    tmp_path: Path, usb: Usb
) -> None:
    async def story(scene: BleScene) -> None:
        await introduced(scene)
        scene.board.board.window_period_s, scene.board.board.stream_every_s = 900, 1.0
        async with running(scene, None, watched=False) as (session, received, _):
            for visit in range(8):
                await received.until(lambda: session.state is LinkState.RESTING)
                scene.board.rest()
                await asyncio.sleep(60 + 0.6 * visit)
                assert session.state is LinkState.RESTING
                scene.board.rest(False)
                async with asyncio.timeout(WINDOW_S):
                    await scene.board.until_linked()
                await received.until(lambda: linked_over(session))

    on_air(tmp_path, story)


def test_a_sensor_that_goes_on_advertising_after_its_visit_is_left_alone_until_its_window(
    tmp_path: Path, usb: Usb
) -> None:
    async def story(scene: BleScene) -> None:
        await introduced(scene)
        scene.board.board.window_period_s = PERIOD_S
        async with running(scene, None, watched=False) as (session, received, _):
            await received.until_state(LinkState.RESTING, 60)
            connections = scene.board.connections
            await asyncio.sleep(PERIOD_S - 20)
            assert scene.board.connections == connections
            await received.until(lambda: linked_over(session), 30)

    on_air(tmp_path, story)


def test_a_sensor_that_is_heard_early_and_cannot_be_linked_rests_on(tmp_path: Path, usb: Usb) -> None:
    async def story(scene: BleScene) -> None:
        await introduced(scene)
        scene.board.board.window_period_s, scene.board.board.stream_every_s = 900, 1.0
        async with running(scene, None, watched=False) as (session, received, _):
            await received.until_state(LinkState.RESTING, 60)
            scene.board.rest()
            await asyncio.sleep(60)
            scene.board.board.silent = True
            scene.board.rest(False)
            await scene.board.until_linked()
            scene.board.rest()
            await received.until(lambda: session.state is LinkState.HANDSHAKE)
            await received.until(lambda: session.state is LinkState.RESTING)
            assert LinkState.WAITING not in [state for state, _ in received.states]
            assert received.windows[-1] is not None
            assert received.windows[-1] < 900 - 60
            scene.board.board.silent = False
            await asyncio.sleep(60)
            scene.board.rest(False)
            await received.until(lambda: linked_over(session), WINDOW_S)

    on_air(tmp_path, story)
