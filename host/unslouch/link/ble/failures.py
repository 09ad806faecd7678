"""What can fail with Bluetooth: each failure with its sentence, which names the remedy."""

import re
from enum import Enum

from unslouch.errors import ExitCode, NotOurs, UnslouchError
from unslouch.link.transport import LinkLost, LinkUnavailable

_ADDRESS = re.compile(
    r"[0-9a-f]{2}(:[0-9a-f]{2}){5}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE
)  # macOS shows no addresses, but a UUID of its own for each device
PAIR_REMEDY = "hold its button for 3 s, and run `unslouch pair` within 2 min"


class BluetoothUnavailable(LinkUnavailable):
    """This computer can't use Bluetooth at present, with any sensor."""

    failure: "Failure | None" = None
    """Why."""


class OutOfReach(LinkUnavailable):
    """The sensor isn't heard or can't be reached at the moment."""


class NotHeard(OutOfReach):
    """The sensor doesn't advertise within reach."""


class NotPaired(LinkUnavailable):
    """The sensor and this computer have no bond; only pairing them helps."""

    exit_code = ExitCode.NOT_PAIRED


class BondLost(NotPaired):
    """This computer has a bond, but the sensor no longer has it."""


class Failure(Enum):
    """The kind of error and its sentence, in which {name} is the sensor's address and {reason} what the system says."""

    OFF = BluetoothUnavailable, "Bluetooth is switched off on this computer; switch it on, and it is tried again."
    NO_ADAPTER = (
        BluetoothUnavailable,
        "This computer has no Bluetooth adapter that can reach a sensor; plug one in, or use the cable.",
    )
    NO_SERVICE = (
        BluetoothUnavailable,
        "This computer's Bluetooth service isn't running; on Linux, install BlueZ and run "
        "`sudo systemctl enable --now bluetooth`.",
    )
    DENIED = (
        BluetoothUnavailable,
        "This program may not use Bluetooth; on macOS, allow it for your terminal program in System Settings > "
        "Privacy & Security > Bluetooth; on Linux, add yourself to the group bluetooth and log in again.",
    )
    UNUSABLE = BluetoothUnavailable, "This computer's Bluetooth can't be used ({reason}); restart it, or use the cable."
    ABSENT = (
        NotHeard,
        "The sensor {name} isn't heard; it may be out of reach, resting, asleep, switched off or empty: go nearer and "
        "press its button, or plug it in.",
    )
    STILL_KNOWN = (
        OutOfReach,
        "The pairing with the sensor {name} couldn't be removed, since it isn't heard; press its button and run "
        "`unslouch forget {name}` again, or remove it in this computer's Bluetooth settings.",
    )
    UNREACHED = OutOfReach, "The sensor {name} is heard, but can't be connected ({reason}); go nearer to it."
    NOT_PAIRED = (
        NotPaired,
        f"The sensor {{name}} isn't paired with this computer; {PAIR_REMEDY}.",
    )
    BOND_LOST = (
        BondLost,
        f"The sensor {{name}} no longer knows this computer, which still believes to be paired; {PAIR_REMEDY}, which "
        "forgets the old pairing first.",
    )
    NOT_ACCEPTED = (
        NotPaired,
        "The sensor {name} accepts no new computer: its pairing window is closed, or it knows four computers already; "
        "hold its button for 3 s and repeat, or for 10 s to erase it.",
    )
    NO_AGENT = (
        NotPaired,
        "Pairing with the sensor {name} failed: nobody on this computer confirms pairings; keep its Bluetooth settings "
        "open, or `bluetoothctl` with `agent on` and `default-agent`, and repeat. If that was so, hold the sensor's "
        "button for 3 s and repeat.",
    )
    NOT_A_SENSOR = NotOurs, "{name} is a Bluetooth device, but no unslouch sensor; `unslouch scan` lists those."
    LOST = (
        LinkLost,
        "The Bluetooth link to {name} was lost; it is out of reach, was restarted, or rests.",
    )
    STUCK = LinkLost, "The sensor {name} takes no more data over Bluetooth."
    FLOOD = LinkLost, "The sensor {name} sends more than this computer can take, which no unslouch sensor does."
    CLOSED = LinkLost, "The Bluetooth link to {name} is closed."

    def __init__(self, kind: type[UnslouchError], sentence: str) -> None:
        self.kind = kind
        self.sentence = sentence

    def as_error(self, name: str, reason: object = "") -> UnslouchError:
        """Return the error for a sensor; reason is what the operating system reported."""
        error = self.kind(self.sentence.format(name=name, reason=str(reason) or type(reason).__name__))
        if isinstance(error, BluetoothUnavailable):
            error.failure = self
        return error


def is_address(text: str) -> bool:
    """Whether a text is a Bluetooth address as any of the systems writes it."""
    return _ADDRESS.fullmatch(text) is not None
