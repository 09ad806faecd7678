"""Asking the owner of a sensor to store what the sensor has recorded until now, before somebody reads the database."""

import asyncio
import logging
from dataclasses import dataclass

from unslouch.errors import UnslouchError
from unslouch.link.connection import Connection
from unslouch.link.telemetry import TelemetryError
from unslouch.sensor.owner import Owner
from unslouch_device.contract import messages

from .frames import FLUSH, decode_stored
from .transport import OwnerOfOtherVersion, OwnerStalled, SharedTransport

log = logging.getLogger(__name__)

FLUSH_TIMEOUT_S = 3.0


@dataclass(frozen=True)
class Flushed:
    """The answer of an owner to the request to store everything."""

    owner: Owner
    behind: int | None
    """How many records the sensor has flushed that are not stored yet; None if unknown."""
    failure: str = ""
    """Why the sensor's newest records may not even be flushed, as the end of a sentence; empty if they are."""

    @property
    def missing(self) -> str:
        """Return what a reader of the database misses, as a sentence; empty if nothing."""
        waiting = f"{self.behind} record{'' if self.behind == 1 else 's'}" if self.behind else ""
        if self.failure:
            known = f" The sensor holds {waiting} more." if waiting else ""
            return (
                "What the sensor has recorded in the last minutes may be missing: the program that stores it "
                f"({self.owner.description}) {self.failure}.{known}"
            )
        if waiting:
            return (
                f"The database still lacks {waiting} of the sensor, which {self.owner.description} is fetching; "
                "repeat this soon."
            )
        return ""


def flush_owners(owners: list[Owner], timeout_s: float = FLUSH_TIMEOUT_S) -> list[Flushed]:
    """Ask several owners at once; return the answer of each, after timeout_s at the latest."""

    async def ask_all() -> list[Flushed]:
        return await asyncio.gather(*(flush_owner(owner, timeout_s) for owner in owners))

    return asyncio.run(ask_all())


async def flush_owner(owner: Owner, timeout_s: float = FLUSH_TIMEOUT_S) -> Flushed:
    """Ask one owner to store everything; return its answer, after timeout_s at the latest."""
    transport = SharedTransport(owner.sensor, owner, timeout_s)
    try:
        async with asyncio.timeout(timeout_s):
            await transport.open()
            async with Connection(transport) as connection:
                reply = await connection.request_raw(FLUSH, b"", timeout_s)
        behind = decode_stored(reply.data)[1] if reply.data else None
        failure = "" if reply.status == messages.OK else "could not have the sensor send it"
        return Flushed(owner, behind, failure)
    except (TimeoutError, OwnerStalled) as error:
        log.debug("%s", error)
        return Flushed(owner, None, f"did not answer within {timeout_s:g} s")
    except OwnerOfOtherVersion as error:
        log.debug("%s", error)
        return Flushed(owner, None, "is of another version of unslouch; restart it")
    except (OSError, UnslouchError, TelemetryError) as error:
        log.debug("%s", error)
        return Flushed(owner, None, "has ended, lost the sensor, or serves too many programs")
    finally:
        await transport.close()
