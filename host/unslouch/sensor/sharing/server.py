"""Sharing: the owner of a sensor lets the wearer's other processes look and ask, without ever waiting for them.

Each of them gets a virtual link: the frames of contract.frames as bytes of a multiprocessing connection, never pickles.
"""

import asyncio
import contextlib
import logging
import os
import queue
import secrets
import socket
import struct
import threading
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client as dial
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import Listener as PipeListener
from multiprocessing.connection import answer_challenge, deliver_challenge
from types import TracebackType

from unslouch.errors import UnslouchError
from unslouch.link.client import CALIBRATE_TIMEOUT_S, Client
from unslouch.link.connection import REPLY_TIMEOUT_S
from unslouch.link.diagnostics import SELF_TEST_TIMEOUT_S
from unslouch.link.model import BoardStatus, SensorInfo
from unslouch.link.telemetry import TelemetryError, decode_status
from unslouch.sensor.lock import SensorLock
from unslouch_device.contract import messages
from unslouch_device.contract.frames import MAX_WIRE_BYTES, Deframer, to_wire

from .stored_frame import encode_stored

log = logging.getLogger(__name__)

MOST_GUESTS = 16
QUEUE_FRAMES = 256  # ten seconds of live samples
MOST_REQUESTS = 8  # under way for one guest
POLL_S = 0.5
MOST_MESSAGE_BYTES = 2 + MAX_WIRE_BYTES
KEY_BYTES = 32
_HANG_UP = b""

_PASSED_ON = {
    messages.GET_SETTINGS: REPLY_TIMEOUT_S,
    messages.SET_SETTING: REPLY_TIMEOUT_S,
    messages.CALIBRATE: CALIBRATE_TIMEOUT_S,
    messages.REZERO: CALIBRATE_TIMEOUT_S,
    messages.BOW: CALIBRATE_TIMEOUT_S,
    messages.STANDING: CALIBRATE_TIMEOUT_S,
    messages.GET_PROFILES: REPLY_TIMEOUT_S,
    messages.SELECT_PROFILE: REPLY_TIMEOUT_S,
    messages.NAME_PROFILE: REPLY_TIMEOUT_S,
    messages.DIAGNOSTICS: REPLY_TIMEOUT_S,
    messages.CRASH_TEXT: REPLY_TIMEOUT_S,
    messages.SELF_TEST: SELF_TEST_TIMEOUT_S,
    messages.SNOOZE: REPLY_TIMEOUT_S,
    messages.BUZZ: REPLY_TIMEOUT_S,
    messages.PING: REPLY_TIMEOUT_S,
    messages.PAIR: REPLY_TIMEOUT_S,
}
_REFUSED = {messages.CLOCK: messages.CLOCK_REFUSED, messages.FETCH: messages.BUSY, messages.REPL: messages.BUSY}


class Guest:
    """One process that looks: a thread that hears it, and one that speaks to it."""

    def __init__(self, share: "SharingServer", pipe: Pipe) -> None:
        self.subscribed = False
        self.live_hz = 0
        self.slots = threading.BoundedSemaphore(MOST_REQUESTS)
        self._share = share
        self._pipe = pipe
        self._outgoing: queue.Queue[bytes] = queue.Queue(QUEUE_FRAMES)
        self._gone = threading.Event()
        self._hearing = threading.Thread(target=self._hear, name="unslouch guest in", daemon=True)
        self._speaking = threading.Thread(target=self._speak, name="unslouch guest out", daemon=True)

    def start(self) -> None:
        """Let it in, if it knows the key."""
        self._hearing.start()

    def show(self, wire: bytes) -> None:
        """Send something that may be lost if the guest is slow."""
        with contextlib.suppress(queue.Full):
            self._outgoing.put_nowait(wire)

    def tell(self, wire: bytes) -> None:
        """Send something that may not be lost; a guest too slow for that is sent away."""
        try:
            self._outgoing.put_nowait(wire)
        except queue.Full:
            self.hang_up()

    def hang_up(self) -> None:
        """End the connection; both threads end soon after."""
        if self._gone.is_set():
            return
        self._gone.set()
        with contextlib.suppress(queue.Full):
            self._outgoing.put_nowait(_HANG_UP)
        if os.name == "posix":  # closing alone would not wake a thread that blocks in it
            with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self._pipe.fileno())) as end:
                end.shutdown(socket.SHUT_RDWR)

    def join(self, timeout_s: float) -> None:
        """Wait for the threads' end."""
        self._hearing.join(timeout_s)
        if self._speaking.ident is not None:
            self._speaking.join(timeout_s)

    def _hear(self) -> None:
        try:
            deliver_challenge(self._pipe, self._share.key)
            answer_challenge(self._pipe, self._share.key)
            self._speaking.start()
            deframer = Deframer()
            while not self._gone.is_set():
                if self._pipe.poll(POLL_S):
                    for kind, payload in deframer.feed(self._pipe.recv_bytes(MOST_MESSAGE_BYTES)):
                        self._ask(kind, payload)
        except (OSError, EOFError, AuthenticationError) as error:
            log.debug("a guest left: %r", error)
        finally:
            self.hang_up()
            if self._speaking.ident is not None:
                self._speaking.join()
            self._pipe.close()
            self._share.call_soon(self._share.forget, self)

    def _ask(self, kind: int, payload: bytes) -> None:
        while not self.slots.acquire(timeout=POLL_S):
            if self._gone.is_set():
                return
        self._share.call_soon(self._share.ask, self, kind, payload)

    def _speak(self) -> None:
        try:
            while not self._gone.is_set():
                wire = self._outgoing.get()
                if wire == _HANG_UP:
                    break
                self._pipe.send_bytes(wire)
        except OSError as error:
            log.debug("a guest left: %s", error)
        self.hang_up()


class SharingServer:
    """Serves a linked sensor to guests while the context lasts."""

    def __init__(self, client: Client, info: SensorInfo, lock: SensorLock) -> None:
        self.key = secrets.token_bytes(KEY_BYTES)
        self._client = client
        self._info = info
        self._status: BoardStatus | None = None
        self._status_wire = b""
        self._stored_wire = b""
        self._lock = lock
        self._guests: set[Guest] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._ending = threading.Event()
        self._listener: PipeListener | None = None
        self._accepting: threading.Thread | None = None

    @property
    def watched(self) -> bool:
        """Whether a guest follows the live picture."""
        return any(guest.live_hz > 1 for guest in list(self._guests))

    async def __aenter__(self) -> "SharingServer":
        address = self._lock.address
        try:
            self._listener = PipeListener(address, None if address else "AF_PIPE", backlog=MOST_GUESTS)
            self._lock.announce(str(self._listener.address), self.key)
        except OSError as error:  # recording matters more than company
            log.warning("The sensor can't be shared with other programs of yours (%s).", error)
            return self
        self._accepting = threading.Thread(
            target=self._accept, args=(self._listener,), name="unslouch share", daemon=True
        )
        self._accepting.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ending.set()
        self._lock.withdraw()
        for task in self._tasks:
            task.cancel()
        await asyncio.shield(self._loop.run_in_executor(None, self._end))

    def _end(self) -> None:
        guests = list(self._guests)
        for guest in guests:
            guest.hang_up()
        if self._listener is not None and self._accepting is not None:
            with contextlib.suppress(OSError, EOFError):
                dial(self._listener.address).close()  # wakes accept(), which closing does not
            self._accepting.join(POLL_S * 4)
        if self._listener is not None:
            self._listener.close()
        for guest in [*guests, *self._guests]:
            guest.hang_up()
            guest.join(POLL_S * 4)

    def _accept(self, listener: PipeListener) -> None:
        while not self._ending.is_set():
            try:
                pipe = listener.accept()
            except (OSError, EOFError) as error:
                log.debug("a guest did not get in: %s", error)
                self._ending.wait(0.1)
                continue
            if self._ending.is_set() or len(self._guests) >= MOST_GUESTS:
                pipe.close()
                continue
            guest = Guest(self, pipe)
            self._guests.add(guest)
            guest.start()

    def call_soon(self, call: Callable[..., object], *args: object) -> None:
        """Run a call in the event loop, from any thread; nothing once the loop is closed."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *args)

    def forget(self, guest: Guest) -> None:
        """A guest has left."""
        self._guests.discard(guest)

    def on_frame(self, kind: int, payload: bytes) -> None:
        """Show a frame of the board to every guest that has subscribed."""
        wire = to_wire(kind, payload)
        if kind == messages.STATUS:
            with contextlib.suppress(TelemetryError):
                self._status = decode_status(payload)
                self._status_wire = wire
        self._show(wire)

    def on_stored(self, next_sequence: int, behind: int) -> None:
        """Let the guests know how far the store is."""
        self._stored_wire = encode_stored(next_sequence, behind)
        self._show(self._stored_wire)

    def _show(self, wire: bytes) -> None:
        for guest in list(self._guests):
            if guest.subscribed:
                guest.show(wire)

    def ask(self, guest: Guest, kind: int, payload: bytes) -> None:
        """Take a request of a guest."""
        task = self._loop.create_task(self._answer(guest, kind, payload))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: guest.slots.release())

    async def _answer(self, guest: Guest, kind: int, payload: bytes) -> None:
        if not payload:
            return
        tag = payload[0]
        try:
            status, data = await self._reply_to(guest, kind, payload[1:])
        except UnslouchError as error:  # the board is gone, and the guest will see the same
            log.debug("a guest's request failed: %s", error)
            guest.hang_up()
            return
        guest.tell(to_wire(messages.REPLY, messages.pack_reply(tag, status, data)))
        if kind == messages.SUBSCRIBE and guest.subscribed:
            for wire in (self._status_wire, self._stored_wire):
                if wire:
                    guest.show(wire)

    async def _reply_to(self, guest: Guest, kind: int, fields: bytes) -> tuple[int, bytes]:
        if kind == messages.HELLO:
            guest.subscribed = False
            guest.live_hz = 0
            if fields != bytes((messages.PROTOCOL_VERSION,)):
                return messages.UNKNOWN_PROTOCOL, bytes((messages.PROTOCOL_VERSION,))
            return messages.OK, self._hello()
        if kind == messages.SUBSCRIBE:
            guest.subscribed = any(fields)
            guest.live_hz = max(fields, default=0)
            return messages.OK, b""
        if kind in _REFUSED:
            return _REFUSED[kind], b""
        if kind not in _PASSED_ON:
            return messages.UNKNOWN_REQUEST, b""
        reply = await self._client.connection.request_raw(kind, fields, _PASSED_ON[kind])
        return reply.status, reply.data

    def _hello(self) -> bytes:
        info, now = self._info, self._status or self._info
        flags = info.simulated * messages.HELLO_SIMULATED | info.own_clock * messages.HELLO_OWN_CLOCK
        packed = struct.pack(
            messages.HELLO_REPLY_FORMAT,
            messages.PROTOCOL_VERSION,
            flags,
            bytes.fromhex(info.device_id),
            bytes(int(part) for part in info.firmware_version.split(".")),
            info.journal,
            info.boot,
            now.oldest_sequence,
            now.next_sequence,
            now.uptime_ms,
            now.settings_revision,
            now.calibration_id,
            info.window_period_s,
        )
        return packed + info.board.encode()
