"""A dialog that asks for one line of text, such as a note or a date."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Input, Static

from unslouch.tui.bindings import binding

from .dialog import Dialog, dialog_css


class AskTextScreen(Dialog[str | None]):
    """Answers with the text, None if the wearer leaves it as it is."""

    HELP = "## A line of text\n\nEnter takes it, Esc leaves everything as it is."
    DEFAULT_CSS = dialog_css("AskTextScreen")
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("ask_text", "escape", "cancel", "Cancel", "Leave everything as it is."),
    ]

    def __init__(
        self,
        title: str,
        explanation: str,
        text: str = "",
        placeholder: str = "",
        refuse: Callable[[str], str] = lambda text: "",
    ) -> None:
        """refuse: returns a sentence on why a text can't be taken, or nothing."""
        super().__init__()
        self._title = title
        self._explanation = explanation
        self._text = text
        self._placeholder = placeholder
        self._refuse = refuse

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False) as box:
            box.border_title = self._title
            yield Static(self._explanation, markup=False)
            yield Input(self._text, placeholder=self._placeholder, compact=True, id="text")
            yield Static("", id="refusal", classes="result", markup=False)
            yield Static("Enter takes it, Esc leaves it as it is.", classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self.query_one("#refusal").display = False

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the text, or say why it can't be taken."""
        refusal = self._refuse(event.value)
        if not refusal:
            self.dismiss(event.value)
            return
        shown = self.query_one("#refusal", Static)
        shown.update(refusal)
        shown.display = True

    def action_cancel(self) -> None:
        self.dismiss(None)
