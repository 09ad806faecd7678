"""Session run: joins a guided session with the terminal, the sensor, the voice and the database."""

import argparse
import asyncio
import logging
import shutil
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from unslouch.background import start_in_background
from unslouch.coach.session import GuidedSession
from unslouch.coach.session_model import Answer, Buzz, Ending, Output, Say
from unslouch.coach.session_plan import SessionItem
from unslouch.coach.session_storage import store_outputs
from unslouch.coach.session_texts import done_text
from unslouch.errors import ExitCode, UnslouchError
from unslouch.link.model import LinkState
from unslouch.sensor.events import LinkChanged, LiveSample, SensorConnected, SensorEvent
from unslouch.sensor.recorder import Recorder
from unslouch.store import Store, default_path
from unslouch.voice import Voice, advice, speech_command

from .console import STALLED_S, can_show, emit, finish_data, is_terminal, log_line, write_frame
from .keys import typed_keys
from .running import REPORTED_LOGGERS, chosen_sensor
from .session_screen import ANSWERS, as_frame, draw

TICK_S = 0.1
NOT_YET = "no sensor is connected yet"
TURNED_OFF = "the sensor isn't used, as you asked"
NOT_CALIBRATED = "the sensor isn't calibrated"
ENTER_SCREEN, LEAVE_SCREEN = "\x1b[?1049h\x1b[?25l\x1b[2J", "\x1b[?25h\x1b[?1049l"


class SessionRun:
    """Leads through a session. draws: draw in the terminal; else, and without a terminal, print lines."""

    def __init__(
        self,
        args: argparse.Namespace,
        items: Sequence[SessionItem],
        *,
        is_short: bool,
        speaks: bool,
        metronome: bool,
        draws: bool,
    ) -> None:
        reason = TURNED_OFF if args.no_sensor else NOT_YET
        self.session = GuidedSession(items, without_sensor=reason, is_short=is_short, metronome=metronome)
        self._args = args
        self._draws = draws and is_terminal("stdin", "stdout")
        self._has_braille = can_show("\u28ff")
        self._voice = _voice() if speaks else None
        self._recorder: Recorder | None = None
        self._is_simulated: bool = args.demo
        self._buzzing: asyncio.Task[None] | None = None
        self._to_store: list[Output] = []
        self._shown: list[str] = []

    async def lead(self) -> ExitCode:
        """Lead through the session to its end, and store what was done."""
        async with self._sensor():
            with self._screen(), self._keys():
                try:
                    await self._run()
                finally:
                    self._take(self.session.answer(Answer.QUIT))
                    await self._store(is_last=True)
        if self._voice is not None:
            if self.session.ending is Ending.DONE:
                await self._voice.wait_silent()
            await self._voice.close()
        self._report()
        return ExitCode.OK

    async def _run(self) -> None:
        self._take(self.session.tick(time.monotonic()))
        if not is_terminal("stdin"):  # nobody can say when to begin
            self._take(self.session.answer(Answer.GO_ON))
        while self.session.ending is None:
            self._redraw()
            await asyncio.sleep(TICK_S)
            self._take(self.session.tick(time.monotonic()))
            await self._store()

    def _report(self) -> None:
        """Say what was done."""
        for done in self.session.results:
            log_line(f"{done_text(done)}.")
        if self._draws:
            log_line(self.session.scene().last_said)

    # Terminal.

    @contextmanager
    def _screen(self) -> Iterator[None]:
        if not self._draws:
            yield
            return
        write_frame(ENTER_SCREEN, may_drop=False)
        try:
            yield
        finally:
            write_frame(LEAVE_SCREEN, may_drop=False)
            finish_data(STALLED_S)  # what stderr has to say next would be lost with this screen

    @contextmanager
    def _keys(self) -> Iterator[None]:
        if not is_terminal("stdin"):
            yield
            return
        with typed_keys(self._take_key, self._resume):
            yield

    def _take_key(self, key: str) -> None:
        answer = ANSWERS.get(key.lower())
        if answer is not None:
            self._take(self.session.answer(answer))
            self._redraw()

    def _resume(self) -> None:
        if self._draws:
            write_frame(ENTER_SCREEN, may_drop=False)
        self._shown = []

    def _redraw(self) -> None:
        if not self._draws:
            return
        size = shutil.get_terminal_size()
        lines = draw(self.session.scene(), size.columns, size.lines, self._has_braille)
        if lines != self._shown:
            self._shown = lines
            write_frame(as_frame(lines))

    # Outputs.

    def _take(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case Say(text):
                    if not self._draws:
                        emit(text)
                    if self._voice is not None:
                        self._voice.say(text)
                case Buzz():
                    self._buzz()
                case _:
                    self._to_store.append(output)

    def _buzz(self) -> None:
        """Have the sensor buzz, unless it is still busy with the beat before."""
        if self._recorder is None or (self._buzzing is not None and not self._buzzing.done()):
            return
        recorder = self._recorder

        async def buzz() -> None:
            with suppress(UnslouchError):  # the sensor is gone: the session goes on without the beat
                await recorder.client.buzz()

        self._buzzing = start_in_background(buzz(), "the metronome")

    async def _store(self, is_last: bool = False) -> None:
        """Store what waits; an error is raised only at the end, since it may be over by then."""
        waiting, self._to_store = self._to_store, []
        if not waiting:
            return
        try:
            await asyncio.to_thread(_store, self._database(), self._is_simulated, waiting)
        except UnslouchError:
            self._to_store = waiting + self._to_store
            if is_last:
                raise

    def _database(self) -> Path:
        recorded = self._recorder.database if self._recorder is not None else None
        return self._args.db or recorded or default_path(simulated=self._is_simulated)

    # Sensor.

    @asynccontextmanager
    async def _sensor(self) -> AsyncIterator[None]:
        """Keep the sensor linked meanwhile, if there is one; the session goes on whatever becomes of it."""
        if self._args.no_sensor:
            yield
            return
        async with chosen_sensor(self._args) as address:
            for name in REPORTED_LOGGERS:
                logging.getLogger(name).setLevel(logging.ERROR)
            self._recorder = Recorder(address, self._args.db)
            self._recorder.subscribe(self._take_event, "The session")
            recording = start_in_background(self._recorder.run(), "the recorder")
            try:
                yield
            finally:
                recording.cancel()
                await asyncio.wait([recording])

    def _take_event(self, event: SensorEvent) -> None:
        match event:
            case SensorConnected(info):
                self._is_simulated = info.simulated
            case LinkChanged(LinkState.WAITING | LinkState.REFUSED | LinkState.RESTING):
                self.session.without_sensor = "no sensor is connected"
            case LiveSample(uptime_ms, float() as forward_deg, float() as lateral_deg):
                self.session.without_sensor = ""
                self._take(self.session.sample(uptime_ms / 1000, forward_deg, lateral_deg))
            case LiveSample():
                self.session.without_sensor = NOT_CALIBRATED


def _voice() -> Voice | None:
    command = speech_command()
    if command is None:
        log_line(advice())
        return None
    return Voice(command)


def _store(path: Path, simulated: bool, outputs: list[Output]) -> None:
    now_utc_ms, now_s = time.time_ns() // 1_000_000, time.monotonic()
    with Store.open(path, simulated=simulated) as store:
        store_outputs(store, outputs, now_utc_ms, lambda time_s: round(now_utc_ms - (now_s - time_s) * 1000))
