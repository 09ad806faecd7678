"""A guided session on the screen: picture, timer, counts, cues, and the curve with its target band."""

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Footer, Static
from textual.worker import Worker

from unslouch.coach import session_texts
from unslouch.coach.figure_file import figure_of
from unslouch.coach.session import GuidedSession
from unslouch.coach.session_drawing import figure_time_s
from unslouch.coach.session_model import Answer, Buzz, Output, Say, Scene
from unslouch.coach.session_plan import Phase
from unslouch.coach.session_storage import store_outputs
from unslouch.errors import UnslouchError
from unslouch.tui.bindings import binding
from unslouch.tui.widgets.exercise_figure import ExerciseFigure
from unslouch.tui.widgets.session_curve import SessionCurve
from unslouch.tui.workers import run_beside

from .dialog import Dialog

if TYPE_CHECKING:
    from unslouch.coach.session_plan import SessionItem
    from unslouch.store import Store
    from unslouch.tui.shared import Shared
    from unslouch.voice import Voice

FRAMES_PER_S = 10
BESIDE_LINES = 6
"""Lines of the screen above and below the picture."""
CURVE_LINES = 8
NOT_CALIBRATED = "the sensor isn't calibrated"
NO_SENSOR = "no sensor is connected"


CLOSING = "Enter or Esc closes."


class GuidedSessionScreen(Dialog[None]):
    """Leads through exercises, stores what was done, and closes when the wearer has read how it ended."""

    HELP = """## Guided session

Do what the picture shows. A timer runs, or the sensor counts where it can see the exercise: then the curve is your
tilt, and a repetition turns within the band. *Too hard* and *too easy* go along the exercise's own steps, and the step
is stored. *It hurts* ends the session and leaves the exercise out until you allow it again.
"""
    DEFAULT_CSS = """
    GuidedSessionScreen { background: $surface; }
    GuidedSessionScreen #scene { height: 1fr; scrollbar-size-vertical: 1; }
    GuidedSessionScreen #keys { display: none; dock: bottom; height: 1; background: $panel; padding: 0 1; }
    GuidedSessionScreen.-narrow #keys { display: block; }
    GuidedSessionScreen.-narrow Footer { display: none; }
    GuidedSessionScreen #name { text-style: bold; color: $text-accent; padding: 0 1; height: auto; }
    GuidedSessionScreen #dose { color: $text-muted; padding: 0 1; height: auto; }
    GuidedSessionScreen #middle { height: auto; padding: 1 1 0 1; }
    GuidedSessionScreen #figure { width: 40%; max-width: 64; margin-right: 2; }
    GuidedSessionScreen #texts { width: 1fr; height: auto; }
    GuidedSessionScreen #texts Static { height: auto; }
    GuidedSessionScreen #headline { text-style: bold; }
    GuidedSessionScreen #sentences { margin-top: 1; }
    GuidedSessionScreen SessionCurve { margin: 1 1 0 1; }
    GuidedSessionScreen.-short #middle { padding: 0 1; }
    GuidedSessionScreen.-short #sentences { margin-top: 0; }
    GuidedSessionScreen.-short.-reading #figure { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("session", "enter", "answer('GO_ON')", "Go on", "Begin, or end this stage or this set.", name="go-on"),
        binding("session", "space", "answer('PAUSE')", "Pause", "Pause, or go on.", name="pause"),
        binding("session", "s", "answer('SKIP')", "Skip", "Leave the rest of this exercise.", name="skip"),
        binding("session", "h", "answer('TOO_HARD')", "Hard", "Too hard: the step before.", name="too-hard"),
        binding("session", "e", "answer('TOO_EASY')", "Easy", "Too easy: the step after.", name="too-easy"),
        binding("session", "p", "answer('HURTS')", "It hurts", "Stop, and leave the exercise out.", name="hurts"),
        binding("session", "escape,q", "answer('QUIT')", "End", "End the session.", name="end"),
    ]

    def __init__(self, shared: "Shared", items: "Sequence[SessionItem]", *, is_short: bool = False) -> None:
        super().__init__()
        self._shared = shared
        self._seen = shared.tilts.added
        coach = shared.config.coach
        self._session = GuidedSession(
            items, without_sensor=self._without_sensor(), is_short=is_short, metronome=coach.metronome
        )
        self._voice = self._open_voice() if coach.voice else None
        self._buzzing: Worker[None] | None = None
        self._has_ended = False

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="scene"):  # which has the focus, so that the arrow keys scroll it
            yield Static(id="name", markup=False)
            yield Static(id="dose", markup=False)
            with Horizontal(id="middle"):
                yield ExerciseFigure(id="figure", most_lines=28, beside_lines=BESIDE_LINES)
                with Vertical(id="texts"):
                    yield Static(id="headline", markup=False)
                    yield Static(id="bar", markup=False)
                    yield Static(id="counts", markup=False)
                    yield Static(id="sentences", markup=False)
            yield SessionCurve(id="curve")
        yield Footer(compact=True, show_command_palette=False)
        yield Static("Enter on, space pause, p hurts, q end", id="keys")

    def on_mount(self) -> None:
        """Begin; from now on time passes."""
        self._take(self._session.tick(self._shared.clock()))
        self.draw()
        self.set_interval(1 / FRAMES_PER_S, self.advance)

    async def on_unmount(self) -> None:
        """Store what was done until now, and stop speaking."""
        left = [output for output in self._session.answer(Answer.QUIT) if not isinstance(output, Say)]
        if left:
            await self._store(left)
        if self._voice is not None:
            await self._voice.close()

    def advance(self) -> None:
        """Let time pass, take the samples that came, and draw."""
        self._session.without_sensor = self._without_sensor()
        for sample in self._shared.tilts.since(self._seen):
            if sample.forward_deg is not None and sample.lateral_deg is not None:
                new = self._session.sample(sample.uptime_ms / 1000, sample.forward_deg, sample.lateral_deg)
                self._take(new)
        self._seen = self._shared.tilts.added
        self._take(self._session.tick(self._shared.clock()))
        self.draw()

    def action_answer(self, answer: str) -> None:
        """Give the wearer's answer; once the session is over, close."""
        if self._session.ending is not None:
            self.dismiss()
            return
        self._take(self._session.answer(Answer[answer]))
        self.draw()

    def draw(self) -> None:
        """Show the scene."""
        scene = self._session.scene()
        is_reading = scene.stage.phase is Phase.READ
        if self.has_class("-reading") and not is_reading:
            self.query_one("#scene").scroll_home(animate=False)
        self.set_class(is_reading, "-reading")
        self._show("name", session_texts.title(scene))
        self._show("dose", session_texts.dose(scene))
        figure = figure_of(scene.exercise.id)
        if figure is not None:
            self.query_one(ExerciseFigure).show(scene.exercise.id, figure_time_s(figure, scene))
        if self._session.ending is not None:
            self._show_end()
            return
        self._show("headline", session_texts.headline(scene))
        self._show("bar", session_texts.bar(scene, self.size.width // 2))
        self._show("counts", "\n".join(session_texts.counts(scene)))
        self._show("sentences", "\n".join(session_texts.sentences(scene)))
        self._show_curve(scene)

    def _show_curve(self, scene: Scene) -> None:
        """Show the curve, and leave it room beside the picture."""
        curve, figure = self.query_one(SessionCurve), self.query_one(ExerciseFigure)
        was_shown = curve.has_class("-shown")
        curve.show(scene)
        if curve.has_class("-shown") != was_shown:
            figure.beside_lines = BESIDE_LINES + (CURVE_LINES if not was_shown else 0)
            figure.refresh(layout=True)

    def _show_end(self) -> None:
        if self._has_ended:
            return
        self._has_ended = True
        done = [session_texts.done_text(one) for one in self._session.results]
        self._show("headline", self._session.scene().last_said)
        self._show("bar", "")
        self._show("counts", "\n".join(done))
        self._show("sentences", CLOSING)
        self.query_one("#keys", Static).update(CLOSING)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Once the session is over, offer only the keys that close it."""
        if action == "answer" and self._has_ended:
            return parameters[0] in ("GO_ON", "QUIT")
        return super().check_action(action, parameters)

    def _show(self, id: str, text: str) -> None:
        widget = self.query_one(f"#{id}", Static)
        widget.display = bool(text)
        widget.update(text)

    def _without_sensor(self) -> str:
        live = self._shared.sensor.live
        if live is None:
            return NO_SENSOR
        return "" if live.forward_deg is not None else NOT_CALIBRATED

    # What comes out of the session

    def _take(self, outputs: list[Output]) -> None:
        to_store: list[Output] = []
        for output in outputs:
            match output:
                case Say(text):
                    if self._voice is not None:
                        self._voice.say(text)
                case Buzz():
                    self._buzz()
                case _:
                    to_store.append(output)
        if to_store:
            run_beside(self.app, self._store, to_store, group="store")  # it ends even if this screen is closed

    def _buzz(self) -> None:
        if self._buzzing is None or self._buzzing.is_finished:
            self._buzzing = run_beside(self, self._buzz_once, group="buzz")

    async def _buzz_once(self) -> None:
        with suppress(UnslouchError):  # the session goes on without the beat
            await self._shared.feed.client.buzz()

    async def _store(self, outputs: Sequence[Output]) -> None:
        now_utc_ms, now_s = self._shared.coach.utc_ms, self._shared.clock()

        def store(database: "Store") -> None:
            store_outputs(database, outputs, now_utc_ms, lambda time_s: round(now_utc_ms - (now_s - time_s) * 1000))

        try:
            await self._shared.change_store(store)
        except UnslouchError as error:
            self.app.notify(str(error), severity="error", markup=False)

    def _open_voice(self) -> "Voice | None":
        from unslouch.voice import Voice, advice, speech_command

        command = speech_command()
        if command is None:
            self.app.notify(advice(), severity="warning", markup=False)
            return None
        return Voice(command)
