"""Text selection that survives a widget that is being removed, and a text that has become shorter."""

from contextlib import suppress

from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget


class KeepsSelecting:
    """Makes a press on a widget that has just been removed select nothing. It comes before Screen among the bases.

    Textual (8.2.8) would end the program there: Screen._forward_event looks at the parent of the widget under the
    mouse, which a widget that is being removed no longer has; and Selection.extract looks at lines that are no longer
    part of the text.
    """

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        widget, offset = super().get_widget_and_offset_at(x, y)  # type: ignore[misc]
        is_removed = widget is not None and not isinstance(widget, Screen) and widget.parent is None
        return (None, None) if is_removed else (widget, offset)

    def get_selected_text(self) -> str | None:
        """Return the selected text; None where none is selected, or where it isn't there any more."""
        text: str | None = None
        with suppress(IndexError):
            text = super().get_selected_text()  # type: ignore[misc]
        return text
