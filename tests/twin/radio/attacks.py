"""What an unpaired stranger can send over Bluetooth to deny a sensor to its hosts, and a stranger that does it."""

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from bumble.core import BaseBumbleError
from bumble.hci import HCI_LE_Enable_Encryption_Command

from twin.radio.firmware import OnAirWorld
from twin.radio.raw_link import ATT, SMP, RawLink, prepare
from unslouch.twin.radio.central import Central
from unslouch_device.contract.gatt import FIRST_GAP_S

ATTACKER = "C0:00:00:00:00:09"
REQUEST = bytes.fromhex("01 03 00 09 10 0f 0f")  # Just Works, LE Secure Connections, bonding, 16 bytes of key
NO_POINT = b"\x0c" + bytes(range(64))
CONNECT_S = 5.0
Attack = Callable[[RawLink, int], None]
"""Sends everything at once to a sensor, whose CONTROL characteristic has that handle."""


def prepare_writes(link: RawLink, control: int) -> None:
    """Fill all of NimBLE's buffers with prepared writes to a CCCD, which needs no encryption."""
    for _ in range(13):
        link.send(ATT, prepare(control + 1))


def begin_pairing(link: RawLink, control: int) -> None:
    """Take NimBLE's only security procedure, and leave it there."""
    link.send(SMP, REQUEST)


def repeat_pairing(link: RawLink, control: int) -> None:
    for _ in range(8):
        link.send(SMP, REQUEST)


def send_keys_out_of_order(link: RawLink, control: int) -> None:
    for command in (NO_POINT, REQUEST, b"\x0d" + bytes(16), REQUEST, NO_POINT, b"\x08" + bytes(16)):
        link.send(SMP, command)


def send_garbage(link: RawLink, control: int) -> None:
    chance = random.Random(control)
    for _ in range(100):
        link.send(chance.choice((ATT, 5, SMP)), chance.randbytes(chance.randrange(1, 24)))


def encrypt_with_a_guess(link: RawLink, control: int) -> None:
    connection = link.connection
    command = HCI_LE_Enable_Encryption_Command(
        connection_handle=connection.handle,
        random_number=bytes(8),
        encrypted_diversifier=0,
        long_term_key=bytes(16),
    )
    connection.device.host.send_hci_packet(command)


ATTACKS: tuple[Attack, ...] = (
    prepare_writes,
    begin_pairing,
    repeat_pairing,
    send_keys_out_of_order,
    send_garbage,
    encrypt_with_a_guess,
)


@dataclass
class Attacker:
    """A stranger that connects, attacks, waits until it is sent away, and comes again."""

    world: OnAirWorld
    central: Central
    attack: Attack
    linked_s: list[float] = field(default_factory=list)
    """How long each of its links lasted."""
    heard: list[bytes] = field(default_factory=list)
    """Every packet of ATT that it was sent."""

    async def run(self) -> None:
        """Attack for ever."""
        while True:
            with contextlib.suppress(TimeoutError, BaseBumbleError):
                await self._attack_once()
            await asyncio.sleep(0.2)

    async def _attack_once(self) -> None:
        await self.world.address(self.central)
        address = next(iter(self.central.known.values()))
        loop = asyncio.get_running_loop()
        link = RawLink(self.world.air, self.central, await self.central.connect(address, CONNECT_S))
        began_s = loop.time()
        try:
            self.attack(link, self.world.app.radio.hosts.control)
            while link.open:
                await asyncio.sleep(0.01)
        finally:
            self.linked_s.append(loop.time() - began_s)
            self.heard += [data for channel, data in link.heard if channel == ATT]
            link.stop()


@contextlib.asynccontextmanager
async def attacked(world: OnAirWorld, central: Central, attack: Attack):  # type: ignore[no-untyped-def]
    """Let a stranger attack meanwhile; gives it, and ends only after its first attack."""
    attacker = Attacker(world, central, attack)
    task = asyncio.create_task(attacker.run())
    try:
        yield attacker
        async with asyncio.timeout(2 * FIRST_GAP_S):
            while not attacker.linked_s:
                await asyncio.sleep(0.05)
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            await task
