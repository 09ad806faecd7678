"""The keys that answer a suggested exercise, for every mode that shows the suggestion."""

from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from unslouch.tui.bindings import binding
from unslouch.tui.widgets.suggestion_card import ANSWERS
from unslouch.tui.workers import run_latest

from .mode_screen import ModeScreen

ANSWER_ACTIONS = tuple(action for _, action, _, _ in ANSWERS)
PAUSE_COACH = "Have no exercise suggested for an hour; again to end that."


class CoachCommands(ModeScreen):
    """Do it, later, not today, offered while a suggestion is open; and a pause."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(binding("coach", key, action, name, tooltip, show=False) for key, action, name, tooltip in ANSWERS),
        binding("coach", "o", "pause_coach", "Pause exercises", PAUSE_COACH, show=False),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the answers only while a suggestion is open."""
        if action in ANSWER_ACTIONS:
            return self.shared.coach.is_open and self.shared.moment is None
        return super().check_action(action, parameters)

    def action_begin_exercise(self) -> None:
        """Do the suggested exercise; who doesn't agree to the rules before it finds the suggestion as it was."""
        coach = self.shared.coach
        suggestion = coach.suggestion
        if suggestion is not None and coach.is_open:
            from .begin_session import begin_session, one_exercise

            # By the smaller numbers of the dose: so long did the card say that it takes.
            begins = partial(
                begin_session, self, one_exercise(suggestion.exercise), is_short=True, on_begin=coach.begin
            )
            run_latest(self, begins, group="session")

    def action_put_off_exercise(self) -> None:
        """Ask for how long to put the suggestion off."""
        from .later import LaterScreen

        def put_off(minutes: int | None) -> None:
            if minutes is not None and self.shared.coach.put_off(minutes):
                self.notify(self.shared.coach.notice, markup=False)

        self.app.push_screen(LaterScreen(), put_off)

    def action_decline_exercise(self) -> None:
        """Leave the suggested exercise out until tomorrow."""
        name = self.shared.coach.decline()
        if name:
            self.notify(f"{name} comes back tomorrow.", markup=False)

    def action_pause_coach(self) -> None:
        """Suggest nothing for an hour, or end that."""
        self.notify(self.shared.coach.toggle_pause(), markup=False)
