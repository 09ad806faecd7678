"""Today's plan of the programme for the time that the wearer gives, before a guided session of it."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid, VerticalScroll
from textual.widgets import Button, Static

from unslouch.coach import programme_texts
from unslouch.coach.programme import OFFERED_MINUTES, Mode, plan_today
from unslouch.coach.session_choice import todays_session
from unslouch.tui.bindings import binding

from .dialog import Dialog, DialogKeys, dialog_css

if TYPE_CHECKING:
    from unslouch.coach.session_plan import SessionItem
    from unslouch.coach.situation import Situation

NOTHING_LEFT = "No exercise is left: change the filters, or allow one that hurt."
PLAN_DONE = "Nothing is left of today's plan. This was done longest ago:"


class PlanScreen(Dialog["list[SessionItem]"]):
    """Shows the plan, and answers with its exercises; None if the wearer leaves it."""

    HELP = """## Today's plan

What the programme of six weeks asks for today, in the time that you choose. A circuit has one set of each exercise and
then another round; else each exercise is done with all its sets, and a minute's rest before the next one. A day that
you miss shifts the programme, and nothing is added for it.
"""
    DEFAULT_CSS = (
        dialog_css("PlanScreen")
        + """
    PlanScreen #exercises { margin-top: 1; }
    PlanScreen Grid { grid-size: 4; grid-rows: 1; height: auto; margin-top: 1; }
    PlanScreen.-narrow Grid { grid-size: 2; }
    PlanScreen Button { width: auto; min-width: 0; margin: 0; }
    PlanScreen Button.-chosen { text-style: bold reverse; }
    PlanScreen.-short #exercises, PlanScreen.-short Grid { margin-top: 0; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            binding("plan", str(number), f"give({minutes})", f"{minutes} min", "Plan this time.", name=f"for-{minutes}")
            for number, minutes in enumerate(OFFERED_MINUTES, 1)
        ),
        binding("plan", "c", "change_mode", "Circuit", "As a circuit, or one by one.", name="circuit"),
        binding("plan", "enter", "begin", "Begin", "Be led through it.", name="begin", priority=True),
        binding("plan", "escape", "dismiss", "Back", "Begin nothing.", name="back"),
    ]

    def __init__(self, situation: "Situation", minutes: int) -> None:
        super().__init__()
        self._situation = situation
        self._minutes = minutes
        self._mode = Mode.SINGLE
        self._items: list[SessionItem] = []

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = "Today's plan"
            yield Static(id="heading", markup=False)
            yield Static(id="exercises", markup=False)
            with Grid():
                for number, minutes in enumerate(OFFERED_MINUTES, 1):
                    yield Button(f"{number}: {minutes} min", id=f"give-{minutes}", compact=True)
                yield Button("c: circuit", id="circuit", compact=True)
            yield DialogKeys("Enter begins, Esc goes back.")

    def on_mount(self) -> None:
        self._show()

    def _show(self) -> None:
        plan = plan_today(self._situation, self._minutes, self._mode)
        self._items = todays_session(self._situation, self._minutes, self._mode)
        if plan.items:
            lines = [f"{item.exercise.name}: {programme_texts.dose(item)}" for item in plan.items]
            heading = programme_texts.heading(plan)
        else:
            lines = [f"{item.exercise.name}: {item.dose.dose}" for item in self._items]
            heading = f"{programme_texts.heading(plan)} {PLAN_DONE if lines else NOTHING_LEFT}"
        self.query_one("#heading", Static).update(heading)
        numbered = (f"{number}. {line}" for number, line in enumerate(lines, 1))
        self.query_one("#exercises", Static).update("\n".join(numbered))
        for minutes in OFFERED_MINUTES:
            self.query_one(f"#give-{minutes}").set_class(minutes == self._minutes, "-chosen")
        self.query_one("#circuit").set_class(self._mode is Mode.CIRCUIT, "-chosen")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "circuit":
            self.action_change_mode()
        else:
            self.action_give(int(str(event.button.id).removeprefix("give-")))

    def action_give(self, minutes: int) -> None:
        """Plan another time."""
        self._minutes = minutes
        self._show()

    def action_change_mode(self) -> None:
        """Plan a circuit instead of single exercises, or the other way round."""
        self._mode = Mode.SINGLE if self._mode is Mode.CIRCUIT else Mode.CIRCUIT
        self._show()

    def action_begin(self) -> None:
        """Answer with the exercises; without any, stay."""
        if self._items:
            self.dismiss(self._items)
