"""Calibrating step by step: the sentences for the wearer, what can be done next, and what an answer leads to.

`Calibration` is the machine that the command line and the dashboard both draw; it neither prints nor calls the sensor.
`measure` makes the request of a step. The steps:

    upright → bow, which may be skipped → finished → standing, if wished → finished
    re-zero → finished
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from unslouch.errors import Refused, UnslouchError
from unslouch.link.model import LiveSample
from unslouch_device.contract import messages

from .stillness import Stillness, StillnessMeter

FAR_FROM_UPRIGHT_DEG = 10.0
"""Beyond this, moving upright to the posture of this moment asks first: a wearer who means it sits nearly upright."""
LEAST_BOW_DEG = 20
UPRIGHT_STAYS = "Upright counts all the same; forward is what it usually is for the sensor as it is worn."
STILLNESS_TEXTS = {
    Stillness.UNKNOWN: "",
    Stillness.STILL: " You are still.",
    Stillness.MOVING: " You are moving: keep still.",
}
_REMEDIED_AT_ONCE = frozenset(
    (
        messages.MOVED,
        messages.BOW_TOO_SMALL,
        messages.BOW_NOT_STRAIGHT,
        messages.GRAVITY_OFF,
        messages.SATURATED,
        messages.OUT_OF_RANGE,  # a standing zero that is too far from sitting upright
        messages.NOT_WORN,
        messages.BUSY,
    )
)


@dataclass(frozen=True)
class Step:
    """One posture that the sensor measures, and its sentences."""

    name: str
    guidance: str
    """What to do before the measurement."""
    brief: str
    """The same in one short sentence, for a small terminal."""
    measures: str
    """What beginning the step does, after "Enter" or the like."""
    measuring: str
    """What to do during the measurement."""
    done: str
    """What holds afterwards, with fields of Measured."""


UPRIGHT = Step(
    "upright",
    "Sit upright and still, as you want to sit at work: feet on the floor, weight on both sit bones, ribs over the "
    "pelvis, shoulders loose, eyes ahead. The sensor takes this posture as upright.",
    "Sit upright and still.",
    "measures for 3 s",
    "Keep still for three seconds.",
    "Calibrated: this posture counts as upright now (calibration {calibration_id}).",
)
BOW = Step(
    "bow",
    "Now bow forwards from the hips with a straight back, by at least 20 degrees, and come up again. This shows the "
    "sensor which way is forward, however it is mounted.",
    "Bow from the hips with a straight back by 20° or more, and come up again.",
    "begins",
    "Bow now, and come up again.",
    "Your bow showed which way is forward (calibration {calibration_id}).",
)
STANDING = Step(
    "standing",
    "Stand upright and still, as you stand at ease. Limits for holding a tilt refer to how you stand.",
    "Stand upright and still.",
    "measures for 5 s",
    "Stand still for five seconds.",
    "This is your standing zero now: {forward_deg:+.0f} degrees from sitting upright.",
)
REZERO = Step(
    "re-zero",
    "Sit upright and still. The sensor takes this posture as upright and keeps which way is forward.",
    "Sit upright and still.",
    "measures for 1 s",
    "Keep still for a second.",
    "This tilt counts as zero now (calibration {calibration_id}).",
)


@dataclass(frozen=True)
class Measured:
    """What the sensor answered to a step that succeeded."""

    calibration_id: int = 0
    forward_deg: float = 0.0
    """Of a standing zero, against sitting upright."""


class Calibrates(Protocol):
    """What can be asked to calibrate: a Client, or the dashboard's feed."""

    async def calibrate(self) -> int: ...
    async def bow(self) -> int: ...
    async def stand(self) -> tuple[float, float]: ...
    async def rezero(self) -> int: ...


async def measure(step: Step, sensor: Calibrates) -> Measured:
    """Have a sensor measure a step, which takes seconds; raises Refused if it refuses, LinkLost and such."""
    if step is STANDING:
        forward_deg, _ = await sensor.stand()
        return Measured(forward_deg=forward_deg)
    if step is BOW:
        return Measured(await sensor.bow())
    if step is REZERO:
        return Measured(await sensor.rezero())
    return Measured(await sensor.calibrate())


class Action(Enum):
    """What the wearer can do next."""

    MEASURE = "measure"
    CONFIRM = "confirm"
    """Measure although the wearer is far from upright."""
    SKIP = "skip"
    """Leave the bow out."""
    STAND = "stand"
    """Take the standing zero next."""
    CLOSE = "close"


class Tone(Enum):
    """How a result is to be shown."""

    PLAIN = "plain"
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True)
class Result:
    """What the last action led to; the text is empty where there is nothing to say."""

    text: str = ""
    tone: Tone = Tone.PLAIN


class Calibration:
    """One run through the steps.

    `choices` gives the actions that are possible; any other one raises ValueError and changes nothing.
    """

    def __init__(self, first: Step = UPRIGHT, with_bow: bool = True) -> None:
        self.step: Step | None = first
        """The step that is waited for or measured; None once there is none left."""
        self.result = Result()
        self.is_measuring = False
        self.has_changed = False
        """Whether the sensor has measured anything."""
        self.failed_attempts = 0
        """At this step."""
        self.last_error: UnslouchError | None = None
        """Of this step."""
        self._with_bow = with_bow
        self._asks_first = False
        self._is_confirmed = False
        self._has_stood = False
        self._live: LiveSample | None = None
        self._stillness = StillnessMeter()
        self._deepest_deg: float | None = None

    @property
    def guidance(self) -> str:
        """What to do before the step; empty at the end."""
        return "" if self.step is None else self.step.guidance

    @property
    def choices(self) -> dict[Action, str]:
        """Each action that is possible, with what it does, as in "Enter …"."""
        if self.step is None:
            offered = {} if self._has_stood else {Action.STAND: "takes where standing is too"}
            return {Action.CLOSE: "closes"} | offered
        if self.is_measuring:
            return {Action.CLOSE: "leaves it"}
        if self._asks_first:
            return {Action.CONFIRM: "takes this posture", Action.CLOSE: "cancels"}
        choices = {Action.MEASURE: "tries again" if self.failed_attempts else self.step.measures}
        if self.step is BOW:
            choices[Action.SKIP] = "skips the bow"
        if self.step is UPRIGHT and not self.failed_attempts:
            choices[Action.STAND] = "takes standing"
        choices[Action.CLOSE] = "leaves it" if self.failed_attempts else "closes" if self.has_changed else "cancels"
        return choices

    @property
    def live_text(self) -> str:
        """What the posture that was last observed means for the step."""
        live = self._live
        if self.step is None:
            return ""
        if live is None:
            return "No live data from the sensor."
        if self.step is BOW:
            return bow_text(live, self._deepest_deg)
        return tilt_text(live) + STILLNESS_TEXTS[self.stillness]

    @property
    def stillness(self) -> Stillness:
        """Whether the wearer keeps as still as a measurement wants."""
        return self._stillness.stillness

    @property
    def off_upright_deg(self) -> float | None:
        """How far off upright the wearer is now; None where it is unknown."""
        return None if self._live is None else off_upright_deg(self._live)

    @property
    def lean_deg(self) -> float:
        """How far forward to draw the wearer; 0 where it is unknown. A bow is drawn forward whichever way it shows."""
        if self._live is None or self._live.forward_deg is None:
            return 0.0
        return (self.off_upright_deg or 0.0) if self.step is BOW else self._live.forward_deg

    @property
    def deepest_deg(self) -> float | None:
        """How deep the bow that is measured has been so far; None while none is."""
        return self._deepest_deg

    def describe_choices(self, keys: Mapping[Action, str]) -> str:
        """Return what each key does at this step, such as "Enter begins, s skips the bow"."""
        return ", ".join(f"{keys[action]} {what}" for action, what in self.choices.items() if action in keys)

    @property
    def stays(self) -> str:
        """What stays valid if the wearer leaves now, as a sentence; empty where nothing has changed yet."""
        return UPRIGHT_STAYS if self.step is BOW else ""

    @property
    def can_be_remedied(self) -> bool:
        """Whether the wearer can do better at once, after a step that failed."""
        return isinstance(self.last_error, Refused) and self.last_error.status in _REMEDIED_AT_ONCE

    def observe(self, live: LiveSample | None) -> None:
        """Take in the posture of this moment; None where it is unknown."""
        self._live = live
        self._stillness.observe(live)
        if live is not None and self._deepest_deg is not None:
            self._deepest_deg = max(self._deepest_deg, off_upright_deg(live) or 0.0)

    def begin(self) -> Step | None:
        """Begin to measure the step and return it; None where the wearer, far from upright, has to confirm first."""
        self._require(Action.MEASURE)
        asks = self.step in (UPRIGHT, REZERO) and not self._is_confirmed
        question = question_before_change(self._live) if asks else ""
        if question:
            self._asks_first = True
            self.result = Result(question)
            return None
        return self._measure()

    def confirm(self) -> Step:
        """Begin to measure the step, far from upright as the wearer is; return it."""
        self._require(Action.CONFIRM)
        self._is_confirmed = True
        return self._measure()

    def _measure(self) -> Step:
        assert self.step is not None
        self._asks_first = False
        self.is_measuring = True
        self._deepest_deg = 0.0 if self.step is BOW else None
        self.result = Result(self.step.measuring)
        return self.step

    def succeeded(self, measured: Measured) -> None:
        """Go on to the next step: the sensor has measured this one."""
        step = self._measured()
        self.has_changed = True
        result = Result(step.done.format_map(vars(measured)), Tone.SUCCESS)
        if step is UPRIGHT and self._with_bow:
            self._go_to(BOW, result)
        else:
            self._has_stood = step is STANDING
            self._go_to(None, result)

    def failed(self, error: UnslouchError) -> None:
        """Stay at the step: the sensor has refused, or was lost."""
        self._measured()
        self.last_error = error
        self.failed_attempts += 1
        self._deepest_deg = None
        self.result = Result(f"{error} {self.stays}".strip(), Tone.FAILURE)

    def skip(self) -> None:
        """Leave the bow out."""
        self._require(Action.SKIP)
        self._go_to(None, Result(f"Skipped. {UPRIGHT_STAYS}"))

    def stand(self) -> None:
        """Take the standing zero next, under the calibration that has just been made or that the sensor has."""
        self._require(Action.STAND)
        self._go_to(STANDING, Result())

    def _require(self, action: Action) -> None:
        if action not in self.choices:
            raise ValueError(f"{action} is not possible at this step")

    def _measured(self) -> Step:
        if self.step is None or not self.is_measuring:
            raise ValueError("nothing is being measured")
        self.is_measuring = False
        return self.step

    def _go_to(self, step: Step | None, result: Result) -> None:
        self.step, self.result = step, result
        self.failed_attempts, self.last_error, self._deepest_deg, self._is_confirmed = 0, None, None, False


def off_upright_deg(live: LiveSample) -> float | None:
    """Return the angle between upright and now, in any direction; None without a tilt.

    Its cosine is that of the forward times that of the lateral tilt, as sense.tilt defines them. Before a bow nobody
    knows for sure which direction is forward.
    """
    if live.forward_deg is None or live.lateral_deg is None:
        return None
    forward, lateral = math.radians(live.forward_deg), math.radians(live.lateral_deg)
    return round(math.degrees(math.acos(math.cos(forward) * math.cos(lateral))), 2)  # the resolution of a sample


def is_far_from_upright(live: LiveSample | None) -> bool:
    """Whether the wearer is known to be more than 10° from upright."""
    off_deg = None if live is None else off_upright_deg(live)
    return off_deg is not None and off_deg > FAR_FROM_UPRIGHT_DEG


def question_before_change(live: LiveSample | None) -> str:
    """Return what to ask before a key moves upright to this posture; empty near upright, or if the tilt is unknown.

    A tilt is unknown without a calibration, where there is nothing to lose, and while the motion sensor is silent, when
    the sensor itself refuses. A command that is typed in full asks nothing.
    """
    if live is None or not is_far_from_upright(live):
        return ""
    return f"You are {off_upright_deg(live):.0f}° from your present upright. Take this posture as upright all the same?"


def bow_text(live: LiveSample, deepest_deg: float | None) -> str:
    """Return how far off upright the wearer is, and was at most since the bow began (None: it hasn't begun).

    In whole degrees, never rounded up.
    """
    off_deg = off_upright_deg(live)
    if off_deg is None:
        return "No tilt to show."
    if deepest_deg is None:
        return f"You are {math.floor(off_deg)}° off upright; the bow wants {LEAST_BOW_DEG}°."
    enough = "deep enough, come up again" if deepest_deg >= LEAST_BOW_DEG else f"at least {LEAST_BOW_DEG}° wanted"
    return f"Bow {math.floor(off_deg)}°, deepest so far {math.floor(deepest_deg)}° ({enough})."


def tilt_text(live: LiveSample) -> str:
    """Return both tilts as a sentence, in whole degrees."""
    if live.forward_deg is None or live.lateral_deg is None:
        return "No tilt yet: there is no calibration."
    forward, lateral = round(live.forward_deg), round(live.lateral_deg)
    return (
        f"Tilt {abs(forward)}° {'back' if forward < 0 else 'forward'}, "
        f"{abs(lateral)}° to the {'left' if lateral < 0 else 'right'}."
    )
