"""The moment of a suggestion: a pure state machine from a quiet card to its end.

    READY ── offer ──> CARD ── the wearer moves ──> PROMPT ── answer or 2 min ──> QUIET ── its end ──> READY
                         │                             │
                         └───── 1 min of walking ──────┴──> THANKS ── 15 s ──> QUIET
                                                       └─ later ─> LATER ── its end ──> READY

Every phase but READY has an end, so the coach never falls silent for good. The card takes no key and no focus. It
becomes a prompt when the wearer changes posture or stands up, and never during a hold, which looks like typing or
reading. Times are UTC in ms; when the clock is set back, the ends move with it.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from .movement import Body

_MIN_MS = 60_000
CARD_MS = 20 * _MIN_MS
PROMPT_MS = 2 * _MIN_MS
THANKS_MS = 15_000
GAP_MS = 10 * _MIN_MS
BREAK_MS = 60_000
"""So long a walk is a break, as in the metrics."""
WALK_PAUSE_MS = 10_000
"""A walk may stop for so long."""
LATER_MIN = (2, 10, 30)
"""What "later" offers."""
LATE_SAMPLE_MS = 15_000
"""By so much a sample may lie behind the clock; only what lies further back is a clock that was set."""
LONGEST_SILENCE_MS = 24 * 60 * _MIN_MS


class Phase(StrEnum):
    """Where a suggestion is."""

    READY = "ready"
    """Nothing is shown; whatever the rules suggest may be offered."""
    CARD = "card"
    """A card stands at the side."""
    PROMPT = "prompt"
    """The card asks for an answer."""
    THANKS = "thanks"
    """The wearer got up and moved, and reads thanks."""
    LATER = "later"
    """The suggestion comes back at the end."""
    QUIET = "quiet"
    """Nothing is offered until the end."""


class Outcome(StrEnum):
    """What a step of time ended."""

    MOVED = "moved"
    """The wearer got up and moved while the card was open."""
    UNANSWERED = "unanswered"
    RETURNED = "returned"
    """The time that "later" asked for is over: offer the exercise again."""
    RESUMED = "resumed"
    """The silence is over."""


@dataclass(frozen=True)
class Moment:
    """The state of the machine."""

    phase: Phase = Phase.READY
    exercise: str | None = None
    """What the phase is about, by id."""
    since_ms: int = 0
    until_ms: int | None = None
    """When the phase ends by itself; None in READY alone."""
    seen_ms: int = 0
    """The time of the last change or step."""
    walked_ms: int = 0
    """How long the walk has lasted that is under way."""
    last_walk_ms: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether a suggestion is on the screen."""
        return self.phase in (Phase.CARD, Phase.PROMPT)


def step(moment: Moment, body: Body, now_ms: int) -> tuple[Moment, Outcome | None]:
    """Return the state after time has passed, and what that ended."""
    if 0 < moment.seen_ms - now_ms <= LATE_SAMPLE_MS:
        now_ms = moment.seen_ms
    moment = _with_clock(moment, now_ms)
    moment = replace(_walking(moment, body, now_ms), seen_ms=now_ms)
    if moment.is_open and moment.walked_ms >= BREAK_MS:
        return _enter(moment, Phase.THANKS, now_ms, now_ms + THANKS_MS), Outcome.MOVED
    if moment.until_ms is not None and now_ms >= moment.until_ms:
        return _ended(moment, now_ms)
    if moment.is_open and body is Body.RESTS:
        return _enter(moment, Phase.QUIET, now_ms, now_ms + GAP_MS), Outcome.UNANSWERED
    if moment.phase is Phase.CARD and body in (Body.SHIFTED, Body.WALKS):
        return _enter(moment, Phase.PROMPT, now_ms, now_ms + PROMPT_MS), None
    return moment, None


def offer(moment: Moment, exercise: str, now_ms: int) -> Moment:
    """Show a card if nothing else is under way."""
    if moment.phase is not Phase.READY:
        return moment
    return replace(_enter(moment, Phase.CARD, now_ms, now_ms + CARD_MS), exercise=exercise)


def answered(moment: Moment, now_ms: int) -> Moment:
    """The wearer does the exercise now, or doesn't want it today."""
    return _enter(moment, Phase.QUIET, now_ms, now_ms + GAP_MS)


def put_off(moment: Moment, until_ms: int, now_ms: int) -> Moment:
    """The wearer wants it again at a time."""
    return _enter(moment, Phase.LATER, now_ms, until_ms)


def silence(moment: Moment, until_ms: int, now_ms: int) -> Moment:
    """Nothing is offered before a time, at most a day away."""
    return _enter(moment, Phase.QUIET, now_ms, until_ms)


def _ended(moment: Moment, now_ms: int) -> tuple[Moment, Outcome | None]:
    match moment.phase:
        case Phase.CARD | Phase.PROMPT:
            return _enter(moment, Phase.QUIET, now_ms, now_ms + GAP_MS), Outcome.UNANSWERED
        case Phase.THANKS:
            return _enter(moment, Phase.QUIET, now_ms, now_ms + GAP_MS - THANKS_MS), None
        case Phase.LATER:
            return _enter(moment, Phase.READY, now_ms, None), Outcome.RETURNED
        case _:
            return _enter(moment, Phase.READY, now_ms, None), Outcome.RESUMED


def _enter(moment: Moment, phase: Phase, now_ms: int, until_ms: int | None) -> Moment:
    if until_ms is not None:
        until_ms = max(now_ms, min(until_ms, now_ms + LONGEST_SILENCE_MS))
    return replace(
        moment, phase=phase, since_ms=now_ms, until_ms=until_ms, seen_ms=now_ms, walked_ms=0, last_walk_ms=None
    )


def _with_clock(moment: Moment, now_ms: int) -> Moment:
    """Move the ends with a clock that was set back."""
    back_ms = moment.seen_ms - now_ms
    if back_ms <= 0:
        return moment
    return replace(
        moment,
        since_ms=moment.since_ms - back_ms,
        until_ms=None if moment.until_ms is None else moment.until_ms - back_ms,
        last_walk_ms=None if moment.last_walk_ms is None else moment.last_walk_ms - back_ms,
    )


def _walking(moment: Moment, body: Body, now_ms: int) -> Moment:
    """Add up a walk; one that stops for more than WALK_PAUSE_MS is over."""
    since_ms = None if moment.last_walk_ms is None else now_ms - moment.last_walk_ms
    if body is Body.WALKS:
        added_ms = 0 if since_ms is None or since_ms > WALK_PAUSE_MS else since_ms
        walked_ms = moment.walked_ms + added_ms if since_ms is not None and since_ms <= WALK_PAUSE_MS else 0
        return replace(moment, walked_ms=walked_ms, last_walk_ms=now_ms)
    if since_ms is not None and since_ms > WALK_PAUSE_MS:
        return replace(moment, walked_ms=0, last_walk_ms=None)
    return moment
