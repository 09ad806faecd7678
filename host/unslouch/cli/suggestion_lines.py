"""The coach's suggestions as plain lines, for `watch`.

suggestion: blade squeeze, 10 times: 42 of the last 60 min leaning forward (about 1 min, no equipment)
suggestion: now is a good moment. Sit tall, draw your shoulder blades together …
"""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from unslouch.errors import NoData, UnslouchError

if TYPE_CHECKING:
    from unslouch.analysis.history import History
    from unslouch.coach.live_coach import LiveCoach
    from unslouch.coach.preferences import Preferences
    from unslouch.link.model import LiveSample
    from unslouch.sensor.quiet import Quiet
    from unslouch.sensor.recorder import Recorder

LOOK_PERIOD_S = 1.0


class SuggestionLines:
    """Follows the coach, and gives a line when it has something to say."""

    def __init__(self, recorder: "Recorder", preferences: "Preferences") -> None:
        from unslouch.tui.background import BackgroundThread
        from unslouch.tui.coaching import Coaching
        from unslouch.tui.kept_history import KeptHistory

        self._recorder = recorder
        self._coaching = Coaching(preferences=lambda: preferences)
        self._disk = BackgroundThread("coach")
        self._kept = KeptHistory()
        self._shown: tuple[object, object] = None, None
        self.records_stored = 0
        """How often records came into the database; the watcher counts it."""

    @property
    def is_ready(self) -> bool:
        """Whether the coach has read the database."""
        return self._coaching.live is not None

    def line(self, sample: "LiveSample", quiet: "Quiet | None") -> str:
        """Take a sample, and return what the coach says now; "" if that is nothing new."""
        self._coaching.tick(quiet)  # first, so that nothing is suggested before it is known that it is quiet
        self._coaching.observe(sample)
        coach = self._coaching.live
        if coach is None or (shown := (coach.suggestion, coach.moment.phase)) == self._shown:
            return ""
        self._shown = shown
        return describe(coach)

    def history(self) -> "History":
        """Return the history of the sensor's database, in the thread that reads it; raises NoData, StoreError."""
        database = self._recorder.database
        if database is None:
            raise NoData("Nothing is recorded yet.")
        return self._kept.open(database)

    async def keep_reading(self) -> None:
        """Read what the coach's rules ask for, and store its answers, until cancelled."""
        from unslouch_device.contract.settings import DEFAULTS, THRESHOLD_DEG

        clock = asyncio.get_running_loop().time
        try:
            while True:
                if self._coaching.is_due(clock(), self.records_stored):
                    settings = self._recorder.settings
                    threshold_deg = DEFAULTS[THRESHOLD_DEG] if settings is None else settings[1]["threshold"]
                    with suppress(UnslouchError):  # what can't be read is said elsewhere
                        await self._coaching.refresh(self, self._disk, clock, self.records_stored, threshold_deg)
                await asyncio.sleep(LOOK_PERIOD_S)
        finally:
            self._disk.post(self._kept.close)


def describe(coach: "LiveCoach") -> str:
    """Return a line about the coach's suggestion; "" where there is none."""
    from unslouch.coach.moment import Phase

    suggestion = coach.suggestion
    if suggestion is None:
        return ""
    exercise = suggestion.exercise
    match coach.moment.phase:
        case Phase.CARD:
            about = f"about {suggestion.length}, {suggestion.needs}"
            return f"{exercise.name}, {coach.dose(exercise)}: {suggestion.why} ({about})"
        case Phase.PROMPT:
            return f"now is a good moment for {exercise.name}. {exercise.brief}"
        case Phase.THANKS:
            return "thanks for getting up and moving: that was your break"
    return ""
