"""The world of one simulated sensor: its wearer, its flash, its clock and its date."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from unslouch.errors import BadInput
from unslouch.twin.wearer.motion import MotionSource

from .clock import WorldClock

TICKS_MASK = (1 << 30) - 1
_TIME_FILE = "world-time"


@dataclass
class World:
    """What outlives a boot. UTC is its own where it doesn't run at the speed of real time."""

    motion: MotionSource
    flash: Path
    clock: WorldClock
    start_utc_ms: int
    """UTC at the beginning of the world."""
    own_clock: bool

    @classmethod
    def begin(cls, motion: MotionSource, flash: Path, speed: float, start: datetime | None) -> World:
        """Begin a world, or go on with the one whose flash this is. Raises BadInput if the flash can't be used."""
        if start is None:
            start = datetime.now(UTC) if speed == 1 else _nine_o_clock()
        try:
            flash.mkdir(parents=True, exist_ok=True)
            elapsed_s, start_utc_ms = _read_time(flash, round(start.timestamp() * 1000))
        except OSError as error:
            raise unusable(flash, error) from error
        return cls(motion, flash, WorldClock(speed, elapsed_s), start_utc_ms, own_clock=speed != 1)

    def utc_ms(self) -> int:
        """The world's UTC in ms since 1970."""
        return self.start_utc_ms + round(self.clock.now_s * 1000)

    def ticks_from_now(self, first: int = 0) -> Callable[[], int]:
        """A tick counter that begins at `first` now and wraps at 2**30 ms, like a board's after a reset."""
        boot_s = self.clock.now_s
        return lambda: (first + int((self.clock.now_s - boot_s) * 1000)) & TICKS_MASK

    @property
    def over(self) -> bool:
        """Whether the wearer's motion has ended."""
        return not math.isinf(self.motion.duration_s) and self.clock.now_s >= self.motion.duration_s

    def save_time(self) -> None:
        """Save the world's time beside the flash, for the next run on it."""
        with contextlib.suppress(OSError):  # a folder that was deleted meanwhile has no next run
            beside = self.flash / (_TIME_FILE + ".new")
            beside.write_text(f"{self.clock.now_s:.3f} {self.start_utc_ms}\n", encoding="ascii")
            beside.replace(self.flash / _TIME_FILE)


def unusable(flash: Path, error: OSError) -> BadInput:
    """Return what to raise over a folder that can't hold the flash."""
    return BadInput(f"The folder {flash} can't hold the flash ({error.strerror}); name another with --flash.")


def _nine_o_clock() -> datetime:
    return datetime.now().astimezone().replace(hour=9, minute=0, second=0, microsecond=0)


def _read_time(flash: Path, start_utc_ms: int) -> tuple[float, int]:
    try:
        elapsed, start = (flash / _TIME_FILE).read_text(encoding="ascii").split()
        return float(elapsed), int(start)
    except FileNotFoundError:
        return 0.0, start_utc_ms
    except ValueError as error:
        raise BadInput(
            f"{flash / _TIME_FILE} is not a twin's; delete it or name another folder with --flash."
        ) from error
