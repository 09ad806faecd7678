"""The board's end of a link: answers requests, sends pages of the journal, and streams telemetry."""

from .. import VERSION
from ..contract import messages as m
from ..contract import payloads as p
from ..contract.records import TASK_LINK, TASK_TELEMETRY, TILT_UNKNOWN
from ..contract.settings import RANGES, in_range
from ..contract.states import UNKNOWN
from ..on_demand import load
from ..port import sleep_ms

_STATUS_MS = 1000
_FETCH_PAGES = 256  # at most, per request
_PARTING_MS = 300  # in which the last reply goes out before a restart
_WATCHED_MS = 60_000  # after a host's last request: some systems keep the links of programs that have died


class LinkServer:
    """Serves one channel (link.serial.SerialLink or its like). A host may ask about all of the app, so it has the App.

    Live samples, status and events are offered and dropped when the channel is full; replies and pages wait.
    """

    def __init__(self, app, channel) -> None:
        self._app = app
        self._channel = channel
        self.live_hz = 0
        self._handshakes = 0
        self._heard_ms = 0

    async def serve(self) -> None:
        """Answer requests until the link ends."""
        try:
            while True:
                self._app.supervisor.waiting(TASK_LINK)
                frames = await self._channel.read()
                self._app.supervisor.beat(TASK_LINK)
                if self._channel.heard:
                    self._app.asked = True
                for kind, payload in frames:
                    await self.answer(kind, payload)
        finally:
            self._app.leave_update(self)

    async def stream(self) -> None:
        """Offer live samples and status to a host that has subscribed, until the link ends."""
        to_status_ms = 0
        while True:
            self._app.supervisor.beat(TASK_TELEMETRY)
            if not self.live_hz:
                to_status_ms = 0
                await sleep_ms(200)
                continue
            if to_status_ms <= 0:
                self._channel.offer(m.STATUS, self._status())
                to_status_ms += _STATUS_MS
            self._channel.offer(m.LIVE, self._live())
            if not self._channel.wired and self._app.uptime.now_ms() >= self._heard_ms + _WATCHED_MS:
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
        self._app.answered = True

    async def _send(self, kind: int, payload: bytes) -> None:
        self._app.supervisor.waiting(TASK_LINK)  # the host may read late
        await self._channel.write(kind, payload)
        self._app.supervisor.beat(TASK_LINK)

    def _reply_later(self, tag: int):
        """Return a function that answers a request later, unless another HELLO has come by then."""
        handshakes = self._handshakes

        async def answer(status: int, data: bytes) -> None:
            if handshakes == self._handshakes:
                await self._channel.write(m.REPLY, p.pack_reply(tag, status, data))

        return answer

    def _heard(self) -> None:
        self._heard_ms = self._app.uptime.now_ms()
        self._app.resting.stay_awake(self)

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
            self._app.calibrating.begin(kind, self._reply_later(tag))
        elif kind == m.SELF_TEST:
            if self._app.calibrating.busy or not self._app.sampler.ask_self_test(self._reply_later(tag)):
                await self.reply(tag, m.BUSY)
        elif kind == m.BOARD_TEST:
            if not self._app.self_test.begin(self._reply_later(tag)):
                await self.reply(tag, m.BUSY)
        elif kind >= m.UPDATE_STATE:
            await self._update(kind, tag, *fields[1:])
        elif kind >= m.UNDO:
            await self.reply(tag, *self._answer_rarely(kind, *fields[1:]))
        else:
            status, data = self._handlers[kind](self, *fields[1:])
            await self.reply(tag, status, data)
            if kind == m.REPL:
                self._app.stop()

    async def _update(self, kind: int, tag: int, *fields) -> None:
        try:
            updating = self._app.updating()
        except MemoryError:
            await self.reply(tag, m.BUSY)
            return
        await self.reply(tag, *(await updating.answer(self, kind, *fields)))
        if updating.is_done:
            await sleep_ms(_PARTING_MS)
            self._app.restart()
        self._app.leave_update(None)
        await sleep_ms(0)  # the sampler's turn, on a channel that never waits

    def _answer_rarely(self, kind: int, *fields) -> "tuple[int, bytes]":
        try:
            return load("rare_requests").answer(self._app, kind, *fields)
        except MemoryError:
            return m.BUSY, b""

    def _hello(self, version: int) -> "tuple[int, bytes]":
        self.live_hz = 0
        self._app.leave_update(self)
        self._handshakes += 1
        if version != m.PROTOCOL_VERSION:
            return m.UNKNOWN_PROTOCOL, bytes((m.PROTOCOL_VERSION,))
        app = self._app
        journal = app.journal
        app.event_log.flush()  # so that the host can fetch everything until now
        if not journal.durable:  # the next boot could have the same number
            return m.FLASH_FAILED, b""
        if not self._channel.wired and not app.radio.hosts.save():  # the host believes that it is paired from now on
            return m.FLASH_FAILED, b""
        flags = 0 if app.own_utc_ms is None else p.HELLO_OWN_CLOCK
        if app.simulated:
            flags |= p.HELLO_SIMULATED
        app.connected = True
        return m.OK, p.pack_hello_reply(
            m.PROTOCOL_VERSION,
            flags,
            app.device_id,
            bytes(VERSION),
            journal.id,
            journal.boot,
            journal.oldest_sequence,
            journal.flushed_sequence,
            app.uptime.now_ms(),
            app.config.revision,
            app.config.calibration_id,
            app.window_period_s,
            app.name.encode(),
        )

    def _clock(self, utc_ms: int, zone_quarter_h: int) -> "tuple[int, bytes]":
        if self._app.own_utc_ms is not None:
            return m.CLOCK_REFUSED, b""
        if utc_ms >> 48:
            return m.OUT_OF_RANGE, b""
        self._app.note_clock(utc_ms, zone_quarter_h)
        return m.OK, b""

    def _subscribe(self, live_hz: int) -> "tuple[int, bytes]":
        if live_hz > m.MAX_LIVE_HZ:
            return m.OUT_OF_RANGE, b""
        self.live_hz = live_hz
        if not live_hz:
            self._app.event_log.flush()  # so that a host that leaves can fetch everything before
        return m.OK, b""

    def _get_settings(self) -> "tuple[int, bytes]":
        return m.OK, self._app.config.packed_settings()

    def _set_setting(self, revision: int, id: int, value: int) -> "tuple[int, bytes]":
        current = p.pack_number(self._app.config.revision)
        if id not in RANGES:
            return m.UNKNOWN_SETTING, b""
        if revision != self._app.config.revision:
            return m.STALE_REVISION, current
        if not in_range(id, value) or not self._app.allows(id, value):
            return m.OUT_OF_RANGE, b""
        try:
            self._app.change_setting(id, value)
        except OSError:
            return m.FLASH_FAILED, b""
        return m.OK, p.pack_number(self._app.config.revision)

    def _get_profiles(self) -> "tuple[int, bytes]":
        return m.OK, self._app.config.profiles.on_wire()

    def _select_profile(self, index: int) -> "tuple[int, bytes]":
        calibrating = self._app.calibrating
        if index >= m.PROFILES:
            return m.OUT_OF_RANGE, b""
        if calibrating.busy:
            return m.BUSY, b""
        try:
            calibrating.select(index)
        except OSError:
            return m.FLASH_FAILED, b""
        return m.OK, p.pack_number(self._app.config.calibration_id)

    def _name_profile(self, index: int, padded: bytes) -> "tuple[int, bytes]":
        name = padded.rstrip(b"\0")
        if index >= m.PROFILES:
            return m.OUT_OF_RANGE, b""
        if not _is_text(name):
            return m.BAD_PAYLOAD, b""
        try:
            self._app.calibrating.rename(index, name)
        except OSError:
            return m.FLASH_FAILED, b""
        return m.OK, b""

    def _snooze(self, minutes: int) -> "tuple[int, bytes]":
        if minutes > m.MAX_SNOOZE_MIN and minutes != m.SNOOZE_AS_SET:
            return m.OUT_OF_RANGE, b""
        return m.OK, p.pack_number(self._app.snooze(minutes))

    def _buzz(self) -> "tuple[int, bytes]":
        self._app.feedback.buzz()
        return m.OK, b""

    def _diagnostics(self) -> "tuple[int, bytes]":
        app = self._app
        supervisor = app.supervisor
        records_left, records_held = app.journal.room()
        return m.OK, p.pack_diagnostics(
            app.boot_cause,
            app.crashes.count(),
            supervisor.heap_bytes,
            supervisor.least_heap_bytes,
            supervisor.late_ms,
            app.uptime.slept_ms // 1000,
            (app.sampler.bus_errors + app.motor.bus_errors) & 0xFFFFFFFF,
            app.event_log.flash_errors & 0xFFFFFFFF,
            self._channel.errors & 0xFFFFFFFF,
            app.journal.refused & 0xFFFFFFFF,
            records_left,
            records_held,
            self._channel.interval,
        )

    def _idf_heap(self) -> "tuple[int, bytes]":
        return m.OK, p.pack_idf_heap(*self._app.idf_heap())

    def _crash_text(self, offset: int) -> "tuple[int, bytes]":
        return m.OK, p.pack_crash_text(self._app.crashes.text, offset)

    def _ping(self) -> "tuple[int, bytes]":
        return m.OK, b""

    def _pair(self) -> "tuple[int, bytes]":
        if not self._app.window_period_s:
            return m.CABLE_ONLY, b""
        return m.OK, p.pack_number(self._app.pairing_window.open())

    def _get_hosts(self) -> "tuple[int, bytes]":
        return m.OK, self._app.radio.hosts.admission.hosts(self._channel.handle)

    def _forget_host(self, key: bytes) -> "tuple[int, bytes]":
        try:
            return m.OK if self._app.radio.hosts.forget_host(key) else m.UNKNOWN_HOST, b""
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
        journal = self._app.journal
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
        app = self._app
        pipeline = app.pipeline
        flags = 0
        if app.motor.running:
            flags |= p.LIVE_ALERTING
        if pipeline.alerter.snooze_samples:
            flags |= p.LIVE_SNOOZED
        if pipeline.alerter.tracking_only:
            flags |= p.LIVE_TRACKING_ONLY
        state = pipeline.posture.state
        forward_cdeg, lateral_cdeg = pipeline.shown_tilt()
        if app.sampler.silent():
            state = UNKNOWN
            forward_cdeg = lateral_cdeg = TILT_UNKNOWN
        return p.pack_live(
            app.uptime.now_ms() & 0xFFFFFFFF,
            forward_cdeg,
            lateral_cdeg,
            state,
            pipeline.shown_activity(),
            flags,
            min(255, pipeline.above_threshold_s()),
        )

    def _status(self) -> bytes:
        app = self._app
        power = app.power
        return p.pack_status(
            app.uptime.now_ms(),
            power.battery_mV,
            power.battery_percent,
            p.POWER_EXTERNAL if app.pipeline.external_power else 0,
            app.pipeline.snooze_left_s(),
            app.journal.oldest_sequence,
            app.journal.flushed_sequence,
            app.sampler.alerts & 0xFFFF,
            app.sampler.lost_samples & 0xFFFFFFFF,
            app.config.revision,
            app.config.calibration_id,
            app.config.profiles.index,
            p.NOTICE_SENSOR_MOVED if app.pipeline.walking.moved else 0,
            app.pipeline.alerter.delay_s,
        )


def _is_text(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeError:
        return False
    return not name or min(name) >= ord(" ")
