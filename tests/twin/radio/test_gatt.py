"""The board's GATT server answers byte for byte as NimBLE's ble_att_svr.c and ble_gatts.c do.

The function that an expected answer comes from stands beside it; the numbers are those of MicroPython's
extmod/nimble/syscfg/syscfg.h.
"""

import asyncio
import errno

import pytest

from twin.radio.peripheral import UUID, Peripheral, Scene, on_air, until
from twin.radio.raw_link import CANCEL, EXECUTE, EXECUTED, connect, error, prepare, write_request
from unslouch.twin.radio import irq
from unslouch.twin.radio.gatt_server import QUEUED_WRITE_TIMEOUT_S

FIRST_VALUE = 21
"""What MicroPython's own stack gave: nine attributes of GAP and GATT, registered twice, before the first service."""
OPEN_CCCD, GUARDED_CCCD = FIRST_VALUE + 1, FIRST_VALUE + 4
BLOCKS = 12


def test_value_handles_begin_at_21_and_never_anew_while_the_radio_is_on() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        assert (board.open, board.guarded) == (FIRST_VALUE, FIRST_VALUE + 3)
        board.ble.gap_advertise(None)
        again = board.ble.gatts_register_services(((UUID(0x180F), ((UUID(0x2A19), 2),)),))
        assert again == ((FIRST_VALUE + 5 + 9 + 2,),)  # ble_att_svr_reset() of NimBLE 1.3 keeps ble_att_svr_id

    on_air(story)


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (write_request(OPEN_CCCD, b"\1"), error(0x12, OPEN_CCCD, 0x0D)),  # ble_gatts_clt_cfg_access_locked()
        (write_request(OPEN_CCCD, b"\1\0\0"), error(0x12, OPEN_CCCD, 0x0D)),
        (write_request(OPEN_CCCD, b"\2\0"), error(0x12, OPEN_CCCD, 0x06)),  # indications of one that notifies
        (write_request(OPEN_CCCD, b"\1\1"), error(0x12, OPEN_CCCD, 0x06)),
        (write_request(OPEN_CCCD, b"\1\0"), b"\x13"),
        (write_request(GUARDED_CCCD, b"\2\0"), b"\x13"),  # ble_gatts_register_clt_cfg_dsc(): on any link
        (write_request(0xFFFF, b"x"), error(0x12, 0xFFFF, 0x01)),  # ble_att_svr_write_handle()
        (write_request(FIRST_VALUE - 1, b"x"), error(0x12, FIRST_VALUE - 1, 0x03)),  # a declaration
        (prepare(0xFFFF), error(0x16, 0xFFFF, 0x01)),  # ble_att_svr_rx_prep_write()
        (prepare(FIRST_VALUE - 1), error(0x16, FIRST_VALUE - 1, 0x03)),
        (prepare(FIRST_VALUE + 3), error(0x16, FIRST_VALUE + 3, 0x05)),  # permission is checked as it is prepared
        (b"\x20\x15\x00\x18\x00", error(0x20, 0, 0x06)),  # ble_att_rx_handle_unknown_request()
        (b"\x44", None),  # the same: a command isn't answered
        (b"\x12\x15", None),  # ble_att_svr_pullup_req_base(): too short, and no error to tell
    ],
)
def test_a_stranger_is_answered_on_a_plain_link(request_: bytes, answer: bytes | None) -> None:
    async def story(scene: Scene) -> None:
        link = await connect(scene)
        assert await link.answered(request_, 4, 0.5) == ([] if answer is None else [answer])

    on_air(story)


@pytest.mark.parametrize(
    ("parts", "answer"),
    [
        ([(0, b"ab"), (2, b"cd")], EXECUTED),
        ([(2, b"cd"), (0, b"ab")], EXECUTED),  # ble_att_svr_prep_find_prev() keeps them in order
        ([(0, b"ab"), (3, b"cd")], error(0x18, FIRST_VALUE, 0x07)),  # ble_att_svr_prep_validate(): a gap
        ([(2, b"cd")], error(0x18, FIRST_VALUE, 0x07)),
        ([(0, b"ab"), (1, b"cd")], error(0x18, FIRST_VALUE, 0x07)),
    ],
)
def test_prepared_parts_are_joined_when_they_are_executed(parts: list[tuple[int, bytes]], answer: bytes) -> None:
    async def story(scene: Scene) -> None:
        link = await connect(scene)
        for offset, data in parts:
            assert (await link.ask(prepare(FIRST_VALUE, offset, data)))[0] == 0x17
        assert await link.ask(EXECUTE) == answer
        if answer == EXECUTED:
            assert scene.peripheral.ble.gatts_read(FIRST_VALUE) == b"abcd"
            assert scene.peripheral.events_of(irq.GATTS_WRITE) == [(0, FIRST_VALUE)]

    on_air(story)


def test_twelve_prepared_writes_use_up_the_buffers_of_every_link_until_they_are_cancelled() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        board.answers[irq.CENTRAL_CONNECT] = lambda data: board.advertise()
        attacker = await connect(scene, await scene.another("attacker", "C0:00:00:00:00:09"))
        host = await connect(scene)
        for _ in range(BLOCKS):  # to a CCCD, which no encryption guards
            assert (await attacker.ask(prepare(OPEN_CCCD)))[0] == 0x17
        # ble_att_svr_prep_alloc() and ble_att_svr_pkt(): no block, and the request's own buffer for the answer
        assert await attacker.ask(prepare(OPEN_CCCD)) == error(0x16, OPEN_CCCD, 0x11)
        assert await host.ask(prepare(FIRST_VALUE)) == error(0x16, FIRST_VALUE, 0x11)
        assert await host.ask(write_request(FIRST_VALUE, b"x")) == error(0x12, 0, 0x11)
        with pytest.raises(OSError) as full:
            board.ble.gatts_notify(1, board.open, b"x")
        assert full.value.errno == errno.ENOMEM
        assert (await host.ask(b"\x0a" + FIRST_VALUE.to_bytes(2, "little")))[0] == 0x0B  # answered in its own buffer
        assert await attacker.ask(CANCEL) == EXECUTED
        assert await host.ask(write_request(FIRST_VALUE, b"x")) == b"\x13"
        board.ble.gatts_notify(1, board.open, b"x")

    on_air(story)


def test_prepared_writes_are_dropped_with_their_link_which_ends_after_thirty_seconds() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        link = await connect(scene)
        for _ in range(BLOCKS):
            await link.ask(prepare(OPEN_CCCD))
        began_s = asyncio.get_running_loop().time()
        await asyncio.sleep(QUEUED_WRITE_TIMEOUT_S - 2)
        assert link.open
        async with asyncio.timeout(5):  # ble_hs_conn_timer()
            while link.open:
                await asyncio.sleep(0.01)
        assert asyncio.get_running_loop().time() - began_s == pytest.approx(QUEUED_WRITE_TIMEOUT_S, abs=0.1)
        await until(lambda: board.events_of(irq.CENTRAL_DISCONNECT))
        again = await connect(scene)
        assert await again.ask(write_request(FIRST_VALUE, b"x")) == b"\x13"

    on_air(story)


def test_a_bonded_peer_is_told_to_encrypt_and_a_stranger_to_pair() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        guarded = board.guarded.to_bytes(2, "little")
        client = await scene.client()
        await client.connect()
        await client.pair()
        await client.disconnect()
        link = await connect(scene)
        key = b"\x01" + bytes(scene.laptop.device.static_address)
        board.events.clear()
        # ble_att_svr_check_perms(): insufficient encryption where the store has the peer's key
        assert await link.ask(b"\x0a" + guarded) == error(0x0A, board.guarded, 0x0F)
        assert await link.ask(write_request(board.guarded, b"x")) == error(0x12, board.guarded, 0x0F)
        assert await link.ask(prepare(board.guarded)) == error(0x16, board.guarded, 0x0F)
        assert board.events_of(irq.GET_SECRET) == [(2, 0, key)] * 3
        await link.hang_up()
        board.secrets.clear()
        link = await connect(scene)
        assert await link.ask(b"\x0a" + guarded) == error(0x0A, board.guarded, 0x05)

    on_air(story)


def test_a_packet_longer_than_the_mtu_is_dropped() -> None:
    async def story(scene: Scene) -> None:
        link = await connect(scene)
        room = 23 - 3  # no MTU was exchanged
        assert await link.ask(write_request(FIRST_VALUE, bytes(room))) == b"\x13"
        assert await link.answered(write_request(FIRST_VALUE, b"x" * (room + 1)), 4) == []  # ble_l2cap_rx()
        assert scene.peripheral.ble.gatts_read(FIRST_VALUE) == bytes(room)

    on_air(story)


def test_a_board_that_is_switched_off_holds_no_prepared_write() -> None:
    async def story(scene: Scene) -> None:
        link = await connect(scene)
        for _ in range(BLOCKS):
            await link.ask(prepare(OPEN_CCCD))
        scene.peripheral.bluetooth.lose_power()
        scene.peripheral = Peripheral(scene.air)
        fresh = await connect(scene, await scene.another("other", "C0:00:00:00:00:02"))
        assert await fresh.ask(write_request(FIRST_VALUE, b"x")) == b"\x13"
        await asyncio.sleep(QUEUED_WRITE_TIMEOUT_S + 1)  # its timer is gone too

    on_air(story)
