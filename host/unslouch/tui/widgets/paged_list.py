"""Lists of options in which Page Up and Page Down do no harm while they are empty or just being filled.

Textual's (8.2) raise KeyError then.
"""

from contextlib import suppress

from textual.widgets import OptionList


class PagedList(OptionList):
    """A list of options."""

    def action_page_up(self) -> None:
        """Move the highlight up by a page."""
        with suppress(KeyError):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Move the highlight down by a page."""
        with suppress(KeyError):
            super().action_page_down()  # type: ignore[no-untyped-call]
