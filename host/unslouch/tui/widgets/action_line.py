"""A line that says which key does what; a click on one of them does it, too."""

from collections.abc import Sequence
from typing import NamedTuple

from textual.content import Content
from textual.dom import DOMNode
from textual.style import Style
from textual.widgets import Static


class OfferedAction(NamedTuple):
    """A key, what it does as in "Enter begins", and its action."""

    key: str
    effect: str
    action: str


class ActionLine(Static):
    """Runs actions of the node that it is for."""

    DEFAULT_CSS = """
    ActionLine { height: auto; color: $text-muted; link-style: none; link-color: $text-muted;
        link-style-hover: underline; link-color-hover: $text-accent; link-background-hover: $surface; }
    """

    def __init__(self, target: DOMNode, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._target = target

    def offer(self, actions: Sequence[OfferedAction], before: str = "") -> None:
        """Show some actions as one sentence, after another text."""
        parts: list[Content] = []
        for action in actions:
            click = Style.from_meta({"@click": ("run", (action.action,))})
            parts.append(Content.assemble((action.key, "bold"), f" {action.effect}").stylize(click))
        sentence = Content(", ").join(parts)
        self.update(Content.assemble(before, sentence, "." if parts else ""))

    async def action_run(self, action: str) -> None:
        """Run an action of the target, if it is possible now."""
        await self.app.run_action(action, self._target)
