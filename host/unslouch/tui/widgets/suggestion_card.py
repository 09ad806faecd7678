"""The exercise suggested now: why, how, how long, and the answers. It takes neither keys nor focus."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

if TYPE_CHECKING:
    from unslouch.coach.live_coach import LiveCoach
    from unslouch.coach.suggest import Suggestion

ANSWERS = (
    ("d", "begin_exercise", "Do it", "Do the suggested exercise now."),
    ("l", "put_off_exercise", "Later", "See the suggestion again in 2, 10 or 30 minutes."),
    ("x", "decline_exercise", "Not today", "Leave the suggested exercise out until tomorrow."),
)
"""The keys that answer, with the actions of the screen, their names and what they do."""
THANKS = "Thanks for getting up and moving: that was your break."


class SuggestionCard(Vertical):
    """Hidden while there is nothing to suggest; a prompt stands out from a quiet card by its frame and title."""

    DEFAULT_CSS = """
    SuggestionCard { height: auto; border: round $frame; border-title-color: $text-muted;
        border-subtitle-color: $text; padding: 0 1; display: none; }
    SuggestionCard.-shown { display: block; }
    SuggestionCard.-prompt { border: round $frame-accent; border-title-color: $text-accent; border-title-style: bold; }
    SuggestionCard Static { height: auto; }
    SuggestionCard #why, SuggestionCard #more { color: $text-muted; }
    SuggestionCard #more { display: none; }
    SuggestionCard #answers { link-color: $text-accent; link-style: underline; }
    SuggestionCard.-thanks #more, SuggestionCard.-thanks #how, SuggestionCard.-thanks #answers,
    SuggestionCard.-thanks #sources { display: none; }
    SuggestionCard #sources { color: $text-muted; display: none; }
    """

    def __init__(self) -> None:
        super().__init__(id="suggestion")
        self._why = Static(id="why", markup=False)
        self._more = Static(id="more", markup=False)
        self._how = Static(id="how", markup=False)
        links = (f"[bold]{key}[/] [@click=screen.{action}]{name}[/]" for key, action, name, _ in ANSWERS)
        self._answers = Static("  ".join(links), id="answers")
        self._sources = Static(id="sources", markup=False)
        self._shown: tuple[Suggestion | None, object] = None, None

    def compose(self) -> ComposeResult:
        yield self._why
        yield self._more
        yield self._how
        yield self._answers
        yield self._sources

    def show(self, coach: "LiveCoach | None") -> None:
        """Show the coach's suggestion, or hide the card."""
        suggestion, phase = (None, None) if coach is None else (coach.suggestion, coach.moment.phase)
        if (suggestion, phase) == self._shown:
            return
        self._shown = suggestion, phase
        self.set_class(suggestion is not None, "-shown")
        self.set_class(phase == "prompt", "-prompt")
        self.set_class(phase == "thanks", "-thanks")
        if coach is None or suggestion is None:
            return
        exercise = suggestion.exercise
        if phase == "thanks":
            self.border_title, self.border_subtitle = "Thanks", ""
            self._why.update(THANKS)
            return
        # Brackets in an exercise of your own are no markup.
        self.border_title = Content(f"{'Now' if phase == 'prompt' else 'Try'}: {exercise.name}")
        self.border_subtitle = Content(coach.dose(exercise))
        self._why.update(f"{suggestion.reasons[0]}.")
        more = ", ".join((*suggestion.reasons[1:], f"about {suggestion.length}", suggestion.needs))
        self._more.update(f"{more[0].upper()}{more[1:]}.")
        self._how.update(exercise.brief)
        self._sources.update("From: " + "; ".join(coach.catalogue.titles(exercise.sources)))
