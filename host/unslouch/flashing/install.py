"""Installs firmware: given a serial port, ends when the new firmware answers with its version."""

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from unslouch.errors import BadInput, NoSensor, NotOurs, SensorBusy
from unslouch.link.discovery import likely_ports
from unslouch.link.model import SensorInfo
from unslouch.link.transport import LinkLost
from unslouch.sensor.lock import SensorLock

from . import memory, micropython, probe, talk
from .board_file import check_board_file, values_in
from .compile import board_source, compiled, firmware_folder, runs_machine_code, sources
from .errors import BoardError, NotInstalled
from .pack import Pack, packed
from .plan import Part, Plan
from .prompt import Prompt
from .shrink.program import shrunk
from .slots import slots_from
from .targets import target_of
from .timing import TIMING, Timing

CHUNK_BYTES = 1536  # of a pack, sent in base64 in one command
DATA_FOLDER = "/unslouch"  # journal, settings, profiles, bonds: see unslouch_device.start
ENOSPC = 28
ATTEMPTS = 2
RESTART_S = 2  # a restarting board closes its port within this time
FIRST_START_S = 15  # the first start after MicroPython was written: it formats its filesystem
OUR_MAIN = '"""Starts the firmware'  # how each edition of our main.py begins
KEPT_MAIN = "/main.before-unslouch.py"
SPARE_BLOCKS = 4  # for directories and the small files


@dataclass(frozen=True)
class Options:
    """What to install, where and how."""

    port: str | None = None
    """None: the port of the only board."""
    board: str | Path | None = None
    """The name of a module in unslouch_device.boards or a file; None: detect the board."""
    source: bool = False
    """Install sources instead of compiled files."""
    dry_run: bool = False
    wipe: bool = False
    """Erase the wearer's data: journal, settings, calibrations, bonds."""
    micropython: Path | None = None
    """An image of MicroPython to write first."""
    firmware: Path | None = None
    """A firmware package to install instead of the one in this host's wheel."""
    timing: Timing = TIMING


@dataclass(frozen=True)
class Reporter:
    """Receives the progress of an installation."""

    say: Callable[[str], None]
    """Called with each sentence for the user."""
    progress: Callable[[int, int], None]
    """Called with (bytes done, bytes in total)."""


def install(options: Options, reporter: Reporter) -> SensorInfo | None:
    """Install the firmware and return the info that it then answers with; None after a dry run.

    Raises an UnslouchError: NoSensor, SensorBusy, NotOurs, BadInput or NotInstalled, each saying what to do.
    """
    check_options(options)
    port = options.port or _only_port()
    if options.micropython is not None:
        if options.dry_run:
            image = micropython.checked_image(options.micropython)
            reporter.say(f"Would write {options.micropython} ({image.machine}), then install the firmware.")
            return None
        with _locked(port):
            micropython.write_image(port, options.micropython, options.wipe, reporter.say)
        port = options.port or _port_after_writing(port)
    with _locked(port):
        with _prompt(port, options) as prompt:
            try:
                changed = _Installation(prompt, options, reporter).run()
            finally:
                with suppress(LinkLost, NotOurs):  # the error that ended the installation is already on its way
                    prompt.restart()
        if options.dry_run:
            return None
        reporter.say("Waiting for the sensor to start." if changed else "The firmware was up to date; restarting it.")
        return _connect(port, options.firmware or firmware_folder(), options.timing)


def check_options(options: Options) -> None:
    """Raise BadInput for what is wrong in the options whatever board is plugged in."""
    if options.port is not None and "://" in options.port:
        raise BadInput(f"Firmware can't be installed over {options.port}; plug the board in and give its serial port.")
    if options.micropython is not None:
        micropython.checked_image(options.micropython)
    if options.board is not None:
        values_in(board_source(options.firmware or firmware_folder(), options.board))


def _only_port() -> str:
    ports = likely_ports()
    if not ports:
        raise NoSensor(
            "No board was found; plug one in with a cable that carries data, or name its port with --sensor."
        )
    if len(ports) > 1:
        raise BadInput(f"There are several boards ({', '.join(ports)}); name one with --sensor.")
    return ports[0]


def _port_after_writing(port: str) -> str:
    """Return the port of a board that restarts with MicroPython: its USB device may have another name by then."""
    deadline = time.monotonic() + FIRST_START_S
    while time.monotonic() < deadline:
        time.sleep(RESTART_S)
        ports = likely_ports()
        if len(ports) == 1:
            return ports[0]
    return port


@contextmanager
def _locked(port: str) -> Iterator[None]:
    lock = SensorLock(port)
    if not lock.take():
        raise SensorBusy(
            f"Another unslouch program uses the sensor at {port}; end it (the dashboard, record, watch) and repeat."
        )
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _prompt(port: str, options: Options) -> Iterator[Prompt]:
    """Yield MicroPython's prompt. Opening the port may restart a board, so a second attempt follows the first."""
    for attempt in range(ATTEMPTS):
        talk.ask_for_prompt(port, FIRST_START_S if options.micropython else 0, options.timing)
        with Prompt(port, options.timing) as prompt:
            try:
                prompt.enter()
            except NotOurs as error:
                if attempt < ATTEMPTS - 1:
                    continue
                target = target_of(options.board) if isinstance(options.board, str) else None
                raise NotOurs(
                    f"{port} shows no MicroPython prompt; press the board's reset button and repeat. If it has no "
                    f"MicroPython yet, {micropython.remedy(port, target)}"
                ) from error
            yield prompt
            return


def _connect(port: str, firmware: Path, timing: Timing) -> SensorInfo:
    wanted = firmware_version(firmware)
    try:
        info = talk.wait_for_app(port, timing)
    except (NoSensor, NotOurs) as error:
        raise type(error)(
            f"The firmware {wanted} is installed, but no sensor answers at {port}; press the board's reset button and "
            "try `unslouch status`. If it keeps failing, the board goes back to the earlier firmware by itself."
        ) from error
    if info.firmware_version != wanted:
        raise NotInstalled(
            f"The firmware {wanted} doesn't run on the board at {port}, which has gone back to "
            f"{info.firmware_version}; the wearer's data is untouched. Please report it."
        )
    return info


def firmware_version(firmware: Path) -> str:
    """Return the version that a firmware package declares; raises BadInput if it declares none."""
    for line in (firmware / "__init__.py").read_text(encoding="utf-8").splitlines():
        if line.startswith("VERSION = ("):
            return ".".join(part.strip() for part in line.partition("(")[2].rstrip(")").split(","))
    raise BadInput(f"{firmware} is no firmware: its __init__.py names no VERSION.")


def number_declared(path: Path, name: str) -> int:
    """Return the number that a source of the firmware declares by a name, 0 if it declares none."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((int(line.split()[2]) for line in lines if line.startswith(f"{name} = ")), 0)


class _Installation:
    """One installation over an open prompt."""

    def __init__(self, prompt: Prompt, options: Options, reporter: Reporter) -> None:
        self._prompt = prompt
        self._options = options
        self._reporter = reporter
        self._firmware = options.firmware or firmware_folder()

    def run(self) -> bool:
        """Install everything except for the restart; return whether anything changed."""
        files = self._files()
        self._prompt.run(on_board_source())
        state, a_bytes, b_bytes, free_bytes, block_bytes = self._survey()
        sizes = {"a": a_bytes, "b": b_bytes}
        plan = self._plan(packed(files), state, sizes)
        if self._options.dry_run:
            self._say_plan(plan, free_bytes)
            return False
        self._prompt.run("watch()")
        if self._options.wipe:
            self._reporter.say("Erasing the journal, settings, calibrations and bonds.")
            self._prompt.run(f"remove({DATA_FOLDER!r})")
            *_, free_bytes, block_bytes = self._survey()
        if plan.installed:
            self._install_main()
            return False
        self._check_room(plan, free_bytes + (sizes[plan.slots.target] or 0), block_bytes)
        try:
            if plan.slots.safe_state is not None:
                self._write_slot(plan.slots.safe_state)
            self._transfer(plan)
            self._install_main()
            self._prompt.run("remove('/slot.air')")  # else its trial would be that of a pack that came over a link
            self._write_slot(plan.slots.trial_state)
        except BoardError as error:
            if error.errno == ENOSPC:
                raise self._full(free_bytes, len(plan.pack.data)) from error
            raise
        return True

    def _survey(self) -> tuple[str, int | None, int | None, int, int]:
        try:
            found: tuple[str, int | None, int | None, int, int] = self._prompt.ask("survey()")
        except BoardError as error:
            if error.errno is None:
                raise
            raise NotInstalled(
                f"The board at {self._prompt.port} has no filesystem that MicroPython can read, perhaps because it ran "
                "something else before; repeat with --micropython FILE --wipe, which erases all of it."
            ) from error
        return found

    def _files(self) -> dict[str, bytes]:
        """Detect the board and return the files of its pack, by path."""
        prompt, options = self._prompt, self._options
        found = probe.runtime(prompt)
        board = options.board or probe.choose_board(prompt, found, self._firmware)
        target = target_of(board) if isinstance(board, str) else None
        hint = memory.advice(memory.measure(prompt), target)
        bus = probe.wiring(self._firmware, board)
        if isinstance(board, Path):
            check_board_file(board, found.chip)
        sensors = probe.motion_sensors(prompt, bus)
        version = ".".join(str(part) for part in found.version)
        self._reporter.say(
            f"Found {found.machine} at {prompt.port}, MicroPython {version}; "
            f"installing {firmware_version(self._firmware)} for {board}."
        )
        if hint is not None:
            self._reporter.say(hint)
        if sensors:
            self._reporter.say(f"Its motion sensor is an {' and an '.join(each.name for each in sensors)}.")
        elif bus is not None:
            self._reporter.say(
                f"No motion sensor answers on SDA {bus.sda} and SCL {bus.scl}: check its wires. "
                "The firmware will keep trying."
            )
        march = found.architecture
        texts = sources(self._firmware, board, runs_machine_code(march))
        if options.source:
            return {path: text.encode() for path, text in texts.items()}
        return compiled(shrunk(texts, self._firmware, [each.part for each in sensors]), march, found.mpy)

    def _plan(self, pack: Pack, state: str, sizes: dict[str, int | None]) -> Plan:
        slots = slots_from(state, {letter for letter, size in sizes.items() if size is not None})
        known: dict[str, tuple[str, int]] = {}
        if slots.current is not None:
            path = f"/{slots.current}.pack"
            for offset, _, digest in self._prompt.ask(f"contents({path!r})"):
                known[digest] = (path, offset)
        active = state[:1] if sizes.get(state[:1]) else ""
        installed = bool(active) and self._digest(f"/{active}.pack") == pack.digest
        return Plan(slots, pack, known, self._resumable(pack, slots.target, sizes[slots.target]), installed)

    def _resumable(self, pack: Pack, target: str, size: int | None) -> int:
        """Return how many bytes of the target's file are already the beginning of the pack."""
        if not size or size > len(pack.data):
            return 0
        start = Pack(pack.data[:size], ())
        return size if self._digest(f"/{target}.pack") == start.digest else 0

    def _digest(self, path: str) -> str | None:
        found = self._prompt.ask(f"digest({path!r})")
        return None if found is None else str(found)

    def _say_plan(self, plan: Plan, free_bytes: int) -> None:
        say = self._reporter.say
        if self._options.wipe:
            say("Would erase the journal, settings, calibrations and bonds.")
        if plan.installed:
            say("The firmware is up to date; nothing to copy.")
            return
        known = [member for member in plan.pack.members if member.digest in plan.known]
        say(
            f"Would send {plan.bytes_to_send} of {len(plan.pack.data)} bytes into slot {plan.slots.target} "
            f"({len(known)} of {len(plan.pack.members)} files are on the board already; {free_bytes} bytes are free)."
        )
        for member in plan.pack.members:
            if member.digest not in plan.known:
                say(f"  {member.name}, {len(member.data)} bytes")

    def _check_room(self, plan: Plan, free_bytes: int, block_bytes: int) -> None:
        needed = len(plan.pack.data)
        blocks = -(-needed // block_bytes) + SPARE_BLOCKS
        if blocks * block_bytes > free_bytes:
            raise self._full(free_bytes, blocks * block_bytes)

    def _full(self, free_bytes: int, needed_bytes: int) -> NotInstalled:
        return NotInstalled(
            f"The flash of the board at {self._prompt.port} is full: {free_bytes // 1024} KiB are free and the "
            f"firmware needs {-(-needed_bytes // 1024)}; remove files of yours, or fetch the journal "
            "(`unslouch record`) and repeat with --wipe."
        )

    def _transfer(self, plan: Plan) -> None:
        """Write the target's pack from its parts, then compare its digest."""
        prompt, pack, path = self._prompt, plan.pack, f"/{plan.slots.target}.pack"
        prompt.run(f"begin({path!r}, {bool(plan.resume_bytes)})")
        for part in plan.parts():
            if part.holder is None:
                self._send(part, len(pack.data))
            else:
                prompt.run(f"copy({part.holder!r}, {part.holder_offset}, {part.size})")
            self._reporter.progress(part.offset + part.size, len(pack.data))
        prompt.run("finish()")
        if self._digest(path) != pack.digest:
            prompt.run(f"remove({path!r})")
            raise NotInstalled(
                f"The firmware arrived damaged at {prompt.port} and was discarded; try another cable or port, and "
                "repeat."
            )

    def _send(self, part: Part, total: int) -> None:
        for at in range(0, part.size, CHUNK_BYTES):
            chunk = part.data[at : at + CHUNK_BYTES]
            self._prompt.run(f"put({base64.b64encode(chunk)!r})")
            self._reporter.progress(part.offset + at + len(chunk), total)

    def _install_main(self) -> None:
        """Install our main.py unless ours is there and no older; keep the user's own main.py under another name."""
        prompt = self._prompt
        path = self._firmware / "root" / "main.py"
        text = path.read_text(encoding="utf-8")
        if self._digest("/main.py") is not None:
            on_board = prompt.ask(f"edition('/main.py', {OUR_MAIN.encode()!r})")
            if on_board is None:
                self._reporter.say(f"The board's own main.py is now called {KEPT_MAIN[1:]}.")
                prompt.run(f"remove({KEPT_MAIN!r})\nos.rename('/main.py', {KEPT_MAIN!r})")
            elif on_board >= number_declared(path, "EDITION"):
                return
        prompt.run(f"replace('/main.py', {text!r})")

    def _write_slot(self, state: str) -> None:
        self._prompt.run(f"replace('/slot', {state!r})")


def on_board_source() -> str:
    """Return the code that the board runs during the installation."""
    return files("unslouch.flashing").joinpath("on_board.py").read_text(encoding="utf-8")
