"""The versions of the protocol that this host speaks, so that it can still sync and flash a board with older firmware.

Client.hello() offers the newest. A board that speaks another version refuses it and names its own; if that is in this
table, the host says HELLO again in that version. When messages.PROTOCOL_VERSION is raised, the version before stays
here, with readers for every layout that the new one changes; `tests/contract/captured` keeps its bytes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from unslouch_device.contract import payloads

from .model import SensorInfo


@dataclass(frozen=True)
class Protocol:
    """One version: its readers of the payloads whose layout depends on the version."""

    read_hello: Callable[[bytes], SensorInfo]
    """Reads the data of the reply to HELLO; raises ValueError."""


def _read_hello(data: bytes) -> SensorInfo:
    hello = payloads.HelloReply(data)
    return SensorInfo(
        device_id=hello.device_id.hex(),
        board="".join(c for c in hello.board.decode() if c.isprintable()),
        firmware_version=".".join(str(part) for part in hello.firmware_version),
        protocol_version=hello.protocol_version,
        journal=hello.journal,
        boot=hello.boot,
        oldest_sequence=hello.oldest_sequence,
        next_sequence=hello.next_sequence,
        uptime_ms=hello.uptime_ms,
        settings_revision=hello.settings_revision,
        calibration_id=hello.calibration_id,
        simulated=bool(hello.flags & payloads.HELLO_SIMULATED),
        # Both flags: a wearer's sensor with a clock of its own could fill the database at any speed.
        own_clock=not ~hello.flags & (payloads.HELLO_SIMULATED | payloads.HELLO_OWN_CLOCK),
        window_period_s=hello.window_period_s,
        sleeps_deeply=bool(hello.flags & payloads.HELLO_SLEEPS_DEEPLY),
        button_wakes=bool(hello.flags & payloads.HELLO_BUTTON_WAKES),
    )


PROTOCOLS: Mapping[int, Protocol] = {3: Protocol(_read_hello)}
"""By version."""
