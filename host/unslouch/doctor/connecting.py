"""Explains why a sensor can't be connected: from the error, and by asking what stands on the port instead."""

from collections.abc import Callable, Iterator

from unslouch.errors import NotOurs, SensorBusy, UnslouchError
from unslouch.flashing import memory, probe
from unslouch.flashing.errors import NotInstalled
from unslouch.flashing.prompt import Prompt
from unslouch.flashing.targets import TARGETS
from unslouch.link.ble.failures import BluetoothUnavailable, BondLost, NotPaired, OutOfReach
from unslouch.link.client import OtherVersion, Unanswered, Unrecognised
from unslouch.link.transport import LinkLost
from unslouch.sensor.deep_sleep import SensorAsleep
from unslouch_device.contract import records

from .computer import Computer
from .finding import Finding, Good, Result

_CAUSES: tuple[tuple[type[UnslouchError], str], ...] = (
    (OtherVersion, "other-protocol"),
    (BondLost, "bond-lost"),
    (NotPaired, "not-paired"),
    (OutOfReach, "out-of-reach"),
    (SensorBusy, "port-busy"),
)
"""The first that fits."""
_DEEP_SLEEPS = {
    records.ASLEEP_OFF_BODY: "asleep",
    records.ASLEEP_BY_HAND: "switched-off",
    records.ASLEEP_EMPTY: "empty",
}


def explain(error: UnslouchError, computer: Computer, at_prompt: Callable[[str], Iterator[Result]]) -> Iterator[Result]:
    """Yield why a sensor could not be connected.

    at_prompt looks at the prompt of a port where something other than our firmware answers, or nothing does.
    """
    if isinstance(error, BluetoothUnavailable):
        return  # said already
    if isinstance(error, SensorAsleep):
        yield Finding(_DEEP_SLEEPS[error.deep_sleep.why], str(error))
        return
    for kind, cause_id in _CAUSES:
        if isinstance(error, kind):
            yield Finding(cause_id, str(error))
            return
    ports = [(board, f"/dev/{port}") for board in computer.boards() for port in board.ports]
    if not isinstance(error, Unanswered | Unrecognised) or not ports:
        return
    for board, port in ports:
        results = list(at_prompt(port))
        if results:
            yield from results
        elif board.is_jtag:
            yield Finding("rom-loader", f"{port} is the chip's own port.")
        else:
            yield Finding("silent" if isinstance(error, Unanswered) else "other-program", str(error))


def look_at_prompt(port: str) -> Iterator[Result]:
    """Yield what MicroPython's prompt at a port says; nothing if there is none. Interrupts a program that "
    "runs there."""
    try:
        with Prompt(port) as prompt:
            prompt.enter()
            yield from _look(prompt, port)
    except (NotOurs, LinkLost):
        return


def _look(prompt: Prompt, port: str) -> Iterator[Result]:
    try:
        runtime = probe.runtime(prompt)
    except NotOurs as error:
        yield Finding("old-micropython", str(error))
        return
    target = next((each for each in TARGETS if each.chip.name == runtime.chip), None)
    try:
        advice = memory.advice(memory.measure(prompt), target)
    except NotInstalled as error:
        yield Finding("wrong-build", str(error))
        return
    if advice is not None:
        yield Good(advice)
    version = ".".join(map(str, runtime.version))
    yield Finding("no-firmware", f"{port} shows MicroPython {version} on {runtime.machine}.")
