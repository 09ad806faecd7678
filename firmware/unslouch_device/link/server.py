"""The board's end of a link: takes in requests, sends replies and pages of the journal, and streams telemetry."""

from ..contract import messages as m
from ..contract import payloads as p
from ..contract.records import TASK_LINK, TASK_TELEMETRY
from ..port import sleep_ms

_STATUS_MS = 1000
_FETCH_PAGES = 256  # at most, per request
_WATCHED_MS = 60_000  # after a host's last request: some systems keep the links of programs that have died


class LinkServer:
    """Serves one channel (link.serial.SerialLink or its like).

    Live samples, status and events are offered and dropped when the channel is full; replies and pages wait.
    """

    def __init__(self, channel, requests, telemetry, journal, supervisor, resting, uptime) -> None:
        """requests: a link.requests.Requests, which answers what this class doesn't. telemetry: a Telemetry."""
        self.link_channel = channel
        self._requests = requests
        self._telemetry = telemetry
        self._journal = journal
        self._supervisor = supervisor
        self._resting = resting
        self._uptime = uptime
        self.live_hz = 0
        self._handshakes = 0
        self._heard_ms = 0

    async def serve(self) -> None:
        """Answer requests until the link ends."""
        try:
            while True:
                self._supervisor.waiting(TASK_LINK)
                frames = await self.link_channel.read()
                self._supervisor.beat(TASK_LINK)
                if self.link_channel.heard:
                    self._requests.asked = True
                for kind, payload in frames:
                    await self.answer(kind, payload)
        finally:
            self._requests.leave(self)

    async def stream(self) -> None:
        """Offer live samples and status to a host that has subscribed, until the link ends."""
        to_status_ms = 0
        while True:
            self._supervisor.beat(TASK_TELEMETRY)
            if not self.live_hz:
                to_status_ms = 0
                await sleep_ms(200)
                continue
            if to_status_ms <= 0:
                self.link_channel.offer(m.STATUS, self._telemetry.status())
                to_status_ms += _STATUS_MS
            self.link_channel.offer(m.LIVE, self._telemetry.live())
            if not self.link_channel.wired and self._uptime.now_ms() >= self._heard_ms + _WATCHED_MS:
                self.live_hz = 1
            period_ms = 1000 // self.live_hz
            to_status_ms -= period_ms
            await sleep_ms(period_ms)

    def send_event(self, record: bytes) -> None:
        """Offer an event's record to a host that has subscribed."""
        if self.live_hz:
            self.link_channel.offer(m.EVENT, record)

    def begin_anew(self) -> None:
        """A host has sent HELLO: it gets no telemetry, and no reply to what was asked before."""
        self.live_hz = 0
        self._handshakes += 1

    async def reply(self, tag: int, status: int, data: bytes = b"") -> None:
        """Send a REPLY."""
        await self._send(m.REPLY, p.pack_reply(tag, status, data))
        self._requests.answered = True

    def reply_later(self, tag: int):
        """Return a function that answers a request later, unless another HELLO has come by then."""
        handshakes = self._handshakes

        async def answer(status: int, data: bytes) -> None:
            if handshakes == self._handshakes:
                await self.link_channel.write(m.REPLY, p.pack_reply(tag, status, data))

        return answer

    async def answer(self, kind: int, payload: bytes) -> None:
        """Answer a frame from the host."""
        self._heard()
        if not payload:
            return
        tag = payload[0]
        if kind not in m.REQUEST_FORMATS:
            await self.reply(tag, m.UNKNOWN_REQUEST)
            return
        fields = m.unpack_request(kind, payload)
        if fields is None:
            await self.reply(tag, m.BAD_PAYLOAD)
        elif kind in (m.PAIR, m.REPL) and not self.link_channel.wired:
            await self.reply(tag, m.CABLE_ONLY)
        elif kind == m.FETCH:
            await self._fetch(*fields)
        else:
            await self._requests.serve(self, kind, *fields)

    async def _fetch(self, tag, journal_id, sequence, pages) -> None:
        journal = self._journal
        if journal_id != journal.id:
            await self.reply(tag, m.WRONG_JOURNAL)
            return
        for _ in range(min(pages, _FETCH_PAGES)):
            try:
                page = journal.read_page(sequence)
            except OSError:
                await self.reply(tag, m.FLASH_FAILED)
                return
            if page is None:
                break
            sequence = journal.read_sequence  # before another host's FETCH moves it
            await self._send(m.PAGE, page)
            self._heard()  # over the air, pages that go out are pages that were acknowledged
            await sleep_ms(0)  # the sampler's turn, on a channel that never waits
        await self.reply(tag, m.OK, p.pack_fetch_reply(journal.oldest_sequence, journal.flushed_sequence))

    async def _send(self, kind: int, payload: bytes) -> None:
        self._supervisor.waiting(TASK_LINK)  # the host may read late
        await self.link_channel.write(kind, payload)
        self._supervisor.beat(TASK_LINK)

    def _heard(self) -> None:
        self._heard_ms = self._uptime.now_ms()
        self._resting.stay_awake(self)
