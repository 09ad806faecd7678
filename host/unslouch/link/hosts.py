"""The computers that a sensor knows over Bluetooth: listing them, and having it forget one."""

from dataclasses import dataclass

from unslouch.errors import NotOurs
from unslouch_device.contract import messages, payloads

from .client import Client
from .refusals import refusal

REPLY_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class KnownHost:
    """A computer that has paired with the sensor."""

    address: str
    """The one that it keeps, such as "C0:C1:C2:C3:C4:C5", whatever address it shows on the air."""
    is_random: bool
    """Whether that address was made up by the computer, or else given to its Bluetooth chip by the maker."""
    is_linked: bool
    is_this_computer: bool
    """Whether it is the one that asks; never over the cable."""
    is_secure: bool
    """Whether it certainly paired by LE Secure Connections; a sensor whose Bluetooth stack is too new can't say."""

    @property
    def key(self) -> bytes:
        """The host as FORGET_HOST names it."""
        return bytes((self.is_random,)) + bytes.fromhex(self.address.replace(":", ""))[::-1]


async def known_hosts(client: Client) -> list[KnownHost]:
    """Return the computers that have paired with a sensor; raises Refused, LinkLost, or NotOurs for a garbled reply."""
    try:
        entries = payloads.unpack_hosts(await _ask(client, "list the paired computers", messages.GET_HOSTS))
    except payloads.PayloadError as error:
        raise NotOurs(
            f"The sensor at {client.name} answers with computers that this one can't read; bring firmware and host to "
            "the same version."
        ) from error
    return [
        KnownHost(
            address=entry.key[:0:-1].hex(":").upper(),
            is_random=bool(entry.key[0]),
            is_linked=bool(entry.flags & payloads.HOST_LINKED),
            is_this_computer=bool(entry.flags & payloads.HOST_YOURS),
            is_secure=bool(entry.flags & payloads.HOST_SECURE),
        )
        for entry in entries
    ]


async def forget_host(client: Client, host: KnownHost) -> None:
    """Have a sensor forget a computer; raises Refused, also if it doesn't know it, and LinkLost."""
    await _ask(client, "forget a computer", messages.FORGET_HOST, host.key)


async def _ask(client: Client, action: str, kind: int, *fields: int | bytes) -> bytes:
    reply = await client.connection.request(kind, *fields, timeout_s=REPLY_TIMEOUT_S)
    if reply.status != messages.OK:
        raise refusal(action, client.name, reply.status, kind)
    return reply.data
