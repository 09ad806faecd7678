"""Setting the wearer's goals, for the mode that shows them."""

from dataclasses import replace
from typing import TYPE_CHECKING

from .mode_screen import ModeScreen

if TYPE_CHECKING:
    from unslouch.config import Config


class SetsGoals(ModeScreen):
    """Asks for the goals, and keeps them."""

    def show_goals(self) -> None:
        """Bring the goals into sight; called once they are changed."""
        raise NotImplementedError

    def action_set_goals(self) -> None:
        """Ask for the wearer's goals, and keep them in the settings file."""
        from unslouch.tui.goal_texts import BRIEF, EXPLANATION, goals_text, parse_goals

        from .ask_text import AskTextScreen, refusal_of

        def answer(text: str | None) -> None:
            if text is not None:
                self.run_command(self._keep_goals, parse_goals(text))

        example = "upright 70, slouching 60, break 90, exercise 3"
        text = goals_text(self.shared.config.goals)
        self.app.push_screen(
            AskTextScreen("Goals", EXPLANATION, text, example, refusal_of(parse_goals), brief=BRIEF), answer
        )

    async def _keep_goals(self, changes: "dict[str, int | None]") -> str:
        from unslouch.config import change_config, load_config
        from unslouch.config.model import GoalsConfig

        path = self.shared.config_path
        if path is None:
            goals = GoalsConfig(**{name.removeprefix("goals."): limit for name, limit in changes.items()})
            self.shared.config = replace(self.shared.config, goals=goals)
            done = "Your goals count until the dashboard ends, since settings are not kept."
        else:

            def write() -> "Config":
                change_config(path, changes)
                return load_config(path).config

            self.shared.config = await self.shared.disk.call(write)
            done = f"Your goals are kept in {path}."
        self.show_goals()
        return done
