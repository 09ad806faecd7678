"""The Exercises mode: the catalogue with filters, how each exercise is done, and guided sessions."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from unslouch.coach.catalogue import Condition, Exercise, Place
from unslouch.coach.catalogue_file import builtin_catalogue, load_catalogue, own_exercises_path
from unslouch.coach.past import Past, past_of, read_past
from unslouch.coach.programme import OFFERED_MINUTES
from unslouch.coach.progress import Progress
from unslouch.coach.session_plan import SessionItem
from unslouch.coach.situation import Situation
from unslouch.errors import NoData
from unslouch.safety import clinician_first
from unslouch.store.coach_answers import Answer
from unslouch.tui.bindings import binding
from unslouch.tui.shared import Shared
from unslouch.tui.widgets.exercise_detail import ExerciseDetail
from unslouch.tui.widgets.paged_list import PagedList
from unslouch.tui.workers import run_latest

from .begin_session import begin_session, one_exercise
from .exercise_filter import ExerciseFilter, FilterScreen, filter_of
from .mode_screen import ModeScreen

if TYPE_CHECKING:
    from unslouch.analysis.history import History
    from unslouch.store import Store


class ExerciseList(PagedList):
    """The exercises that the filters leave."""

    HELP = """## List of exercises

Arrow keys choose an exercise, which is shown beside it. **Enter** begins a guided session of it.
"""


class ExercisesScreen(ModeScreen):
    """Lists the exercises that the filters let through, and shows the one that is chosen."""

    MODE = "exercises"
    keys_need_data = True
    HELP = """## Exercises

All exercises that suit where you are, what is at hand and your conditions. Enter leads through the chosen one; Tab goes
to its description. `m` shows today's plan of the programme for the time that you have, and leads through it. `!` marks
an exercise that is left out because it hurt.
"""
    DEFAULT_CSS = """
    ExercisesScreen #columns { height: 1fr; }
    ExercisesScreen #left { width: 100%; height: 100%; }
    ExercisesScreen #filter { height: auto; max-height: 2; padding: 0 1; color: $text-muted; }
    ExercisesScreen #exercises { height: 1fr; border: round $frame; border-title-color: $text-accent;
        border-title-style: bold; scrollbar-size-vertical: 1; background: transparent; }
    ExercisesScreen #exercises:focus { border: round $frame-accent; }
    ExercisesScreen #tip { height: auto; max-height: 5; padding: 0 1; color: $text-muted; }
    ExercisesScreen.-normal #left { width: 34; }
    ExercisesScreen.-wide #left, ExercisesScreen.-huge #left { width: 44; }
    ExercisesScreen #detail { width: 1fr; height: 100%; }
    ExercisesScreen.-narrow #detail { display: none; }
    ExercisesScreen.-short #tip { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("exercises", "b", "begin", "Begin", "Be led through the chosen exercise, as Enter does."),
        binding("exercises", "m", "session", "Today", "Today's plan for 2, 5 or 15 minutes, and a session of it."),
        binding("exercises", "f", "filter", "Filter", "Choose place, equipment, kind and conditions."),
        binding("exercises", "t", "tip", "Tip", "Show another tip."),
        binding("exercises", "a", "allow", "Allow", "Offer the chosen exercise again, although it hurt."),
    ]

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        self._catalogue = builtin_catalogue()
        self._filter = filter_of(shared.config.coach)
        self._tz: tzinfo = datetime.now().astimezone().tzinfo or UTC
        self._past = self._nothing_done()
        self._tip = 0
        self._shown: tuple[Exercise, ...] = ()
        self._chosen_at_s = shared.clock()

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="columns"):
            with Vertical(id="left"):
                yield Static(id="filter", markup=False)
                yield ExerciseList(id="exercises", markup=False)
                yield Static(id="tip", markup=False)
            yield ExerciseDetail(id="detail")

    def on_mount(self) -> None:
        """Read the wearer's own exercises, and list all."""
        self._catalogue, problems = load_catalogue(own_exercises_path())
        for problem in problems:
            self.notify(str(problem), title="Own exercises", severity="warning", markup=False)
        self._tip = datetime.now().toordinal() % len(self._catalogue.tips)
        self._list()
        self.query_one("#exercises", OptionList).focus()
        self._show_tip()

    # What is shown

    def _list(self) -> None:
        """List the exercises that the filters let through, and keep the chosen one chosen."""
        before = self._chosen
        self._shown = self._filter.apply(self._catalogue)
        options = self.query_one("#exercises", OptionList)
        options.clear_options()
        options.add_options([Option(self._row(exercise), id=exercise.id) for exercise in self._shown])
        options.border_title = f"Exercises ({len(self._shown)} of {len(self._catalogue.exercises)})"
        if self._shown:
            options.highlighted = self._shown.index(before) if before in self._shown else 0
        self.query_one("#filter", Static).update(f"Filter: {self._filter.description}")
        self._show_detail()

    def _row(self, exercise: Exercise) -> str:
        return f"{'! ' if self._is_left_out(exercise) else ''}{exercise.name}"

    @property
    def _chosen(self) -> Exercise | None:
        options = self.query_one("#exercises", OptionList)
        if options.highlighted is None or options.highlighted >= len(self._shown):
            return None
        return self._shown[options.highlighted]

    def _show_detail(self) -> None:
        exercise = self._chosen
        detail = self.query_one("#detail", ExerciseDetail)
        detail.set_class(exercise is None, "-empty")
        if exercise is None:
            return
        progress = self._past.progress
        hurt_ms, done_ms = progress.hurt_utc_ms.get(exercise.id), self._past.last_done_utc_ms.get(exercise.id)
        left_out = (
            ""
            if hurt_ms is None
            else f"Left out because it hurt on {_date(hurt_ms)}. {clinician_first()} Press a to allow it again."
        )
        last_done = "" if done_ms is None else _date(done_ms)
        detail.show(self._catalogue, exercise, progress.step_of(exercise), left_out, last_done)

    def _show_tip(self) -> None:
        tip = self._catalogue.tips[self._tip % len(self._catalogue.tips)]
        self.query_one("#tip", Static).update(f"Tip: {tip.text} ({', '.join(tip.sources)})")

    def draw(self) -> None:
        """Move the figure."""
        self.query_one("#detail", ExerciseDetail).animate_figure(self.shared.clock() - self._chosen_at_s)

    def key_state(self) -> Hashable:
        chosen = self._chosen
        return super().key_state(), chosen is not None, chosen is not None and self._is_left_out(chosen)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only the keys that would do something."""
        chosen = self._chosen if self.is_mounted else None
        if action == "begin":
            return chosen is not None and not self._is_left_out(chosen)
        if action == "allow":
            return chosen is not None and self._is_left_out(chosen)
        return super().check_action(action, parameters)

    def _is_left_out(self, exercise: Exercise) -> bool:
        return exercise.id in self._past.progress.hurt_utc_ms

    def forget_sensor(self) -> None:
        """Forget what was done: another sensor has another database."""
        self._past = self._nothing_done()
        self._list()

    def _nothing_done(self) -> Past:
        return past_of(self._catalogue, [], [], self.shared.coach.utc_ms, self._tz)

    async def refresh_data(self) -> None:
        """Read what was done, and what hurt."""
        catalogue, now_ms = self._catalogue, self.shared.coach.utc_ms

        def read(history: "History") -> tuple[Past, tzinfo]:
            return read_past(history.store, catalogue, now_ms, history.tz), history.tz

        try:
            past, self._tz = await self.shared.read_history(read)
        except NoData:
            return
        if past != self._past:
            self._past = past
            self._list()

    # Keys

    def on_option_list_option_highlighted(self) -> None:
        """Show the exercise that was chosen, from the beginning of its movement."""
        self._chosen_at_s = self.shared.clock()
        self._show_detail()

    async def on_option_list_option_selected(self) -> None:
        """Begin, as Enter does."""
        await self.run_action("begin")

    def action_begin(self) -> None:
        """Lead through the chosen exercise."""
        chosen = self._chosen
        if chosen is not None and not self._is_left_out(chosen):
            self._begin(one_exercise(chosen), is_short=False)

    def action_session(self) -> None:
        """Show today's plan, and lead through it."""
        from .plan import PlanScreen

        def begin(items: list[SessionItem] | None) -> None:
            if items:
                self._begin(lambda _: items, is_short=True)

        wanted = self.shared.config.coach.minutes
        minutes = min(OFFERED_MINUTES, key=lambda offered: abs(offered - wanted))
        self.app.push_screen(PlanScreen(self._situation(), minutes), begin)

    def _situation(self) -> Situation:
        """Return what today's plan depends on, with the filters in place of the settings."""
        preferences, filter_ = self.shared.config.coach.preferences, self._filter
        place = preferences.place
        if place not in filter_.places:  # of several places, the one that allows the most
            place = next((one for one in (Place.HOME, Place.OFFICE) if one in filter_.places), Place.HOME)
        wanted = replace(
            preferences,
            place=place,
            equipment=filter_.equipment,
            conditions=filter_.conditions,
            gentle=Condition.OSTEOPOROSIS in filter_.conditions,
        )
        return Situation(self._catalogue, self.shared.coach.utc_ms, self._tz, self._past, wanted)

    def _begin(self, choose: Callable[[Progress], Sequence[SessionItem]], *, is_short: bool) -> None:
        begins = partial(begin_session, self, choose, is_short=is_short, on_end=self._read_again)
        run_latest(self, begins, group="session")

    def _read_again(self) -> None:
        self._refreshed_at_s = float("-inf")

    def action_filter(self) -> None:
        """Choose the filters."""

        def apply(chosen: ExerciseFilter | None) -> None:
            if chosen is not None:
                self._filter = chosen
                self._list()

        self.app.push_screen(FilterScreen(self._filter), apply)

    def action_tip(self) -> None:
        """Show the next tip."""
        self._tip += 1
        self._show_tip()

    def action_allow(self) -> None:
        """Offer the chosen exercise again."""
        chosen = self._chosen
        if chosen is None:
            return

        def allow(store: "Store") -> None:
            store.coach_answers.add(self.shared.coach.utc_ms, Answer.NO_LONGER_HURTS, chosen.id)

        async def change() -> str:
            await self.shared.change_store(allow)
            self._read_again()
            return f"{chosen.name} is offered again."

        self.run_command(change)


def _date(utc_ms: int) -> str:
    return f"{datetime.fromtimestamp(utc_ms / 1000):%Y-%m-%d}"
