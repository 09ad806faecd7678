"""Pictures of the wearer in braille: from the side, leaning as the sensor says, and from behind, with the sensor."""

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from unslouch.coach.wearer_drawing import back_with_sensor_braille, side_braille


class SidePicture(Widget):
    """A seated wearer from the side; drawn again only where something can be seen of a change."""

    DEFAULT_CSS = """
    SidePicture { color: $text-muted; }
    SidePicture.-still { color: $state-upright; }
    SidePicture.-moving { color: $state-leaning; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: tuple[int, int | None, bool] = (0, None, False)

    def show(self, forward_deg: float, limit_deg: int | None = None, is_stiff: bool = False) -> None:
        """Lean the wearer; limit_deg: an angle to mark. is_stiff: bow from the hips with a straight back."""
        shown = round(forward_deg), limit_deg, is_stiff
        if shown != self._shown:
            self._shown = shown
            self.refresh()

    def render(self) -> RenderResult:
        """Draw the picture as large as the widget."""
        forward_deg, limit_deg, is_stiff = self._shown
        width, height = self.size
        if width < 2 or height < 2:
            return ""
        return Content("\n".join(side_braille(forward_deg, width, height, limit_deg, is_stiff)))


class BackPicture(Widget):
    """A wearer from behind, with the sensor between the blades."""

    DEFAULT_CSS = """
    BackPicture { color: $text-muted; }
    """

    def render(self) -> RenderResult:
        """Draw the picture as large as the widget, the sensor in the accent colour."""
        width, height = self.size
        if width < 2 or height < 2:
            return ""
        rows = back_with_sensor_braille(width, height)
        parts = [
            Content.assemble(*((text, "bold $text-accent" if is_sensor else "") for text, is_sensor in row))
            for row in rows
        ]
        return Content("\n").join(parts)
