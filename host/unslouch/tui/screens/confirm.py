"""A question before a key changes the sensor in a way that is probably not meant."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from .dialog import Dialog, DialogKeys, dialog_css


class ConfirmScreen(Dialog[bool]):
    """Answers whether the wearer agrees. Enter is no answer: a line that was meant for a shell ends with it."""

    DEFAULT_CSS = (
        dialog_css("ConfirmScreen")
        + """
    ConfirmScreen.-alone { background: $background; }
    ConfirmScreen.-short > VerticalScroll { padding: 0 0 0 1; }
    ConfirmScreen #question { padding: 0 1 0 0; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="confirm.yes", tooltip="Do it all the same."),
        Binding("escape,n", "answer(False)", "No", id="confirm.no", tooltip="Leave the sensor as it is."),
    ]

    def __init__(self, title: str, question: str, choices: str, *, is_alone: bool = False) -> None:
        """choices: which key does what, as a sentence. is_alone: hide what is beneath."""
        super().__init__(classes="-alone" if is_alone else None)
        self._title = title
        self._question = question
        self._choices = choices

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = self._title
            yield Static(self._question, id="question", markup=False)
            yield DialogKeys(self._choices)

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)
