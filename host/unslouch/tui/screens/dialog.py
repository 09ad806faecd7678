"""What the dashboard's dialogs have in common: a box in the middle of a dimmed screen."""

DIALOG_CSS = """
    NAME { align: center middle; }
    NAME > VerticalScroll { width: 64; max-width: 100%; height: auto; max-height: 100%; border: round $accent;
        border-title-color: $text-accent; border-title-style: bold; background: $surface; padding: 1 2; }
    NAME Static { height: auto; }
    NAME .hint { color: $text-muted; margin-top: 1; }
    NAME .result { text-style: bold; margin-top: 1; }
    NAME Horizontal { height: auto; margin-top: 1; }
    NAME Button { margin-right: 2; }
"""


def dialog_css(name: str) -> str:
    """Return the style of a dialog, given the name of its class."""
    return DIALOG_CSS.replace("NAME", name)
