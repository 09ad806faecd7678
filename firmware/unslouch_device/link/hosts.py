"""Who is linked over Bluetooth: what the stack reports of the links, and a server for each that is admitted.

The stack calls interrupt(), on its own small stack of 4 KB and sometimes inside its own lock. There secrets and reads
are answered, written values copied, and everything else is recorded; handle_events() acts on it later, in a task.
"""

from ..contract.records import HOST_FORGOTTEN, HOST_PAIRED, HOST_REFUSED, TASK_LINK, TASK_TELEMETRY
from ..parts.motor import DONE_PATTERN
from ..port import ThreadSafeFlag
from .admission import Admission
from .ble import BleLink
from .bonds import IDENTITY, Bonds

REFUSALS_EVERY_MS = 600_000  # in the journal, which strangers must not fill
_MOST_EVENTS = 40  # that wait for handle_events(); from there on those are dropped that can be missed
_ENOMEM = 12

_CENTRAL_CONNECT = 1  # events, and their data, of MicroPython's `bluetooth`
_CENTRAL_DISCONNECT = 2
_GATTS_WRITE = 3
_GATTS_READ_REQUEST = 4
_MTU_EXCHANGED = 21
_CONNECTION_UPDATE = 27
_ENCRYPTION_UPDATE = 28
_GET_SECRET = 29
_SET_SECRET = 30
_NOT_AUTHORIZED = 8  # Core 5.4, vol. 3, part F, 3.4.1.1


class Hosts:
    """Links and bonds. `ble` is MicroPython's BLE, None where there is no radio.

    new_server: a function that returns a LinkServer for a BleLink.

    idle: a function that releases the interpreter's lock for a moment. A task that waits for the stack's lock while it
    has the interpreter's hangs the board if the stack, inside its lock, waits for the interpreter to answer for a
    secret. So idle is called just before each call that takes the stack's lock.
    """

    def __init__(self, app, new_server, ble, idle, bonds_path: str) -> None:
        self._uptime = app.uptime
        self._log = app.event_log
        self._feedback = app.feedback
        self._tasks = app.tasks
        self._supervisor = app.supervisor
        self._served = app.served
        self._resting = app.resting
        self._window = app.pairing_window
        self._new_server = new_server
        self._ble = ble
        self._idle = idle
        self._bonds = Bonds(bonds_path)
        self.admission = Admission(self._bonds, self._hang_up)
        self.control = self.stream = self.journal = 0  # handles of the characteristics
        self.news = ThreadSafeFlag()  # something waits for handle_events()
        self.links: dict = {}  # by handle, as far as handle_events() has come
        self.served: list = []  # (link, server, tasks)
        self._events: list = []  # (event, bytes) and its numbers; a secret's are its key and its kind
        self._error: "Exception | None" = None  # what the interrupt raised
        self._refused: dict = {}  # how often, by reason
        self._refusals_at_ms = 0

    # The stack's thread

    def interrupt(self, event: int, data: tuple) -> object:
        """Answer or record what the stack reports; a handler that raises would never be called again."""
        try:
            if event == _GET_SECRET:
                key = data[2]
                return self._bonds.get(data[0], data[1], None if key is None else bytes(key))
            if event == _SET_SECRET:
                return self._set_secret(*data)
            link = self.links.get(data[0])
            if event == _GATTS_READ_REQUEST:
                return 0 if link is not None and link.is_open else _NOT_AUTHORIZED
            value = None
            if event == _CENTRAL_CONNECT:
                value = bytes(data[2])
            elif event == _CENTRAL_DISCONNECT:
                if link is not None:
                    link.ended = True  # before another link gets its handle
            elif event != _ENCRYPTION_UPDATE and len(self._events) >= _MOST_EVENTS:
                return None
            elif event == _GATTS_WRITE:
                value = self._ble.gatts_read(data[1])
            self._record((event, value) + data)
        except Exception as error:  # noqa: BLE001 - see above; handle_events() raises it
            self._error = error
            self.news.set()
        return None

    def _set_secret(self, kind: int, key, value) -> bool:
        """Take or delete a secret; return whether that was done.

        A secret is always taken. If the answer is no, NimBLE looks for an older secret to delete and tries again.
        """
        key = bytes(key)
        if value is None:
            if not self._bonds.set_aside(kind, key):
                return False
        else:
            value = bytes(value)
            if kind == IDENTITY:
                self._bonds.put(kind, key, value)
                return True
        self._record((_SET_SECRET, value, key, kind))
        return True

    def _record(self, item: tuple) -> None:
        self._events.append(item)
        self.news.set()

    # The task

    def handle_events(self) -> None:
        """Act on what was recorded, in order; raises what the interrupt raised."""
        if self._error is not None:
            raise self._error
        while self._events:
            self._handle_event(*self._events.pop(0))
        for handle, link in self.links.items():
            link.admitted = self.admission.admits(handle)
        self._note_paired()

    def _handle_event(self, event: int, value, handle, number: int = 0, *more) -> None:
        admission = self.admission
        link = self.links.get(handle)
        if event == _SET_SECRET:
            if value is None:
                admission.set_aside(handle)
            else:
                admission.offered(number, handle, value)
        elif event == _CENTRAL_CONNECT:
            self.links[handle] = BleLink(self, handle)
            admission.connected(handle, number, value)
        elif link is None:  # a connection that failed
            pass
        elif event == _CENTRAL_DISCONNECT:
            self._end(handle)
        elif event == _ENCRYPTION_UPDATE:
            admission.encrypted(handle, number, *more[1:])
        elif event == _GATTS_WRITE:
            if admission.admits(handle):
                link.receive(number, value)
        elif event == _MTU_EXCHANGED:
            link.value_bytes = number - 3
        elif event == _CONNECTION_UPDATE:
            link.interval = number

    def _end(self, handle: int) -> None:
        self.links.pop(handle).ended = True
        self.admission.disconnected(handle)

    def end_now(self) -> None:
        """Take note that the radio is off, and all links with it."""
        self._events.clear()
        for handle in list(self.links):
            self._end(handle)

    def _hang_up(self, handle: int) -> None:
        for item in self._events:
            if item[0] == _CENTRAL_DISCONNECT and item[2] == handle:  # the handle may be another link's by now
                return
        self._idle()
        try:
            self._ble.gap_disconnect(handle)
        except OSError:  # it ends already
            pass

    def notify(self, link, characteristic: int, value: bytes) -> bool:
        """Send a value; returns False if there is no room. To a link that isn't open nothing is sent."""
        if link.is_open:
            try:
                self._idle()
                if not link.ended:  # meanwhile
                    self._ble.gatts_notify(link.handle, characteristic, value)
            except OSError as error:
                return error.errno != _ENOMEM
        return True

    def pass_second(self, now_ms: int) -> None:
        """Let a second pass: end links that take too long, save bonds, and journal refusals."""
        admission = self.admission
        admission.pass_second()
        self.save()
        refusals, admission.refusals = admission.refusals, []
        for why in refusals:
            self._refused[why] = self._refused.get(why, 0) + 1
        if self._refused and now_ms >= self._refusals_at_ms:
            self._refusals_at_ms = now_ms + REFUSALS_EVERY_MS
            for why, times in self._refused.items():
                self._log.note(HOST_REFUSED, now_ms, why, min(times, 65535))
            self._refused = {}

    def _note_paired(self) -> None:
        """Let the wearer see and feel that a host has paired: no other may before the window is opened again."""
        paired, self.admission.paired = self.admission.paired, []
        for how in paired:
            self._window.close()
            self._log.note_now(HOST_PAIRED, len(self._bonds.hosts()), how)
            self._feedback.play(DONE_PATTERN, urgent=True)

    def save(self) -> bool:
        """Make the bonds durable; returns whether they are."""
        try:
            self._bonds.save()
            return True
        except OSError:
            self._log.flash_errors += 1
            return False

    def forget_host(self, key: bytes) -> bool:
        """Forget one host, and journal it; see Admission."""
        known = self.admission.forget_host(key)
        if known:
            self._log.note_now(HOST_FORGOTTEN, len(self._bonds.hosts()))
        return known

    def serve(self) -> bool:
        """Serve the links that are open, and no others; returns whether one has ended."""
        links = [link for link in self.links.values() if link.is_open]
        ended = False
        for served in self.served[:]:
            link, server, tasks = served
            if link in links:
                links.remove(link)
                continue
            for task in tasks:
                task.cancel()
            self._supervisor.waiting(TASK_LINK)  # it may have shown life, and can't say that it ended
            self._served.links.remove(server)
            self.served.remove(served)
            ended = True
            self._resting.leave(server)
            if server.live_hz > 1:  # a host that watched comes back at once, a recorder in the next window
                self._resting.stay_awake()
        for link in links:
            server = self._new_server(link)
            self._served.links.append(server)
            self._resting.stay_awake(server)
            tasks = self._tasks.start(server.serve, TASK_LINK), self._tasks.start(server.stream, TASK_TELEMETRY)
            self.served.append((link, server, tasks))
        return ended
