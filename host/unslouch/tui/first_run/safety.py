"""The sixth step: the safety rules, which the docs show too."""

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from unslouch.safety import safety_rules

from .step import FirstStep


class SafetyStep(FirstStep):
    """All rules, the most urgent first."""

    TITLE = "Before you wear it"
    has_outcome = False
    HELP = """\
## Safety

What everybody who wears a sensor has to know. The same rules are in the documentation.
"""
    DEFAULT_CSS = """
    SafetyStep .rule { margin-bottom: 1; max-width: 100; }
    .-short SafetyStep .rule { margin-bottom: 0; }
    """
    SCOPED_CSS = False  # the screen's size classes matter

    def compose(self) -> ComposeResult:
        """Lay out the rules."""
        for rule in safety_rules():
            yield Static(Content.assemble((rule.title, "bold $text-warning"), f"  {rule.text}"), classes="rule")
