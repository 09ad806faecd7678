"""The keys that go through the past second by second, while Live shows a moment of it."""

from typing import ClassVar

from textual.binding import BindingType

from unslouch.tui.bindings import binding
from unslouch.tui.workers import run_latest

from .mode_screen import ModeScreen

_S_PER_MIN = 60


class TimeTravel(ModeScreen):
    """Goes a second or a minute back and on, and back to now."""

    BINDINGS: ClassVar[list[BindingType]] = [
        binding("live", "escape", "now", "Now", "Leave the moment of the past, and show your posture now."),
        binding("live", "left", "travel(-1)", "1 s back", "Show the second before.", name="second-back"),
        binding("live", "right", "travel(1)", "1 s on", "Show the next second.", name="second-on"),
        binding(
            "live", "shift+left", f"travel(-{_S_PER_MIN})", "1 min back", "Go a minute back.", show=False,
            name="minute-back",
        ),
        binding(
            "live", "shift+right", f"travel({_S_PER_MIN})", "1 min on", "Go a minute on.", show=False, name="minute-on",
        ),
    ]  # fmt: skip

    _travels_to_ms: int | None = None
    """The moment that was asked for and is not shown yet."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the keys only in the past."""
        if action in ("now", "travel"):
            return self.shared.moment is not None
        return super().check_action(action, parameters)

    def action_now(self) -> None:
        """Show the present again."""
        self.shared.moment = None
        self._travels_to_ms = None

    def action_travel(self, seconds: int) -> None:
        """Show an earlier or later moment of the same day; of several that are asked for at once, the last one."""
        moment = self.shared.moment
        if moment is not None:
            from_ms = moment.utc_ms if self._travels_to_ms is None else self._travels_to_ms
            self._travels_to_ms = from_ms + seconds * 1000
            run_latest(self, self._travel, group="travel")

    async def _travel(self) -> None:
        from unslouch.tui.past import state_at_other_moment

        moment, to_ms = self.shared.moment, self._travels_to_ms
        if moment is None or to_ms is None:
            return
        shown = await self.shared.disk.call(lambda: state_at_other_moment(moment, to_ms))
        if self.shared.moment is moment:  # Esc wasn't pressed meanwhile
            self.shared.moment = shown
        if self._travels_to_ms == to_ms:
            self._travels_to_ms = None
