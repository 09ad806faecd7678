"""The exercise suggested now: why, how, and how often."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from unslouch.coach.catalogue_file import builtin_catalogue
from unslouch.coach.suggest import Suggestion


class SuggestionCard(Vertical):
    """Hidden while there is nothing to suggest."""

    DEFAULT_CSS = """
    SuggestionCard { height: auto; border: round $accent; border-title-color: $text-accent; border-title-style: bold;
        border-subtitle-color: $text; padding: 0 1; display: none; }
    SuggestionCard.-shown { display: block; }
    SuggestionCard Static { height: auto; }
    SuggestionCard #why { color: $text-muted; }
    SuggestionCard #sources { color: $text-muted; display: none; }
    """

    def __init__(self) -> None:
        super().__init__(id="suggestion")
        self._why = Static(id="why")
        self._how = Static(id="how")
        self._sources = Static(id="sources")
        self._shown: Suggestion | None = None

    def compose(self) -> ComposeResult:
        yield self._why
        yield self._how
        yield self._sources

    def show(self, suggestion: Suggestion | None) -> None:
        """Show a suggestion, or hide the card."""
        if suggestion is self._shown:
            return
        self._shown = suggestion
        self.set_class(suggestion is not None, "-shown")
        if suggestion is None:
            return
        exercise = suggestion.exercise
        self.border_title = f"Try: {exercise.name}"
        self.border_subtitle = exercise.dose
        self._why.update(suggestion.why)
        self._how.update(exercise.brief)
        self._sources.update("From: " + "; ".join(builtin_catalogue().titles(exercise.sources)))
