"""Trial: does a suggestion change anything? A coin decides at some moments whether one is made, and both kinds compare.

Only wearers who agreed are asked by the coin. Each toss begins half an hour in which nothing else is suggested. What
counts is the median forward tilt of that half hour and its posture changes per hour. Since the coin alone decides, a
difference beyond chance is an effect of the suggestion on this wearer, whatever else the day brought.

The answer is looked at after LOOKS tosses and not in between: who looks every day and stops at the first difference
finds one by chance far more often than in 5 of 100 trials. The intervals of all looks together hold in 95 %: each has
an error of 5 % ÷ number of looks (Bonferroni). Between two looks, that of the last one stands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist, fmean, variance

from unslouch.store import Answer, CoachAnswer

WINDOW_MIN = 30
MEASURED_ENOUGH_MIN = 15
"""A half hour with less measured sitting or standing says nothing."""
LOOKS = (40, 80, 160, 320)
ERROR = 0.05
LEAST_OF_EACH = 12
"""With fewer tosses of either kind nothing is said (ours)."""


@dataclass(frozen=True)
class Toss:
    """The coin, thrown at a moment that asked for an exercise."""

    utc_ms: int
    suggests: bool


@dataclass(frozen=True)
class Observed:
    """The half hour after a toss; None if too little of it was measured."""

    toss: Toss
    median_deg: float | None
    changes_per_hour: float | None


@dataclass(frozen=True)
class Difference:
    """What followed a suggestion minus what followed none."""

    suggested: int
    """How many half hours it is taken from."""
    waited: int
    mean: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether chance alone would hardly bring so much."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Finding:
    """What a trial says about one quantity."""

    tosses: int
    """With a measured half hour."""
    needed: int
    """At how many the next look comes."""
    difference: Difference | None
    """At the last look; None: can't tell yet."""


def tosses_of(answers: Iterable[CoachAnswer]) -> list[Toss]:
    """Return the coin's tosses among the answers."""
    kinds = {Answer.TOSS_SUGGEST: True, Answer.TOSS_WAIT: False}
    return [Toss(answer.utc_ms, kinds[answer.answer]) for answer in answers if answer.answer in kinds]


def finding(values: Sequence[tuple[bool, float]]) -> Finding:
    """Return what half hours in order of time say; each is (whether a suggestion was made, the quantity)."""
    look = max((look for look in LOOKS if look <= len(values)), default=0)
    after = [value for suggests, value in values[:look] if suggests]
    without = [value for suggests, value in values[:look] if not suggests]
    needed = next((each for each in LOOKS if each > len(values)), LOOKS[-1])
    is_enough = min(len(after), len(without)) >= LEAST_OF_EACH
    return Finding(len(values), needed, difference(after, without) if is_enough else None)


def difference(after: Sequence[float], without: Sequence[float]) -> Difference:
    """Return the difference of two means with Welch's interval, whose error is that of one look."""
    spread = variance(after) / len(after), variance(without) / len(without)
    error = sqrt(sum(spread))
    mean = fmean(after) - fmean(without)
    if not error:
        return Difference(len(after), len(without), mean, mean, mean)
    freedom = sum(spread) ** 2 / (spread[0] ** 2 / (len(after) - 1) + spread[1] ** 2 / (len(without) - 1))
    reach = t_quantile(1 - ERROR / len(LOOKS) / 2, freedom) * error
    return Difference(len(after), len(without), mean, mean - reach, mean + reach)


def t_quantile(probability: float, freedom: float) -> float:
    """Return a quantile of Student's t, by the expansion about the normal one (Abramowitz & Stegun 26.7.5).

    >>> round(t_quantile(0.975, 22), 3)
    2.074
    """
    z = NormalDist().inv_cdf(probability)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, 1))
