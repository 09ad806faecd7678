"""Coaching: the live coach in the dashboard, with what it reads from the database and what it stores there.

The coach itself is built in the disk thread when the first frame is on the screen, because the catalogue and the
database take longer than a frame. Until then nothing is suggested.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from unslouch.errors import NoData, UnslouchError
from unslouch.link.model import LiveSample
from unslouch.sensor.quiet import Quiet, QuietKind

from .seen import utc_now_ms

if TYPE_CHECKING:
    from unslouch.analysis.history import History
    from unslouch.coach.catalogue import Catalogue, Exercise
    from unslouch.coach.live_coach import LiveCoach
    from unslouch.coach.moment import Phase
    from unslouch.coach.past import Past
    from unslouch.coach.posture_today import PostureToday
    from unslouch.coach.preferences import Preferences
    from unslouch.coach.suggest import Suggestion
    from unslouch.store import CoachAnswer

    from .background import BackgroundThread

log = logging.getLogger(__name__)

READ_EVERY_S = 60.0
READ_WITH_RECORDS_EVERY_S = 20.0
OPEN_ENDED_MS = 60_000
PAUSE_MS = 3_600_000
BEHIND_MS = 10_000
"""A sample that lies further behind the clock than this begins a new count of time."""
AHEAD_MS = 600_000


class HistorySource(Protocol):
    """Where the days are."""

    def history(self) -> "History":
        """Return the history of the sensor's database; called in the disk thread. Raises NoData, StoreError."""


class Coaching:
    """What the dashboard's screens know of the coach."""

    def __init__(
        self, utc_ms: Callable[[], int] = utc_now_ms, preferences: "Callable[[], Preferences] | None" = None
    ) -> None:
        """utc_ms: the clock; preferences: returns what the wearer has set, None for the defaults."""
        self.live: LiveCoach | None = None
        self._utc_ms = utc_ms
        self._preferences = preferences
        self._offset_ms: int | None = None
        self._sampled_ms = 0
        self._is_reading = False
        self._read_at_s = float("-inf")
        self._records_read = -1

    @property
    def utc_ms(self) -> int:
        """UTC by this computer's clock."""
        return self._utc_ms()

    @property
    def now_ms(self) -> int:
        """UTC; not before the last sample, whose time is counted by the sensor."""
        return max(self._utc_ms(), self._sampled_ms)

    @property
    def suggestion(self) -> "Suggestion | None":
        """What the card shows."""
        return None if self.live is None else self.live.suggestion

    @property
    def phase(self) -> "Phase | None":
        """Where the suggestion is; None before the coach is built."""
        return None if self.live is None else self.live.moment.phase

    @property
    def is_open(self) -> bool:
        """Whether a suggestion waits for an answer."""
        return self.live is not None and self.live.moment.is_open

    @property
    def notice(self) -> str:
        """When suggestions come back that the wearer has switched off, as a sentence; "" if they aren't."""
        return "" if self.live is None else self.live.notice(self.now_ms)

    def observe(self, sample: LiveSample) -> None:
        """Take a live sample; its time is the sensor's uptime, laid over the clock."""
        if self.live is None:
            return
        utc_ms = self._utc_ms()
        now_ms = utc_ms if self._offset_ms is None else sample.uptime_ms + self._offset_ms
        if self._offset_ms is None or not utc_ms - BEHIND_MS <= now_ms <= utc_ms + AHEAD_MS:
            now_ms = utc_ms
            self._offset_ms = now_ms - sample.uptime_ms
        self._sampled_ms = now_ms
        self.live.observe(now_ms, sample.state, sample.forward_deg, sample.lateral_deg)
        self.live.tick(now_ms)

    def tick(self, quiet: Quiet | None) -> None:
        """Let time pass; called once per frame. quiet: why it is quiet now."""
        if self.live is None:
            return
        now_ms, until_ms = self.now_ms, None
        if quiet is not None:
            # What has no known end is asked again before this is over.
            until_ms = now_ms + OPEN_ENDED_MS if quiet.until is None else round(quiet.until.timestamp() * 1000)
        is_hours = quiet is not None and quiet.kind is QuietKind.QUIET_HOURS
        self.live.quiet_until_utc_ms = until_ms if is_hours else None
        self.live.meeting_until_utc_ms = None if is_hours else until_ms
        self.live.tick(now_ms)

    # Answers

    def begin(self) -> "Exercise | None":
        """The wearer does the suggested exercise; return it, None if none is open."""
        suggestion, live = self.suggestion, self.live
        if live is None or suggestion is None or live.begin(self.now_ms) is None:
            return None
        return suggestion.exercise

    def put_off(self, minutes: int) -> bool:
        """The wearer wants the suggestion again in some minutes; return whether one was open."""
        return self.live is not None and self.live.put_off(minutes, self.now_ms)

    def decline(self) -> str:
        """The wearer doesn't want the suggestion today; return the name of its exercise, "" if none was open."""
        suggestion = self.suggestion
        if self.live is None or suggestion is None or not self.live.decline(self.now_ms):
            return ""
        return suggestion.exercise.name

    def toggle_pause(self) -> str:
        """Suggest nothing for an hour, or end that; return a sentence on what holds now."""
        if self.live is None:
            return "The exercises are still being read; try again in a moment."
        if self.live.is_paused(self.now_ms):
            self.live.resume(self.now_ms)
            return "Exercises are suggested again."
        self.live.pause(self.now_ms + PAUSE_MS, self.now_ms)
        return self.notice

    # The database

    def is_due(self, clock_s: float, records_stored: int) -> bool:
        """Return whether the database is to be read now, or answers are to be stored."""
        if self._is_reading:
            return False
        age_s = clock_s - self._read_at_s
        has_answers = self.live is not None and bool(self.live.unstored)
        has_records = records_stored != self._records_read
        return age_s >= (1.0 if has_answers else READ_WITH_RECORDS_EVERY_S if has_records else READ_EVERY_S)

    async def refresh(
        self,
        source: "HistorySource",
        disk: "BackgroundThread",
        clock: Callable[[], float],
        records_stored: int,
        threshold_deg: int,
    ) -> None:
        """Store answers and read what the coach's rules ask for."""
        self._is_reading = True
        self._records_read = records_stored
        now_ms, answers = self.now_ms, list(self.live.unstored) if self.live is not None else []
        try:
            read = await disk.call(lambda: _read(source, answers, now_ms, threshold_deg))
        finally:
            self._is_reading = False
            self._read_at_s = clock()
        self._take(read, now_ms)

    def _take(self, read: "_Read", now_ms: int) -> None:
        if self.live is None:
            self.live = read.build()
        self.live.catalogue = read.catalogue
        self.live.forget_stored(read.stored)
        self.live.set_records(read.posture, read.past, now_ms)
        if self._preferences is not None:
            self.live.preferences = self._preferences()


class _Read:
    """What a visit to the disk thread brought."""

    def __init__(
        self,
        posture: "PostureToday | None",
        past: "Past",
        stored: "list[CoachAnswer]",
        catalogue: "Catalogue",
        build: "Callable[[], LiveCoach]",
    ) -> None:
        self.posture, self.past, self.stored = posture, past, stored
        self.catalogue, self.build = catalogue, build


def _read(source: "HistorySource", answers: "list[CoachAnswer]", now_ms: int, threshold_deg: int) -> _Read:
    """Store answers, then read posture and past; without a database both are empty. Runs in the disk thread."""
    from unslouch.analysis.zones import zone
    from unslouch.coach.catalogue_file import load_catalogue, own_exercises_path
    from unslouch.coach.live_coach import LiveCoach
    from unslouch.coach.past import past_of, read_past

    catalogue, problems = load_catalogue(own_exercises_path())
    for problem in problems:
        log.warning("%s", problem)
    tz = zone()
    stored: list[CoachAnswer] = []
    posture: PostureToday | None = None
    past = past_of(catalogue, [], answers, now_ms, tz)
    try:
        history = source.history()
        tz = history.tz
        stored = _store(history.store.path, answers)
        past = read_past(history.store, catalogue, now_ms, tz)
        posture = _posture(history, now_ms, threshold_deg)
    except NoData:
        pass
    except UnslouchError as error:
        log.warning("The coach can't read the database: %s", error)
    return _Read(posture, past, stored, catalogue, lambda: LiveCoach(catalogue, tz))


def _store(path: Path, answers: "list[CoachAnswer]") -> "list[CoachAnswer]":
    """Store answers and return those that are stored; a database that can't be written keeps nothing."""
    from unslouch.store import Store

    if not answers:
        return []
    try:
        with Store.open(path, simulated=None) as store:
            store.coach_answers.add_all(answers)
    except UnslouchError as error:
        log.warning("The coach's answers can't be stored: %s", error)
        return []
    return answers


def _posture(history: "History", now_ms: int, threshold_deg: int) -> "PostureToday | None":
    from unslouch.coach.read_posture import read_posture, shifted

    day = history.today(now_ms)
    if not len(day.epochs):
        return None
    # A simulated wearer's records may have a time of their own.
    record_ms = day.until_utc_ms if history.store.simulated else now_ms
    return shifted(read_posture(day, record_ms, threshold_deg), now_ms - record_ms)
