"""The server of a link: hosts that fetch at the same time, what is durable before an answer, and the IDF's memory."""

import asyncio

from expect import run
from flash import Folder
from unslouch_device.contract import messages as m
from unslouch_device.contract.diagnostics import pack_idf_heap
from unslouch_device.contract.pages import RECORDS_PER_PAGE, unpack_page
from unslouch_device.contract.payloads import pack_reply
from unslouch_device.contract.records import BUZZED
from unslouch_device.journal import Journal
from unslouch_device.link.requests import Requests
from unslouch_device.link.server import LinkServer
from unslouch_device.port import sleep_ms

PAGES = 6


class App:
    """What Requests and a LinkServer need of the app to serve a journal."""

    own_utc_ms = None
    simulated = True
    device_id = bytes(8)
    name = "board"
    button_wakes = False
    has_radio = True
    gap_s = 180
    revision = calibration_id = 0

    def __init__(self, folder):
        self.journal = Journal(folder + "/journal", 1 << 20, 7)
        self.supervisor = self.resting = self.uptime = self.config = self.radio = self.hosts = self.event_log = self
        self.bonds_durable = True

    def fill(self):
        for number in range(PAGES * RECORDS_PER_PAGE):
            self.journal.append_event(BUZZED, number)
            if number % RECORDS_PER_PAGE == RECORDS_PER_PAGE - 1:
                self.journal.flush()

    def beat(self, task):
        pass

    def waiting(self, task):
        pass

    def stay_awake(self, host):
        pass

    def may_sleep_deeply(self):
        return False

    def now_ms(self):
        return 0

    def flush(self):
        self.journal.flush()

    def save(self):
        return self.bonds_durable

    def server(self, channel):
        return LinkServer(channel, Requests(self), None, self.journal, self, self, self)

    def idf_heap(self):
        return 61_440, 31_744


class Channel:
    """Sends slowly, and keeps what was sent."""

    def __init__(self, wired=False):
        self.wired = wired
        self.sent = []

    async def write(self, kind, payload):
        await sleep_ms(1)
        self.sent.append((kind, payload))

    def sequences(self):
        return [unpack_page(payload).first_sequence for kind, payload in self.sent if kind == m.PAGE]

    def replies(self):
        return [payload for kind, payload in self.sent if kind == m.REPLY]

    def statuses(self):
        return [payload[1] for kind, payload in self.sent if kind == m.REPLY]


def test_two_hosts_that_fetch_at_the_same_time_each_get_every_page_once():
    async def story():
        with Folder() as folder:
            app = App(folder)
            app.fill()
            channels = [Channel(), Channel()]
            starts = (0, 2 * RECORDS_PER_PAGE)
            fetches = []
            for channel, start in zip(channels, starts):
                request = m.pack_request(m.FETCH, 1, app.journal.id, start, 100)
                fetches.append(asyncio.create_task(app.server(channel).answer(m.FETCH, request)))
            for fetch in fetches:
                await fetch
            for channel, start in zip(channels, starts):
                assert channel.sequences() == list(range(start, PAGES * RECORDS_PER_PAGE, RECORDS_PER_PAGE))

    run(story())


def test_a_host_over_the_air_is_answered_only_once_its_bond_is_durable():
    async def story():
        with Folder() as folder:
            app = App(folder)
            app.fill()
            request = m.pack_request(m.HELLO, 1, m.PROTOCOL_VERSION)
            for wired, durable, status in (
                (False, False, m.FLASH_FAILED),
                (False, True, m.OK),
                (True, False, m.OK),
            ):
                app.bonds_durable = durable
                channel = Channel(wired)
                await app.server(channel).answer(m.HELLO, request)
                assert channel.statuses() == [status]

    run(story())


def test_the_memory_beyond_micropython_s_heap_is_answered_over_any_link():
    async def story():
        with Folder() as folder:
            for wired in (False, True):
                channel = Channel(wired)
                await App(folder).server(channel).answer(m.IDF_HEAP, m.pack_request(m.IDF_HEAP, 7))
                assert channel.replies() == [pack_reply(7, m.OK, pack_idf_heap(61_440, 31_744))]

    run(story())
