"""Recorded days for tests of the coach: a journal that begins at 08:00 in Berlin, read back as a day."""

from collections.abc import Callable
from pathlib import Path

from coach.situations import MONDAY, ZONE, at
from journals import JournalBuilder
from unslouch.analysis.day import Day
from unslouch.analysis.history import History
from unslouch.store import Store
from unslouch_device.contract import states

PER_MIN = 12
"""Epochs."""


class Morning(JournalBuilder):
    """A journal that can be given in minutes."""

    def __init__(self) -> None:
        super().__init__()
        self.start_boot().clock(at("08:00")).calibrate(1)

    def sit(self, minutes: float, forward_deg: float = 1.0, lateral_deg: float = 0.0) -> "Morning":
        state = states.SLOUCHING if forward_deg >= 12 else states.UPRIGHT
        for _ in range(round(minutes * PER_MIN)):
            cdeg = round(forward_deg * 100)
            self.epoch(state, states.ACTIVITY_STILL, [cdeg] * 5, round(lateral_deg * 100), speed_cdeg_s=10)
        return self

    def walk(self, minutes: float) -> "Morning":
        self.epochs(states.MOVING, round(minutes * PER_MIN))
        return self


def read(tmp_path: Path, live: Callable[[Morning], object]) -> Day:
    """Return the Monday on which a wearer has lived like this from 08:00 on."""
    morning = Morning()
    live(morning)
    with Store.open(tmp_path / "posture.db", simulated=False) as store:
        store.add_pages(morning.pages())
        return History(store, ZONE).day(MONDAY)
