"""The board's security manager does what NimBLE's ble_sm.c does: one procedure for all links, and its order of steps.

The function that an expected answer comes from stands beside it. `05` is Pairing Failed, and a reason follows.
"""

import asyncio
import errno

import pytest
from bumble.hci import HCI_LE_Enable_Encryption_Command

from twin.radio.peripheral import Scene, on_air, until
from twin.radio.raw_link import SMP, RawLink, connect
from unslouch.twin.radio import irq
from unslouch.twin.radio.pairing import PROCEDURE_TIMEOUT_S
from unslouch.twin.radio.radio_connection import RESPONSE_TIMEOUT_S

REQUEST = bytes.fromhex("01 03 00 09 10 0f 0f")  # Just Works, LE Secure Connections, bonding, 16 bytes of key
LEGACY = bytes.fromhex("01 03 00 01 10 0f 0f")
UNSPECIFIED, UNSUPPORTED, NO_KEY = b"\x05\x08", b"\x05\x07", b"\x05\x0b"
NO_POINT = b"\x0c" + bytes(range(64))
ZEROS = bytes(7)


async def attacker_and_host(scene: Scene) -> tuple[RawLink, RawLink]:
    """Two links, to a board that goes on advertising."""
    board = scene.peripheral
    board.answers[irq.CENTRAL_CONNECT] = lambda data: board.advertise()
    attacker = await connect(scene, await scene.another("attacker", "C0:00:00:00:00:09"))
    return attacker, await connect(scene)


@pytest.mark.parametrize(
    ("sent", "answers"),
    [
        ([REQUEST, REQUEST], [UNSPECIFIED]),  # ble_sm_pair_req_rx(): one is in progress
        ([REQUEST, NO_POINT], [NO_KEY]),  # ble_sm_sc_public_key_rx(): ble_sm_alg_gen_dhkey() fails
        ([NO_POINT], [UNSPECIFIED]),  # the same: none is in progress
        ([LEGACY, NO_POINT], [UNSPECIFIED]),  # the same: another step is due
        ([REQUEST, b"\x04" + bytes(16)], []),  # ble_sm_random_rx(): no error to tell
        ([REQUEST, b"\x03" + bytes(16)], []),  # ble_sm_confirm_rx()
        ([REQUEST, b"\x0d" + bytes(16)], []),  # ble_sm_sc_dhkey_check_rx()
        ([REQUEST, b"\x08" + bytes(16)], [UNSPECIFIED]),  # ble_sm_id_info_rx(): no keys are due yet
        ([b"\x09" + bytes(7)], [UNSPECIFIED]),  # ble_sm_id_addr_info_rx()
        ([b"\x0b\x01"], [UNSUPPORTED]),  # ble_sm_sec_req_rx(): we aren't the central
        ([b"\x0e\x00"], [UNSUPPORTED]),  # ble_sm_rx_noop()
        ([b"\x0f\x00"], []),  # ble_sm_dispatch_get(): unknown
        ([REQUEST[:4] + b"\x06" + REQUEST[5:]], [b"\x05\x06"]),  # encryption key size
        ([REQUEST[:4] + b"\x11" + REQUEST[5:]], [b"\x05\x0a"]),  # invalid parameters
    ],
)
def test_a_command_out_of_place_is_answered_and_ends_the_procedure(sent: list[bytes], answers: list[bytes]) -> None:
    async def story(scene: Scene) -> None:
        attacker, host = await attacker_and_host(scene)
        for command in sent[:-1]:
            assert (await attacker.ask(command, SMP))[0] == 0x02
        assert await attacker.answered(sent[-1], SMP, 0.5) == answers
        assert not scene.peripheral.bonds
        assert (await host.ask(REQUEST, SMP))[0] == 0x02  # the one procedure is free again

    on_air(story)


def test_a_pairing_request_during_somebody_elses_pairing_is_ignored() -> None:
    async def story(scene: Scene) -> None:
        attacker, host = await attacker_and_host(scene)
        assert (await attacker.ask(REQUEST, SMP))[0] == 0x02
        assert await host.answered(REQUEST, SMP) == []  # ble_sm_proc_alloc() has no second one
        await attacker.hang_up()
        assert (await host.ask(REQUEST, SMP))[0] == 0x02

    on_air(story)


def test_an_ignored_pairing_request_costs_a_bonded_host_its_bond_all_the_same() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        client = await scene.client()
        await client.connect()
        await client.pair()
        await client.disconnect()
        attacker, host = await attacker_and_host(scene)
        await attacker.ask(REQUEST, SMP)
        assert await host.answered(REQUEST, SMP) == []
        assert board.bonds == 0  # ble_sm_chk_repeat_pairing() comes after ble_sm_proc_alloc()

    on_air(story)


def test_a_pairing_begun_and_left_keeps_a_bonded_host_from_encrypting_for_thirty_seconds() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        client = await scene.client()
        await client.connect()
        await client.pair()
        await client.disconnect()
        attacker, host = await attacker_and_host(scene)
        await attacker.ask(REQUEST, SMP)
        board.events.clear()
        encrypting = asyncio.create_task(host.connection.encrypt())
        await asyncio.sleep(PROCEDURE_TIMEOUT_S - 1)
        assert not encrypting.done()
        assert board.events == []  # ble_sm_ltk_req_rx(): it isn't even looked up
        await until(lambda: board.events_of(irq.ENCRYPTION_UPDATE))
        assert board.events_of(irq.ENCRYPTION_UPDATE) == [(0, 0, 0, 0, 0)]  # ble_sm_timer(): of the attacker
        assert attacker.open
        assert not encrypting.done()  # the controller asks only once
        encrypting.cancel()
        await host.hang_up()
        client = await scene.client()
        await client.connect()
        await until(lambda: (1, 1, 0, 1, 16) in board.events_of(irq.ENCRYPTION_UPDATE))
        await client.disconnect()

    on_air(story)


def test_an_encryption_that_is_never_answered_ends_its_link_after_forty_seconds() -> None:
    async def story(scene: Scene) -> None:
        client = await scene.client()
        await client.connect()
        await client.pair()
        await client.disconnect()
        attacker, host = await attacker_and_host(scene)
        await attacker.ask(REQUEST, SMP)
        began_s = asyncio.get_running_loop().time()
        encrypting = asyncio.create_task(host.connection.encrypt())
        async with asyncio.timeout(RESPONSE_TIMEOUT_S + 1):
            while host.open:
                await asyncio.sleep(0.05)
        assert asyncio.get_running_loop().time() - began_s == pytest.approx(RESPONSE_TIMEOUT_S, abs=0.1)
        await asyncio.wait([encrypting])
        assert encrypting.cancelled() or encrypting.exception() is not None

    on_air(story)


def test_a_secret_that_the_handler_refuses_is_offered_again_and_again() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        board.answers[irq.SET_SECRET] = lambda data: False
        client = await scene.client()
        await client.connect()
        board.events.clear()
        await client.pair()
        await until(lambda: board.ble.hung)
        # ble_store_write() and ble_gap_unpair_oldest_peer() of NimBLE 1.3, which asks for the oldest bond of all
        repeated = [event for event, data in board.events if event == irq.SET_SECRET or data == (1, 0, ZEROS)]
        assert repeated[-4:] == [irq.SET_SECRET, irq.GET_SECRET] * 2
        assert board.ble.hung is not None
        assert "refuses to store" in board.ble.hung

    on_air(story)


def test_security_is_asked_for_once_at_a_time() -> None:
    async def story(scene: Scene) -> None:
        board = scene.peripheral
        attacker, host = await attacker_and_host(scene)
        assert board.ble.gap_pair(0) is None
        with pytest.raises(OSError) as again:  # ble_sm_slave_initiate()
            board.ble.gap_pair(0)
        assert again.value.errno == errno.EALREADY
        with pytest.raises(OSError) as other:
            board.ble.gap_pair(1)
        assert other.value.errno == errno.ENOMEM
        await until(lambda: attacker.heard)
        assert attacker.heard == [(SMP, b"\x0b\x09")]
        assert (await attacker.ask(REQUEST, SMP))[0] == 0x02  # the peer may pair now
        await attacker.hang_up()
        await until(lambda: board.events_of(irq.CENTRAL_DISCONNECT))
        assert board.ble.gap_pair(1) is None
        assert host.open

    on_air(story)


def test_a_peer_that_has_not_shown_its_key_cant_encrypt() -> None:
    async def story(scene: Scene) -> None:
        attacker, _ = await attacker_and_host(scene)
        await attacker.ask(REQUEST, SMP)
        scene.peripheral.events.clear()
        failures: list[int] = []
        attacker.connection.on("connection_encryption_failure", failures.append)
        command = HCI_LE_Enable_Encryption_Command(
            connection_handle=attacker.connection.handle,
            random_number=bytes(8),
            encrypted_diversifier=0,
            long_term_key=bytes(16),
        )
        await attacker.connection.device.send_async_command(command)
        await until(lambda: failures)
        assert failures == [0x06]  # PIN or key missing: ble_sm_ltk_req_rx() refuses amid a pairing
        assert not attacker.connection.encryption
        assert scene.peripheral.events == []

    on_air(story)
