"""The second step: where to wear the sensor."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from unslouch.safety import safety_rules
from unslouch.tui.widgets.wearer_picture import BackPicture

from .step import FirstStep

WHERE = (
    "Wear it on the upper back, in the middle between the shoulder blades, about a hand's width below the big bone of "
    "the neck (level with the thoracic vertebrae T3 to T6)."
)
HOW = (
    "Clip it to a close shirt, or use the strap or tape. Which way it points doesn't matter, but it has to stay as it "
    "is: after it has slipped, calibrate again."
)


class WearStep(FirstStep):
    """A picture from behind, and what to mind."""

    TITLE = "Put it on"
    has_outcome = False
    HELP = f"""\
## Where to wear the sensor

{WHERE}

{HOW}
"""
    DEFAULT_CSS = """
    WearStep > Horizontal { height: auto; }
    WearStep BackPicture { width: 30; height: 14; margin-right: 2; }
    WearStep Vertical { width: 1fr; height: auto; }
    .-wide.-tall WearStep BackPicture, .-huge.-tall WearStep BackPicture { width: 44; height: 20; }
    .-narrow WearStep > Horizontal { layout: vertical; }
    .-narrow WearStep Vertical { width: 100%; }
    .-narrow WearStep BackPicture { width: 100%; height: 10; margin: 0; }
    .-short WearStep BackPicture { height: 7; }
    """
    SCOPED_CSS = False  # the screen's size classes matter

    def compose(self) -> ComposeResult:
        """Lay out the picture beside the text, or above it."""
        implants = next(rule for rule in safety_rules() if rule.id == "implants")
        with Horizontal():
            yield BackPicture()
            with Vertical():
                yield Static(WHERE)
                yield Static(HOW, classes="hint")
                yield Static(f"{implants.title}: {implants.text}", classes="hint", markup=False)
