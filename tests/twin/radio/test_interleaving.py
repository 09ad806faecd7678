"""The firmware's Bluetooth, interrupted by the stack between any two of its steps."""

import hashlib
import os
import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import SimpleNamespace

import pytest

from twin.updates import EDITION, NEW, OLD, slots_in
from unslouch.twin.interleaving import Interleaving, interrupt_everywhere
from unslouch.twin.radio import irq
from unslouch.twin.radio.host_lock import Deadlock, HostLock
from unslouch_device.contract import messages as m
from unslouch_device.contract.settings import DEFAULTS
from unslouch_device.contract.states import UPRIGHT
from unslouch_device.link.bonds import OURS, PEERS, Bonds
from unslouch_device.link.hosts import Hosts
from unslouch_device.link.radio import Radio
from unslouch_device.on_demand.updating import Updating

ADDRESS = b"\xc0\xc1\xc2\xc3\xc4\xc5"
KEY = b"\x01" + bytes(reversed(ADDRESS))
OTHER = b"\x01" + bytes(range(6))
SECRET = bytes(74) + b"\x04" + bytes(5)  # by LE Secure Connections
CONTROL = 21


class FakeBle:
    """Accepts every call; `value` is what peers have written."""

    def __init__(self) -> None:
        self.lock = HostLock()
        self.value = b""
        self.notified: list[tuple[int, bytes]] = []
        self.hung_up: list[int] = []

    def gatts_read(self, handle: int) -> bytes:
        return self.value

    def gatts_notify(self, conn_handle: int, handle: int, value: bytes) -> None:
        self.lock.take("gatts_notify()")
        self.notified.append((conn_handle, value))

    def gap_disconnect(self, conn_handle: int) -> None:
        self.lock.take("gap_disconnect()")
        self.hung_up.append(conn_handle)

    def gap_advertise(self, interval_us: int | None, data: bytes = b"", *, resp_data: bytes = b"") -> None:
        self.lock.take("gap_advertise()")


class Board:
    """The firmware's links on a fake stack, with one host that has a bond."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "bonds")
        Path(self.path).unlink(missing_ok=True)
        bonds = Bonds(self.path)
        for kind in (OURS, PEERS):
            bonds.put(kind, KEY, SECRET)
        bonds.save()
        self.ble = FakeBle()
        self.refusals: list[int] = []
        idle = self.ble.lock.release_interpreter
        self.radio = Radio(quiet_app(), None, None, idle, self.path)  # switched on in radio_of()
        self.hosts = Hosts(quiet_app(), None, self.ble, idle, self.path)
        self.hosts.control = CONTROL

    def connect(self, address: bytes = ADDRESS) -> None:
        self.hosts.interrupt(irq.CENTRAL_CONNECT, (0, 1, address))

    def encrypt(self) -> None:
        self.hosts.interrupt(irq.ENCRYPTION_UPDATE, (0, 1, 0, 1, 16))

    def disconnect(self) -> None:
        self.hosts.interrupt(irq.CENTRAL_DISCONNECT, (0, 1, ADDRESS))

    def write(self, value: bytes) -> None:
        self.ble.value = value
        self.hosts.interrupt(irq.GATTS_WRITE, (0, CONTROL))

    def served(self) -> "Board":
        """Have the host linked and admitted."""
        self.connect()
        self.encrypt()
        self.hosts.handle_events()
        assert self.hosts.links[0].is_open
        return self


Begin = Callable[[], Interleaving]


def test_a_secret_that_comes_while_bonds_are_saved_is_saved_by_the_next_save(tmp_path: Path) -> None:
    def begin() -> Interleaving:
        board = Board(tmp_path)
        bonds = Bonds(board.path)
        bonds.unsaved = True

        def pair() -> None:
            for kind in (OURS, PEERS):
                bonds.put(kind, OTHER, SECRET)

        def check() -> None:
            bonds.save()
            assert Bonds(board.path).knows(OTHER)
            assert Bonds(board.path).knows(KEY)

        return Interleaving(bonds.save, pair, check)

    assert interrupt_everywhere(begin) > 50


def test_a_link_that_ends_while_a_second_passes_or_events_are_handled_ends_for_good(tmp_path: Path) -> None:
    def after(action: Callable[[Board], object]) -> Begin:
        def begin() -> Interleaving:
            board = Board(tmp_path).served()

            def check() -> None:
                board.hosts.handle_events()
                assert not board.hosts.links
                assert not board.hosts.admission.admits(0)

            return Interleaving(lambda: action(board), board.disconnect, check)

        return begin

    assert interrupt_everywhere(after(lambda board: board.hosts.pass_second(0))) > 50
    assert interrupt_everywhere(after(lambda board: board.hosts.handle_events())) > 20
    assert interrupt_everywhere(after(lambda board: board.hosts.notify(board.hosts.links[0], CONTROL, b"x"))) > 10


def test_a_stranger_that_gets_an_ended_links_handle_is_not_admitted_in_its_place(tmp_path: Path) -> None:
    def begin() -> Interleaving:
        board = Board(tmp_path).served()
        board.write(b"\0")

        def swap() -> None:
            board.disconnect()
            board.connect(bytes(range(6)))

        def check() -> None:
            board.hosts.handle_events()
            assert not board.hosts.links[0].is_open
            assert board.ble.hung_up == [0]

        return Interleaving(board.hosts.handle_events, swap, check)

    assert interrupt_everywhere(begin) > 50


def test_values_that_are_written_while_others_are_handled_are_kept_in_order(tmp_path: Path) -> None:
    def begin() -> Interleaving:
        board = Board(tmp_path).served()
        board.write(b"1")
        board.write(b"2")

        def check() -> None:
            board.hosts.handle_events()
            assert [bytes(value) for value in board.hosts.links[0]._values] == [b"1", b"2", b"3"]

        return Interleaving(board.hosts.handle_events, lambda: board.write(b"3"), check)

    assert interrupt_everywhere(begin) > 50


def test_memory_that_runs_short_in_the_interrupt_is_raised_in_the_task_and_nowhere_else(tmp_path: Path) -> None:
    def begin() -> Interleaving:
        board = Board(tmp_path).served()
        raised: list[bool] = []
        board.ble.value = b"1"

        def run_short() -> None:
            if not board.hosts._events:  # what comes after the recording returns, and needs no memory
                raised.append(True)
                raise MemoryError

        def check() -> None:
            if raised:
                with pytest.raises(MemoryError):
                    board.hosts.handle_events()
            else:
                board.hosts.handle_events()
                assert board.hosts.links[0]._values == [b"1"]

        return Interleaving(lambda: board.hosts.interrupt(irq.GATTS_WRITE, (0, CONTROL)), run_short, check)

    assert interrupt_everywhere(begin, first_step=3) > 20  # the first steps set up its `try`, and need no memory


def test_an_interruption_that_does_harm_is_found_with_its_step() -> None:
    bonds = Bonds(os.devnull)

    def begin() -> Interleaving:
        found: list[bool] = []

        def check() -> None:
            assert not found

        return Interleaving(lambda: bonds.knows(KEY), lambda: found.append(True), check)

    with pytest.raises(AssertionError) as harm:
        interrupt_everywhere(begin)
    assert harm.value.__notes__ == ["interrupted before step 0"]


GAP_STEPS = 13  # of CPython, from machine.idle() to the call: what remains


@pytest.mark.parametrize("call", ["notify", "hang up", "advertise", "stop advertising"])
def test_nimble_waits_for_the_interpreter_at_any_step_and_only_just_before_a_call_that_hangs_the_board(
    call: str, tmp_path: Path
) -> None:
    hung_at: list[int] = []
    steps = 0

    def begin() -> Interleaving:
        nonlocal steps
        steps += 1
        board = Board(tmp_path).served()
        radio = radio_of(board)
        calls: dict[str, Callable[[], object]] = {
            "notify": lambda: board.hosts.notify(board.hosts.links[0], CONTROL, b"x"),
            "hang up": lambda: board.hosts._hang_up(0),
            "advertise": radio._advertise,
            "stop advertising": lambda: radio._follow_windows(0),
        }

        def action() -> None:
            try:
                calls[call]()
            except Deadlock:
                hung_at.append(steps)

        def ask_for_secret() -> None:
            board.ble.lock.ask(lambda: board.hosts.interrupt(irq.GET_SECRET, (OURS, 0, KEY)))

        def check() -> None:
            board.ble.lock.release_interpreter()  # the task waits for something sooner or later
            assert board.hosts._error is None

        return Interleaving(action, ask_for_secret, check)

    assert interrupt_everywhere(begin) > 15
    print(f"{call}: {len(hung_at)} of {steps} steps")
    assert 0 < len(hung_at) <= GAP_STEPS
    assert hung_at == list(range(hung_at[0], hung_at[0] + len(hung_at)))


def radio_of(board: Board) -> Radio:
    """The firmware's Radio, switched on, on a board's fake stack, whose windows are over."""
    radio = board.radio
    radio.hosts = board.hosts
    radio._ble, radio._uuid, radio.on = board.ble, lambda uuid: bytes(16), True
    return radio


def test_a_link_that_ends_between_any_two_steps_of_an_update_leaves_the_pack_that_runs(tmp_path: Path) -> None:
    folder = tmp_path / "slots"
    host = object()
    size = m.UPDATE_DATA_BYTES
    requests = {
        "the beginning": (m.UPDATE_BEGIN, len(NEW), hashlib.sha256(NEW).digest(), EDITION, 0),
        "some data": (m.UPDATE_DATA, 0, NEW[:size]),
    }

    begun: list[Updating] = []

    def begin(interrupted: str) -> Interleaving:
        shutil.rmtree(folder, ignore_errors=True)
        slots_in(folder)
        board = Board(tmp_path).served()
        updating = Updating(quiet_app(f"{folder}/"))
        begun.append(updating)
        if interrupted == "some data":
            assert result_of(updating.answer(host, *requests["the beginning"])) == (m.OK, b"")

        def check() -> None:
            board.hosts.handle_events()
            assert not board.hosts.links
            assert updating.leave(host)
            assert NEW.startswith((folder / "b.pack").read_bytes())
            assert (folder / "a.pack").read_bytes() == OLD
            assert (folder / "slot").read_text() == "a"

        return Interleaving(lambda: result_of(updating.answer(host, *requests[interrupted])), board.disconnect, check)

    for interrupted in requests:
        assert interrupt_everywhere(lambda interrupted=interrupted: begin(interrupted)) > 50
        begun[-1].leave(host)  # of the last one, which nothing interrupted


def result_of(answer: Coroutine[object, None, tuple[int, bytes]]) -> tuple[int, bytes]:
    """Return what a coroutine returns that waits for nothing."""
    try:
        answer.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits")


def quiet_app(slot_folder: str | None = None) -> SimpleNamespace:
    """What the links take from the app, with which nothing happens."""
    return SimpleNamespace(
        name="board",
        uptime=SimpleNamespace(now_ms=lambda: 0),
        event_log=SimpleNamespace(note=lambda *fields: None, note_now=lambda *fields: None, flash_errors=0),
        feedback=SimpleNamespace(play=lambda *_, **__: None),
        pairing_window=SimpleNamespace(left_ms=lambda: 0, close=lambda: None),
        resting=SimpleNamespace(quiet=lambda: True, attends=lambda: False),
        tasks=None,
        supervisor=None,
        served=SimpleNamespace(watch=lambda: False),
        power=SimpleNamespace(battery_percent=80, external=lambda: False),
        journal=SimpleNamespace(interlude=lambda: None),
        trial=SimpleNamespace(is_over=True, pack="a"),
        slot_folder=slot_folder,
        config=SimpleNamespace(settings=DEFAULTS),
        pipeline=SimpleNamespace(posture=SimpleNamespace(state=UPRIGHT)),
    )
