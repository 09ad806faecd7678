"""What the sensor shows of a guided exercise: repetitions, holds, the curve of the tilt and the band to reach."""

from collections import deque
from dataclasses import dataclass

from .catalogue import Exercise, Sensing
from .counting import Axis, RepetitionCounter, still_holds

CURVE_S = 20.0
"""The length of the curve."""
BAND_DEG = 25.0
"""The height of the band on screen (ours); its near edge is what counts."""
SHORTEST_STILL_S = 0.5


@dataclass(frozen=True)
class Band:
    """The tilts (°) between which the curve should turn."""

    low_deg: float
    high_deg: float


def sensing_note(exercise: Exercise, without_sensor: str) -> str:
    """Return a sentence on what the sensor does during an exercise.

    without_sensor: why there is none, as the beginning of a sentence, such as "no sensor is connected"; empty if it is.
    """
    match exercise.sensing:
        case Sensing.OFF:
            return "Take the sensor off: this exercise presses on it. A timer runs."
        case Sensing.TIMER:
            return "A timer runs: the upper back hardly moves in this exercise, so the sensor can't count it."
    if without_sensor:
        return f"A timer runs: {without_sensor}."
    if exercise.sensing is Sensing.STILLNESS:
        return "A timer runs, and the sensor shows how still you hold (experimental: no recording of people backs it)."
    recording = exercise.signature.recording if exercise.signature else ""
    if recording:
        return f"The sensor counts. It was checked on {recording}."
    return "The sensor counts (experimental: no recording of people backs this count yet)."


class LiveSensing:
    """Takes the samples of one guided exercise."""

    def __init__(self, exercise: Exercise) -> None:
        self.counter = RepetitionCounter(exercise.signature) if exercise.signature else None
        self.curve: deque[tuple[float, float]] = deque()
        """Time (s) and tilt (°) of the last CURVE_S."""
        self.last_hold_s: float | None = None
        """How long the last counted repetition was held."""
        self._is_lateral = exercise.signature is not None and exercise.signature.axis is Axis.LATERAL
        self._hold: list[tuple[float, float, float]] = []

    @property
    def count(self) -> int:
        """The repetitions counted so far."""
        return self.counter.count if self.counter else 0

    @property
    def is_armed(self) -> bool:
        """Whether the start pose was kept."""
        return self.counter is not None and self.counter.is_armed

    @property
    def held_s(self) -> float:
        """For how long the far end of the current repetition has been held."""
        return self.counter.held_s if self.counter else 0.0

    @property
    def band(self) -> Band | None:
        """Where the next repetition has to turn, None before the start pose was kept."""
        if self.counter is None or self.counter.start_deg is None:
            return None
        direction, start = self.counter.signature.direction, self.counter.start_deg
        near = start + direction * self.counter.needed_deg
        far = near + direction * BAND_DEG
        return Band(min(near, far), max(near, far))

    def observe(self, time_s: float, forward_deg: float, lateral_deg: float, *, counts: bool, holds: bool) -> bool:
        """Take a sample of the sensor's own time; return whether it completes a repetition.

        counts: whether repetitions count now; holds: whether a hold is measured now.
        """
        if self.curve and not time_s - self.curve[-1][0] > 0:
            self.curve.clear()
        self.curve.append((time_s, lateral_deg if self._is_lateral else forward_deg))
        while self.curve[-1][0] - self.curve[0][0] > CURVE_S:
            self.curve.popleft()
        if holds:
            self._hold.append((time_s, forward_deg, lateral_deg))
        if self.counter is None or not counts:
            return False
        repetition = self.counter.observe(time_s, forward_deg, lateral_deg)
        if repetition is not None:
            self.last_hold_s = repetition.hold_s
        return repetition is not None

    def wait_for_pose(self) -> None:
        """Count nothing before the start pose was kept again."""
        if self.counter is not None:
            self.counter.wait_for_pose()

    def end_hold(self) -> float | None:
        """Return for how long (s) the hold that ends now was still, None if no sample came."""
        samples, self._hold = self._hold, []
        if len(samples) < 2:
            return None
        return sum(hold.length_s for hold in still_holds(samples, SHORTEST_STILL_S))
