"""Strangers and hostile hosts near the board are refused and journaled, and get no posture data."""

import asyncio
import contextlib
import random
import struct
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from bleak import BleakClient
from bleak.exc import BleakError

from twin.radio.firmware import SENSOR, OnAirWorld, backends_of, on_air, until
from twin.world import codes, events
from unslouch.twin.radio.central import Central
from unslouch_device.contract import gatt
from unslouch_device.contract import messages as m
from unslouch_device.contract import records as r
from unslouch_device.contract.frames import MAX_FRAME_BYTES, MAX_PAYLOAD_BYTES, encode_frame, to_wire
from unslouch_device.link.admission import _PAIRING_PATIENCE_S

LAPTOP = "C0:C1:C2:C3:C4:C5"
STRANGER = "C0:00:00:00:00:09"
FUZZED = 10_000
DRASTIC = m.REPL, m.SELF_TEST
"""Requests that end the app or interrupt sampling if they are well-formed."""
Story = Callable[[OnAirWorld], Awaitable[None]]


@asynccontextmanager
async def connected(world: OnAirWorld, central: Central) -> Iterator[BleakClient]:
    """An unpaired link."""
    client = BleakClient(await world.address(central), timeout=5, backend=backends_of(central).client)
    await client.connect()
    try:
        yield client
    finally:
        await client.disconnect()


@contextmanager
def failing() -> Iterator[None]:
    """Check that everything in this context is refused, or that the link ends."""
    with pytest.raises((BleakError, TimeoutError, OSError)):
        yield


async def refusals(world: OnAirWorld) -> dict[int, int]:
    """Count the refusals in the journal, by reason."""
    await world.wait(1.5)
    counts: dict[int, int] = {}
    for code, fields in events(await world.pages()):
        if code == r.HOST_REFUSED:
            counts[fields[0]] = counts.get(fields[0], 0) + fields[1]
    return counts


def notified(world: OnAirWorld, receiver: str) -> list[bytes]:
    """Return the values that were notified to a radio."""
    to_it = [packet.data for packet in world.overheard if (packet.sender, packet.receiver) == (SENSOR, receiver)]
    return [data for data in to_it if data[2:5] in (b"\x04\x00\x1b", b"\x04\x00\x1d")]


async def unharmed(world: OnAirWorld) -> None:
    """Check that the board has neither restarted nor lost a sample, and answers."""
    assert world.app.sampler.lost_samples == 0
    assert not world.app.sampler.silent()
    assert (await world.ask(m.PING))[0] == m.OK
    assert codes(await world.pages()).count(r.BOOT) == 1


async def serves(world: OnAirWorld, central: Central | None = None) -> None:
    """Check that the bonded host is still admitted."""
    assert (await world.ask(m.PING))[0] == m.OK  # which also keeps the board awake for a while
    async with world.linked(central) as client:
        assert (await client.connection.request(m.PING)).status == m.OK


async def looked_at(world: OnAirWorld) -> None:
    """Let a host on the cable watch, so that there is telemetry to overhear."""
    assert (await world.ask(m.SUBSCRIBE, 25))[0] == m.OK


def near(folder: Path, story: Story) -> None:
    """A board with one bonded laptop, and a stranger's adapter as world.stranger."""

    async def run(world: OnAirWorld) -> None:
        await world.pair()
        world.overheard.clear()
        await looked_at(world)
        await story(world)
        await unharmed(world)

    on_air(folder, run)


def test_a_stranger_is_disconnected_at_once_while_the_window_is_closed(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        stranger = await world.computer("stranger", STRANGER)
        stranger.agent = False
        with failing():
            async with connected(world, stranger) as client:
                await until(lambda: not client.is_connected, 1)
                await client.write_gatt_char(gatt.CONTROL, encode_frame(m.HELLO, b"\x01\x03"), response=True)
        assert not notified(world, "stranger")
        assert set(await refusals(world)) == {r.REFUSED_UNKNOWN}
        await serves(world)

    near(tmp_path, story)


def test_a_stranger_that_does_not_pair_in_the_window_gets_nothing_and_is_disconnected(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        stranger = await world.computer("stranger", STRANGER)
        stranger.agent = False
        world.app.pairing_window.open()
        async with connected(world, stranger) as client:
            came_s = world.world.clock.now_s
            for uuid in (gatt.CONTROL, gatt.JOURNAL):
                with failing():
                    await client.write_gatt_char(uuid, encode_frame(m.HELLO, b"\x01\x03"), response=True)
            for uuid in (gatt.CONTROL, gatt.STREAM, gatt.JOURNAL):  # which no stack refuses on a plain link
                await client.start_notify(uuid, lambda *_: None)
            await until(lambda: not client.is_connected, _PAIRING_PATIENCE_S + 5)
            assert world.world.clock.now_s - came_s == pytest.approx(_PAIRING_PATIENCE_S, abs=2)
        assert not notified(world, "stranger")
        assert await refusals(world) == {r.REFUSED_SILENT: 1}
        await serves(world)

    near(tmp_path, story)


def test_notifications_asked_for_before_encryption_come_after_it_only(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        phone = await world.computer("phone", STRANGER)
        phone.agent = False
        world.app.pairing_window.open()
        async with connected(world, phone) as client:
            for uuid in (gatt.CONTROL, gatt.STREAM):
                await client.start_notify(uuid, lambda *_: None)
            await world.wait(3)
            assert not notified(world, "phone")
            phone.agent = True
            await client.pair()
            await world.wait(0.2)
            await client.write_gatt_char(gatt.CONTROL, encode_frame(m.SUBSCRIBE, b"\x01\x19"), response=True)
            await until(lambda: len(notified(world, "phone")) > 5)

    near(tmp_path, story)


def test_pairing_outside_the_window_is_refused(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        stranger = await world.computer("stranger", STRANGER)
        for _ in range(3):
            with failing():
                async with connected(world, stranger) as client:
                    await client.pair()
                    await client.start_notify(gatt.STREAM, lambda *_: None)
                    await client.write_gatt_char(gatt.CONTROL, encode_frame(m.SUBSCRIBE, b"\x01\x19"), response=True)
                    await client.write_gatt_char(gatt.CONTROL, encode_frame(m.PING, b"\x02"), response=True)
            with contextlib.suppress(KeyError):
                await stranger.keystore.delete_all()
        assert not notified(world, "stranger")
        assert (await refusals(world)).get(r.REFUSED_UNKNOWN, 0) >= 1
        await serves(world)

    near(tmp_path, story)


def test_a_stranger_that_pairs_under_a_hosts_address_is_refused_and_the_host_keeps_its_bond(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        world.laptop.power_off()
        for _ in range(3):
            stranger = await world.computer("stranger", LAPTOP)
            with failing():
                async with connected(world, stranger) as client:
                    await client.pair()
                    await client.write_gatt_char(gatt.CONTROL, encode_frame(m.SUBSCRIBE, b"\x01\x19"), response=True)
                    await client.write_gatt_char(gatt.CONTROL, encode_frame(m.PING, b"\x02"), response=True)
            stranger.power_off()
            await world.wait(5)
        assert not notified(world, "stranger")
        assert (await refusals(world)).get(r.REFUSED_REPEAT, 0) >= 1
        await serves(world, await world.computer("laptop", LAPTOP, keystore=world.laptop.keystore))

    near(tmp_path, story)


def test_a_short_key_is_refused_even_in_the_window(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        stranger = await world.computer("stranger", STRANGER)
        stranger.most_key_bytes = 15
        world.app.pairing_window.open()
        await until(lambda: world.app.radio.hosts.admission.window_open)
        with failing():
            async with connected(world, stranger) as client:
                await client.pair()
                await client.write_gatt_char(gatt.CONTROL, encode_frame(m.SUBSCRIBE, b"\x01\x19"), response=True)
                await client.write_gatt_char(gatt.CONTROL, encode_frame(m.PING, b"\x02"), response=True)
        assert not notified(world, "stranger")
        assert (await refusals(world)).get(r.REFUSED_SHORT_KEY, 0) >= 1

    near(tmp_path, story)


def test_a_wrong_key_is_refused(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        (keys,) = world.laptop.keystore.all_keys.values()
        right, keys.ltk.value = keys.ltk.value, bytes(16)
        with failing():
            async with connected(world, world.laptop):
                pass
        assert not notified(world, "laptop")
        assert (await refusals(world)).get(r.REFUSED_SILENT, 0) >= 1
        keys.ltk.value = right
        await serves(world)

    near(tmp_path, story)


def test_a_flood_of_connections_costs_no_sample_and_no_telemetry(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        strangers = [await world.computer(f"stranger {n}", f"C0:00:00:00:01:0{n}") for n in range(5)]
        for stranger in strangers:
            stranger.agent = False
        live = 0

        def look(kind: int, payload: bytes) -> None:
            nonlocal live
            live += kind == m.LIVE

        async with world.linked() as client:
            client.connection.on_frame = look
            await client.subscribe(10)
            floods = [asyncio.create_task(come_again(world, stranger)) for stranger in strangers]
            await world.wait(60)
            for flood in floods:
                flood.cancel()
            await asyncio.wait(floods)
            assert (await client.connection.request(m.PING)).status == m.OK
        assert live > 500
        for stranger in strangers:
            assert not notified(world, stranger.name)
        await world.wait(600)
        assert (await refusals(world))[r.REFUSED_UNKNOWN] > 20
        assert codes(await world.pages()).count(r.HOST_REFUSED) <= 3  # however many there were

    near(tmp_path, story)


async def come_again(world: OnAirWorld, central: Central) -> None:
    """Connect, stay for a moment, and connect again."""
    stay_s = iter(random.Random(central.name).choices((0, 0.1, 2), k=10_000))
    while True:
        with contextlib.suppress(BleakError, TimeoutError, OSError):
            async with connected(world, central):
                await world.wait(next(stay_s))
        await world.wait(0.05)


# An admitted host that sends bad data


async def secured(world: OnAirWorld, client: BleakClient) -> None:
    await until(lambda: any(world.app.radio.hosts.admission.admits(handle) for handle in range(4)))


def test_malformed_and_oversized_values_are_dropped_and_counted(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        chance = random.Random(2)
        async with connected(world, world.laptop) as client:
            await secured(world, client)
            hello = encode_frame(m.HELLO, b"\x01\x03")
            for uuid in (gatt.CONTROL, gatt.JOURNAL):
                for size in (0, 1, 3, 4, 5, 20, 244, 300, 512):
                    await client.write_gatt_char(uuid, chance.randbytes(size), response=True)
                await client.write_gatt_char(uuid, struct.pack(gatt.ACK_FORMAT, 0xFFFFFFFF), response=True)
            for value in (bytes((gatt.MORE,)) + bytes(200), hello[:-1] + b"\0", hello + bytes(300)):
                for _ in range(20):
                    await client.write_gatt_char(gatt.CONTROL, value, response=True)
            assert world.app.served.links[-1].link_channel.errors > 30
        await serves(world)

    near(tmp_path, story)


def fuzzed(chance: random.Random) -> tuple[int, bytes]:
    """Return a valid control frame with arbitrary content."""
    kind = chance.choice([chance.randrange(256), *list(m.REQUEST_FORMATS) * 2])
    size = struct.calcsize(m.REQUEST_FORMATS.get(kind, "<B")) if chance.random() < 0.7 else chance.randrange(64)
    payload = chance.randbytes(size)
    if kind in DRASTIC:
        payload += b"!!"
    if chance.random() < 0.5:  # small numbers come further
        payload = bytes(byte & 3 for byte in payload)
    return kind, payload[:MAX_PAYLOAD_BYTES]


def test_ten_thousand_fuzzed_control_frames_over_the_air(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        chance = random.Random(3)
        async with connected(world, world.laptop) as client:
            await secured(world, client)
            for uuid in (gatt.CONTROL, gatt.STREAM, gatt.JOURNAL):
                await client.start_notify(uuid, lambda *_: None)
            for number in range(FUZZED):
                frame = encode_frame(*fuzzed(chance))
                if chance.random() < 0.3:
                    at = chance.randrange(len(frame))
                    frame = frame[:at] + chance.randbytes(chance.randrange(4)) + frame[at + 1 :]
                await client.write_gatt_char(gatt.CONTROL, frame[:MAX_FRAME_BYTES], response=False)
                if number % 8 == 0:
                    await world.wait(0.06)
                    sent = world.app.served.links[-1].link_channel._sent
                    await client.write_gatt_char(gatt.JOURNAL, struct.pack(gatt.ACK_FORMAT, sent), response=False)
            await world.wait(60)
        assert len(notified(world, "laptop")) > FUZZED / 2
        await serves(world)

    near(tmp_path, story)


def test_ten_thousand_fuzzed_control_frames_over_the_cable(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        chance = random.Random(4)
        for number in range(FUZZED):
            wire = bytearray(to_wire(*fuzzed(chance)))
            if chance.random() < 0.3:
                wire[chance.randrange(len(wire))] = chance.randrange(256)
            world.port.inject(bytes(wire))
            if number % 8 == 0:
                await world.wait(0.06)
        await world.wait(60)
        assert world.port.frames.qsize() > FUZZED / 2
        while world.port.frames.qsize():
            world.port.frames.get_nowait()
        await serves(world)

    near(tmp_path, story)
