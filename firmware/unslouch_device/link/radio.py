"""When the radio is on, and when it advertises; hosts.py looks after the links.

Light sleep and Bluetooth exclude one another on stock ESP32 builds. So while resting.py would sleep, the radio is on in
windows only. The first comes FIRST_GAP_S after somebody watched, pressed the button or put the sensor on, or after its
start; from window to window the time between them doubles, up to a setting. It is counted from the end of the last
link, and a host that only visits doesn't shorten it. While a host was heard within HEARD_MS, a slouch and motion that
follows rest open a window, too.
"""

from .. import VERSION
from ..contract import gatt
from ..contract.board_test import TEST_FAILED, TEST_IMPOSSIBLE, TEST_PASSED
from ..contract.records import TASK_RADIO
from ..contract.settings import WINDOW_MIN
from ..contract.states import MOVING
from ..port import sleep_ms
from .hosts import Hosts

WINDOW_MS = 5000
HEARD_MS = 3_600_000
REST_MS = 600_000  # without motion, after which the next counts
RETRY_MS = 10_000
_POLL_MS = 100
_ADVERTISING_US = 100_000
# Flags: general discoverable, no BR/EDR. Preferred connection interval: 24 to 40 times 1.25 ms. Then the service.
_ADVERTISED = b"\x02\x01\x06\x05\x12\x18\x00\x28\x00\x11\x07"
_NAME = "unslouch"
_ADVERTISED_NAME = b"\x09\x09unslouch"
_RESOLVABLE = 2

_NOTIFIED = 0x1210  # encrypted to read and write; notify
_WRITTEN = 0x121C  # … and write, with and without response
_READ = 0x0002  # refused by Hosts to strangers: BlueZ reads amid pairing, which "authentication needed" would spoil


class Radio:
    """Bluetooth; without the module `bluetooth` there is none, and `on` stays False.

    new_server, idle: see Hosts.
    """

    def __init__(self, app, new_server, bluetooth, idle, bonds_path: str) -> None:
        self._uptime = app.uptime
        self._tasks = app.tasks
        self._power = app.power
        self._resting = app.resting
        self._name = app.name
        self._window = app.pairing_window
        self._idle = idle
        self.on = False
        self._advertising = False
        self._until_ms = 0  # the window's end
        self._config = app.config
        self._pipeline = app.pipeline
        self._served = app.served
        self.gap_s = gatt.FIRST_GAP_S  # from the end of a link, or from a window without one, to the next window
        self._next_ms = gatt.FIRST_GAP_S * 1000
        self._heard_ms = -HEARD_MS
        self._moved_ms = 0
        self._second_ms = 0
        self._retry_ms = 0
        ble = None
        self._has_bluetooth = bluetooth is not None
        if bluetooth is not None:
            self._uuid = bluetooth.UUID
            self._ble = ble = bluetooth.BLE()
        self.hosts = Hosts(app, new_server, ble, idle, bonds_path)
        if ble is not None:
            ble.irq(self.hosts.interrupt)

    async def run(self) -> None:
        """Work until the app ends."""
        self._tasks.start(self._watch, TASK_RADIO)
        while True:
            self.step()
            await sleep_ms(_POLL_MS)

    async def _watch(self) -> None:
        """Act at once on what the stack has reported: a stranger must not have time to do harm."""
        while True:
            await self.hosts.news.wait()
            self._serve()

    def _serve(self) -> None:
        links = len(self.hosts.links)
        self.hosts.admission.window_open = self._window.left_ms() > 0
        self.hosts.handle_events()
        if len(self.hosts.links) != links:
            self._advertising = False  # NimBLE ends it for each new link
        if self.hosts.serve():
            self.count_windows()

    def step(self) -> None:
        """Do what is due now."""
        now_ms = self._uptime.now_ms()
        self._serve()
        self._follow_windows(now_ms)
        if now_ms >= self._second_ms:
            self._second_ms = now_ms + 1000
            self._pass_second(now_ms)

    async def test(self) -> int:
        """Switch the radio on unless it is, and return TEST_… of contract.board_test."""
        if not self._has_bluetooth:
            return TEST_IMPOSSIBLE
        self._retry_ms = waited_ms = 0
        while not self.on and waited_ms < WINDOW_MS:
            self.open_window()
            await sleep_ms(_POLL_MS)
            waited_ms += _POLL_MS
        return TEST_PASSED if self.on else TEST_FAILED

    def open_window(self) -> None:
        """Let hosts find the board for some seconds."""
        self._until_ms = self._uptime.now_ms() + WINDOW_MS

    def open_if_heard(self) -> None:
        """Let a host find the board if one was heard lately: else there is none to see what has happened."""
        if self._uptime.now_ms() - self._heard_ms < HEARD_MS:
            self.open_window()

    def count_windows(self) -> None:
        """A link has ended: let the next window be one gap from now."""
        self._heard_ms = self._uptime.now_ms()
        self._next_ms = self._heard_ms + self.gap_s * 1000

    def want_soon(self) -> None:
        """Let the windows come in the shortest gaps from now on."""
        self.gap_s = gatt.FIRST_GAP_S
        self._next_ms = min(self._next_ms, self._uptime.now_ms() + gatt.FIRST_GAP_S * 1000)

    def _follow_windows(self, now_ms: int) -> None:
        """Be on or off, and advertise or not. A host that came while the window was open may stay to be admitted.

        active(False) waits up to 2 s for the end of links, longer than the shortest FIFO. So the radio goes off only
        once all links have ended.
        """
        if self._served.watch() or self._resting.attends():
            self.want_soon()
        if now_ms >= self._next_ms:
            self.gap_s = gatt.next_gap_s(self.gap_s, self._config.settings[WINDOW_MIN])
            self._next_ms += self.gap_s * 1000
            self.open_window()
        admission = self.hosts.admission
        if admission.window_open or not self._resting.quiet():
            self.open_window()
        elif self.hosts.served:  # and nobody looks: the rest of the journal can come in the next window
            self._until_ms = now_ms
            admission.end_all()
        if now_ms < self._until_ms and (admission.stays() or not admission.stale):
            if not self.on and now_ms >= self._retry_ms:
                self._switch_on(now_ms)
            self._advertise()
        elif self.on:
            self._idle()
            self._ble.gap_advertise(None)
            self._advertising = False
            if not self.hosts.links:
                self.off()

    def _pass_second(self, now_ms: int) -> None:
        self.hosts.pass_second(now_ms)
        self._advertising = False  # NimBLE ends it for each new bond, which MicroPython doesn't report
        percent = self._power.battery_percent
        if self._pipeline.posture.state == MOVING:
            if now_ms - self._moved_ms >= REST_MS:
                self.open_if_heard()
            self._moved_ms = now_ms
        if self.on:
            self._ble.gatts_write(self._battery, bytes((percent,)) if percent <= 100 else b"")

    # The stack

    def _switch_on(self, now_ms: int) -> None:
        try:
            self._ble.active(True)
            self._set_up(self._ble, self._uuid)
            self.on = True
        except OSError:  # of memory that is short, say: posture is recorded all the same
            self._ble.active(False)
            self._retry_ms = now_ms + RETRY_MS
            self.want_soon()

    def _set_up(self, ble, uuid) -> None:
        ble.config(gap_name=_NAME, mtu=247, bond=True, le_secure=True, mitm=False, io=3)
        try:
            ble.config(addr_mode=_RESOLVABLE)
        except ValueError:  # a port without
            pass
        hosts = self.hosts
        (hosts.control, hosts.stream, hosts.journal), (self._battery,), about = ble.gatts_register_services(
            (
                (
                    uuid(gatt.SERVICE),
                    ((uuid(gatt.CONTROL), _WRITTEN), (uuid(gatt.STREAM), _NOTIFIED), (uuid(gatt.JOURNAL), _WRITTEN)),
                ),
                (uuid(0x180F), ((uuid(0x2A19), _READ),)),
                (uuid(0x180A), ((uuid(0x2A29), _READ), (uuid(0x2A24), _READ), (uuid(0x2A26), _READ))),
            )
        )
        ble.gatts_set_buffer(hosts.control, 247)
        for handle, text in zip(about, (_NAME, self._name, "%d.%d.%d" % VERSION)):
            ble.gatts_write(handle, text.encode())

    def off(self) -> None:
        """Switch the radio off at once, which ends all links; it takes up to 2 s if there are any."""
        self.hosts.admission.stale = False
        if self.on:
            self.on = self._advertising = False
            self._ble.active(False)
            self.hosts.end_now()
        self.hosts.serve()

    def _advertise(self) -> None:
        """Advertise, unless a link is about to be encrypted: then NimBLE asks for keys inside its lock; see Hosts."""
        if self._advertising or not self.on or self.hosts.admission.settling():
            return
        data = _ADVERTISED + bytes(self._uuid(gatt.SERVICE))
        try:
            self._idle()
            self._ble.gap_advertise(_ADVERTISING_US, data, resp_data=_ADVERTISED_NAME)
            self._advertising = True
        except OSError:  # as many links as there can be
            pass
