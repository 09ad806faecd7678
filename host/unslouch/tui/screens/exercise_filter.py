"""Filters of the catalogue: where you are, what is at hand, what it is for, and what excludes exercises."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from unslouch.coach.catalogue import Catalogue, Condition, Equipment, Exercise, Kind, Place
from unslouch.config.model import CoachConfig
from unslouch.tui.bindings import binding
from unslouch.tui.widgets.choice_list import ChoiceList

from .dialog import Dialog, DialogKeys, dialog_css


@dataclass(frozen=True)
class ExerciseFilter:
    """Which exercises are shown; empty places and kinds stand for all of them."""

    places: frozenset[Place] = frozenset()
    equipment: frozenset[Equipment] = frozenset(Equipment)
    kinds: frozenset[Kind] = frozenset()
    conditions: frozenset[Condition] = frozenset()

    def apply(self, catalogue: Catalogue) -> tuple[Exercise, ...]:
        """Return the exercises that it lets through."""
        return tuple(
            exercise
            for exercise in catalogue.suitable(None, self.equipment, self.conditions)
            if (not self.places or self.places & set(exercise.places))
            and (not self.kinds or self.kinds & set(exercise.kinds))
        )

    @property
    def description(self) -> str:
        """Say what it lets through, in one line."""
        at_hand = "any equipment" if self.equipment == set(Equipment) else f"{_listed(self.equipment)} at hand"
        without = f" · not with {_listed(self.conditions)}" if self.conditions else ""
        return f"{_listed(self.kinds, 'any kind')} · {_listed(self.places, 'any place')} · {at_hand}{without}"


def filter_of(coach: CoachConfig) -> ExerciseFilter:
    """Return the filter that the settings ask for."""
    return ExerciseFilter(
        frozenset({coach.place}), frozenset(coach.equipment), frozenset(), frozenset(coach.all_conditions)
    )


def _listed(members: Iterable[Place | Equipment | Kind | Condition], if_empty: str = "nothing") -> str:
    return ", ".join(sorted(str(member) for member in members)) or if_empty


class FilterScreen(Dialog[ExerciseFilter | None]):
    """Returns the filter that the wearer chose, None if it stays."""

    DEFAULT_CSS = (
        dialog_css("FilterScreen")
        + """
    FilterScreen .group { margin-top: 1; text-style: bold; }
    FilterScreen .group:first-child { margin-top: 0; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("filter", "f", "apply", "Show", "Show the exercises that these filters let through.", priority=True),
        binding("filter", "escape", "dismiss(None)", "Cancel", "Leave the filters as they were.", name="cancel"),
    ]
    HELP = """## Filters

Space or Enter chooses, Tab goes to the next group. They hold while the dashboard runs; `unslouch config edit` changes
where it begins.
"""
    GROUPS: ClassVar[dict[str, tuple[str, type[Place | Equipment | Kind | Condition]]]] = {
        "places": ("Where you are (none: anywhere)", Place),
        "equipment": ("What is at hand", Equipment),
        "kinds": ("What it is for (none: anything)", Kind),
        "conditions": ("What you have, and what leaves exercises out", Condition),
    }

    def __init__(self, current: ExerciseFilter) -> None:
        super().__init__()
        self._current = current

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = "Filters"
            for name, (title, enum) in self.GROUPS.items():
                yield Static(title, classes="group")
                chosen = getattr(self._current, name)
                yield ChoiceList({str(member): str(member) for member in enum}, map(str, chosen), id=name)
            yield DialogKeys("f shows the exercises, Esc leaves the filters as they were.", "f shows them, Esc cancels")

    def action_apply(self) -> None:
        """Take what is chosen."""
        chosen: dict[str, Any] = {
            name: frozenset(map(enum, self.query_one(f"#{name}", ChoiceList).chosen))
            for name, (_, enum) in self.GROUPS.items()
        }
        self.dismiss(replace(self._current, **chosen))
