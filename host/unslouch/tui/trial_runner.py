"""Replays a past day in the background, one wish at a time: another wish cancels the replay before it."""

from collections.abc import Mapping

from unslouch.tuning.replay import ReplayCancelled
from unslouch.tuning.trial import Trial, TrialDay

from .background import BackgroundThread


class TrialRunner:
    """Has a thread of its own, so that a replay delays no reading of the database."""

    def __init__(self) -> None:
        self._thread = BackgroundThread("dashboard-replay")
        self._wish = 0

    async def trial(self, day: TrialDay, settings: Mapping[int, int]) -> Trial | None:
        """Return a day under some settings, by id; None if another wish came before it was ready.

        Raises ValueError for settings that don't go together.
        """
        self._wish += 1
        wish = self._wish
        try:
            trial = await self._thread.call(lambda: day.trial(settings, lambda: self._wish != wish))
        except ReplayCancelled:
            return None
        return trial if self._wish == wish else None

    def cancel(self) -> None:
        """End the replay that is under way: nobody waits for it any more."""
        self._wish += 1
