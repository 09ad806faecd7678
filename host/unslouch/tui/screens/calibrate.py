"""The calibration as a dialog, for a key of any mode."""

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll

from unslouch.link.model import LiveSample
from unslouch.tui.feed import Feed
from unslouch.tui.widgets.calibration_panel import CalibrationPanel

from .dialog import Dialog, dialog_css


class CalibrateScreen(Dialog[bool]):
    """Answers whether the sensor has a new calibration or standing zero."""

    DEFAULT_CSS = (
        dialog_css("CalibrateScreen")
        + """
    CalibrateScreen > VerticalScroll { width: 80; }
    CalibrateScreen.-short > VerticalScroll { padding: 0 1; }
    """
    )
    HELP = CalibrationPanel.HELP

    def __init__(self, feed: Feed, live: Callable[[], LiveSample | None]) -> None:
        """live: returns the posture of this moment, None where it is unknown."""
        super().__init__()
        self.panel = CalibrationPanel(lambda: feed.client, live)

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with VerticalScroll(can_focus=False) as box:
            box.border_title = "Calibrate"
            yield self.panel

    def on_mount(self) -> None:
        """Give the panel the keys."""
        self.panel.focus()

    def on_click(self, event: events.Click) -> None:
        """Leave the keys to the panel."""
        self.panel.focus()

    def on_calibration_panel_closed(self, message: CalibrationPanel.Closed) -> None:
        """Close."""
        self.dismiss(message.has_changed)
