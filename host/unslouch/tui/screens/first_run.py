"""The first run: leads through seven steps, each of which can be skipped and repeated."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Static

from unslouch.tui.bindings import binding
from unslouch.tui.first_run.buzz import BuzzStep
from unslouch.tui.first_run.calibrate import CalibrateStep
from unslouch.tui.first_run.choices import ChoicesStep
from unslouch.tui.first_run.done import DoneStep
from unslouch.tui.first_run.find import FindStep
from unslouch.tui.first_run.safety import SafetyStep
from unslouch.tui.first_run.step import FirstStep
from unslouch.tui.first_run.wear import WearStep
from unslouch.tui.shared import Shared
from unslouch.tui.widgets.action_line import ActionLine, OfferedAction

from .dialog import AnswersOnce
from .selection import KeepsSelecting

DRAW_EVERY_S = 0.25
STAYS = "The firmware is being installed. The first steps can be ended once it is done; → goes on with them meanwhile."


class FirstRunScreen(AnswersOnce[None], KeepsSelecting, Screen[None]):
    """Shows one step at a time, and what leads to the next one."""

    HELP = """\
## First steps

From an unknown sensor to the first alert in less than two minutes. `→` goes on, which skips a step that isn't done;
`←` goes back. Esc ends the first steps, though not while firmware is being installed; `w` in the Sensor mode begins
them again.
"""
    DEFAULT_CSS = """
    FirstRunScreen #title { height: 1; background: $panel; padding: 0 1; }
    FirstRunScreen ContentSwitcher { height: 1fr; margin-top: 1; }
    FirstRunScreen #navigation { dock: bottom; height: auto; background: $panel; padding: 0 1; }
    FirstRunScreen.-short ContentSwitcher { margin-top: 0; }
    FirstRunScreen ContentSwitcher { align-horizontal: center; }
    FirstRunScreen FirstStep { max-width: 112; }
    FirstRunScreen.-wide.-tall CalibrationPanel > SidePicture { width: 44; height: 19; }
    FirstRunScreen.-huge.-tall CalibrationPanel > SidePicture { width: 44; height: 19; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("first-run", "right,enter", "next", "Go on", "Go to the next step.", False),
        binding("first-run", "left", "back", "Go back", "Go to the step before.", False),
        binding("first-run", "escape", "end", "End", "End the first steps.", False),
    ]

    def __init__(self, shared: Shared) -> None:
        super().__init__(id="first-run")
        self._shared = shared
        before: Sequence[FirstStep] = [
            step(shared) for step in (FindStep, WearStep, CalibrateStep, BuzzStep, ChoicesStep, SafetyStep)
        ]
        self._steps = [*before, DoneStep(shared, lambda: before)]
        self._place = 0

    def compose(self) -> ComposeResult:
        """Lay out the title, the steps and the way on."""
        yield Static(id="title")
        with ContentSwitcher(initial=self._steps[0].id):
            yield from self._steps
        yield ActionLine(self, id="navigation")

    def on_mount(self) -> None:
        """Show the first step."""
        self.set_interval(DRAW_EVERY_S, self.draw)
        self._show()

    @property
    def step(self) -> FirstStep:
        """The step that is shown."""
        return self._steps[self._place]

    def draw(self) -> None:
        """Draw the step that is shown."""
        if self.is_current:
            self.step.draw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to go back only where there is a step before."""
        return action != "back" or self._place > 0

    def action_next(self) -> None:
        """Show the next step, or end after the last."""
        if self._place == len(self._steps) - 1:
            self.action_end()
        else:
            self._place += 1
            self._show()

    def action_back(self) -> None:
        """Show the step before."""
        self._place -= 1
        self._show()

    def action_end(self) -> None:
        """End, unless firmware is being installed: nobody would see how that goes."""
        if self._shared.is_installing:
            self.notify(STAYS, markup=False)
        else:
            self.dismiss()

    def on_first_step_done(self, message: FirstStep.Done) -> None:
        """Go on from the step that is done."""
        message.stop()
        self.action_next()

    def _show(self) -> None:
        self.query_one(ContentSwitcher).current = self.step.id
        dots = "".join("●" if place <= self._place else "○" for place in range(len(self._steps)))
        count = f"  {self._place + 1} of {len(self._steps)}  "
        title = Content.assemble((dots, "$text-accent"), count, (self.step.TITLE, "bold"))
        self.query_one("#title", Static).update(title)
        is_last = self._place == len(self._steps) - 1
        offered = [OfferedAction("→", "ends" if is_last else "goes on", "next")]
        if self._place:
            offered.append(OfferedAction("←", "goes back", "back"))
        if not is_last:
            offered.append(OfferedAction("Esc", "ends", "end"))
        self.query_one("#navigation", ActionLine).offer(offered)
        self.step.begin()
        self.step.draw()
        self.refresh_bindings()
