"""Calibration in steps: draws the machine of sensor.calibration, and lets keys move it."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from unslouch.errors import UnslouchError
from unslouch.link.model import LiveSample
from unslouch.sensor.calibration import Action, Calibration, Step, Tone, measure
from unslouch.tui.feed import Feed

from .dialog import dialog_css

LIVE_EVERY_S = 0.2
KEYS = {Action.MEASURE: "Enter", Action.CONFIRM: "y", Action.SKIP: "s", Action.STAND: "t", Action.CLOSE: "Esc"}
STYLES = {Tone.PLAIN: "", Tone.SUCCESS: "$text-success", Tone.FAILURE: "$text-error"}


class CalibrateScreen(ModalScreen[bool]):
    """Answers whether the sensor has a new calibration or standing zero."""

    DEFAULT_CSS = dialog_css("CalibrateScreen")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "measure", "Measure", id="calibrate.measure", tooltip="Measure this step."),
        Binding("y", "confirm", "Confirm", id="calibrate.confirm", tooltip="Measure, far from upright as you are."),
        Binding("s", "skip", "Skip", id="calibrate.skip", tooltip="Leave the bow out."),
        Binding("t", "stand", "Standing", id="calibrate.stand", tooltip="Take where standing is."),
        Binding("escape", "close", "Close", id="calibrate.close", tooltip="Back to the dashboard."),
    ]

    def __init__(self, feed: Feed, live: Callable[[], LiveSample | None]) -> None:
        """live: returns the posture of this moment, None where it is unknown."""
        super().__init__()
        self._feed = feed
        self._live = live
        self._calibration = Calibration()

    def compose(self) -> ComposeResult:
        """Lay out guidance, the tilt of the moment, result and keys."""
        with VerticalScroll() as box:
            box.border_title = "Calibrate"
            yield Static(id="guidance")
            yield Static(id="live", classes="hint")
            yield Static(id="result", classes="result")
            yield Static(id="keys", classes="hint")

    def on_mount(self) -> None:
        """Follow the tilt."""
        self.set_interval(LIVE_EVERY_S, self._show_live)
        self._show_live()
        self._show()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what is possible at this step; Enter closes where no step is left."""
        if action == "measure":
            return Action.MEASURE in self._calibration.choices or self._calibration.step is None
        return action not in {each.value for each in Action} or Action(action) in self._calibration.choices

    def action_measure(self) -> None:
        """Measure the step, or close where none is left."""
        if self._calibration.step is None:
            self.action_close()
            return
        self._calibration.observe(self._live())
        self._measure(self._calibration.begin())

    def action_confirm(self) -> None:
        """Measure the step, far from upright as the wearer is."""
        self._measure(self._calibration.confirm())

    def action_skip(self) -> None:
        """Leave the bow out."""
        self._calibration.skip()
        self._show()

    def action_stand(self) -> None:
        """Take the standing zero next."""
        self._calibration.stand()
        self._show()

    def action_close(self) -> None:
        """Leave without waiting for an answer that is still to come."""
        self.dismiss(self._calibration.has_changed)

    def _measure(self, step: Step | None) -> None:
        if step is not None:
            self.run_worker(self._await_answer(step), exclusive=True)
        self._show()

    async def _await_answer(self, step: Step) -> None:
        try:
            measured = await measure(step, self._feed.client)
        except UnslouchError as error:
            self._calibration.failed(error)
        else:
            self._calibration.succeeded(measured)
        self._show()

    def _show(self) -> None:
        calibration = self._calibration
        self.query_one("#guidance", Static).update(calibration.guidance)
        self.query_one("#result", Static).update(
            Content.styled(calibration.result.text, STYLES[calibration.result.tone])
        )
        self.query_one("#keys", Static).update(keys_line(calibration))
        for line in self.query("#guidance, #live"):
            line.display = bool(calibration.guidance)
        self._show_live()

    def _show_live(self) -> None:
        self._calibration.observe(self._live())
        self.query_one("#live", Static).update(self._calibration.live_text)


def keys_line(calibration: Calibration) -> str:
    """Return which keys do what at this step, as a sentence."""
    keys = KEYS if calibration.step is not None else KEYS | {Action.CLOSE: "Enter"}
    return f"{calibration.describe_choices(keys)}."
