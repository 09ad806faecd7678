"""Updates a sensor's firmware over a link, as over Bluetooth: given a sensor, ends when it runs the new firmware.

MicroPython's prompt isn't needed: the firmware that runs takes the pack, checks it and restarts. So a sensor has to run
firmware that knows updates, and what only the prompt can do (main.py, wiping, another MicroPython) takes the cable.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from unslouch.errors import BadInput, NoSensor, NotOurs, Refused, SensorBusy
from unslouch.link.ble.failures import is_address
from unslouch.link.client import Client
from unslouch.link.model import SensorInfo
from unslouch.link.transport import LinkLost
from unslouch.link.update import (
    BoardFirmware,
    FlashFull,
    begin_update,
    board_firmware,
    board_values,
    end_update,
    heap_bytes,
    send_pack,
)
from unslouch.sensor.handshake import open_sensor
from unslouch.sensor.locator import SharedLocator
from unslouch.sensor.paired import paired_sensor_named, paired_sensors

from . import memory
from .board_file import check_board_file, values_in
from .compile import architecture, board_names, board_source, compiled, firmware_folder, runs_machine_code, sources
from .errors import NotInstalled
from .install import Options, Reporter, firmware_version, number_declared
from .pack import Pack, packed
from .shrink.program import SENSORS, shrunk
from .targets import target_of

RESTART_S = 90.0
"""In which the sensor has to answer again: it starts, and is heard in the half minute that it then stays awake."""
RETRY_S = 1.0
CUTS = 5
"""Links that may break until the update is given up."""
TAKES_CABLE = "{what} takes the cable; plug the sensor in and leave --ble out."

Links = Callable[[], AbstractAsyncContextManager[tuple[Client, SensorInfo]]]
"""Connects the sensor, again and again."""


@dataclass(frozen=True)
class _Update:
    """What is to be sent to which sensor."""

    pack: Pack
    main_edition: int
    version: str

    @property
    def data(self) -> bytes:
        return self.pack.data

    @property
    def crc(self) -> tuple[int, int]:
        """Size and CRC-32, as BoardFirmware has them."""
        return len(self.data), zlib.crc32(self.data)


def sensor_over_air(sensor: str | None, is_wanted: bool, has_ports: bool) -> str | None:
    """Return the address of the sensor to update over Bluetooth; None if that is up to the cable.

    sensor: what the user named: a port, an address or a paired sensor's name. is_wanted: they asked for Bluetooth.
    Without both, the cable comes first, and the only paired sensor if there is none.
    """
    if sensor is not None:
        paired = None if is_address(sensor) else paired_sensor_named(sensor)
        if paired is not None:
            return paired.address
        if is_address(sensor):
            return sensor
        if is_wanted:
            raise BadInput(f"No sensor named {sensor!r} is paired; `unslouch pair` pairs one, or leave --ble out.")
        return None
    if has_ports and not is_wanted:
        return None
    paired_ones = [each for each in paired_sensors() if not each.simulated]
    if not paired_ones and not is_wanted:
        return None
    if not paired_ones:
        raise NoSensor("No sensor is paired with this computer; run `unslouch pair` first, or use the cable.")
    if len(paired_ones) > 1:
        names = ", ".join(repr(each.name) for each in paired_ones)
        raise BadInput(f"There are several paired sensors ({names}); name one with --sensor.")
    return paired_ones[0].address


def refuse_cable_only(options: Options) -> None:
    """Raise BadInput for an option that needs MicroPython's prompt."""
    if options.micropython is not None:
        raise BadInput(TAKES_CABLE.format(what="Writing MicroPython"))
    if options.wipe:
        raise BadInput(TAKES_CABLE.format(what="Erasing the sensor's data"))


async def install_over_air(address: str, options: Options, reporter: Reporter) -> SensorInfo | None:
    """Update the sensor at a Bluetooth address, directly or by way of the program that owns it.

    Returns the info that it then answers with; None after a dry run. Raises an UnslouchError that says what to do.
    """
    refuse_cable_only(options)
    return await update(lambda: _real_sensor(address), options, reporter)


@asynccontextmanager
async def _real_sensor(address: str) -> AsyncIterator[tuple[Client, SensorInfo]]:
    async with open_sensor(SharedLocator(address)) as (client, info):
        if info.simulated:
            raise BadInput(f"The sensor {info.device_id} is simulated and takes no firmware; name a real one.")
        yield client, info


async def update(links: Links, options: Options, reporter: Reporter, restart_s: float = RESTART_S) -> SensorInfo | None:
    """Update the sensor that links() connects; like install_over_air()."""
    plan: _Update | None = None
    for cut in range(CUTS + 1):
        try:
            async with connected_patiently(links, restart_s if plan is not None else 0) as (client, info):
                state = await board_firmware(client)
                if plan is None:
                    plan = await planned_update(client, info, state, options, reporter)
                    if state.active == plan.crc:
                        reporter.say("The firmware is up to date; nothing to send.")
                        return None if options.dry_run else info
                    if options.dry_run:
                        _say_plan(plan, state, reporter)
                        return None
                elif state.active == plan.crc:  # the reply to the last request was lost
                    return info
                await _send(client, plan, state, reporter)
            break
        except LinkLost as error:
            if plan is None or cut == CUTS:
                raise
            reporter.say(f"{error} Connecting again; what has arrived stays.")
    assert plan is not None
    reporter.say("Waiting for the sensor to restart.")
    return await _verified(links, plan, restart_s)


@asynccontextmanager
async def connected_patiently(links: Links, patience_s: float) -> AsyncIterator[tuple[Client, SensorInfo]]:
    """Connect the sensor, again and again for some time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    while True:
        link = links()
        try:
            linked = await link.__aenter__()
        except (NoSensor, NotOurs, SensorBusy):
            if loop.time() >= deadline:
                raise
            await asyncio.sleep(RETRY_S)
            continue
        break
    try:
        yield linked
    finally:
        await link.__aexit__(None, None, None)


async def planned_update(
    client: Client, info: SensorInfo, state: BoardFirmware, options: Options, reporter: Reporter
) -> _Update:
    """Compile the pack for the board; raise what keeps it from being installed before anything is sent."""
    firmware = options.firmware or firmware_folder()
    if state.was_taken_back:
        reporter.say("The firmware that was sent last didn't show that it works, so the sensor runs the one before it.")
    edition = number_declared(firmware / "__init__.py", "MAIN_EDITION")
    version = firmware_version(firmware)
    if edition > state.main_edition:
        raise NotInstalled(
            f"The firmware {version} needs edition {edition} of main.py and the sensor {info.device_id} has "
            f"{state.main_edition}; that file travels by cable only, so plug the sensor in and run `unslouch flash`."
        )
    board = _board(await board_values(client), options.board, firmware)
    await _check_memory(client, board)
    march = architecture(state.mpy)
    texts = sources(firmware, board, runs_machine_code(march))
    reporter.say(f"Found {info.board} at {client.name}, firmware {info.firmware_version}; sending {version}.")
    if options.source:
        files = {path: text.encode() for path, text in texts.items()}
    else:
        imus = [state.imu] if state.imu in SENSORS else []
        files = compiled(shrunk(texts, firmware, imus), march, state.mpy)  # the link outlasts these seconds
    return _Update(packed(files), edition, version)


async def _check_memory(client: Client, board: str | Path) -> None:
    """Raise NotInstalled where `unslouch flash` by cable would: a pack that doesn't fit would fail after a restart."""
    total_bytes = await heap_bytes(client)
    if total_bytes is not None:
        target = target_of(board) if isinstance(board, str) else None
        memory.advice(memory.Memory(total_bytes, 0), target, over_air=True)


def _board(values: dict[str, object], wanted: str | Path | None, firmware: Path) -> str | Path:
    """Return the board file that says the same as what the sensor runs with; raises BadInput if there is none."""
    if isinstance(wanted, Path):
        check_board_file(wanted, "")
        return wanted
    differing: dict[str, list[str]] = {}
    for name in board_names(firmware) if wanted is None else [wanted]:
        own = values_in(board_source(firmware, name))
        differing[name] = [each for each in own if each in values and values[each] != own[each]]
    fitting = [name for name, names in differing.items() if not names]
    if len(fitting) == 1:
        return fitting[0]
    nearest = min(differing, key=lambda name: len(differing[name]))
    raise BadInput(
        f"The sensor is wired otherwise than {nearest} says ({', '.join(differing[nearest]) or 'or another board'}); "
        "give its own file with --board."
    )


def _say_plan(plan: _Update, state: BoardFirmware, reporter: Reporter) -> None:
    size = len(plan.data)
    reporter.say(
        f"Would send {size - _resumable(plan, state)} of {size} bytes into the slot that isn't active "
        f"({state.free_bytes} bytes are free for it)."
    )


def _resumable(plan: _Update, state: BoardFirmware) -> int:
    """Return how many bytes of the same pack an earlier attempt left in the other slot."""
    size, crc = state.held
    return size if 0 < size <= len(plan.data) and zlib.crc32(plan.data[:size]) == crc else 0


async def _send(client: Client, plan: _Update, state: BoardFirmware, reporter: Reporter) -> None:
    """Transfer the pack and let the board restart with it."""
    offset = _resumable(plan, state)
    try:
        await begin_update(client, len(plan.data), sha256(plan.data).digest(), plan.main_edition, offset)
    except FlashFull as error:
        raise NotInstalled(
            f"The flash of the sensor at {client.name} is full: {error.free_bytes // 1024} KiB are free for the "
            f"firmware, which needs {-(-len(plan.data) // 1024)}; plug it in and see `unslouch flash --dry-run`."
        ) from error
    await send_pack(client, plan.data, offset, reporter.progress)
    await end_update(client)


async def _verified(links: Links, plan: _Update, restart_s: float) -> SensorInfo:
    """Wait until the sensor answers, which also ends its trial, and see that it runs the pack."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + restart_s
    try:
        while True:
            async with connected_patiently(links, deadline - loop.time()) as (client, info):
                state = await board_firmware(client)
            if state.active == plan.crc:
                return info
            if state.was_taken_back or loop.time() >= deadline:
                break
            await asyncio.sleep(RETRY_S)  # it hasn't restarted yet
    except (NoSensor, NotOurs, SensorBusy) as error:
        raise type(error)(
            f"The firmware {plan.version} was sent, but the sensor isn't heard again; press its button and try "
            "`unslouch status`. Unless a computer reaches it within 30 min, it goes back to the earlier firmware."
        ) from error
    except Refused as error:
        raise NotInstalled(f"The firmware {plan.version} was sent, and the sensor can't say what it runs.") from error
    raise NotInstalled(
        f"The firmware {plan.version} doesn't run on the sensor {info.device_id}, which has gone back to "
        f"{info.firmware_version}; the wearer's data is untouched. Please report it."
    )
