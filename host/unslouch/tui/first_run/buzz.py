"""The fourth step: feeling the motor, and choosing how strong it is."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from unslouch.errors import UnslouchError
from unslouch.sensor.settings import WORDS, change_setting, setting_by_key
from unslouch.tui.bindings import binding
from unslouch.tui.shared import Shared
from unslouch.tui.widgets.action_line import ActionLine, OfferedAction
from unslouch.tui.workers import run_latest

from .step import FirstStep

STRENGTH = "strength"
WHAT = (
    "When you have slouched for a while the sensor vibrates: two buzzes of a third of a second. Feel one now, and "
    "choose how strong it shall be."
)
LATER = "Everything about alerts can be changed later: the Sensor mode (5) has all settings."


class BuzzStep(FirstStep):
    """Each key buzzes, so that the choice can be felt."""

    TITLE = "Feel the buzz"
    HELP = """\
## The buzz

`b` buzzes as strongly as the sensor is set. `l`, `m` and `s` set it to light, medium or strong, and buzz. If you want
no vibration at all, set `tracking-only` in the Sensor mode.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("buzz", "b", "buzz", "Buzz", "Make the sensor vibrate once.", False),
        binding("buzz", "l", "strength('light')", "Light", "Set a light vibration, and feel it.", False, name="light"),
        binding("buzz", "m", "strength('medium')", "Medium", "Set a medium one, and feel it.", False, name="medium"),
        binding("buzz", "s", "strength('strong')", "Strong", "Set a strong one, and feel it.", False, name="strong"),
    ]

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        self._felt = ""

    def compose(self) -> ComposeResult:
        """Lay out what to do, what came of it, and the keys."""
        yield Static(WHAT)
        yield Static(id="buzz-state", classes="state", markup=False)
        yield ActionLine(self, id="buzz-keys")
        yield Static(LATER, classes="hint")

    def on_mount(self) -> None:
        """Offer the keys."""
        self.query_one("#buzz-state").display = False
        self.query_one(ActionLine).offer(
            [
                OfferedAction("b", "buzzes", "buzz"),
                *(OfferedAction(word[0], f"sets {word}", f"strength('{word}')") for word in WORDS[STRENGTH]),
            ]
        )

    @property
    def outcome(self) -> str:
        return self._felt

    def action_buzz(self) -> None:
        """Buzz."""
        run_latest(self, self._buzz, "", group="buzz")

    def action_strength(self, word: str) -> None:
        """Set the strength, and buzz."""
        run_latest(self, self._buzz, word, group="buzz")

    async def _buzz(self, word: str) -> None:
        try:
            client = self.shared.feed.client
            if word:
                await change_setting(client, setting_by_key(STRENGTH), WORDS[STRENGTH][word])
            await client.buzz()
        except UnslouchError as error:
            self._show(str(error))
            return
        self._felt = f"the vibration is {word}" if word else self._felt or "you felt the buzz"
        self._show(f"The sensor vibrates{f', {word} from now on' if word else ''}.")

    def _show(self, sentence: str) -> None:
        state = self.query_one("#buzz-state", Static)
        state.update(sentence)
        state.display = True
