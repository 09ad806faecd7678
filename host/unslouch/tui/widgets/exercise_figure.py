"""The moving picture of an exercise, in braille."""

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from unslouch.coach.figure_drawing import braille, fitting_height
from unslouch.coach.figure_file import Figure, figure_of

FRAMES_PER_S = 8
"""More often the picture isn't drawn again."""


class ExerciseFigure(Widget):
    """Shows the figure of an exercise at a moment of its movement, as large as the widget is wide.

    beside_lines: lines of the screen that other things need; least_lines: it is never lower.
    """

    DEFAULT_CSS = """
    ExerciseFigure { height: auto; color: $text; }
    """

    def __init__(self, *, id: str | None = None, most_lines: int, beside_lines: int, least_lines: int = 4) -> None:
        super().__init__(id=id)
        self.most_lines = most_lines
        self.beside_lines = beside_lines
        self._least_lines = least_lines
        self._figure: Figure | None = None
        self._frame = 0

    def show(self, exercise_id: str, time_s: float) -> None:
        """Show an exercise at a time of its movement."""
        figure, frame = figure_of(exercise_id), int(time_s * FRAMES_PER_S)
        if figure is not self._figure:
            self._figure, self._frame = figure, frame
            self.refresh(layout=True)
        elif frame != self._frame:
            self._frame = frame
            self.refresh()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """Return as many lines as the figure needs at this width."""
        if self._figure is None or width < 4:
            return 0
        room = max(self._least_lines, self.screen.size.height - self.beside_lines)
        return fitting_height(self._figure, width, min(self.most_lines, room))

    def render(self) -> RenderResult:
        """Draw the figure as large as the widget."""
        width, height = self.size
        if self._figure is None or width < 4 or height < 2:
            return ""
        return Content("\n".join(braille(self._figure, self._frame / FRAMES_PER_S, width, height)))
