"""A dialog that explains a metric: what it is, how it is computed, and where the definition comes from."""

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from unslouch.analysis.metrics.metric import Metric
from unslouch.export.report.numbers import label
from unslouch.tui.bindings import binding

from .dialog import Dialog, DialogKeys, dialog_css


class ExplainScreen(Dialog[None]):
    """Shows a metric of the registry."""

    HELP = "## The definition of a number\n\nEsc closes it."
    DEFAULT_CSS = (
        dialog_css("ExplainScreen")
        + """
    ExplainScreen .field { color: $text-muted; margin-top: 1; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("explain", "escape,enter,i", "close", "Close", "Back to the numbers.", key_display="Esc"),
    ]

    def __init__(self, metric: Metric[Any], value: str) -> None:
        super().__init__()
        self._metric = metric
        self._value = value

    def compose(self) -> ComposeResult:
        metric = self._metric
        with VerticalScroll() as box:
            box.border_title = label(metric.name)
            yield Static(self._value, classes="result", markup=False)
            for field, text in (
                ("What it is", _sentence(metric.definition)),
                ("How it follows from the records", metric.formula),
                ("Where the definition comes from", metric.source),
                ("Its name in the exported log", metric.column),
            ):
                yield Static(field, classes="field", markup=False)
                yield Static(text.replace("`", ""), markup=False)
            yield DialogKeys("Esc closes.")

    def action_close(self) -> None:
        self.dismiss(None)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
