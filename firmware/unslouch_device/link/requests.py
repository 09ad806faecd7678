"""Answers the requests of hosts, on any link; on_demand.rare_requests has those that no recorder sends all day."""

from .. import VERSION
from ..contract import messages as m
from ..contract import payloads as p
from ..on_demand import NotLoaded, load
from ..port import sleep_ms


class Requests:
    """Serves the hosts of all links. A host may ask about the whole board, so it has the App."""

    def __init__(self, app) -> None:
        self._app = app
        self.asked = self.answered = self.connected = False  # by, to and with a host, on any link
        self.updates: list = []  # an Updating of on_demand, while a host updates the firmware
        self._is_testing = False

    async def serve(self, server, kind: int, tag: int, *fields) -> None:
        """Answer a request that came over a LinkServer, now or later."""
        app = self._app
        if kind in (m.CALIBRATE, m.REZERO, m.BOW, m.STANDING):
            app.calibrating.begin(kind, server.reply_later(tag))
        elif kind == m.SELF_TEST:
            if app.calibrating.busy or not app.sampler.ask_self_test(server.reply_later(tag)):
                await server.reply(tag, m.BUSY)
        elif kind == m.BOARD_TEST:
            if self._is_testing or app.motor.running:
                await server.reply(tag, m.BUSY)
            else:
                self._is_testing = True
                app.tasks.send_off(self._test, server.reply_later(tag))
        elif kind >= m.UPDATE_STATE:
            await self._update(server, kind, tag, *fields)
        elif kind in self._handlers:
            await server.reply(tag, *self._handlers[kind](self, server, *fields))
            if kind == m.REPL:
                app.stop()
        else:
            await server.reply(tag, *self._serve_rarely(server, kind, *fields))

    def _serve_rarely(self, server, kind: int, *fields) -> "tuple[int, bytes]":
        try:
            return load("rare_requests").HANDLERS[kind](self._app, server.link_channel, *fields)
        except NotLoaded:
            return m.BUSY, b""

    async def _test(self, answer) -> None:
        try:
            reply = m.OK, await load("board_test").run(self._app)
        except NotLoaded:
            reply = m.BUSY, b""
        finally:
            self._is_testing = False
        await answer(*reply)

    def _hello(self, server, version: int) -> "tuple[int, bytes]":
        server.begin_anew()
        self.leave(server)
        if version != m.PROTOCOL_VERSION:
            return m.UNKNOWN_PROTOCOL, bytes((m.PROTOCOL_VERSION,))
        app = self._app
        journal = app.journal
        app.event_log.flush()  # so that the host can fetch everything until now
        if not journal.durable:  # the next boot could have the same number
            return m.FLASH_FAILED, b""
        is_saved = server.link_channel.wired or app.radio.hosts.save()
        if not is_saved:  # the host believes that it is paired from now on
            return m.FLASH_FAILED, b""
        flags = 0 if app.own_utc_ms is None else p.HELLO_OWN_CLOCK
        if app.simulated:
            flags |= p.HELLO_SIMULATED
        if app.resting.may_sleep_deeply():
            flags |= p.HELLO_SLEEPS_DEEPLY
        if app.button_wakes:
            flags |= p.HELLO_BUTTON_WAKES
        self.connected = True
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
            app.radio.gap_s if app.has_radio else 0,
            app.name.encode(),
        )

    def _clock(self, server, utc_ms: int, zone_quarter_h: int) -> "tuple[int, bytes]":
        if self._app.own_utc_ms is not None:
            return m.CLOCK_REFUSED, b""
        if utc_ms >> 48:
            return m.OUT_OF_RANGE, b""
        self._app.note_clock(utc_ms, zone_quarter_h)
        return m.OK, b""

    def _subscribe(self, server, live_hz: int) -> "tuple[int, bytes]":
        if live_hz > m.MAX_LIVE_HZ:
            return m.OUT_OF_RANGE, b""
        server.live_hz = live_hz
        if not live_hz:
            self._app.event_log.flush()  # so that a host that leaves can fetch everything before
        return m.OK, b""

    def _get_settings(self, server) -> "tuple[int, bytes]":
        return m.OK, self._app.config.packed_settings()

    def _ping(self, server) -> "tuple[int, bytes]":
        return m.OK, b""

    _handlers: dict = {
        m.HELLO: _hello,
        m.CLOCK: _clock,
        m.SUBSCRIBE: _subscribe,
        m.GET_SETTINGS: _get_settings,
        m.PING: _ping,
        m.REPL: _ping,
    }

    # Updates of the firmware

    async def _update(self, server, kind: int, tag: int, *fields) -> None:
        try:
            if not self.updates:
                self.updates.append(load("updating").Updating(self._app))
        except NotLoaded:
            await server.reply(tag, m.BUSY)
            return
        await server.reply(tag, *(await self.updates[0].answer(server, kind, *fields)))
        self.leave(None)
        await sleep_ms(0)  # the sampler's turn, on a channel that never waits

    def leave(self, server) -> None:
        """Give up the update that was begun on a link, which has ended or begins anew."""
        if self.updates and self.updates[0].leave(server):
            self.updates.clear()
