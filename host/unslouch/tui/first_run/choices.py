"""The fifth step: the wearer's place, equipment and conditions, which go into the settings file."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from unslouch.coach.catalogue import Condition, Equipment, Place
from unslouch.errors import UnslouchError
from unslouch.tui.shared import Shared
from unslouch.tui.widgets.choice_list import ChoiceList
from unslouch.tui.workers import run_latest

from .step import FirstStep

WHAT = "What is suggested shall suit you. Space chooses, Tab goes to the next list; you may choose nothing."
GENTLE = {"gentle": "only gentle exercises (osteoporosis, a woman over 50, or simply wanted)"}
"""The one checkbox for all three, so that neither age nor sex is asked for."""
PLACES: dict[str, str] = {Place.DESK: "at a desk", Place.OFFICE: "in an office", Place.HOME: "at home"}


class ChoicesStep(FirstStep, can_focus=False):
    """Three lists and a checkbox; every change is written at once."""

    TITLE = "What suits you"
    DEFAULT_CSS = """
    ChoicesStep > Horizontal { height: auto; margin-top: 1; }
    ChoicesStep Vertical { width: 1fr; height: auto; margin-right: 1; }
    ChoicesStep .heading { text-style: bold; }
    ChoicesStep #gentle { margin-top: 1; }
    .-short ChoicesStep #gentle { margin-top: 0; }
    ChoicesStep ChoiceList:focus > .option-list--option-highlighted { text-style: bold underline; }
    .-short ChoicesStep > Horizontal { margin-top: 0; }
    .-narrow ChoicesStep > Horizontal { layout: vertical; }
    .-narrow ChoicesStep Vertical { width: 100%; }
    """
    SCOPED_CSS = False  # the screen's size classes matter

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        coach = shared.config.coach
        self._place = ChoiceList(PLACES, [coach.place], one=True, id="place")
        self._equipment = ChoiceList(_titles(Equipment), coach.equipment, id="equipment")
        others = {name: title for name, title in _titles(Condition).items() if name != Condition.OSTEOPOROSIS}
        self._conditions = ChoiceList(others, coach.conditions, id="conditions")
        self._gentle = ChoiceList(GENTLE, GENTLE if coach.preferences.wants_gentle_set else (), id="gentle")
        self._is_saved = False

    def compose(self) -> ComposeResult:
        """Lay out the lists beside each other, or below, and the checkbox below them."""
        yield Static(WHAT)
        with Horizontal():
            for heading, choices in (
                ("Where are you?", self._place),
                ("What is at hand?", self._equipment),
                ("What has to be spared?", self._conditions),
            ):
                with Vertical():
                    yield Static(heading, classes="heading")
                    yield choices
        yield self._gentle
        yield Static(id="saved", classes="hint", markup=False)

    def on_mount(self) -> None:
        """Say nothing yet."""
        self.query_one("#saved").display = False

    def begin(self) -> None:
        """Begin with the place."""
        self._place.focus()

    @property
    def outcome(self) -> str:
        return "your equipment and conditions are kept" if self._is_saved else ""

    def on_choice_list_changed(self, message: ChoiceList.Changed) -> None:
        """Write what is chosen."""
        message.stop()
        run_latest(self, self._save, group="save")

    async def _save(self) -> None:
        from unslouch.config.load import load_config
        from unslouch.config.write import change_config

        path = self.shared.config_path
        if path is None:
            return
        changes = {
            "coach.place": self._place.chosen[0],
            "coach.equipment": self._equipment.chosen,
            "coach.conditions": self._conditions.chosen,
            "coach.gentle": bool(self._gentle.chosen),
        }

        def write() -> None:
            change_config(path, changes)
            self.shared.config = load_config(path).config

        try:
            await self.shared.disk.call(write)
        except UnslouchError as error:
            self._say(str(error))
        else:
            self._is_saved = True
            self._say(f"Kept in {path}.")

    def _say(self, sentence: str) -> None:
        saved = self.query_one("#saved", Static)
        saved.update(sentence)
        saved.display = True


def _titles(names: type[Equipment] | type[Condition]) -> dict[str, str]:
    return {str(name): str(name) for name in names}
