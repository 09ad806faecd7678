"""The steps of pairing and of removing a pairing, as data; str() of a step is its sentence for the wearer."""

from collections.abc import Callable
from dataclasses import dataclass

from unslouch.errors import UnslouchError


@dataclass(frozen=True)
class ButtonNeeded:
    """Nobody has opened the pairing window: the wearer has to hold the button."""

    def __str__(self) -> str:
        return "Hold the sensor's button for 3 s. For 2 min after that it can be paired with this computer."


@dataclass(frozen=True)
class WindowOpened:
    """A sensor has opened its pairing window, asked over its cable."""

    device_id: str
    port: str
    for_s: int

    def __str__(self) -> str:
        return f"The sensor {self.device_id} at {self.port} can be paired for {self.for_s} s from now on."


@dataclass(frozen=True)
class AttemptBegan:
    """A sensor was found, and pairing with it begins."""

    address: str

    def __str__(self) -> str:
        return f"Pairing with {self.address}."


@dataclass(frozen=True)
class AttemptFailed:
    """An attempt failed, and another one follows."""

    error: UnslouchError
    next_in_s: float

    def __str__(self) -> str:
        return f"{self.error} Trying again in {self.next_in_s:g} s."


@dataclass(frozen=True)
class AddressUnconfirmed:
    """The sensor was paired, and then not found again at an address that is sure to last."""

    address: str

    def __str__(self) -> str:
        return (
            f"The sensor wasn't found again after pairing. unslouch assumes that its address stays {self.address}; if "
            "it doesn't find the sensor later, pair once more."
        )


@dataclass(frozen=True)
class BondNotRemoved:
    """The sensor is off the list, but the operating system may still have its bond."""

    reason: str

    def __str__(self) -> str:
        return self.reason


PairingStep = ButtonNeeded | WindowOpened | AttemptBegan | AttemptFailed | AddressUnconfirmed | BondNotRemoved
OnStep = Callable[[PairingStep], None]
