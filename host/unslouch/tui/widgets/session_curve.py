"""The curve of the tilt during an exercise, with the band in which to turn."""

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from unslouch.coach.session_drawing import band_rows, draw_curve
from unslouch.coach.session_model import Scene
from unslouch.coach.session_texts import curve_caption


class SessionCurve(Widget):
    """Hidden where there is no curve to show."""

    DEFAULT_CSS = """
    SessionCurve { height: 7; border: round $frame; border-title-color: $text-muted; display: none; }
    SessionCurve.-shown { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._scene: Scene | None = None

    def show(self, scene: Scene) -> None:
        """Show the curve of a scene."""
        caption = curve_caption(scene)
        self.set_class(bool(caption), "-shown")
        if caption:
            self.border_title = caption
            self._scene = scene
            self.refresh()

    def render(self) -> RenderResult:
        """Draw the curve as large as the widget; the rows of the band have a background."""
        width, height = self.size
        if self._scene is None or width < 4 or height < 1:
            return ""
        curve, band = self._scene.curve, self._scene.band
        inside = band_rows(curve, band, height)
        rows = draw_curve(curve, band, width, height)
        lines = [
            Content.styled(row, "$text on $success-muted" if nth in inside else "$text") for nth, row in enumerate(rows)
        ]
        return Content("\n").join(lines)
