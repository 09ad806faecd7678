"""Preferences: what the wearer lets the coach suggest. Neither age nor sex is among them."""

from dataclasses import dataclass

from .terms import Condition, Equipment, Place


@dataclass(frozen=True)
class Preferences:
    """What the wearer has set; the faces fill it from the settings file."""

    place: Place = Place.DESK
    equipment: frozenset[Equipment] = frozenset()
    """What is at hand."""
    conditions: frozenset[Condition] = frozenset()
    gentle: bool = False
    """The wearer asked for the gentle set: with osteoporosis, as a woman over 50, or simply because they want it."""
    minutes: int = 2
    """How many minutes an exercise may take, with reading and setting up."""
    max_per_hour: int = 2
    """Suggestions in an hour at most, one or more: nothing ends them for good."""

    @property
    def wants_gentle_set(self) -> bool:
        """Whether loaded and end-range flexion are left out and article B's set comes first."""
        return self.gentle or Condition.OSTEOPOROSIS in self.conditions

    @property
    def all_conditions(self) -> frozenset[Condition]:
        """The conditions that exclude exercises; the gentle set has the rules of osteoporosis."""
        return self.conditions | ({Condition.OSTEOPOROSIS} if self.gentle else frozenset())
