"""Calibration: how to sit, the three seconds of stillness, and what came of it."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from unslouch.errors import UnslouchError

from .dialog import dialog_css

GUIDANCE = (
    "Sit upright and still, as you want to sit at work: feet on the floor, weight on both sit bones, ribs over the "
    "pelvis, shoulders loose, eyes ahead. The sensor takes this posture as upright."
)
READY = "Enter measures for 3 seconds, Esc cancels."


class CalibrateScreen(ModalScreen[bool]):
    """Answers whether the sensor has a new calibration."""

    DEFAULT_CSS = dialog_css("CalibrateScreen")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "measure", "Measure", id="calibrate.measure", tooltip="Hold still for 3 seconds."),
        Binding("escape", "close", "Cancel", id="calibrate.close", tooltip="Back to the dashboard."),
    ]

    def __init__(self, calibrate: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._calibrate = calibrate
        self._is_measuring = False
        self._is_done = False

    def compose(self) -> ComposeResult:
        """Lay out guidance, result and keys."""
        with VerticalScroll() as box:
            box.border_title = "Calibrate"
            yield Static(GUIDANCE)
            yield Static(id="result", classes="result")
            yield Static(READY, id="keys", classes="hint")

    def action_measure(self) -> None:
        """Measure, or close once it has been done."""
        if self._is_done:
            self.dismiss(True)
        elif not self._is_measuring:
            self.run_worker(self._measure(), exclusive=True)

    def action_close(self) -> None:
        """Leave without waiting for an answer that is still to come."""
        self.dismiss(self._is_done)

    async def _measure(self) -> None:
        self._is_measuring = True
        self._say(Content("Hold still…"), "")
        try:
            await self._calibrate()
        except UnslouchError as error:
            self._say(Content.styled(str(error), "$text-error"), "Enter tries again, Esc leaves it.")
        else:
            self._is_done = True
            self._say(Content.styled("Calibrated: this is your upright now.", "$text-success"), "Enter closes.")
        finally:
            self._is_measuring = False

    def _say(self, result: Content, keys: str) -> None:
        self.query_one("#result", Static).update(result)
        self.query_one("#keys", Static).update(keys)
