"""For how long the suggested exercise is put off."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Static

from unslouch.coach.moment import LATER_MIN
from unslouch.tui.bindings import binding

from .dialog import Dialog, DialogKeys, dialog_css


class LaterScreen(Dialog[int]):
    """Answers with minutes, None if the wearer leaves it."""

    DEFAULT_CSS = dialog_css("LaterScreen")
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            binding(
                "later",
                str(number),
                f"answer({minutes})",
                f"{minutes} min",
                f"See it again in {minutes} minutes.",
                name=f"after-{minutes}",
            )
            for number, minutes in enumerate(LATER_MIN, 1)
        ),
        binding("later", "escape", "dismiss", "Back", "Leave the suggestion as it is.", name="back"),
    ]

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = "Later"
            yield Static("When shall the exercise be suggested again?", markup=False)
            with Horizontal():
                for number, minutes in enumerate(LATER_MIN, 1):
                    yield Button(f"{number}: {minutes} min", id=f"later-{minutes}", compact=True)
            yield DialogKeys("1, 2 and 3 choose, Esc leaves the suggestion as it is.", "1, 2, 3 choose, Esc cancels")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(int(str(event.button.id).removeprefix("later-")))

    def action_answer(self, minutes: int) -> None:
        self.dismiss(minutes)
