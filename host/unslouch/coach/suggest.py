"""Suggest: which exercise suits a situation best, and why. Pure: the same situation gives the same answer."""

from dataclasses import dataclass

from .catalogue import Exercise
from .exclusion_rules import EXCLUSION_RULES
from .hold_rules import HOLD_RULES
from .rules import ExclusionRule, Hold, HoldRule, Role, Score, ScoreRule
from .score_rules import SCORE_RULES
from .situation import Situation, minutes_text

NEED_ENOUGH = 10
"""With fewer points of need nothing is suggested (ours)."""
MOST_REASONS = 2
ASKED_FOR_IDS = frozenset({"put-off", "three-in-a-row", "series-order"})
"""The exclusion rules that don't hold for what the wearer put off."""


@dataclass(frozen=True)
class Ranked:
    """An exercise in the ranking."""

    exercise: Exercise
    scores: tuple[tuple[ScoreRule, Score], ...]
    """Of the rules that say something about it."""

    @property
    def points(self) -> int:
        return sum(score.points for _, score in self.scores)

    @property
    def need(self) -> int:
        """The points of the rules of need."""
        return sum(score.points for rule, score in self.scores if rule.role is Role.NEED)


@dataclass(frozen=True)
class Excluded:
    """An exercise that a rule leaves out."""

    exercise: Exercise
    rule: ExclusionRule
    why: str


@dataclass(frozen=True)
class Ranking:
    """All exercises of the catalogue in a situation."""

    holds: tuple[tuple[HoldRule, Hold], ...]
    """What holds every suggestion back."""
    ranked: tuple[Ranked, ...]
    """The best first; of equal ones the catalogue's first."""
    excluded: tuple[Excluded, ...]

    @property
    def best(self) -> Ranked | None:
        """The best one that the posture asks for; whether anything holds it back is another question."""
        return next((ranked for ranked in self.ranked if ranked.need >= NEED_ENOUGH), None)


@dataclass(frozen=True)
class Suggestion:
    """One exercise, and why it is suggested."""

    exercise: Exercise
    reasons: tuple[str, ...]
    """What was observed, the weightiest first."""
    length: str
    """About how long it takes, like "2 min"."""
    needs: str
    """What it needs, or "no equipment"."""

    @property
    def why(self) -> str:
        """The reasons in one phrase."""
        return ", ".join(self.reasons)

    def __str__(self) -> str:
        name = self.exercise.name
        return f"{self.why} — {name[0].lower()}{name[1:]}, {self.length}, {self.needs}"


def rank(situation: Situation) -> Ranking:
    """Return what each rule says in a situation."""
    ranked, excluded = [], []
    for exercise in situation.catalogue.exercises:
        reasons = ((rule, rule.reason(exercise, situation)) for rule in EXCLUSION_RULES)
        rule, why = next(((rule, why) for rule, why in reasons if why), (None, ""))
        if rule is not None:
            excluded.append(Excluded(exercise, rule, why))
            continue
        ranked.append(_ranked(exercise, situation))
    ranked.sort(key=lambda one: -one.points)  # stable: the catalogue's order decides between equals
    return Ranking(holds_of(situation), tuple(ranked), tuple(excluded))


def holds_of(situation: Situation) -> tuple[tuple[HoldRule, Hold], ...]:
    """Return what holds every suggestion back."""
    holds = ((rule, rule.hold(situation)) for rule in HOLD_RULES)
    return tuple((rule, hold) for rule, hold in holds if hold is not None)


def _ranked(exercise: Exercise, situation: Situation) -> Ranked:
    scores = ((rule, rule.score(exercise, situation)) for rule in SCORE_RULES)
    return Ranked(exercise, tuple((rule, score) for rule, score in scores if score is not None))


def suggest(situation: Situation) -> Suggestion | None:
    """Return the suggestion for a situation; None if something holds it back or the posture asks for nothing."""
    ranking = rank(situation)
    if ranking.holds or ranking.best is None:
        return None
    return suggestion_of(ranking.best, situation)


def suggestion_of(ranked: Ranked, situation: Situation) -> Suggestion:
    """Return an exercise as a suggestion with its reasons: what the posture asks for first, then what is due."""
    roles = (Role.NEED, Role.DUE)
    said = [(rule, score) for rule, score in ranked.scores if rule.role in roles and score.points > 0]
    said.sort(key=lambda one: (roles.index(one[0].role), -one[1].points))
    reasons = [score.why for _, score in said[:MOST_REASONS]] or ["you asked to see this again"]
    reasons[0] = f"{reasons[0][0].upper()}{reasons[0][1:]}"
    exercise = ranked.exercise
    return Suggestion(
        exercise,
        tuple(reasons),
        minutes_text(situation.length_s(exercise)),
        ", ".join(" or ".join(sorted(one_of)) for one_of in exercise.needs) or "no equipment",
    )


def find_suggestion(exercise_id: str, situation: Situation) -> Suggestion | None:
    """Return the suggestion of an exercise that the wearer asked to see again; None if a rule leaves it out by now.

    That it was suggested before is no reason against it.
    """
    exercise = situation.catalogue.find(exercise_id)
    rules = [rule for rule in EXCLUSION_RULES if rule.id not in ASKED_FOR_IDS]
    if exercise is None or any(rule.reason(exercise, situation) for rule in rules):
        return None
    return suggestion_of(_ranked(exercise, situation), situation)
