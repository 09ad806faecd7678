"""A board that speaks the contract from asyncio, over a pty or TCP, and misbehaves on request."""

import asyncio
import os
import struct
import tty
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from journals import JournalBuilder
from unslouch.link.model import BoardStatus, JournalEvent, LinkState, LiveSample, SensorInfo
from unslouch.sensor.events import (
    LinkChanged,
    RecordsStored,
    SensorConnected,
    SensorEvent,
    StoreFailed,
    StoreRecovered,
    WindowExpected,
)
from unslouch_device.contract import messages as m
from unslouch_device.contract import patterns, states
from unslouch_device.contract import payloads as p
from unslouch_device.contract.board_test import TEST_PASSED, pack_board_test
from unslouch_device.contract.diagnostics import pack_diagnostics, pack_idf_heap
from unslouch_device.contract.frames import Deframer, to_wire
from unslouch_device.contract.pages import unpack_page
from unslouch_device.contract.records import pack_event
from unslouch_device.contract.settings import SETTINGS, pack_settings, setting_by_id

Send = Callable[[bytes], Awaitable[None]]


class FakeBoard:
    """The requests of the contract, answered; its attributes change what it does."""

    def __init__(self, hours: float = 0.1, journal: int = 0xABCD) -> None:
        self.builder = JournalBuilder(journal).start_boot().epochs(states.UPRIGHT, int(hours * 720))
        self.boot = 1
        self.protocol = m.PROTOCOL_VERSION
        self.flags = p.HELLO_SIMULATED
        self.oldest = 0
        self.uptime_ms = 3_600_000
        self.window_period_s = 0
        self.revision = 7
        self.settings = {setting.id: setting.default for setting in SETTINGS}
        self.calibration_id = 1
        self.own_pattern = bytes(patterns.OWN_TIMES)
        self.played: list[int] = []
        self.profile = 0
        self.hosts: list[bytes] = []
        """As GET_HOSTS lists them."""
        self.idf_heap = 61_440, 31_744
        """As IDF_HEAP gives it: free bytes, largest free block."""
        self.board_test = TEST_PASSED, 1, 3912, TEST_PASSED, TEST_PASSED, TEST_PASSED
        """As BOARD_TEST gives it: motor, external power, battery mV, radio, flash, heap."""
        self.pack: bytearray | None = None
        """What has arrived of new firmware."""
        self.pack_bytes = 0
        self.profile_names = list(m.PROFILE_NAMES)
        self.notices = 0
        self.delay_s = 30
        self._subscribed = asyncio.Event()
        self.live_hz = 0
        self.requests: list[int] = []
        self.clocks: list[tuple[int, int]] = []
        # Misbehaviour
        self.silent = False
        self.deaf_to: set[int] = set()
        self.refuse: dict[int, int] = {}
        self.noise = b""
        self.page_filter: Callable[[bytes], bytes | None] = lambda page: page
        self.claimed_end: int | None = None
        self.claimed_oldest: int | None = None
        self.streaming = True
        self.stream_every_s = 0.02
        self._unplug = asyncio.Event()

    @property
    def pages(self) -> list[bytes]:
        """Pages that are still in the ring."""
        return [page for page in self.builder.pages() if unpack_page(page).next_sequence > self.oldest]

    @property
    def end(self) -> int:
        """Next sequence to be flushed."""
        return self.builder.sequence if self.claimed_end is None else self.claimed_end

    @property
    def begin(self) -> int:
        return self.oldest if self.claimed_oldest is None else self.claimed_oldest

    def restart(self) -> None:
        """As after a power cut: the next boot, without a subscription."""
        self.builder.start_boot()
        self.boot += 1
        self.uptime_ms = 0
        self.live_hz = 0

    def wipe(self, journal: int) -> None:
        """Begin another journal without an event."""
        self.builder = JournalBuilder(journal).start_boot().epochs(states.UPRIGHT, 5)

    def unplug(self) -> None:
        """End the present link from the board's side."""
        self._unplug.set()
        self.live_hz = 0

    # Serving

    @asynccontextmanager
    async def on_tcp(self) -> AsyncIterator[str]:
        """Serve at a socket:// URL."""
        server = await asyncio.start_server(self._serve_tcp, "127.0.0.1", 0)
        try:
            yield f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            self.unplug()
            await server.wait_closed()
            await asyncio.sleep(0)

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def send(data: bytes) -> None:
            writer.write(data)
            await writer.drain()

        async def receive() -> bytes:
            data = await reader.read(4096)
            if not data:
                raise ConnectionError
            return data

        try:
            await self._serve(receive, send)
        finally:
            writer.transport.abort()

    @asynccontextmanager
    async def on_pty(self, link: Path) -> AsyncIterator[str]:
        """Serve as a serial port that `link` points to; when unplugged, the link is removed."""
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        link.unlink(missing_ok=True)
        link.symlink_to(os.ttyname(slave))
        incoming: asyncio.Queue[bytes] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def heard() -> None:
            with suppress(BlockingIOError):
                incoming.put_nowait(os.read(master, 4096))

        async def send(data: bytes) -> None:
            while data:
                try:
                    data = data[os.write(master, data) :]
                except BlockingIOError:
                    await asyncio.sleep(0.002)

        loop.add_reader(master, heard)
        serving = asyncio.create_task(self._serve(incoming.get, send))

        def remove(_: object) -> None:
            loop.remove_reader(master)
            link.unlink(missing_ok=True)
            os.close(master)
            os.close(slave)

        serving.add_done_callback(remove)
        try:
            yield str(link)
        finally:
            self.unplug()
            await asyncio.wait([serving])

    async def _serve(self, receive: Callable[[], Awaitable[bytes]], send: Send) -> None:
        self._unplug.clear()
        tasks = [
            asyncio.create_task(self._answer(receive, send)),
            asyncio.create_task(self._stream(send)),
            asyncio.create_task(self._unplug.wait()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            for task in tasks:
                if not task.cancelled() and not isinstance(task.exception(), OSError | None):
                    task.result()

    async def _answer(self, receive: Callable[[], Awaitable[bytes]], send: Send) -> None:
        deframer = Deframer()
        while True:
            for kind, payload in deframer.feed(await receive()):
                self.requests.append(kind)
                if self.noise:
                    await send(self.noise)
                if not self.silent and kind not in self.deaf_to:
                    await self._reply(kind, payload, send)

    @property
    def live_hz(self) -> int:
        """The rate of the subscription, 0: none."""
        return self._live_hz

    @live_hz.setter
    def live_hz(self, rate_hz: int) -> None:
        self._live_hz = rate_hz
        (self._subscribed.set if rate_hz else self._subscribed.clear)()

    async def _stream(self, send: Send) -> None:
        while True:
            await self._subscribed.wait()
            await asyncio.sleep(self.stream_every_s)
            if self.live_hz and self.streaming and not self.silent:
                self.uptime_ms += 40
                await send(to_wire(m.LIVE, self.live()) + to_wire(m.STATUS, self.status()))

    # Frames

    def live(self) -> bytes:
        return p.pack_live(self.uptime_ms & 0xFFFFFFFF, 1234, -210, states.LEANING, states.ACTIVITY_STILL, 0, 3)

    def status(self) -> bytes:
        return p.pack_status(
            uptime_ms=self.uptime_ms,
            battery_mV=3900,
            battery_percent=80,
            power_flags=0,
            snooze_left_s=0,
            oldest_sequence=self.begin,
            next_sequence=self.end,
            alerts=2,
            samples_lost=0,
            settings_revision=self.revision,
            calibration_id=self.calibration_id,
            profile=self.profile,
            notices=self.notices,
            delay_s=self.delay_s,
        )

    def profiles(self) -> bytes:
        """Of four only the first is calibrated, with a bow."""
        data = bytes((self.profile,))
        for index, name in enumerate(self.profile_names):
            known = (self.calibration_id, p.PROFILE_BOWED) if index == 0 else (0, 0)
            data += p.pack_profile(index, *known, name)
        return data

    def event(self, code: int, *fields: int) -> bytes:
        return to_wire(m.EVENT, pack_event(code, self.uptime_ms, *fields))

    def hello(self) -> bytes:
        return p.pack_hello_reply(
            protocol_version=self.protocol,
            flags=self.flags,
            device_id=b"\1\2\3\4\5\6\7\x08",
            firmware_version=b"\0\1\2",
            journal=self.builder.journal,
            boot=self.boot,
            oldest_sequence=self.begin,
            next_sequence=self.end,
            uptime_ms=self.uptime_ms,
            settings_revision=self.revision,
            calibration_id=self.calibration_id,
            window_period_s=self.window_period_s,
            board=b"fake board",
        )

    async def _reply(self, kind: int, payload: bytes, send: Send) -> None:
        tag, *fields = struct.unpack(m.REQUEST_FORMATS[kind], payload)
        if kind in self.refuse:
            status, data = self.refuse[kind], b""
        elif kind == m.FETCH:
            status, data = await self._fetch(*fields, send)
        else:
            status, data = self._do(kind, fields)
        await send(to_wire(m.REPLY, p.pack_reply(tag, status, data)))

    def _update(self, kind: int, fields: list[Any]) -> tuple[int, bytes]:
        if kind == m.UPDATE_BEGIN:
            self.pack, self.pack_bytes = bytearray(), fields[0]
            return m.OK, b""
        if self.pack is None:
            return m.NO_UPDATE, b""
        if kind == m.UPDATE_END:
            return (m.OK if len(self.pack) == self.pack_bytes else m.DAMAGED), b""
        if fields[0] == len(self.pack):
            self.pack += fields[1][: self.pack_bytes - fields[0]]
        return m.OK, len(self.pack).to_bytes(4, "little")

    def _do(self, kind: int, fields: list[Any]) -> tuple[int, bytes]:
        revision = p.pack_number(self.revision)
        match kind:
            case m.HELLO:
                self.live_hz = 0
                if fields[0] != self.protocol:
                    return m.UNKNOWN_PROTOCOL, bytes((self.protocol,))
                return m.OK, self.hello()
            case m.CLOCK:
                self.clocks.append((fields[0], fields[1]))
            case m.SUBSCRIBE:
                self.live_hz = fields[0]
            case m.GET_SETTINGS:
                return m.OK, pack_settings(self.revision, self.settings)
            case m.SET_SETTING:
                if fields[0] != self.revision:
                    return m.STALE_REVISION, revision
                if setting_by_id(fields[1]) is None:
                    return m.UNKNOWN_SETTING, b""
                self.settings[fields[1]] = fields[2]
                self.revision += 1
                return m.OK, p.pack_number(self.revision)
            case m.CALIBRATE | m.REZERO | m.BOW:
                self.calibration_id += 1
                return m.OK, p.pack_number(self.calibration_id)
            case m.UNDO:
                if self.calibration_id == 0:
                    return m.NOT_CALIBRATED, b""
                self.calibration_id -= 1
                return m.OK, p.pack_number(self.calibration_id)
            case m.PLAY_PATTERN:
                if fields[0] == patterns.OWN and not any(self.own_pattern):
                    return m.OUT_OF_RANGE, b""
                self.played.append(fields[0])
            case m.GET_OWN_PATTERN:
                return m.OK, self.own_pattern
            case m.SET_OWN_PATTERN:
                self.own_pattern = fields[0]
            case m.STANDING:
                return m.OK, p.pack_standing_reply(-1240, 150)
            case m.DIAGNOSTICS:
                return m.OK, pack_diagnostics(1, 0, 80_000, 70_000, 12, 3, 0, 0, 0, 0, 100_000, 120_000, 0)
            case m.IDF_HEAP:
                return m.OK, pack_idf_heap(*self.idf_heap)
            case m.BOARD_TEST:
                return m.OK, pack_board_test(*self.board_test)
            case m.UPDATE_BEGIN | m.UPDATE_DATA | m.UPDATE_END:
                return self._update(kind, fields)
            case m.SELF_TEST:
                return m.OK, bytes((0x3F,))
            case m.GET_HOSTS:
                return m.OK, b"".join(self.hosts)
            case m.FORGET_HOST:
                left = [host for host in self.hosts if host[1:] != fields[0]]
                if left == self.hosts:
                    return m.UNKNOWN_HOST, b""
                self.hosts = left
            case m.GET_PROFILES:
                return m.OK, self.profiles()
            case m.SELECT_PROFILE:
                if fields[0] >= m.PROFILES:
                    return m.OUT_OF_RANGE, b""
                self.profile = fields[0]
                return m.OK, p.pack_number(self.calibration_id if self.profile == 0 else 0)
            case m.NAME_PROFILE:
                self.profile_names[fields[0]] = fields[1].rstrip(b"\0")
            case m.SNOOZE:
                return m.OK, p.pack_number(15 if fields[0] == m.SNOOZE_AS_SET else fields[0])
            case m.PAIR:
                return m.OK, p.pack_number(120)
        return m.OK, b""

    async def _fetch(self, journal: int, sequence: int, count: int, send: Send) -> tuple[int, bytes]:
        if journal != self.builder.journal:
            return m.WRONG_JOURNAL, b""
        for page in [page for page in self.pages if unpack_page(page).next_sequence > sequence][:count]:
            altered = self.page_filter(page)
            if self._unplug.is_set():
                raise ConnectionError
            if altered is not None:
                await send(to_wire(m.PAGE, altered))
        return m.OK, p.pack_fetch_reply(self.begin, self.end)


class ReceivedEvents:
    """A consumer that keeps every event, and can be waited for."""

    def __init__(self) -> None:
        self.states: list[tuple[LinkState, str]] = []
        self.infos: list[SensorInfo] = []
        self.live: list[LiveSample] = []
        self.statuses: list[BoardStatus] = []
        self.windows: list[float | None] = []
        self.journal_events: list[JournalEvent] = []
        self.stored: list[tuple[int, int]] = []
        self.store: list[StoreFailed | StoreRecovered] = []
        self._changed = asyncio.Event()
        self._seen = 0

    async def until(self, condition: Callable[[], object], timeout_s: float = 60) -> None:
        """Wait until a condition holds; it is checked after each event."""
        async with asyncio.timeout(timeout_s):
            while not condition():
                self._changed.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.02):  # for conditions that hang on something else
                        await self._changed.wait()
        self._seen = max(0, len(self.states) - 1)

    async def until_state(self, state: LinkState, timeout_s: float = 60) -> str:
        """Wait until the session enters a state, and return the reason; one that it has left again counts, too.

        The state in which the wait before this one ended counts as entered, and none before it.
        """
        entered: list[int] = []

        def has_entered() -> bool:
            entered[:] = [index for index, known in enumerate(self.states) if index >= seen and known[0] is state]
            return bool(entered)

        seen = self._seen
        await self.until(has_entered, timeout_s)
        self._seen = entered[0]
        return self.states[entered[0]][1]

    @property
    def state(self) -> LinkState | None:
        return self.states[-1][0] if self.states else None

    @property
    def reason(self) -> str:
        return self.states[-1][1] if self.states else ""

    def __call__(self, event: SensorEvent) -> None:
        match event:
            case LinkChanged(state, reason):
                self.states.append((state, reason))
            case WindowExpected(opens_in_s):
                self.windows.append(opens_in_s)
            case SensorConnected(info):
                self.infos.append(info)
            case LiveSample():
                self.live.append(event)
            case BoardStatus():
                self.statuses.append(event)
            case JournalEvent():
                self.journal_events.append(event)
            case RecordsStored(next_sequence, behind):
                self.stored.append((next_sequence, behind))
            case StoreFailed() | StoreRecovered():
                self.store.append(event)
        self._changed.set()


class MemorySink:
    """A PageWriter that keeps pages in a list, and insists on what the protocol promises it."""

    def __init__(self, cursor: int = 0) -> None:
        self.at: dict[int, int] = {}
        self.pages: list[bytes] = []
        self.gaps: list[tuple[int, int]] = []
        self.start = cursor
        self.most_pages = 0

    async def cursor(self, info: SensorInfo) -> int:
        return self.at.setdefault(info.journal, self.start)

    async def add_pages(self, info: SensorInfo, pages: list[bytes]) -> None:
        self.most_pages = max(self.most_pages, len(pages))
        for data in pages:
            page = unpack_page(data)
            assert page.journal == info.journal
            assert page.first_sequence <= self.at[info.journal] < page.next_sequence
            self.at[info.journal] = page.next_sequence
        self.pages += pages

    async def add_gap(self, info: SensorInfo, first: int, following: int) -> None:
        assert first == self.at[info.journal] < following
        self.gaps.append((first, following))
        self.at[info.journal] = following
