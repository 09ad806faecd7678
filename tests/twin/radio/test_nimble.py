"""The board's Bluetooth stack behaves as MicroPython's on NimBLE was seen to."""

import asyncio
import errno
import random

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakDBusError, BleakGATTProtocolError

from twin.radio.peripheral import GUARDED, OPEN, Peripheral, Scene, on_air, until
from unslouch.twin.radio import irq
from unslouch.twin.radio.air import SENSITIVITY_DBM, SentPacket
from unslouch.twin.radio.bleak_scanner import scanner_on
from unslouch.twin.radio.central import Central
from unslouch.twin.radio.nimble import MOST_CONNECTIONS

NOTIFICATIONS = 18
"""So many of 100 bytes MicroPython's NimBLE took at once: 12 in the controller, and 6 in 12 blocks of its own."""

TOO_WEAK = SENSITIVITY_DBM - 1


def key_of(central: Central) -> bytes:
    """The key of a peer with a static random address: its type, then least significant byte first."""
    return b"\x01" + bytes(central.device.static_address)


async def paired(scene: Scene, central: Central | None = None) -> BleakClient:
    client = await scene.client(central)
    await client.connect()
    await client.pair()
    return client


def test_the_handler_runs_while_the_radio_is_switched_on() -> None:
    async def story(scene: Scene) -> None:
        events = scene.peripheral.events
        irk = scene.peripheral.secrets[10, b"irk"]
        assert len(irk) == 16
        assert events[:3] == [
            (irq.GET_SECRET, (2, 0, None)),
            (irq.GET_SECRET, (10, 0, b"irk")),
            (irq.SET_SECRET, (10, b"irk", irk)),
        ]

    on_air(story)


def test_pairing_reports_the_encryption_before_it_hands_over_the_keys() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        client = await scene.client()
        await client.connect()
        board.events.clear()
        await client.pair()
        await until(lambda: board.bonds)
        key = key_of(scene.laptop)
        assert [event for event, _ in board.events] == [*[29] * 3, 28, 30, 30, *([29] * (len(board.events) - 6))]
        assert board.events_of(irq.GET_SECRET)[:3] == [(2, 0, None), (1, 0, bytes(7)), (2, 0, key)]
        assert board.events_of(irq.ENCRYPTION_UPDATE) == [(0, 1, 0, 1, 16)]
        assert [data[:2] for data in board.events_of(irq.SET_SECRET)] == [(1, key), (2, key)]
        await client.disconnect()

    on_air(story)


def test_a_new_bond_with_a_peer_that_has_an_identity_ends_advertising_unsaid() -> None:
    async def story(scene: Scene) -> None:
        client = await scene.client()
        await client.connect()
        scene.peripheral.advertise()
        other = await scene.another("other", "C0:00:00:00:00:02")
        await scene.find(other)
        await client.pair()
        scene.peripheral.events.clear()
        heard = await BleakScanner.discover(5, backend=scanner_on(other))
        assert heard == []
        assert scene.peripheral.events == []
        scene.peripheral.advertise()
        await scene.find(other)

    on_air(story)


def test_bonded_is_reported_even_where_the_handler_stores_nothing() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        board.answers[irq.SET_SECRET] = lambda data: True
        client = await paired(scene)
        assert board.events_of(irq.ENCRYPTION_UPDATE) == [(0, 1, 0, 1, 16)]
        assert board.bonds == 0
        await client.disconnect()

    on_air(story)


def test_reconnecting_with_a_bond_asks_for_our_keys_and_reports_the_encryption() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        client = await paired(scene)
        await client.disconnect()
        await scene.find()
        board.events.clear()
        await client.connect()
        await until(lambda: board.events_of(irq.ENCRYPTION_UPDATE))
        asked = board.events.index((irq.GET_SECRET, (1, 0, key_of(scene.laptop))))
        reported = board.events.index((irq.ENCRYPTION_UPDATE, (0, 1, 0, 1, 16)))
        assert asked < reported
        assert not board.events_of(irq.SET_SECRET)
        assert await client.read_gatt_char(GUARDED) == b"posture"
        await client.disconnect()

    on_air(story)


def test_pairing_without_bonding_is_encrypted_but_not_bonded() -> None:
    async def story(scene: Scene) -> None:
        scene.laptop.bonding = False
        client = await paired(scene)
        assert scene.peripheral.events_of(irq.ENCRYPTION_UPDATE) == [(0, 1, 0, 0, 16)]
        assert scene.peripheral.bonds == 0
        await client.disconnect()

    on_air(story)


def test_a_short_key_is_reported_with_its_length_and_one_under_seven_bytes_refused() -> None:
    async def story(scene: Scene) -> None:
        scene.laptop.most_key_bytes = 7
        client = await paired(scene)
        assert scene.peripheral.events_of(irq.ENCRYPTION_UPDATE) == [(0, 1, 0, 1, 7)]
        await client.disconnect()
        other = await scene.another("other", "C0:00:00:00:00:02")
        other.most_key_bytes = 6
        with pytest.raises(BleakDBusError):
            await paired(scene, other)
        assert scene.peripheral.bonds == 1

    on_air(story)


def test_pairing_anew_with_a_bonded_hosts_address_replaces_its_bond() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        client = await paired(scene)
        await client.disconnect()
        scene.laptop.power_off()
        key = key_of(scene.laptop)
        old = board.secrets[1, key]
        stranger = await scene.another("stranger", "C0:C1:C2:C3:C4:C5")
        client = await scene.client(stranger)
        await client.connect()
        board.events.clear()
        await client.pair()
        deletions = [(1, key, None), (1, key, None), (2, key, None), (2, key, None)]
        assert board.events_of(irq.SET_SECRET)[:4] == deletions
        assert board.events_of(irq.ENCRYPTION_UPDATE) == [(0, 1, 0, 1, 16)]
        await until(lambda: (1, key) in board.secrets)
        assert board.secrets[1, key] != old
        await client.disconnect()

    on_air(story)


@pytest.mark.parametrize("answer", [True, False])
def test_a_deletion_that_is_never_done_or_never_denied_hangs_the_stack(answer: bool) -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        client = await paired(scene)
        await client.disconnect()
        board.answers[irq.SET_SECRET] = lambda data: answer
        scene.laptop.power_off()
        stranger = await scene.another("stranger", "C0:C1:C2:C3:C4:C5")
        client = await scene.client(stranger)
        await client.connect()
        with pytest.raises(BleakDBusError):
            await client.pair()
        assert board.ble.hung is not None
        assert not board.ble.active()
        with pytest.raises(OSError, match="NimBLE"):
            board.advertise()

    on_air(story)


def test_keys_kept_aside_while_a_stranger_pairs_come_back_when_the_strangers_link_ends() -> None:
    """What firmware can do about repeated pairing: answer the deletion once, disconnect, and put the keys back."""

    async def story(scene: Scene) -> None:
        board = scene.peripheral
        aside: dict[tuple[int, bytes], bytes] = {}
        client = await paired(scene)
        await client.disconnect()
        before = dict(board.secrets)

        def set_secret(data: tuple[object, ...]) -> bool:
            kind, key, value = data
            if value is not None or (kind, key) not in board.secrets:
                return False
            if not aside:
                board.ble.gap_disconnect(0)
            aside[kind, key] = board.secrets.pop((kind, key))
            return True

        def disconnected(data: tuple[object, ...]) -> None:
            board.secrets.update(aside)
            board.advertise()

        board.answers = {irq.SET_SECRET: set_secret, irq.CENTRAL_DISCONNECT: disconnected}
        scene.laptop.power_off()
        stranger = await scene.another("stranger", "C0:C1:C2:C3:C4:C5")
        intruding = await scene.client(stranger)
        await intruding.connect()
        with pytest.raises(BleakDBusError):
            await intruding.pair()
        await until(lambda: not intruding.is_connected)
        stranger.power_off()
        assert board.secrets == before
        back = await scene.another("laptop", "C0:C1:C2:C3:C4:C5", keystore=scene.laptop.keystore)
        client = await scene.client(back)
        await client.connect()
        assert await client.read_gatt_char(GUARDED) == b"posture"
        await client.disconnect()

    on_air(story)


def test_a_handler_that_raises_is_dropped_for_good(capsys: pytest.CaptureFixture[str]) -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        board.answers[irq.CENTRAL_CONNECT] = lambda data: 1 // 0
        client = await scene.client()
        await client.connect()
        count = len(board.events)
        await client.write_gatt_char(OPEN, b"hello", response=True)
        await client.disconnect()
        assert len(board.events) == count
        assert isinstance(board.ble.events.error, ZeroDivisionError)

    on_air(story)
    assert "Unhandled exception in IRQ callback handler" in capsys.readouterr().err


def test_views_in_an_events_data_are_void_once_the_handler_returns() -> None:
    async def story(scene: Scene) -> None:
        kept: list[object] = []
        scene.peripheral.ble.irq(lambda event, data: kept.extend(data))
        client = await scene.client()
        await client.connect()
        view = next(item for item in kept if isinstance(item, memoryview))
        with pytest.raises(ValueError, match="released"):
            bytes(view)
        await client.disconnect()

    on_air(story)


def test_an_encrypted_characteristic_answers_error_5_on_a_plain_link() -> None:
    async def story(scene: Scene) -> None:
        scene.laptop.agent = False  # else the host would pair and try again
        client = await scene.client()
        await client.connect()
        with pytest.raises(BleakGATTProtocolError) as read:
            await client.read_gatt_char(GUARDED)
        with pytest.raises(BleakGATTProtocolError) as written:
            await client.write_gatt_char(GUARDED, b"x", response=True)
        assert (read.value.code, written.value.code) == (5, 5)
        assert not scene.peripheral.events_of(irq.GATTS_WRITE)
        await client.disconnect()

    on_air(story)


def test_a_notification_goes_out_on_a_plain_link_unasked_for() -> None:
    async def story(scene: Scene) -> None:
        overheard = []
        scene.air.listeners.append(overheard.append)
        client = await scene.client()
        await client.connect()
        scene.peripheral.ble.gatts_notify(0, scene.peripheral.guarded, b"posture!")
        await until(lambda: any(b"posture!" in packet.data for packet in overheard))
        assert not any(packet.encrypted for packet in overheard)
        await client.pair()
        scene.peripheral.ble.gatts_notify(0, scene.peripheral.guarded, b"secret!")
        await until(lambda: b"secret!" in overheard[-1].data)
        assert overheard[-1].encrypted
        await client.disconnect()

    on_air(story)


def test_connection_handles_begin_at_0_and_addresses_have_their_most_significant_byte_first() -> None:
    async def story(scene: Scene) -> None:
        client = await scene.client()
        await client.connect()
        await client.disconnect()
        who = (0, 1, bytes.fromhex("C0C1C2C3C4C5"))
        await until(lambda: scene.peripheral.events_of(irq.CENTRAL_DISCONNECT))
        assert scene.peripheral.events_of(irq.CENTRAL_CONNECT) == [who]
        assert scene.peripheral.events_of(irq.CENTRAL_DISCONNECT) == [who]

    on_air(story)


def test_a_value_holds_20_bytes_until_it_is_given_a_buffer_and_one_that_collects_begins_anew_when_read() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        client = await paired(scene)
        await client.write_gatt_char(GUARDED, bytes(range(50)), response=True)
        assert board.ble.gatts_read(board.guarded) == bytes(range(20))
        board.ble.gatts_set_buffer(board.guarded, 100, True)
        board.ble.gatts_read(board.guarded)
        for part in (b"abc", b"def"):
            await client.write_gatt_char(GUARDED, part, response=True)
        assert board.ble.gatts_read(board.guarded) == b"abcdef"
        assert board.ble.gatts_read(board.guarded) == b""
        await client.disconnect()

    on_air(story)


def test_each_read_is_asked_of_the_handler_which_may_refuse() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        client = await scene.client()
        await client.connect()
        await client.read_gatt_char(OPEN)
        assert board.events_of(irq.GATTS_READ_REQUEST) == [(0, board.open)]
        board.answers[irq.GATTS_READ_REQUEST] = lambda data: 2
        with pytest.raises(BleakGATTProtocolError) as refused:
            await client.read_gatt_char(OPEN)
        assert refused.value.code == 2
        await client.disconnect()

    on_air(story)


@pytest.mark.parametrize(("mtu", "agreed"), [(247, 247), (23, 23), (517, 517)])
def test_the_smaller_of_both_mtus_is_agreed_on(mtu: int, agreed: int) -> None:
    async def story(scene: Scene) -> None:
        client = await scene.client()
        await client.connect()
        assert scene.peripheral.events_of(irq.MTU_EXCHANGED) == [(0, agreed)]
        characteristic = client.services.get_characteristic(OPEN)
        assert characteristic is not None
        assert characteristic.max_write_without_response_size == agreed - 3
        await client.disconnect()

    on_air(story, mtu=mtu)


def test_what_exceeds_the_mtu_is_cut_off_in_silence() -> None:
    async def story(scene: Scene) -> None:
        got: list[bytearray] = []
        client = await scene.client()
        await client.connect()
        await client.start_notify(OPEN, lambda _, data: got.append(data))
        scene.peripheral.ble.gatts_notify(0, scene.peripheral.open, bytes(300))
        await until(lambda: got)
        assert len(got[0]) == 244
        await client.disconnect()

    on_air(story)


def test_a_notification_too_many_raises_enomem_until_packets_were_sent() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        got: list[bytearray] = []
        client = await scene.client()
        await client.connect()
        await client.start_notify(OPEN, lambda _, data: got.append(data))
        for number in range(NOTIFICATIONS):
            board.ble.gatts_notify(0, board.open, bytes((number,)))
        with pytest.raises(OSError) as full:
            board.ble.gatts_notify(0, board.open, b"one too many")
        assert full.value.errno == errno.ENOMEM
        await until(lambda: len(got) == NOTIFICATIONS)
        assert [data[0] for data in got] == list(range(NOTIFICATIONS))
        board.ble.gatts_notify(0, board.open, b"again")
        await until(lambda: got[-1] == b"again")
        await client.disconnect()

    on_air(story)


def test_an_indication_is_done_when_it_is_confirmed_or_the_link_is_lost() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        client = await paired(scene)
        await client.start_notify(GUARDED, lambda *_: None)
        board.ble.gatts_indicate(0, board.guarded, b"one")
        with pytest.raises(OSError):
            board.ble.gatts_indicate(0, board.guarded, b"two")
        await until(lambda: board.events_of(irq.GATTS_INDICATE_DONE))
        board.ble.gatts_indicate(0, board.guarded, b"three")
        scene.air.cut("sensor")
        await until(lambda: not client.is_connected)
        assert board.events_of(irq.GATTS_INDICATE_DONE) == [(0, board.guarded, 0), (0, board.guarded, 7)]

    on_air(story)


def test_new_connection_parameters_are_an_event() -> None:
    async def story(scene: Scene) -> None:
        client = await scene.client()
        await client.connect()
        (connection,) = scene.laptop.device.connections.values()
        await connection.update_parameters(60, 60, 0, 6000)
        await until(lambda: scene.peripheral.events_of(irq.CONNECTION_UPDATE))
        assert scene.peripheral.events_of(irq.CONNECTION_UPDATE) == [(0, 48, 0, 600, 0)]
        await client.disconnect()

    on_air(story)


def test_a_passkey_is_asked_of_the_handler() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        board.answers[irq.PASSKEY_ACTION] = lambda data: board.ble.gap_passkey(0, 3, 123456)
        client = await scene.client()
        await client.connect()
        (connection,) = scene.laptop.device.connections.values()
        scene.laptop.device.pairing_config_factory = lambda _: typing_in(123456)
        await asyncio.wait_for(connection.pair(), 10)
        assert board.events_of(irq.PASSKEY_ACTION) == [(0, 3, 0)]
        assert board.events_of(irq.ENCRYPTION_UPDATE) == [(0, 1, 1, 1, 16)]
        await client.disconnect()

    on_air(story, mitm=True, io=0)


def typing_in(passkey: int) -> object:
    from bumble.pairing import PairingConfig, PairingDelegate

    class Keyboard(PairingDelegate):
        async def get_number(self) -> int:
            return passkey

    delegate = Keyboard(PairingDelegate.KEYBOARD_INPUT_ONLY)
    return PairingConfig(delegate=delegate, identity_address_type=PairingConfig.AddressType.RANDOM)


def test_the_board_can_ask_for_encryption() -> None:
    async def story(scene: Scene) -> None:
        client = await scene.client()
        await client.connect()
        scene.peripheral.ble.gap_pair(0)
        await until(lambda: scene.peripheral.bonds)
        await client.disconnect()

    on_air(story)


def test_a_board_that_is_off_or_full_says_so() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        board.answers[irq.CENTRAL_DISCONNECT] = lambda data: None
        clients = []
        for number in range(MOST_CONNECTIONS):
            board.advertise()
            central = await scene.another(f"host {number}", f"C0:00:00:00:01:{number:02X}")
            clients.append(await scene.client(central))
            await clients[-1].connect()
        with pytest.raises(OSError) as full:
            board.advertise()
        assert full.value.errno == errno.ENOMEM
        board.ble.gap_advertise(100_000, connectable=False)
        board.ble.active(False)
        await until(lambda: not any(client.is_connected for client in clients))
        with pytest.raises(OSError) as off:
            board.advertise()
        assert off.value.errno == errno.ENODEV

    on_air(story)


def test_a_connection_that_ends_already_cant_be_ended_again() -> None:
    async def story(scene: Scene) -> None:
        ble = scene.peripheral.ble
        client = await scene.client()
        await client.connect()
        assert ble.gap_disconnect(0) is True
        with pytest.raises(OSError) as ends:  # ble_gap_terminate_with_conn()
            ble.gap_disconnect(0)
        assert ends.value.errno == errno.EALREADY
        await until(lambda: not client.is_connected)
        await client.connect()
        assert ble.gap_disconnect(0) is True
        await until(lambda: not client.is_connected)

    on_air(story)


@pytest.mark.parametrize(("strength_dBm", "waits_s", "reported"), [(-60, 0.030, 1), (TOO_WEAK, 2.0, 0)])
def test_a_radio_that_is_switched_off_waits_for_its_links(strength_dBm: int, waits_s: float, reported: int) -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        client = await scene.client()
        await client.connect()
        scene.air.place("sensor", "laptop", strength_dBm)
        board.answers[irq.CENTRAL_DISCONNECT] = lambda data: None
        waited_s.clear()
        board.ble.active(False)
        (took_s,) = waited_s  # ble_hs_stop(), BLE_HS_STOP_ON_SHUTDOWN_TIMEOUT
        assert 0 < took_s <= waits_s
        assert took_s > waits_s / 2 or reported
        assert len(board.events_of(irq.CENTRAL_DISCONNECT)) == reported  # the ESP32's port lets handlers run meanwhile
        await until(lambda: not client.is_connected)

    waited_s: list[float] = []
    on_air(story, let_pass=waited_s.append)


def test_settings_of_a_radio_that_is_off_are_refused_or_forgotten() -> None:
    async def story(scene: Scene) -> None:
        ble = scene.peripheral.ble
        ble.config(addr_mode=2)
        ble.active(False)
        with pytest.raises(OSError) as off:  # mp_bluetooth_set_address_mode()
            ble.config(addr_mode=2)
        assert off.value.errno == errno.ENODEV
        ble.active(True)
        assert ble.config("mac") == (0, bytes.fromhex("744DBD000001"))  # sync_cb(): public again

    on_air(story)


def test_calls_with_what_isnt_there_are_refused() -> None:
    async def story(scene: Scene) -> None:
        ble = scene.peripheral.ble
        assert ble.gap_disconnect(0) is False
        with pytest.raises(OSError) as name:
            ble.config(gap_name="x" * 32)
        assert name.value.errno == errno.EINVAL
        with pytest.raises(OSError) as nobody:
            ble.gatts_notify(0, scene.peripheral.open, b"x")
        assert nobody.value.errno == errno.ENOTCONN
        with pytest.raises(OSError) as nothing:
            ble.gatts_read(999)
        assert nothing.value.errno == errno.EINVAL
        with pytest.raises(OSError) as long:
            ble.gap_advertise(100_000, bytes(32))
        assert long.value.errno == errno.EINVAL
        with pytest.raises(ValueError):
            ble.config("colour")

    on_air(story)


def test_private_addresses_are_resolved_by_bonded_hosts_alone() -> None:
    async def story(scene: Scene) -> None:
        client = await paired(scene)
        first = scene.laptop.known[client.address]
        await client.disconnect()
        assert first.is_resolvable
        await asyncio.sleep(1000)
        scene.peripheral.advertise()
        own = await scene.find()
        assert own.address == "74:4D:BD:00:00:01"
        with pytest.raises(OSError) as private:  # mp_bluetooth_get_current_address()
            scene.peripheral.ble.config("mac")
        assert private.value.errno == errno.EINVAL
        other = await scene.another("other", "C0:00:00:00:00:02")
        seen = await scene.find(other)
        assert seen.address not in (own.address, client.address)
        client = await scene.client()
        await client.connect()
        assert await client.read_gatt_char(GUARDED) == b"posture"
        await client.disconnect()

    on_air(story, addr_mode=2)


def test_a_reboot_keeps_what_the_firmware_has_stored() -> None:
    async def story(scene: Scene) -> None:
        client = await paired(scene)
        scene.peripheral.bluetooth.lose_power()
        rebooted = Peripheral(scene.air, scene.peripheral.secrets)
        await until(lambda: not client.is_connected)
        assert rebooted.events_of(irq.SET_SECRET) == []
        client = await scene.client()
        await client.connect()
        assert await client.read_gatt_char(GUARDED) == b"posture"
        await client.disconnect()
        rebooted.bluetooth.lose_power()

    on_air(story)


def test_an_unreadable_packet_is_dropped_and_does_no_harm() -> None:
    async def story(scene: Scene) -> None:
        failures: list[dict[str, object]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
        overheard: list[SentPacket] = []
        scene.air.listeners.append(overheard.append)
        client = await scene.client()
        await client.connect()
        (connection,) = scene.laptop.device.connections.values()
        chance = random.Random(1)
        for _ in range(300):
            connection.send_l2cap_pdu(chance.choice((4, 5, 6)), chance.randbytes(chance.randrange(20)))
        await asyncio.sleep(5)
        assert not failures
        assert not any(b"posture" in packet.data for packet in overheard)
        await client.disconnect()
        async with await scene.client() as client:
            assert await client.read_gatt_char(GUARDED) == b"posture"

    on_air(story)


def test_hanging_up_gives_up_what_waits_to_be_sent() -> None:
    async def story(scene: Scene) -> None:
        overheard: list[SentPacket] = []
        scene.air.listeners.append(overheard.append)
        client = await scene.client()
        await client.connect()
        overheard.clear()
        scene.peripheral.ble.gatts_notify(0, scene.peripheral.open, b"too late")
        assert scene.peripheral.ble.gap_disconnect(0) is True
        await until(lambda: not client.is_connected)
        assert overheard == []

    on_air(story)
