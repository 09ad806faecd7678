"""The third step: calibrating."""

from textual.app import ComposeResult
from textual.widgets import Static

from unslouch.tui.shared import Shared
from unslouch.tui.widgets.calibration_panel import CalibrationPanel

from .step import FirstStep

NO_SENSOR = "No sensor is linked yet. Go back to find one, or go on and calibrate later with c."


class CalibrateStep(FirstStep, can_focus=False):
    """The panel of the calibration."""

    TITLE = "Calibrate"

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        self._panel = CalibrationPanel(
            lambda: shared.feed.client, lambda: shared.sensor.live, stays=True, at_end="goes on"
        )
        self._was_calibrated = False

    def compose(self) -> ComposeResult:
        """Lay out the panel, and what to show in its place without a sensor."""
        yield Static(NO_SENSOR, id="no-sensor", classes="state")
        yield self._panel

    def begin(self) -> None:
        """Give the panel the keys."""
        self.draw()
        self._panel.focus()

    def draw(self) -> None:
        """Say so where there is no sensor."""
        self._was_calibrated = self._was_calibrated or self._panel.has_changed
        self.query_one("#no-sensor").display = not self.shared.sensor.is_linked

    @property
    def outcome(self) -> str:
        return "your upright is calibrated" if self._was_calibrated or self._panel.has_changed else ""

    def on_calibration_panel_closed(self, message: CalibrationPanel.Closed) -> None:
        """Go on from the end."""
        self._was_calibrated = self._was_calibrated or message.has_changed
        if message.is_done:
            self.post_message(self.Done())
