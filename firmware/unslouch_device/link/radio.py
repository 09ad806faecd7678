"""The radio: when it is on, whom it lets in, and a server for each link that is let in.

Light sleep and Bluetooth exclude one another on stock ESP32 builds. So while resting.py would sleep, the radio is on in
windows only: PERIOD_S from the end of the last link on and from one another, and when something happens.
"""

from .. import VERSION
from ..contract import gatt
from ..contract.records import HOST_REFUSED, TASK_LINK, TASK_TELEMETRY
from ..port import sleep_ms
from .admission import Admission
from .ble import BleLink
from .bonds import Bonds
from .server import LinkServer

PERIOD_S = 180
WINDOW_MS = 5000
TELL_MS = 600_000  # strangers must not fill the journal
RETRY_MS = 10_000
_POLL_MS = 100
_ENOMEM = 12
_ADVERTISING_US = 100_000
# Flags: general discoverable, no BR/EDR. Preferred connection interval: 24 to 40 times 1.25 ms. Then the service.
_ADVERTISED = b"\x02\x01\x06\x05\x12\x18\x00\x28\x00\x11\x07"
_NAME = "unslouch"
_RESOLVABLE = 2

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
_NOTIFIED = 0x1210  # encrypted to read and write; notify
_WRITTEN = 0x121C  # … and write, with and without response
_READ = 0x0002  # guarded by _NOT_AUTHORIZED: BlueZ reads amid pairing, which "authentication needed" would spoil


class Radio:
    """Bluetooth on behalf of `app`; without the module `bluetooth` there is none, and `on` stays False."""

    def __init__(self, app, bluetooth, bonds_path: str) -> None:
        self._app = app
        self._bonds = Bonds(bonds_path)
        self.admission = Admission(self._bonds, self._hang_up)
        self.on = False
        self._links: dict = {}  # by handle
        self._served: list = []  # (link, server, tasks)
        self._error: "Exception | None" = None  # what the interrupt raised
        self._advertising = False
        self._until_ms = 0  # the window's end
        self._next_ms = PERIOD_S * 1000
        self._second_ms = 0
        self._retry_ms = 0
        self._refused: dict = {}  # how often, by reason
        self._tell_ms = 0
        if bluetooth is not None:
            self._uuid = bluetooth.UUID
            self._ble = bluetooth.BLE()
            self._ble.irq(self._interrupt)

    async def run(self) -> None:
        """Work for ever."""
        while True:
            self._turn()
            await sleep_ms(_POLL_MS)

    def _turn(self) -> None:
        if self._error is not None:
            raise self._error
        now_ms = self._app.uptime.now_ms()
        self._serve(now_ms)
        self._decide(now_ms)
        if now_ms >= self._second_ms:
            self._second_ms = now_ms + 1000
            self._pass_second(now_ms)

    def open_window(self) -> None:
        """Let hosts find the board for some seconds."""
        self._until_ms = self._app.uptime.now_ms() + WINDOW_MS

    def count_windows(self) -> None:
        """Let the next window be one period from now."""
        self._next_ms = self._app.uptime.now_ms() + PERIOD_S * 1000

    def _decide(self, now_ms: int) -> None:
        """Be on or off, and advertise or not. Who came while the window was open may stay to be let in."""
        if now_ms >= self._next_ms:
            self._next_ms += PERIOD_S * 1000
            self.open_window()
        if self.admission.window_open or not self._app.resting.quiet():
            self.open_window()
        elif self._served:  # and nobody looks: the rest of the journal can come in the next window
            self._until_ms = now_ms
            self.off()
        if now_ms < self._until_ms:
            if not self.on and now_ms >= self._retry_ms:
                self._switch_on(now_ms)
            self._advertise()
        elif self.on:
            self._ble.gap_advertise(None)
            self._advertising = False
            if not self._links:
                self.off()

    def _pass_second(self, now_ms: int) -> None:
        admission = self.admission
        admission.window_open = now_ms < self._app.pairing_until_ms
        admission.pass_second()
        self.save_bonds()
        refusals, admission.refusals = admission.refusals, []
        for why in refusals:
            self._refused[why] = self._refused.get(why, 0) + 1
        if self._refused and now_ms >= self._tell_ms:
            self._tell_ms = now_ms + TELL_MS
            for why, times in self._refused.items():
                self._app.note(HOST_REFUSED, now_ms, why, min(times, 65535))
            self._refused = {}
        self._advertising = False  # NimBLE ends it for each new bond, of which MicroPython doesn't tell
        percent = self._app.power.battery_percent
        if self.on:
            self._ble.gatts_write(self._battery, bytes((percent,)) if percent <= 100 else b"")

    def save_bonds(self) -> bool:
        """Make the bonds durable; returns whether they are."""
        try:
            self._bonds.save()
            return True
        except OSError:
            self._app.flash_errors += 1
            return False

    # The stack

    def _switch_on(self, now_ms: int) -> None:
        try:
            self._ble.active(True)
            self._set_up(self._ble, self._uuid)
            self.on = True
        except OSError:  # of memory that is short, say: posture is recorded all the same
            self._ble.active(False)
            self._retry_ms = now_ms + RETRY_MS

    def _set_up(self, ble, uuid) -> None:
        ble.config(gap_name=_NAME, mtu=247, bond=True, le_secure=True, mitm=False, io=3)
        try:
            ble.config(addr_mode=_RESOLVABLE)
        except ValueError:  # a port without
            pass
        (self.control, self.stream, self.journal), (self._battery,), about = ble.gatts_register_services(
            (
                (
                    uuid(gatt.SERVICE),
                    ((uuid(gatt.CONTROL), _WRITTEN), (uuid(gatt.STREAM), _NOTIFIED), (uuid(gatt.JOURNAL), _WRITTEN)),
                ),
                (uuid(0x180F), ((uuid(0x2A19), _READ),)),
                (uuid(0x180A), ((uuid(0x2A29), _READ), (uuid(0x2A24), _READ), (uuid(0x2A26), _READ))),
            )
        )
        ble.gatts_set_buffer(self.control, 247)
        for handle, text in zip(about, (_NAME, self._app.name, "%d.%d.%d" % VERSION)):
            ble.gatts_write(handle, text.encode())

    def off(self) -> None:
        """Switch the radio off, which ends all links."""
        if self.on:
            self.on = self._advertising = False
            self._ble.active(False)
            for handle in list(self._links):
                self._gone(handle)
        self._serve(self._app.uptime.now_ms())

    def forget(self) -> None:
        """Forget all hosts, and end their links; raises OSError if flash fails."""
        self.off()  # so that it comes back with another identity
        self.admission.forget()

    def _advertise(self) -> None:
        if self._advertising or not self.on:
            return
        try:
            self._ble.gap_advertise(
                _ADVERTISING_US, _ADVERTISED + bytes(self._uuid(gatt.SERVICE)), resp_data=b"\x09\x09" + _NAME.encode()
            )
            self._advertising = True
        except OSError:  # as many links as there can be
            pass

    def _hang_up(self, handle: int) -> None:
        try:
            self._ble.gap_disconnect(handle)
        except OSError:  # it ends already
            pass

    def notify(self, link, characteristic: int, value: bytes) -> bool:
        """Send a value; returns False if there is no room. To a link that is gone or not let in nothing is sent."""
        handle = link.handle
        if self._links.get(handle) is link and self.admission.admits(handle):
            try:
                self._ble.gatts_notify(handle, characteristic, value)
            except OSError as error:
                return error.errno != _ENOMEM
        return True

    def _interrupt(self, event: int, data: tuple) -> object:
        try:
            return self._take(event, data)
        except Exception as error:  # noqa: BLE001 - a handler that raises is never called again
            self._error = error
            return None

    def _take(self, event: int, data: tuple) -> object:
        admission = self.admission
        if event == _GET_SECRET:
            return admission.get_secret(*data)
        if event == _SET_SECRET:
            return admission.set_secret(*data)
        handle = data[0]
        link = self._links.get(handle)
        if event == _CENTRAL_CONNECT:
            self._advertising = False
            self._links[handle] = BleLink(self, handle)
            admission.connected(handle, data[1], bytes(data[2]))
        elif event == _GATTS_READ_REQUEST:
            return 0 if admission.admits(handle) else _NOT_AUTHORIZED
        elif link is None:  # it was ended from here
            pass
        elif event == _CENTRAL_DISCONNECT:
            self._gone(handle)
        elif event == _MTU_EXCHANGED:
            link.value_bytes = data[1] - 3
        elif event == _CONNECTION_UPDATE:
            link.interval = data[1]
        elif event == _ENCRYPTION_UPDATE:
            admission.encrypted(handle, data[1], data[3], data[4])
        elif event == _GATTS_WRITE:
            value = self._ble.gatts_read(data[1])
            if admission.admits(handle):
                link.take(data[1], value)
        return None

    def _gone(self, handle: int) -> None:
        self._links.pop(handle, None)
        self.admission.disconnected(handle)

    # Links

    def _serve(self, now_ms: int) -> None:
        """Serve the links that are let in, and no others."""
        app = self._app
        links = [link for link in list(self._links.values()) if self.admission.admits(link.handle)]
        for served in self._served[:]:
            link, server, tasks = served
            if link in links:
                links.remove(link)
                continue
            for task in tasks:
                task.cancel()
            app.supervisor.waiting(TASK_LINK)  # it may have shown life, and can't say that it ended
            app.links.remove(server)
            self._served.remove(served)
            self.count_windows()
            app.resting.leave(server)
            if server.live_hz > 1:  # whoever looked will come back at once, a recorder in the next window
                app.resting.stay_awake()
        for link in links:
            server = LinkServer(app, link)
            app.links.append(server)
            app.resting.stay_awake(server)
            self._served.append(
                (link, server, (app.start(server.serve, TASK_LINK), app.start(server.stream, TASK_TELEMETRY)))
            )
