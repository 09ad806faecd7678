"""A sensor that is attacked over Bluetooth goes on recording, and serves its own host between the attacks.

The radio is NimBLE's model, with one security procedure and twelve buffers for all links. Run with -s to see the times.
"""

import asyncio
from pathlib import Path

import pytest
from bumble.hci import Address

from twin.radio.attacks import ATTACKER, ATTACKS, REQUEST, attacked
from twin.radio.firmware import OnAirWorld, on_air
from twin.radio.raw_link import SMP, RawLink
from unslouch.errors import UnslouchError
from unslouch.twin.radio.pairing import PROCEDURE_TIMEOUT_S
from unslouch_device.contract import messages as m

ROUNDS = 3
SERVED_S = 15.0


async def serve(world: OnAirWorld) -> float:
    """Connect as the host that is paired, have a request answered, and leave; returns how long that took."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    async with world.linked() as client:
        assert (await client.connection.request(m.PING)).status == m.OK
        took_s = loop.time() - began_s
    return took_s


def records(world: OnAirWorld) -> int:
    """How many records the journal has."""
    world.app.journal.flush()
    return world.app.journal.next_sequence


def test_an_attacked_sensor_serves_its_host_goes_on_recording_and_tells_nothing(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        stranger = await world.computer("attacker", ATTACKER)
        for attack in ATTACKS:
            before, began_s = records(world), world.world.clock.now_s
            async with attacked(world, stranger, attack) as attacker:
                times_s = [await serve(world) for _ in range(ROUNDS)]
            lasted_s = world.world.clock.now_s - began_s
            written = records(world) - before
            links_s = attacker.linked_s
            print(f"{attack.__name__}: host served in {', '.join(f'{took_s:.1f}' for took_s in times_s)} s;", end=" ")
            print(f"{len(links_s)} links of the attacker, of {max(links_s):.2f} s at most;", end=" ")
            print(f"{written} records in {lasted_s:.0f} s")
            assert max(times_s) < SERVED_S
            assert max(attacker.linked_s) < 1
            assert written >= lasted_s // 5 - 2  # one epoch every five seconds
            assert not any(data[0] in (0x1B, 0x1D) for data in attacker.heard)

    on_air(tmp_path, story)


def test_in_the_window_a_pairing_begun_and_left_stalls_a_known_host_for_seconds_only(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        stranger = await world.computer("attacker", ATTACKER)
        world.app.pairing_window.open()
        await world.address(stranger)
        link = RawLink(world.air, stranger, await stranger.connect(next(iter(stranger.known.values())), 30))
        assert (await link.ask(REQUEST, SMP))[0] == 0x02
        took_s = await serve(world)
        print(f"host served after {took_s:.1f} s")
        assert not link.open
        assert took_s < PROCEDURE_TIMEOUT_S  # NimBLE's own; the host's system asks for encryption once per link

    on_air(tmp_path, story)


def test_a_stranger_that_pairs_in_the_window_under_an_address_of_zeros_is_not_kept(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        liar = await world.computer("liar", ATTACKER)
        liar.device.static_address = Address("00:00:00:00:00:00", Address.RANDOM_DEVICE_ADDRESS)
        with pytest.raises(UnslouchError):
            await world.pair(liar)
        world.app.pairing_window.close()
        await world.firmware.cut_power()
        world.power_on()
        await serve(world)
        await world.pair(await world.computer("phone", "C0:00:00:00:00:02"))  # hung the board where index is ignored
        await serve(world)

    on_air(tmp_path, story)
