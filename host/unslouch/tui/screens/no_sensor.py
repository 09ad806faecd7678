"""The question that comes where no sensor is found: try again, watch a simulated one, or quit."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Static

from .dialog import Dialog, dialog_css

RETRY, DEMO, QUIT, LATER = "retry", "demo", "quit", "later"


class NoSensorScreen(Dialog[str]):
    """Answers RETRY, DEMO, QUIT, or LATER, which shows today without a sensor."""

    DEFAULT_CSS = dialog_css("NoSensorScreen")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "answer('retry')", "Retry", id="no-sensor.retry", tooltip="Look for the sensor again."),
        Binding("d", "answer('demo')", "Demo", id="no-sensor.demo", tooltip="Watch a simulated sensor and wearer."),
        Binding("q", "answer('quit')", "Quit", id="no-sensor.quit", tooltip="Leave."),
        Binding("question_mark", "app.help", "Help", id="no-sensor.help", tooltip="Explain keys and shapes."),
        Binding("escape", "answer('later')", "Close", id="no-sensor.later", tooltip="Look at today without a sensor."),
    ]

    def __init__(self, reason: str, is_demo_offered: bool) -> None:
        super().__init__()
        self._reason = reason
        self._is_demo_offered = is_demo_offered

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = "No sensor"
            yield Static(self._reason or "No sensor was found.", markup=False)
            with Horizontal():
                yield Button("Retry (r)", id=RETRY, variant="primary", compact=True)
                if self._is_demo_offered:
                    yield Button("Demo (d)", id=DEMO, compact=True)
                yield Button("Quit (q)", id=QUIT, compact=True)
            demo = "The demo is a simulated sensor and wearer; its day stays out of your log. "
            yield Static(f"{demo if self._is_demo_offered else ''}Esc shows today.", classes="hint")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id)

    def action_answer(self, answer: str) -> None:
        if answer != DEMO or self._is_demo_offered:
            self.dismiss(answer)
