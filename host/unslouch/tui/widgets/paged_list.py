"""Lists of options that keys and clicks do no harm to while they are empty, being filled, or shorter than drawn.

Textual's (8.2) raise KeyError or IndexError then.
"""

from contextlib import suppress

from textual.events import Click
from textual.widgets import OptionList


class PagedList(OptionList):
    """A list of options that may change while it is shown."""

    def on_click(self, event: Click) -> None:
        """Ignore a click on an option that isn't in the list any more; Textual handles the others."""
        if event.style.meta.get("option", -1) >= self.option_count:
            event.prevent_default()

    def action_page_up(self) -> None:
        """Move the highlight up by a page."""
        with suppress(LookupError):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Move the highlight down by a page."""
        with suppress(LookupError):
            super().action_page_down()  # type: ignore[no-untyped-call]
