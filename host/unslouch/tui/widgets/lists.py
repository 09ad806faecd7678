"""Lists behind tabs, which explain themselves."""

from textual.widgets import TabbedContent


class Lists(TabbedContent):
    """Shows one of several lists."""

    HELP = "## Lists\n\n← and → choose another list; Tab or ↓ takes the focus into it."
