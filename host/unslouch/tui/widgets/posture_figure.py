"""The wearer in braille: from the side, leaning as far forward as the sensor says, and small from behind, leaning
sideways.

Drawn at most four times a second, and only where a whole degree has changed; first in the frame after the first, since
what draws it takes long to import.
"""

from math import cos, radians, sin
from typing import TYPE_CHECKING

from textual.app import ComposeResult, RenderResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget

from unslouch.tui.palette import css_name
from unslouch_device.contract.states import STATE_NAMES

if TYPE_CHECKING:
    from unslouch.coach.figure_drawing import Line

DRAWN_EVERY_S = 0.25
MOST_LATERAL_DEG = 30.0
LATERAL_ROOM_CM = 36.0
"""Room on each side for a back that leans by up to MOST_LATERAL_DEG."""


class _View(Widget):
    DEFAULT_CSS = """
    _View { height: 100%; }
    """

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._degrees: int | None = None

    def lean(self, degrees: int) -> None:
        if degrees != self._degrees:
            self._degrees = degrees
            self.refresh()

    def render(self) -> RenderResult:
        width, height = self.size
        if self._degrees is None or width <= 1 or height <= 1:
            return ""
        return Content("\n".join(self.lines(self._degrees, width, height)))

    def lines(self, degrees: int, width: int, height: int) -> list[str]:
        raise NotImplementedError


class SideView(_View):
    """The wearer in profile."""

    def lines(self, degrees: int, width: int, height: int) -> list[str]:
        from unslouch.coach.wearer_drawing import side_braille

        return side_braille(degrees, width, height)


class BackView(_View):
    """The wearer from behind: to the right is the wearer's right."""

    def lines(self, degrees: int, width: int, height: int) -> list[str]:
        from unslouch.coach.figure_drawing import braille_lines
        from unslouch.coach.wearer_drawing import BACK_BOX, back_lines, sensor_on_back_lines

        left, bottom, right, top = BACK_BOX
        lean_deg = max(-MOST_LATERAL_DEG, min(MOST_LATERAL_DEG, degrees))
        lines = [turned(line, lean_deg) for line in (*back_lines(), *sensor_on_back_lines())]
        return braille_lines(lines, (left - LATERAL_ROOM_CM, bottom, right + LATERAL_ROOM_CM, top), width, height)


class PostureFigure(Horizontal):
    """Both views in the colour of the state; grey and upright while the tilt is unknown."""

    DEFAULT_CSS = """
    PostureFigure { border: round $frame; border-title-color: $text-muted; width: 26; height: 100%; }
    PostureFigure #side-view { width: 2fr; }
    PostureFigure #back-view { width: 1fr; }
    PostureFigure.-unknown { color: $text-disabled; }
    """ + "\n".join(
        f"PostureFigure.-{css_name(state)} {{ color: $state-{css_name(state)}; }}" for state in range(len(STATE_NAMES))
    )

    def __init__(self) -> None:
        super().__init__(id="figure")
        self.border_title = "You"
        self._side = SideView("side-view")
        self._back = BackView("back-view")
        self._look = "-unknown"
        self.add_class(self._look)
        self._drawn_at_s = float("-inf")

    def compose(self) -> ComposeResult:
        yield self._side
        yield self._back

    def show(self, now_s: float, state: int, forward_deg: float | None, lateral_deg: float | None) -> None:
        """Lean the figure, if it was not drawn a moment ago. now_s: seconds that never go back."""
        if now_s - self._drawn_at_s < DRAWN_EVERY_S:
            return
        self._drawn_at_s = now_s
        is_known = forward_deg is not None and lateral_deg is not None
        self._side.lean(round(forward_deg or 0.0))
        self._back.lean(round(lateral_deg or 0.0))
        look = f"-{css_name(state)}" if is_known else "-unknown"
        if look != self._look:
            self.remove_class(self._look)
            self.add_class(look)
            self._look = look


def turned(line: "Line", degrees: float) -> "Line":
    """Return a polyline turned clockwise about the seat."""
    along, across = cos(radians(degrees)), sin(radians(degrees))
    return [(x * along + y * across, y * along - x * across) for x, y in line]
