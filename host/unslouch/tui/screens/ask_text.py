"""A dialog that asks for one line of text, such as a note or a date."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Input, Static

from unslouch.tui.bindings import binding

from .dialog import Dialog, DialogKeys, dialog_css


class AskTextScreen(Dialog[str | None]):
    """Answers with the text, None if the wearer leaves it as it is."""

    HELP = "## A line of text\n\nEnter takes it, Esc leaves everything as it is."
    DEFAULT_CSS = (
        dialog_css("AskTextScreen")
        + """
    AskTextScreen #brief, AskTextScreen.-short #explanation { display: none; }
    AskTextScreen.-short #brief { display: block; }
    """
    )
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
        *,
        brief: str = "",
    ) -> None:
        """refuse: returns a sentence on why a text can't be taken, or nothing.

        brief: the explanation for a short screen, where the line of text is to stay in sight.
        """
        super().__init__()
        self._title = title
        self._explanation = explanation
        self._brief = brief or explanation
        self._text = text
        self._placeholder = placeholder
        self._refuse = refuse

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False) as box:
            box.border_title = self._title
            yield Static(self._explanation, id="explanation", markup=False)
            yield Static(self._brief, id="brief", markup=False)
            yield Input(self._text, placeholder=self._placeholder, compact=True, id="text")
            yield Static("", id="refusal", classes="result", markup=False)
            yield DialogKeys("Enter takes it, Esc leaves it as it is.", "Enter takes it, Esc cancels")

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


def refusal_of(parse: Callable[[str], object]) -> Callable[[str], str]:
    """Return a function that says why a text can't be parsed, and returns "" for one that can."""

    def refuse(text: str) -> str:
        try:
            parse(text)
        except ValueError as error:
            return str(error)
        return ""

    return refuse
