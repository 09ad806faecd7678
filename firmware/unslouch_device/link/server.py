"""The board's end of a link: answers requests, sends pages of the journal, and streams telemetry."""

from .. import VERSION
from ..contract import messages as m
from ..contract import payloads as p
from ..contract.records import TASK_LINK, TASK_TELEMETRY, TILT_UNKNOWN
from ..contract.settings import RANGES, in_range
from ..contract.states import UNKNOWN
from ..port import sleep_ms

_STATUS_MS = 1000
_FETCH_PAGES = 256  # at most, per request
_WATCHED_MS = 60_000  # after a host's last request: some systems keep the links of programs that have died


class LinkServer:
    """Serves one channel (link.serial.SerialLink or its like) on behalf of a `board`, the app's App.

    Live samples, status and events are offered and dropped when the channel is full; replies and pages wait.
    """

    def __init__(self, board, channel) -> None:
        self._board = board
        self._channel = channel
        self.live_hz = 0
        self._handshakes = 0
        self._heard_ms = 0

    async def serve(self) -> None:
        """Answer requests for ever."""
        while True:
            self._board.supervisor.waiting(TASK_LINK)
            frames = await self._channel.read()
            self._board.supervisor.beat(TASK_LINK)
            if self._channel.heard:
                self._board.asked = True
            for kind, payload in frames:
                await self.answer(kind, payload)

    async def stream(self) -> None:
        """Offer live samples and status to a host that has subscribed, for ever."""
        to_status_ms = 0
        while True:
            self._board.supervisor.beat(TASK_TELEMETRY)
            if not self.live_hz:
                to_status_ms = 0
                await sleep_ms(200)
                continue
            if to_status_ms <= 0:
                self._channel.offer(m.STATUS, self._status())
                to_status_ms += _STATUS_MS
            self._channel.offer(m.LIVE, self._live())
            if not self._channel.wired and self._board.uptime.now_ms() >= self._heard_ms + _WATCHED_MS:
                self.live_hz = 1
            period_ms = 1000 // self.live_hz
            to_status_ms -= period_ms
            await sleep_ms(period_ms)

    def send_event(self, record: bytes) -> None:
        """Offer an event's record to a host that has subscribed."""
        if self.live_hz:
            self._channel.offer(m.EVENT, record)

    async def reply(self, tag: int, status: int, data: bytes = b"") -> None:
        """Send a REPLY."""
        await self._send(m.REPLY, p.pack_reply(tag, status, data))
        self._board.answered = True

    async def _send(self, kind: int, payload: bytes) -> None:
        self._board.supervisor.waiting(TASK_LINK)  # the host may read late
        await self._channel.write(kind, payload)
        self._board.supervisor.beat(TASK_LINK)

    def _reply_later(self, tag: int):
        """Return a function that answers a request later, unless another HELLO has come by then."""
        handshakes = self._handshakes

        async def answer(status: int, data: bytes) -> None:
            if handshakes == self._handshakes:
                await self._channel.write(m.REPLY, p.pack_reply(tag, status, data))

        return answer

    def _heard(self) -> None:
        self._heard_ms = self._board.uptime.now_ms()
        self._board.resting.stay_awake(self)

    # Requests

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
        elif kind in (m.PAIR, m.REPL) and not self._channel.wired:
            await self.reply(tag, m.CABLE_ONLY)
        elif kind == m.FETCH:
            await self._fetch(tag, *fields[1:])
        elif kind in (m.CALIBRATE, m.REZERO, m.BOW, m.STANDING):
            self._board.calibrating.begin(kind, self._reply_later(tag))
        elif kind == m.SELF_TEST:
            if self._board.calibrating.busy or not self._board.sampler.ask_self_test(self._reply_later(tag)):
                await self.reply(tag, m.BUSY)
        elif kind == m.BOARD_TEST:
            if not self._board.self_test.begin(self._reply_later(tag)):
                await self.reply(tag, m.BUSY)
        else:
            status, data = self._handlers[kind](self, *fields[1:])
            await self.reply(tag, status, data)
            if kind == m.REPL:
                self._board.stop()

    def _hello(self, version: int) -> "tuple[int, bytes]":
        self.live_hz = 0
        self._handshakes += 1
        if version != m.PROTOCOL_VERSION:
            return m.UNKNOWN_PROTOCOL, bytes((m.PROTOCOL_VERSION,))
        board = self._board
        journal = board.journal
        board.flush()  # so that the host can fetch everything until now
        if not journal.durable:  # the next boot could have the same number
            return m.FLASH_FAILED, b""
        if not self._channel.wired and not board.radio.hosts.save():  # the host believes itself paired for good
            return m.FLASH_FAILED, b""
        flags = 0 if board.own_utc_ms is None else p.HELLO_OWN_CLOCK
        if board.simulated:
            flags |= p.HELLO_SIMULATED
        return m.OK, p.pack_hello_reply(
            m.PROTOCOL_VERSION,
            flags,
            board.device_id,
            bytes(VERSION),
            journal.id,
            journal.boot,
            journal.oldest_sequence,
            journal.flushed_sequence,
            board.uptime.now_ms(),
            board.config.revision,
            board.config.calibration_id,
            board.window_period_s,
            board.name.encode(),
        )

    def _clock(self, utc_ms: int, zone_quarter_h: int) -> "tuple[int, bytes]":
        if self._board.own_utc_ms is not None:
            return m.CLOCK_REFUSED, b""
        if utc_ms >> 48:
            return m.OUT_OF_RANGE, b""
        self._board.note_clock(utc_ms, zone_quarter_h)
        return m.OK, b""

    def _subscribe(self, live_hz: int) -> "tuple[int, bytes]":
        if live_hz > m.MAX_LIVE_HZ:
            return m.OUT_OF_RANGE, b""
        self.live_hz = live_hz
        if not live_hz:
            self._board.flush()  # so that a host that leaves can fetch everything before
        return m.OK, b""

    def _get_settings(self) -> "tuple[int, bytes]":
        return m.OK, self._board.config.packed_settings()

    def _set_setting(self, revision: int, id: int, value: int) -> "tuple[int, bytes]":
        current = p.pack_number(self._board.config.revision)
        if id not in RANGES:
            return m.UNKNOWN_SETTING, b""
        if revision != self._board.config.revision:
            return m.STALE_REVISION, current
        if not in_range(id, value) or not self._board.allows(id, value):
            return m.OUT_OF_RANGE, b""
        try:
            self._board.change_setting(id, value)
        except OSError:
            return m.FLASH_FAILED, b""
        return m.OK, p.pack_number(self._board.config.revision)

    def _get_profiles(self) -> "tuple[int, bytes]":
        return m.OK, self._board.config.profiles.on_wire()

    def _select_profile(self, index: int) -> "tuple[int, bytes]":
        calibrating = self._board.calibrating
        if index >= m.PROFILES:
            return m.OUT_OF_RANGE, b""
        if calibrating.busy:
            return m.BUSY, b""
        try:
            calibrating.select(index)
        except OSError:
            return m.FLASH_FAILED, b""
        return m.OK, p.pack_number(self._board.config.calibration_id)

    def _name_profile(self, index: int, padded: bytes) -> "tuple[int, bytes]":
        name = padded.rstrip(b"\0")
        if index >= m.PROFILES:
            return m.OUT_OF_RANGE, b""
        if not _is_text(name):
            return m.BAD_PAYLOAD, b""
        try:
            self._board.calibrating.rename(index, name)
        except OSError:
            return m.FLASH_FAILED, b""
        return m.OK, b""

    def _snooze(self, minutes: int) -> "tuple[int, bytes]":
        if minutes > m.MAX_SNOOZE_MIN and minutes != m.SNOOZE_AS_SET:
            return m.OUT_OF_RANGE, b""
        return m.OK, p.pack_number(self._board.snooze(minutes))

    def _buzz(self) -> "tuple[int, bytes]":
        self._board.feedback.buzz()
        return m.OK, b""

    def _diagnostics(self) -> "tuple[int, bytes]":
        board = self._board
        supervisor = board.supervisor
        records_left, records_held = board.journal.room()
        return m.OK, p.pack_diagnostics(
            board.boot_cause,
            board.crashes.count(),
            supervisor.heap_bytes,
            supervisor.least_heap_bytes,
            supervisor.late_ms,
            board.uptime.slept_ms // 1000,
            (board.sampler.bus_errors + board.motor.bus_errors) & 0xFFFFFFFF,
            board.event_log.flash_errors & 0xFFFFFFFF,
            self._channel.errors & 0xFFFFFFFF,
            board.journal.refused & 0xFFFFFFFF,
            records_left,
            records_held,
            self._channel.interval,
        )

    def _idf_heap(self) -> "tuple[int, bytes]":
        return m.OK, p.pack_idf_heap(*self._board.idf_heap())

    def _crash_text(self, offset: int) -> "tuple[int, bytes]":
        return m.OK, p.pack_crash_text(self._board.crashes.text, offset)

    def _ping(self) -> "tuple[int, bytes]":
        return m.OK, b""

    def _pair(self) -> "tuple[int, bytes]":
        if not self._board.window_period_s:
            return m.CABLE_ONLY, b""
        return m.OK, p.pack_number(self._board.open_pairing())

    def _get_hosts(self) -> "tuple[int, bytes]":
        return m.OK, self._board.radio.hosts.admission.hosts(self._channel.handle)

    def _forget_host(self, key: bytes) -> "tuple[int, bytes]":
        try:
            return m.OK if self._board.radio.hosts.forget_host(key) else m.UNKNOWN_HOST, b""
        except OSError:
            return m.FLASH_FAILED, b""

    _handlers: dict = {
        m.HELLO: _hello,
        m.CLOCK: _clock,
        m.SUBSCRIBE: _subscribe,
        m.GET_SETTINGS: _get_settings,
        m.SET_SETTING: _set_setting,
        m.GET_PROFILES: _get_profiles,
        m.SELECT_PROFILE: _select_profile,
        m.NAME_PROFILE: _name_profile,
        m.SNOOZE: _snooze,
        m.BUZZ: _buzz,
        m.PING: _ping,
        m.REPL: _ping,
        m.DIAGNOSTICS: _diagnostics,
        m.CRASH_TEXT: _crash_text,
        m.PAIR: _pair,
        m.GET_HOSTS: _get_hosts,
        m.FORGET_HOST: _forget_host,
        m.IDF_HEAP: _idf_heap,
    }

    async def _fetch(self, tag: int, journal_id, sequence, pages) -> None:
        journal = self._board.journal
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

    # Telemetry

    def _live(self) -> bytes:
        board = self._board
        pipeline = board.pipeline
        flags = 0
        if board.motor.running:
            flags |= p.LIVE_ALERTING
        if pipeline.alerter.snooze_samples:
            flags |= p.LIVE_SNOOZED
        if pipeline.alerter.tracking_only:
            flags |= p.LIVE_TRACKING_ONLY
        state = pipeline.posture.state
        forward_cdeg, lateral_cdeg = pipeline.shown_tilt()
        if board.sampler.silent():
            state = UNKNOWN
            forward_cdeg = lateral_cdeg = TILT_UNKNOWN
        return p.pack_live(
            board.uptime.now_ms() & 0xFFFFFFFF,
            forward_cdeg,
            lateral_cdeg,
            state,
            pipeline.shown_activity(),
            flags,
            min(255, pipeline.above_threshold_s()),
        )

    def _status(self) -> bytes:
        board = self._board
        power = board.power
        return p.pack_status(
            board.uptime.now_ms(),
            power.battery_mV,
            power.battery_percent,
            p.POWER_EXTERNAL if board.pipeline.external_power else 0,
            board.pipeline.snooze_left_s(),
            board.journal.oldest_sequence,
            board.journal.flushed_sequence,
            board.sampler.alerts & 0xFFFF,
            board.sampler.lost_samples & 0xFFFFFFFF,
            board.config.revision,
            board.config.calibration_id,
            board.config.profiles.index,
            p.NOTICE_SENSOR_MOVED if board.pipeline.walking.moved else 0,
            board.pipeline.alerter.delay_s,
        )


def _is_text(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeError:
        return False
    return not name or min(name) >= ord(" ")
