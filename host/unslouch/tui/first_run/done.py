"""The last step: what was done, what was skipped, and where to go on."""

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from unslouch.tui.shared import Shared

from .step import FirstStep

WHERE_NEXT = (
    "Live (1) shows your posture. The Sensor mode (5) repeats every step: w begins these again. ? explains the keys of "
    "whatever is shown."
)


class DoneStep(FirstStep):
    """A line for each step that leads to something."""

    TITLE = "Ready"
    has_outcome = False
    HELP = """\
## Ready

What came of each step. Go back with `←` to do what was skipped, or end with Enter.
"""

    def __init__(self, shared: Shared, steps: Callable[[], Sequence[FirstStep]]) -> None:
        """steps: the steps before."""
        super().__init__(shared)
        self._steps = steps

    def compose(self) -> ComposeResult:
        """Lay out the lines."""
        yield Static(id="outcomes")
        yield Static(WHERE_NEXT, classes="hint")

    def begin(self) -> None:
        """Read what came of the steps."""
        lines = []
        for step in self._steps():
            outcome = step.outcome
            if outcome:
                lines.append(Content.styled(f"● {step.TITLE}: {outcome}", "$text-success"))
            elif step.has_outcome:
                lines.append(Content.styled(f"○ {step.TITLE}: skipped", "$text-muted"))
        self.query_one("#outcomes", Static).update(Content("\n").join(lines))
        super().begin()
