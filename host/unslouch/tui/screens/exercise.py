"""The exercise that the wearer does now: how, how much, and what to look out for. What was done is stored."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from unslouch.coach.catalogue import CLINICIAN_FIRST, Sensing
from unslouch.errors import UnslouchError
from unslouch.tui.bindings import binding

from .dialog import dialog_css

if TYPE_CHECKING:
    from unslouch.analysis.history import History
    from unslouch.coach.catalogue import Exercise
    from unslouch.tui.shared import Shared


class ExerciseScreen(ModalScreen[None]):
    """Stores a session when the wearer says that it is done, or ended early."""

    DEFAULT_CSS = dialog_css("ExerciseScreen")
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("exercise", "enter", "end(True)", "Done", "The exercise is done.", name="done"),
        binding("exercise", "escape", "end(False)", "Stop", "End it early; it doesn't count as done.", name="stop"),
    ]

    def __init__(self, shared: "Shared", exercise: "Exercise") -> None:
        super().__init__()
        self._shared = shared
        self._exercise = exercise
        self._began_ms = shared.coach.now_ms

    def compose(self) -> ComposeResult:
        exercise, live = self._exercise, self._shared.coach.live
        with VerticalScroll() as box:
            box.border_title = exercise.name
            if exercise.sensing is Sensing.OFF:
                yield Static("Take the sensor off: this exercise presses on it.", markup=False)
            yield Static("\n".join(f"{number}. {line}" for number, line in enumerate(exercise.how, 1)), markup=False)
            dose = exercise.dose if live is None else live.dose(exercise)
            yield Static(f"{dose[0].upper()}{dose[1:]}.", markup=False, classes="result")
            yield Static(" ".join(exercise.form), markup=False, classes="hint")
            yield Static(CLINICIAN_FIRST, markup=False, classes="hint")
            yield Static("Enter: done. Esc: stopped early.", markup=False, classes="hint")

    async def action_end(self, is_complete: bool) -> None:
        """Store the session and close."""
        began_ms, ended_ms, id = self._began_ms, self._shared.coach.now_ms, self._exercise.id

        def store(history: "History") -> None:
            from unslouch.store import Store

            with Store.open(history.store.path, simulated=None) as writer:
                writer.words.add_session(id, began_ms, ended_ms, repetitions=None, is_complete=is_complete)

        try:
            await self._shared.read_history(store)
        except UnslouchError as error:
            self.notify(str(error), severity="error", markup=False)
        self.dismiss()
