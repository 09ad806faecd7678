"""The radio on a stand-in for MicroPython's `bluetooth`: frames in values, back-pressure, the interrupt."""

import asyncio
import struct

from expect import raises, run
from flash import Folder
from unslouch_device.contract import gatt
from unslouch_device.contract import messages as m
from unslouch_device.contract.frames import decode_frame, encode_frame
from unslouch_device.contract.gatt import FIRST_GAP_S
from unslouch_device.contract.records import HOST_PAIRED, HOST_REFUSED, PAIRED_UNVERIFIED, REFUSED_SILENT
from unslouch_device.contract.settings import DEFAULTS
from unslouch_device.contract.states import UPRIGHT
from unslouch_device.link.ble import BleLink
from unslouch_device.link.hosts import _ENOMEM
from unslouch_device.link.radio import RETRY_MS, WINDOW_MS, Radio
from unslouch_device.port import sleep_ms

CONNECT, DISCONNECT, WRITE, READ, MTU, ENCRYPTION, GET_SECRET, SET_SECRET = 1, 2, 3, 4, 21, 28, 29, 30
ADDRESS = b"\xc0\xc1\xc2\xc3\xc4\xc5"
KEY = b"\x01" + bytes(reversed(ADDRESS))


class Air:
    """What a BleLink needs of a Radio: it counts how many values still fit."""

    control, stream, journal = 1, 2, 3

    def __init__(self):
        self.sent = []
        self.room = 1000

    def notify(self, link, characteristic, value):
        if not self.room:
            return False
        self.room -= 1
        self.sent.append((characteristic, value))
        return True


def frames(values):
    assembler = gatt.Assembler()
    found = [assembler.feed(value) for value in values]
    return [decode_frame(frame) for frame in found if frame is not None]


async def soon(condition):
    for _ in range(200):
        if condition():
            return
        await sleep_ms(1)
    raise AssertionError("it did not come about")


def test_a_frame_goes_in_as_many_values_as_it_takes():
    async def story():
        air = Air()
        link = BleLink(air, 0)
        await link.write(m.REPLY, bytes(100))
        assert len(air.sent) == 6
        link.value_bytes = 244
        await link.write(m.REPLY, bytes(100))
        assert len(air.sent) == 7
        assert frames([value for _, value in air.sent]) == [(m.REPLY, bytes(100))] * 2
        assert {characteristic for characteristic, _ in air.sent} == {air.control}

    run(story())


def test_values_become_frames_and_what_is_none_is_counted():
    async def story():
        link = BleLink(Air(), 0)
        frame = encode_frame(m.SET_SETTING, bytes(30))
        for value in gatt.values_of(frame, 20):
            link.receive(Air.control, value)
        link.receive(Air.control, b"nonsense")
        link.receive(Air.control, b"")
        link.receive(Air.control, encode_frame(m.PING, b"\x01"))
        got = []
        for _ in range(5):
            got += await link.read()
        assert got == [(m.SET_SETTING, bytes(30)), (m.PING, b"\x01")]
        assert link.errors == 1

    run(story())


def test_a_host_that_writes_faster_than_it_is_read_loses_its_own_values():
    link = BleLink(Air(), 0)
    for _ in range(1000):
        link.receive(Air.control, bytes(20))
    assert link.errors > 900


def test_only_so_many_pages_are_on_their_way():
    async def story():
        air = Air()
        link = BleLink(air, 0)
        link.value_bytes = 244

        async def send():
            for _ in range(100):
                await link.write(m.PAGE, bytes(200))

        sending = asyncio.create_task(send())
        await soon(lambda: len(air.sent) == gatt.WINDOW)
        await sleep_ms(20)
        assert len(air.sent) == gatt.WINDOW
        link.receive(air.journal, struct.pack(gatt.ACK_FORMAT, 10))
        await soon(lambda: len(air.sent) == gatt.WINDOW + 10)
        for wrong in (b"", b"\x01", struct.pack(gatt.ACK_FORMAT, 9), struct.pack(gatt.ACK_FORMAT, 1000), bytes(9)):
            link.receive(air.journal, wrong)
        assert link.errors == 5
        await sleep_ms(20)
        assert len(air.sent) == gatt.WINDOW + 10
        while not sending.done():
            link.receive(air.journal, struct.pack(gatt.ACK_FORMAT, len(air.sent)))
            await sleep_ms(1)
        assert len(air.sent) == 100

    run(story())


def test_full_buffers_make_replies_wait_and_cost_the_stream_its_samples():
    async def story():
        air = Air()
        air.room = 0
        link = BleLink(air, 0)
        link.offer(m.LIVE, bytes(10))
        assert air.sent == []
        writing = asyncio.create_task(link.write(m.REPLY, b"\x01\x00"))
        await sleep_ms(20)
        assert not writing.done()
        air.room = 1
        link.offer(m.LIVE, bytes(10))  # the reply comes first
        assert air.sent == []
        await writing
        assert [characteristic for characteristic, _ in air.sent] == [air.control]
        air.room = 10
        link.offer(m.LIVE, bytes(10))
        assert air.sent[-1][0] == air.stream

    run(story())


class Bluetooth:
    """A stand-in for the module, and for its one radio."""

    def __init__(self):
        self.is_active = False
        self.starts = 0
        self.advertising = 0
        self.values = {}
        self.notified = []
        self.hung_up = []
        self.linked = 0
        self.yielded = False
        self.full = False
        self.private = True
        self.fails = self.short_of_memory = False

    def BLE(self):
        return self

    def UUID(self, value):
        return bytes(16)

    def irq(self, handler):
        self.handler = handler

    def tell(self, event, data):
        self.linked += (event == CONNECT) - (event == DISCONNECT)
        return self.handler(event, data)

    def idle(self):
        self.yielded = True

    def take_lock(self):
        """As a call that waits for the stack's lock: the interpreter's was released just before."""
        assert self.yielded
        self.yielded = False

    def active(self, active=None):
        if active is not None:
            if self.fails and active:
                raise OSError(_ENOMEM, "no memory")
            assert active or not self.linked, "it waits for links to end"
            self.is_active = active
            self.starts += active
        return self.is_active

    def config(self, **values):
        if "addr_mode" in values and not self.private:
            raise ValueError("unknown config param")

    def gatts_register_services(self, services):
        if self.short_of_memory:
            raise OSError(_ENOMEM, "no memory")
        handles = iter(range(10, 100))
        return tuple([tuple([next(handles) for _ in characteristics]) for _, characteristics in services])

    def gatts_set_buffer(self, handle, size):
        assert size >= 244

    def gatts_write(self, handle, value):
        self.values[handle] = value

    def gatts_read(self, handle):
        return self.values[handle]

    def gatts_notify(self, handle, characteristic, value):
        self.take_lock()
        if self.full:
            raise OSError(_ENOMEM, "no room")
        self.notified.append((handle, characteristic, value))

    def gap_advertise(self, interval_us, adv_data=None, resp_data=None):
        self.take_lock()
        self.advertising = interval_us
        assert adv_data is None or len(adv_data) <= 31

    def gap_disconnect(self, handle):
        self.take_lock()
        self.hung_up.append(handle)
        raise OSError(7, "it ends already")


class App:
    """What a Radio takes from the app."""

    name = "board"
    open_until_ms = 0
    flash_errors = 0

    def __init__(self):
        self.uptime = self.supervisor = self.resting = self.power = self.tasks = self.event_log = self.feedback = self
        self.served = self.pairing_window = self.config = self.pipeline = self.posture = self
        self.settings = DEFAULTS
        self.state = UPRIGHT
        self.battery_percent = 55
        self.at_ms = 0
        self.is_idle = True
        self.is_watched = False
        self.noted = []
        self.links = []
        self.awake = self.played = 0

    def now_ms(self):
        return self.at_ms

    def quiet(self):
        return self.is_idle

    def watch(self):
        return self.is_watched

    def attends(self):
        return False

    def note(self, *fields):
        self.noted.append(fields)

    def note_now(self, code, *fields):
        self.note(code, self.at_ms, *fields)

    def left_ms(self):
        return max(0, self.open_until_ms - self.at_ms)

    def close(self):
        self.open_until_ms = 0

    def play(self, pattern, urgent=False):
        self.played += 1

    def waiting(self, task):
        pass

    def stay_awake(self, host=None):
        self.awake += 1

    def leave(self, host):
        pass

    def start(self, job, task):
        return self

    def cancel(self):
        pass


class Server:
    """Serves nothing."""

    live_hz = 0

    def __init__(self, link):
        self.link = link

    async def serve(self):
        pass

    async def stream(self):
        pass


class Scene:
    def __init__(self, folder):
        self.app = app = App()
        self.ble = Bluetooth()
        self.radio = Radio(app, Server, self.ble, self.ble.idle, folder + "/bonds")

    def pass_ms(self, duration_ms):
        """Let the radio's task run for a while."""
        until_ms = self.app.at_ms + duration_ms
        while self.app.at_ms < until_ms:
            self.app.at_ms += 100
            self.radio.step()

    def step(self):
        """Let the task act on what the stack has reported."""
        self.radio.step()

    def let_in(self, handle=0):
        self.app.open_until_ms = self.app.at_ms + 120_000
        self.step()
        self.ble.tell(CONNECT, (handle, 1, memoryview(ADDRESS)))
        self.ble.tell(ENCRYPTION, (handle, 1, 0, 1, 16))
        for kind in (1, 2):
            assert self.ble.tell(SET_SECRET, (kind, memoryview(KEY), memoryview(b"key")))
        self.step()
        assert self.radio.hosts.admission.admits(handle)


def test_at_rest_it_is_on_in_windows_only_whose_gaps_double_while_nobody_looks():
    with Folder() as folder:
        scene = Scene(folder)
        scene.pass_ms(1000)
        assert not scene.radio.on
        for is_watched, windows in ((True, 3), (False, 2)):
            on_ms = 0
            scene.app.is_watched = is_watched
            for _ in range((3 * FIRST_GAP_S + 10) * 10):
                scene.pass_ms(100)
                assert scene.radio.on == scene.ble.is_active
                on_ms += 100 * scene.radio.on
            assert on_ms == windows * WINDOW_MS
        scene.app.is_idle = False
        scene.pass_ms(FIRST_GAP_S * 1000)
        assert scene.radio.on
        assert scene.ble.advertising


def test_a_port_without_private_addresses_and_one_without_bluetooth_will_do():
    with Folder() as folder:
        scene = Scene(folder)
        scene.ble.private = False
        scene.radio.open_window()
        scene.pass_ms(100)
        assert scene.radio.on
        without = Radio(scene.app, Server, None, None, folder + "/other")
        without.open_window()
        without.hosts.admission.forget()
        without.off()
        assert not without.on


def test_a_radio_that_fails_to_start_is_tried_again():
    with Folder() as folder:
        scene = Scene(folder)
        scene.ble.fails = True
        scene.app.is_idle = False
        scene.pass_ms(5000)
        assert not scene.radio.on
        scene.ble.fails = False
        scene.ble.short_of_memory = True
        scene.pass_ms(RETRY_MS)
        assert not scene.radio.on
        assert not scene.ble.is_active
        scene.ble.short_of_memory = False
        scene.pass_ms(RETRY_MS)
        assert scene.radio.on
        assert scene.ble.advertising


def test_only_an_admitted_host_is_served_heard_and_sent_anything():
    with Folder() as folder:
        scene = Scene(folder)
        scene.app.is_idle = False
        scene.app.open_until_ms = 120_000
        scene.pass_ms(1000)
        hosts, ble = scene.radio.hosts, scene.ble
        ble.tell(CONNECT, (0, 1, memoryview(ADDRESS)))
        ble.values[hosts.control] = encode_frame(m.HELLO, b"\x01\x03")
        ble.tell(WRITE, (0, hosts.control))
        scene.pass_ms(100)
        stranger = hosts.links[0]
        assert stranger._values == []
        assert scene.app.links == []
        assert ble.tell(READ, (0, scene.radio._battery)) != 0
        assert hosts.notify(stranger, hosts.stream, b"posture")
        assert ble.notified == []
        ble.tell(DISCONNECT, (0, 1, memoryview(ADDRESS)))
        scene.let_in()
        ble.tell(MTU, (0, 247))
        ble.tell(WRITE, (0, hosts.control))
        scene.pass_ms(1000)
        link = hosts.links[0]
        assert (len(scene.app.links), link.value_bytes, len(link._values)) == (1, 244, 1)
        assert ble.tell(READ, (0, scene.radio._battery)) == 0
        assert ble.values[scene.radio._battery] == b"\x37"
        assert hosts.notify(link, hosts.stream, b"posture")
        assert hosts.notify(stranger, hosts.stream, b"to the link that had this handle before")
        assert ble.notified == [(0, hosts.stream, b"posture")]
        ble.full = True
        assert not hosts.notify(link, hosts.stream, b"posture")
        ble.tell(DISCONNECT, (0, 1, memoryview(ADDRESS)))
        scene.pass_ms(100)
        assert scene.app.links == []
        refused = [fields for fields in scene.app.noted if fields[0] == HOST_REFUSED]
        assert [fields[2:] for fields in refused] == [(REFUSED_SILENT, 1)]


def test_nothing_is_sent_to_a_stranger_that_gets_an_admitted_hosts_handle_before_the_task_knows():
    with Folder() as folder:
        scene = Scene(folder)
        scene.app.is_idle = False
        scene.pass_ms(1000)
        hosts, ble = scene.radio.hosts, scene.ble
        scene.let_in()
        link = hosts.links[0]
        ble.tell(DISCONNECT, (0, 1, memoryview(ADDRESS)))
        ble.tell(CONNECT, (0, 1, memoryview(b"\xc0other")))
        assert ble.tell(READ, (0, scene.radio._battery)) != 0
        assert hosts.notify(link, hosts.stream, b"posture")
        assert ble.notified == []
        scene.step()
        assert ble.hung_up == [0]
        assert hosts.notify(hosts.links[0], hosts.stream, b"posture")
        assert ble.notified == []


def test_a_link_that_has_ended_is_not_hung_up_on_where_its_handle_may_be_another_hosts():
    with Folder() as folder:
        scene = Scene(folder)
        scene.app.is_idle = False
        scene.pass_ms(1000)
        scene.let_in()
        scene.ble.tell(DISCONNECT, (0, 1, memoryview(ADDRESS)))
        scene.step()
        scene.ble.tell(CONNECT, (0, 1, memoryview(b"\xc0other")))
        scene.ble.tell(DISCONNECT, (0, 1, memoryview(b"\xc0other")))
        scene.ble.tell(CONNECT, (0, 1, memoryview(ADDRESS)))
        scene.ble.tell(ENCRYPTION, (0, 1, 0, 1, 16))
        scene.step()
        assert scene.ble.hung_up == []
        assert scene.radio.hosts.links[0].is_open


def test_the_interrupt_only_records_and_hangs_up_on_nobody():
    with Folder() as folder:
        scene = Scene(folder)
        scene.app.is_idle = False
        scene.pass_ms(1000)
        scene.ble.tell(CONNECT, (0, 1, memoryview(ADDRESS)))
        assert scene.ble.tell(SET_SECRET, (1, memoryview(KEY), memoryview(b"key")))
        assert not scene.ble.tell(SET_SECRET, (1, memoryview(KEY), None))
        assert scene.ble.hung_up == []
        assert scene.radio.hosts.links == {}
        scene.step()
        assert scene.ble.hung_up == [0]
        assert scene.ble.tell(GET_SECRET, (1, 0, memoryview(KEY))) is None


def test_values_that_come_faster_than_the_task_runs_are_dropped_but_no_end_of_a_link_is():
    with Folder() as folder:
        scene = Scene(folder)
        scene.app.is_idle = False
        scene.pass_ms(1000)
        scene.let_in()
        scene.ble.values[scene.radio.hosts.control] = bytes(20)
        for _ in range(1000):
            scene.ble.tell(WRITE, (0, scene.radio.hosts.control))
        assert len(scene.radio.hosts._events) < 100
        scene.ble.tell(DISCONNECT, (0, 1, memoryview(ADDRESS)))
        scene.step()
        assert scene.radio.hosts.links == {}


def test_a_pairing_shuts_the_window_is_journaled_and_felt():
    with Folder() as folder:
        scene = Scene(folder)
        scene.app.is_idle = False
        scene.pass_ms(1000)
        scene.let_in()
        assert scene.app.noted == [(HOST_PAIRED, 1000, 1, PAIRED_UNVERIFIED)]
        assert scene.app.played == 1
        assert scene.app.open_until_ms == 0
        scene.step()
        assert not scene.radio.hosts.admission.window_open


def test_the_radio_goes_off_only_once_the_links_have_ended():
    with Folder() as folder:
        scene = Scene(folder)
        scene.app.is_idle = False
        scene.pass_ms(1000)
        scene.let_in()
        scene.pass_ms(1000)
        scene.app.is_idle = True
        scene.pass_ms(5000)
        assert scene.ble.hung_up[0] == 0
        assert scene.radio.on
        assert not scene.ble.advertising
        assert scene.app.links == []
        scene.ble.tell(DISCONNECT, (0, 1, memoryview(ADDRESS)))
        scene.step()
        assert not scene.radio.on
        assert not scene.ble.is_active


def test_the_radio_restarts_after_all_hosts_are_forgotten_or_keys_were_put_back():
    for forgets in (True, False):
        with Folder() as folder:
            scene = Scene(folder)
            scene.app.is_idle = False
            scene.pass_ms(1000)
            scene.let_in()
            if forgets:
                scene.radio.hosts.admission.forget()
            else:
                assert scene.ble.tell(SET_SECRET, (1, memoryview(KEY), None))
            scene.pass_ms(1000)
            assert scene.radio.on
            scene.ble.tell(DISCONNECT, (0, 1, memoryview(ADDRESS)))
            scene.ble.starts = 0
            scene.pass_ms(1000)
            assert scene.radio.on
            assert scene.ble.starts == 1
            assert scene.ble.advertising


def test_it_does_not_advertise_while_a_known_host_is_about_to_encrypt():
    with Folder() as folder:
        scene = Scene(folder)
        scene.app.is_idle = False
        scene.pass_ms(1000)
        scene.let_in()
        scene.ble.tell(DISCONNECT, (0, 1, memoryview(ADDRESS)))
        scene.pass_ms(1000)
        scene.ble.tell(CONNECT, (0, 1, memoryview(ADDRESS)))
        scene.ble.advertising = 0
        scene.pass_ms(2000)
        assert not scene.ble.advertising
        scene.ble.tell(ENCRYPTION, (0, 1, 0, 1, 16))
        scene.step()
        assert scene.ble.advertising


def test_refusals_are_told_once_in_a_while():
    with Folder() as folder:
        scene = Scene(folder)
        scene.app.is_idle = False
        for _ in range(100):
            scene.pass_ms(1000)
            scene.ble.tell(CONNECT, (0, 1, memoryview(ADDRESS)))
            scene.ble.tell(DISCONNECT, (0, 1, memoryview(ADDRESS)))
        scene.pass_ms(600_000)
        assert [fields[3] for fields in scene.app.noted] == [1, 99]


def test_the_interrupt_never_raises_and_its_error_ends_the_task():
    with Folder() as folder:
        scene = Scene(folder)
        assert scene.ble.tell(MTU, (7, 247)) is None  # of a link that is gone
        assert scene.radio.hosts._error is None
        assert scene.ble.tell(MTU, ()) is None  # which the stack never says
        with raises(IndexError):
            run(scene.radio.run())
