"""The air: connection events and what they carry, distance, silence, and links that break."""

import asyncio
import errno

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError
from bumble.hci import HCI_LE_Set_Advertising_Enable_Command

from twin.radio.peripheral import OPEN, Peripheral, Scene, on_air, until
from unslouch.twin.radio import irq
from unslouch.twin.radio.air import SENSITIVITY_DBM, LinkLimits
from unslouch.twin.radio.bleak_scanner import scanner_on
from unslouch.twin.radio.central import SUPERVISION_MS
from unslouch.twin.radio.controller import RadioController

VALUE_BYTES = 244
FORTNIGHT_PAGES = 14 * 12 * 720 // 17
TOO_WEAK = SENSITIVITY_DBM - 1


def now_s() -> float:
    return asyncio.get_running_loop().time()


async def notify_all(board: Peripheral, count: int) -> None:
    """Notify full values as fast as they are taken, backing off as firmware has to."""
    for number in range(count):
        value = number.to_bytes(4, "little").ljust(VALUE_BYTES, b".")
        while not notified(board, value):
            await asyncio.sleep(0.010)


def notified(board: Peripheral, value: bytes) -> bool:
    """Notify; returns whether there was room."""
    try:
        board.ble.gatts_notify(0, board.open, value)
    except OSError as error:
        if error.errno != errno.ENOMEM:
            raise
        return False
    return True


async def listening(scene: Scene) -> tuple[BleakClient, list[int]]:
    """Connect and collect the numbers that notifications begin with."""
    got: list[int] = []
    client = await scene.client()
    await client.connect()
    await client.start_notify(OPEN, lambda _, data: got.append(int.from_bytes(data[:4], "little")))
    return client, got


@pytest.mark.parametrize("interval_ms", [7.5, 30.0, 100.0])
def test_a_link_carries_what_the_limits_say_at_its_interval(interval_ms: float) -> None:
    async def story(scene: Scene) -> None:
        client, got = await listening(scene)
        began_s = now_s()
        count = 600
        await notify_all(scene.peripheral, count)
        await until(lambda: len(got) == count)
        rate = count * VALUE_BYTES / (now_s() - began_s)
        assert got == list(range(count))
        assert rate == pytest.approx(LinkLimits().bytes_per_s(interval_ms / 1000, VALUE_BYTES), rel=0.03)
        await client.disconnect()

    on_air(story, interval_ms=interval_ms)


def test_short_intervals_are_bounded_by_air_time_and_long_ones_by_packets_per_event() -> None:
    limits = LinkLimits()
    assert [limits.packets_in(interval_ms / 1000) for interval_ms in (7.5, 10, 30, 100)] == [3, 4, 6, 6]
    assert limits.bytes_per_s(0.030) == 6 * 244 / 0.030


def test_a_link_at_30_ms_can_carry_a_fortnight_in_under_a_minute() -> None:
    assert FORTNIGHT_PAGES * VALUE_BYTES / LinkLimits().bytes_per_s(0.030) < 0.6 * 60


def test_a_request_waits_for_a_connection_event_and_its_answer_for_the_next() -> None:
    async def story(scene: Scene) -> None:
        client, _ = await listening(scene)
        await client.read_gatt_char(OPEN)
        began_s = now_s()
        for _ in range(10):
            await client.read_gatt_char(OPEN)
        assert now_s() - began_s == pytest.approx(10 * 2 * 0.050, rel=0.01)
        await client.disconnect()

    on_air(story, interval_ms=50)


def test_scanners_hear_how_near_a_device_is_until_it_is_too_far() -> None:
    async def story(scene: Scene) -> None:
        for strength_dBm in (-45, -90):
            scene.air.place("sensor", "laptop", strength_dBm)
            found = await BleakScanner.discover(1, return_adv=True, backend=scanner_on(scene.laptop))
            assert [advertised.rssi for _, advertised in found.values()] == [strength_dBm]
        scene.air.place("sensor", "laptop", TOO_WEAK)
        assert await BleakScanner.discover(1, backend=scanner_on(scene.laptop)) == []

    on_air(story)


def test_a_passive_scanner_is_given_no_scan_response() -> None:
    async def story(scene: Scene) -> None:
        async def names(mode: str) -> list[str | None]:
            found = await BleakScanner.discover(
                1,
                return_adv=True,
                scanning_mode=mode,
                backend=scanner_on(scene.laptop),
            )
            return [advertised.local_name for _, advertised in found.values()]

        assert await names("active") == ["sensor"]
        assert await names("passive") == [None]

    on_air(story)


def test_an_advertiser_that_is_not_connectable_gets_no_connection() -> None:
    async def story(scene: Scene) -> None:
        device = await scene.client(timeout=5)
        scene.peripheral.ble.gap_advertise(100_000, connectable=False)
        began_s = now_s()
        with pytest.raises(TimeoutError):
            await device.connect()
        assert now_s() - began_s == pytest.approx(5, abs=0.1)
        assert not scene.peripheral.events_of(irq.CENTRAL_CONNECT)

    on_air(story)


def test_a_device_out_of_reach_is_lost_after_the_supervision_timeout() -> None:
    async def story(scene: Scene) -> None:
        client, _ = await listening(scene)
        scene.air.place("sensor", "laptop", TOO_WEAK)
        began_s = now_s()
        await until(lambda: not client.is_connected)
        assert now_s() - began_s == pytest.approx(SUPERVISION_MS / 1000, abs=0.01)
        await until(lambda: scene.peripheral.events_of(irq.CENTRAL_DISCONNECT))

    on_air(story)


def test_nothing_is_lost_by_a_device_that_comes_back_in_time() -> None:
    async def story(scene: Scene) -> None:
        client, got = await listening(scene)
        sending = asyncio.create_task(notify_all(scene.peripheral, 200))
        await until(lambda: len(got) > 50)
        scene.air.place("sensor", "laptop", TOO_WEAK)
        await asyncio.sleep(SUPERVISION_MS / 1000 - 0.1)
        assert len(got) < 100
        scene.air.place("sensor", "laptop", -80)
        await sending
        await until(lambda: len(got) == 200)
        assert got == list(range(200))
        await client.disconnect()

    on_air(story)


def test_a_cut_ends_a_link_at_once_for_both_sides_and_what_was_on_its_way_is_lost() -> None:
    async def story(scene: Scene) -> None:
        client, got = await listening(scene)
        for number in range(18):
            scene.peripheral.ble.gatts_notify(0, scene.peripheral.open, number.to_bytes(4, "little"))
        await until(lambda: len(got) >= 6)
        assert scene.air.cut("sensor") == 1
        began_s = now_s()
        await until(lambda: not client.is_connected and scene.peripheral.events_of(irq.CENTRAL_DISCONNECT))
        assert now_s() - began_s < 0.01
        assert got == list(range(len(got)))
        assert len(got) < 18
        await scene.find()
        await client.connect()
        await client.disconnect()

    on_air(story)


def test_a_board_without_power_falls_silent_and_is_missed_after_the_supervision_timeout() -> None:
    async def story(scene: Scene) -> None:
        client, _ = await listening(scene)
        scene.peripheral.bluetooth.lose_power()
        count = len(scene.peripheral.events)
        began_s = now_s()
        await until(lambda: not client.is_connected)
        assert now_s() - began_s == pytest.approx(SUPERVISION_MS / 1000, abs=0.01)
        assert len(scene.peripheral.events) == count
        assert await BleakScanner.discover(1, backend=scanner_on(scene.laptop)) == []

    on_air(story)


def test_a_radio_without_power_sends_nothing_whatever_its_host_still_asks_of_it() -> None:
    async def story(scene: Scene) -> None:
        ghost = scene.air.radios["sensor"]
        scene.peripheral.bluetooth.lose_power()
        RadioController("sensor", scene.air, "74:4D:BD:00:00:02")
        ghost.on_packet(bytes(HCI_LE_Set_Advertising_Enable_Command(advertising_enable=1)))
        assert await BleakScanner.discover(1, backend=scanner_on(scene.laptop)) == []
        scene.peripheral = Peripheral(scene.air)
        assert (await scene.find()).name == "sensor"

    on_air(story)


def test_several_hosts_are_connected_at_once_and_each_receives_its_own() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        board.answers[irq.CENTRAL_CONNECT] = lambda data: board.advertise()
        heard: list[list[bytearray]] = [[], []]
        clients = []
        for central, got in zip((scene.laptop, await scene.another("phone", "C0:00:00:00:00:02")), heard, strict=True):
            client = await scene.client(central)
            await client.connect()
            await client.start_notify(OPEN, lambda _, data, got=got: got.append(data))
            clients.append(client)
        board.ble.gatts_notify(0, board.open, b"laptop")
        board.ble.gatts_notify(1, board.open, b"phone")
        await until(lambda: all(heard))
        assert heard == [[b"laptop"], [b"phone"]]
        await clients[0].disconnect()
        board.ble.gatts_notify(1, board.open, b"still")
        await until(lambda: len(heard[1]) == 2)
        await clients[1].disconnect()

    on_air(story)


def test_one_advertisement_is_answered_by_one_central_and_chance_says_by_which() -> None:
    first: set[bytes] = set()

    async def story(scene: Scene) -> None:
        board = scene.peripheral
        phone = await scene.another("phone", "C0:00:00:00:00:02")
        for central in (scene.laptop, phone):
            await scene.find(central)
        board.answers[irq.CENTRAL_DISCONNECT] = lambda data: None
        for _ in range(12):
            board.ble.gap_advertise(None)
            board.events.clear()
            address = next(iter(scene.laptop.known.values()))
            waiting = [asyncio.create_task(central.connect(address, 30)) for central in (scene.laptop, phone)]
            await asyncio.sleep(0.1)
            board.advertise()
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(1)
            ((handle, _, who),) = board.events_of(irq.CENTRAL_CONNECT)
            assert handle == 0
            first.add(who)
            board.advertise()
            for link in await asyncio.gather(*waiting):
                await link.disconnect()
            await until(lambda: len(board.events_of(irq.CENTRAL_DISCONNECT)) == 2)

    on_air(story)
    assert len(first) == 2


def test_a_link_whose_keys_differ_ends() -> None:
    async def story(scene: Scene) -> None:
        client = await scene.client()
        await client.connect()
        await client.pair()
        await client.disconnect()
        (keys,) = scene.laptop.keystore.all_keys.values()
        assert keys.ltk is not None
        keys.ltk.value = bytes(16)
        board = scene.peripheral
        board.events.clear()
        client = await scene.client(timeout=3)
        with pytest.raises((TimeoutError, BleakError)):
            await client.connect()
        assert board.events_of(irq.CENTRAL_CONNECT)
        assert not board.events_of(irq.ENCRYPTION_UPDATE)

    on_air(story)


def test_a_board_that_reboots_at_once_is_another_one_for_the_link_it_had() -> None:
    async def story(scene: Scene) -> None:
        client, _ = await listening(scene)
        scene.peripheral.bluetooth.lose_power()
        scene.peripheral = Peripheral(scene.air)
        scene.air.place("sensor", "laptop", -70)
        began_s = now_s()
        await until(lambda: not client.is_connected)
        assert now_s() - began_s == pytest.approx(SUPERVISION_MS / 1000, abs=0.01)
        await client.connect()
        await client.disconnect()

    on_air(story)


def test_an_adapter_that_is_switched_off_knows_it_at_once_and_the_board_by_its_silence() -> None:
    async def story(scene: Scene) -> None:
        client, _ = await listening(scene)
        scene.laptop.power_off()
        began_s = now_s()
        await until(lambda: not client.is_connected)
        assert now_s() == began_s
        await until(lambda: scene.peripheral.events_of(irq.CENTRAL_DISCONNECT))
        assert now_s() - began_s == pytest.approx(SUPERVISION_MS / 1000, abs=0.01)

    on_air(story)
