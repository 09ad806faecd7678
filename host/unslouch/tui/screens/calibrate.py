"""Calibration in steps: upright, the bow that shows which way is forward, and, if wished, standing."""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from unslouch.errors import UnslouchError
from unslouch.link.model import LiveSample
from unslouch.tui.feed import Feed
from unslouch_device.contract import states

from .dialog import dialog_css

LIVE_EVERY_S = 0.2
BOW_LEAST_DEG = 20


@dataclass(frozen=True)
class Step:
    """One thing that the wearer does, and what is said about it."""

    name: str
    guidance: str
    keys: str
    measuring: str
    done: str


UPRIGHT = Step(
    "upright",
    "Sit upright and still, as you want to sit at work: feet on the floor, weight on both sit bones, ribs over the "
    "pelvis, shoulders loose, eyes ahead. The sensor takes this posture as upright.",
    "Enter measures for 3 s, t takes standing, Esc cancels.",
    "Hold still…",
    "Calibrated: this is your upright now.",
)
BOW = Step(
    "bow",
    "Now bow forwards from the hips with a straight back, by at least 20°, and come up again. It shows the sensor "
    "which way is forward, however it is mounted.",
    "Enter begins, s skips the bow, Esc closes.",
    "Bow now, and come up again…",
    "Your bow showed which way is forward.",
)
STANDING = Step(
    "standing",
    "Stand upright and still, as you stand at ease. Limits for holding a tilt refer to how you stand.",
    "Enter measures for 5 seconds, Esc closes.",
    "Stand still…",
    "This is your standing zero now.",
)
DONE = "Enter closes, t takes where standing is too."
UPRIGHT_COUNTS = "Upright counts all the same; forward is what it usually is for the sensor as it is worn."


class CalibrateScreen(ModalScreen[bool]):
    """Answers whether the sensor has a new calibration."""

    DEFAULT_CSS = dialog_css("CalibrateScreen")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "measure", "Measure", id="calibrate.measure", tooltip="Take this step."),
        Binding("s", "skip", "Skip", id="calibrate.skip", tooltip="Leave the bow out."),
        Binding("t", "stand", "Standing", id="calibrate.stand", tooltip="Take where standing is."),
        Binding("escape", "close", "Close", id="calibrate.close", tooltip="Back to the dashboard."),
    ]

    def __init__(self, feed: Feed, live: Callable[[], LiveSample | None]) -> None:
        """live: gives the posture of this moment."""
        super().__init__()
        self._live = live
        self._takers: dict[str, Callable[[], Awaitable[object]]] = {
            UPRIGHT.name: feed.calibrate,
            BOW.name: feed.bow,
            STANDING.name: feed.stand,
        }
        self._step: Step | None = UPRIGHT
        self._is_measuring = False
        self._is_calibrated = False
        self._bow_deg: float | None = None

    def compose(self) -> ComposeResult:
        """Lay out guidance, the tilt of the moment, result and keys."""
        with VerticalScroll() as box:
            box.border_title = "Calibrate"
            yield Static(UPRIGHT.guidance, id="guidance")
            yield Static(id="live", classes="hint")
            yield Static(id="result", classes="result")
            yield Static(UPRIGHT.keys, id="keys", classes="hint")

    def on_mount(self) -> None:
        """Follow the tilt."""
        self.set_interval(LIVE_EVERY_S, self._show_live)
        self._show_live()

    def action_measure(self) -> None:
        """Take the step, or close where there is none left."""
        if self._step is None:
            self.dismiss(self._is_calibrated)
        elif not self._is_measuring:
            self.run_worker(self._measure(self._step), exclusive=True)

    def action_skip(self) -> None:
        """Leave the bow out."""
        if self._step is BOW and not self._is_measuring:
            self._finish(Content(UPRIGHT_COUNTS))

    def action_stand(self) -> None:
        """Take the standing zero next, after a calibration or for the one in force."""
        if self._step in (None, UPRIGHT) and not self._is_measuring:
            self._begin(STANDING, Content(""))

    def action_close(self) -> None:
        """Leave without waiting for an answer that is still to come."""
        self.dismiss(self._is_calibrated)

    async def _measure(self, step: Step) -> None:
        self._is_measuring = True
        self._bow_deg = 0.0 if step is BOW else None
        self._say(Content(step.measuring), "Esc leaves it.")
        self._show_live()
        try:
            await self._takers[step.name]()
        except UnslouchError as error:
            after = f" {UPRIGHT_COUNTS}" if step is BOW else ""
            skip = ", s skips the bow" if step is BOW else ""
            self._say(Content.styled(f"{error}{after}", "$text-error"), f"Enter tries again{skip}, Esc leaves it.")
        else:
            self._is_calibrated = True
            done = Content.styled(step.done, "$text-success")
            if step is UPRIGHT:
                self._begin(BOW, done)
            else:
                self._finish(done)
        finally:
            self._is_measuring = False

    def _begin(self, step: Step, result: Content) -> None:
        self._step = step
        self._bow_deg = None
        self._guide(step.guidance)
        self._say(result, step.keys)
        self._show_live()

    def _finish(self, result: Content) -> None:
        stood = self._step is STANDING
        self._step = None
        self._guide("")
        self._say(result, "Enter closes." if stood else DONE)
        self._show_live()

    def _guide(self, guidance: str) -> None:
        self.query_one("#guidance", Static).update(guidance)
        for line in self.query("#guidance, #live"):
            line.display = bool(guidance)

    def _say(self, result: Content, keys: str) -> None:
        self.query_one("#result", Static).update(result)
        self.query_one("#keys", Static).update(keys)

    def _show_live(self) -> None:
        live = self._live()
        if self._bow_deg is not None and self._is_measuring and live is not None:
            self._bow_deg = max(self._bow_deg, off_upright_deg(live) or 0.0)
        self.query_one("#live", Static).update(guiding_words(self._step, live, self._bow_deg))


def off_upright_deg(live: LiveSample) -> float | None:
    """The angle between upright and now, whichever way it leads: before a bow nobody knows for sure which is forward.

    Its cosine is that of the forward times that of the lateral tilt, as sense.tilt defines them.
    """
    if live.forward_deg is None or live.lateral_deg is None:
        return None
    forward, lateral = math.radians(live.forward_deg), math.radians(live.lateral_deg)
    return round(math.degrees(math.acos(math.cos(forward) * math.cos(lateral))), 2)  # the resolution of a sample


def guiding_words(step: Step | None, live: LiveSample | None, bow_deg: float | None = None) -> str:
    """What the posture of the moment says to a step; bow_deg: how deep the bow that was begun has been so far."""
    if step is None:
        return ""
    if live is None:
        return "No live data from the sensor."
    if step is BOW:
        return bow_words(live, bow_deg)
    still = " You are moving: keep still." if live.activity == states.ACTIVITY_MOVING else ""
    return tilt_words(live) + still


def bow_words(live: LiveSample, bow_deg: float | None) -> str:
    """How far off upright the wearer is, and has been since the bow began; whole degrees, never rounded up."""
    off_deg = off_upright_deg(live)
    if off_deg is None:
        return "No tilt to show."
    if bow_deg is None:
        return f"You are {math.floor(off_deg)}° off upright; the bow wants {BOW_LEAST_DEG}°."
    enough = "deep enough, come up again" if bow_deg >= BOW_LEAST_DEG else f"at least {BOW_LEAST_DEG}° wanted"
    return f"Bow {math.floor(off_deg)}°, deepest so far {math.floor(bow_deg)}° ({enough})."


def tilt_words(live: LiveSample) -> str:
    """Both tilts, for who keeps still."""
    if live.forward_deg is None or live.lateral_deg is None:
        return "No tilt yet: there is no calibration."
    forward, lateral = round(live.forward_deg), round(live.lateral_deg)
    return (
        f"Tilt {abs(forward)}° {'back' if forward < 0 else 'forward'}, "
        f"{abs(lateral)}° to the {'left' if lateral < 0 else 'right'}."
    )
