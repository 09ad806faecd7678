"""Calibration in steps, with a picture of the wearer: draws the machine of sensor.calibration, and lets keys move it.

The calibration dialog, the Sensor mode and the first run show it.
"""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from unslouch.errors import UnslouchError
from unslouch.link.model import LiveSample
from unslouch.sensor.calibration import (
    BOW,
    LEAST_BOW_DEG,
    UPRIGHT,
    Action,
    Calibrates,
    Calibration,
    Step,
    Tone,
    measure,
)
from unslouch.tui.bindings import binding
from unslouch.tui.workers import run_latest

from .action_line import ActionLine, OfferedAction
from .wearer_picture import SidePicture

LIVE_EVERY_S = 0.25
KEYS = {Action.MEASURE: "Enter", Action.CONFIRM: "y", Action.SKIP: "n", Action.STAND: "t", Action.CLOSE: "Esc"}
STYLES = {Tone.PLAIN: "", Tone.SUCCESS: "$text-success", Tone.FAILURE: "$text-error"}
GAUGE_CELLS = 24
GAUGE_DEG = 60


class CalibrationPanel(Horizontal, can_focus=True):
    """Guides through a calibration, one step after the other."""

    HELP = """\
## Calibration

The sensor learns your upright posture in up to three steps.

- **Upright**: sit upright and keep still for 3 s.
- **Bow**: bow forwards from the hips by 20° or more with a straight back, and come up again. It shows which way is
  forward. You may skip it.
- **Standing**: stand still for 5 s. Limits for holding a tilt refer to it.

The picture leans as the sensor does. It is green while you are still enough to measure.
"""
    DEFAULT_CSS = """
    CalibrationPanel { height: auto; }
    CalibrationPanel > SidePicture { width: 28; height: 13; margin-right: 2; }
    CalibrationPanel > Vertical { width: 1fr; height: auto; }
    CalibrationPanel Static { height: auto; }
    CalibrationPanel #live { color: $text-muted; margin-top: 1; }
    CalibrationPanel #gauge { color: $text-muted; }
    CalibrationPanel #result { text-style: bold; margin-top: 1; }
    CalibrationPanel #choices { margin-top: 1; }
    .-narrow CalibrationPanel { layout: vertical; }
    .-narrow CalibrationPanel > Vertical { width: 100%; }
    .-narrow CalibrationPanel > SidePicture { width: 100%; height: 9; margin: 0; }
    .-short CalibrationPanel > SidePicture { display: none; }
    .-short CalibrationPanel #live, .-short CalibrationPanel #result { margin-top: 0; }
    .-short CalibrationPanel #choices { margin-top: 0; }
    """
    SCOPED_CSS = False  # the screen's size classes matter
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("calibrate", "enter", "measure", "Measure", "Measure this step.", show=False),
        binding("calibrate", "y", "confirm", "Confirm", "Measure, far from upright as you are.", show=False),
        binding("calibrate", "n", "skip", "Skip", "Leave the bow out.", show=False),
        binding("calibrate", "t", "stand", "Standing", "Take where standing is.", show=False),
        binding("calibrate", "escape", "close", "Close", "Leave the calibration as it is now.", show=False),
    ]

    class Closed(Message):
        """The wearer wants to leave.

        has_changed: whether the sensor has measured anything; is_done: whether no step was left.
        """

        def __init__(self, has_changed: bool, is_done: bool) -> None:
            super().__init__()
            self.has_changed = has_changed
            self.is_done = is_done

    def __init__(
        self,
        client: Callable[[], Calibrates],
        live: Callable[[], LiveSample | None],
        *,
        stays: bool = False,
        at_end: str = "begins again",
        id: str | None = None,
    ) -> None:
        """client: returns what measures; it raises NoSensor without a link. live: returns the posture of this moment.

        stays: the panel is part of a screen that stays open, so leaving a calibration begins another one. at_end: what
        Enter does there once no step is left.
        """
        super().__init__(id=id)
        self._client = client
        self._live = live
        self._stays = stays
        self._at_end = at_end
        self._calibration = Calibration()

    def compose(self) -> ComposeResult:
        """Lay out the picture, guidance, the tilt of the moment, result and keys."""
        yield SidePicture(id="picture")
        with Vertical():
            yield Static(id="guidance")
            yield Static(id="live")
            yield Static(id="gauge")
            yield Static(id="result")
            yield ActionLine(self, id="choices")

    def on_mount(self) -> None:
        """Follow the tilt."""
        self.set_interval(LIVE_EVERY_S, self.draw)
        self._show()

    def on_resize(self) -> None:
        """Say less where there is less room."""
        self._show()

    @property
    def has_changed(self) -> bool:
        """Whether the sensor has measured anything since the calibration began."""
        return self._calibration.has_changed

    @property
    def is_done(self) -> bool:
        """Whether no step is left."""
        return self._calibration.step is None

    def begin(self, first: Step = UPRIGHT) -> None:
        """Begin another calibration; a measurement that is under way ends on the sensor by itself."""
        self.workers.cancel_node(self)
        self._calibration = Calibration(first)
        self._show()

    def draw(self) -> None:
        """Show the posture of this moment."""
        if not self.screen.is_current:
            return
        calibration = self._calibration
        calibration.observe(self._live())
        self.query_one("#live", Static).update(calibration.live_text)
        gauge = self.query_one("#gauge", Static)
        gauge.display = calibration.step is BOW
        if calibration.step is BOW:
            gauge.update(bow_gauge(calibration.off_upright_deg, calibration.deepest_deg))
        picture = self.query_one(SidePicture)
        is_bow = calibration.step is BOW
        picture.show(calibration.lean_deg, LEAST_BOW_DEG if is_bow else None, is_bow)
        stillness = calibration.stillness.value
        picture.set_class(stillness == "still", "-still")
        picture.set_class(stillness == "moving" and not is_bow, "-moving")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what is possible at this step; Enter closes where no step is left."""
        if action == "measure":
            return Action.MEASURE in self._calibration.choices or self._calibration.step is None
        if action == "close":
            return not (self._stays and self._is_untouched)
        return action not in {each.value for each in Action} or Action(action) in self._calibration.choices

    @property
    def _is_untouched(self) -> bool:
        calibration = self._calibration
        return calibration.step is UPRIGHT and not calibration.result.text and not calibration.is_measuring

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
        message = self.Closed(self._calibration.has_changed, self.is_done)
        if self._stays:
            self.begin()
        self.post_message(message)

    def _measure(self, step: Step | None) -> None:
        if step is not None:
            run_latest(self, self._await_answer, step, self._calibration, group="measure")
        self._show()

    async def _await_answer(self, step: Step, calibration: Calibration) -> None:
        try:
            measured = await measure(step, self._client())
        except UnslouchError as error:
            calibration.failed(error)
        else:
            calibration.succeeded(measured)
        self._show()

    def _show(self) -> None:
        calibration = self._calibration
        is_small = self.screen.has_class("-short")
        guidance = calibration.step.brief if calibration.step is not None and is_small else calibration.guidance
        self.query_one("#guidance", Static).update(guidance)
        self.query_one("#result", Static).update(
            Content.styled(calibration.result.text, STYLES[calibration.result.tone])
        )
        self.query_one("#choices", ActionLine).offer(self._offered())
        self.query_one("#result").display = bool(calibration.result.text)
        self.query_one("#guidance").display = bool(guidance)
        self.query_one("#live").display = bool(guidance) and not (is_small and calibration.step is BOW)
        self.draw()

    def _offered(self) -> list[OfferedAction]:
        calibration = self._calibration
        keys = KEYS if calibration.step is not None else KEYS | {Action.CLOSE: "Enter"}
        choices = dict(calibration.choices)
        if self._stays:
            choices[Action.CLOSE] = self._at_end if calibration.step is None else "leaves it"
        if self._stays and self._is_untouched:
            del choices[Action.CLOSE]
        return [OfferedAction(keys[action], effect, action.value) for action, effect in choices.items()]


def bow_gauge(now_deg: float | None, deepest_deg: float | None) -> Content:
    """Return a bar from 0° to 60° with the bow of this moment, its deepest, and the mark that it has to reach."""
    if now_deg is None:
        return Content("")
    reached, wanted = (round(degrees / GAUGE_DEG * GAUGE_CELLS) for degrees in (now_deg, LEAST_BOW_DEG))
    deepest = round((deepest_deg or 0.0) / GAUGE_DEG * GAUGE_CELLS)
    cells = []
    for cell in range(GAUGE_CELLS):
        if cell == wanted:
            cells.append(Content.styled("┃", "bold"))
        elif cell < reached:
            cells.append(Content.styled("━", "$state-upright" if now_deg >= LEAST_BOW_DEG else "$state-leaning"))
        else:
            cells.append(Content.styled("─", "$state-upright" if cell < deepest else "$text-disabled"))
    return Content.assemble(Content("").join(cells), f" ┃ marks {LEAST_BOW_DEG}°")
