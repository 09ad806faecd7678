"""Session screen: a guided session as lines of text, for a terminal of any size."""

import textwrap
from collections.abc import Sequence

from unslouch.coach.figure_drawing import braille, fitting_height
from unslouch.coach.figure_file import figure_of
from unslouch.coach.session_drawing import draw_curve
from unslouch.coach.session_model import Answer, Scene
from unslouch.coach.session_plan import Phase

from .keys import ENTER

ANSWERS = {
    ENTER: Answer.GO_ON,
    " ": Answer.PAUSE,
    "s": Answer.SKIP,
    "h": Answer.TOO_HARD,
    "e": Answer.TOO_EASY,
    "p": Answer.HURTS,
    "q": Answer.QUIT,
}
"""What each key says."""
NAMES = (
    ("Enter", "go on"),
    ("space", "pause"),
    ("s", "skip"),
    ("h", "too hard"),
    ("e", "too easy"),
    ("p", "it hurts"),
    ("q", "end"),
)
UNBROKEN = "_"
"""Stands for a space at which no line is broken."""
WIDEST_PICTURE = 60
HIGHEST_PICTURE = 22
CURVE_HEIGHT = 5


def draw(scene: Scene, width: int, height: int, has_braille: bool = True) -> list[str]:
    """Return what to show of a session: at most `height` lines of at most `width` characters."""
    head = _head(scene, width)
    keys = [f"{key} {what}".replace(" ", UNBROKEN) for key, what in NAMES]
    foot = [line.replace(UNBROKEN, " ") for line in textwrap.wrap(" · ".join(keys), width)]
    room = height - len(head) - len(foot) - 1
    body = _body(scene, width, max(room, 1), has_braille)
    lines = [*head, *body[: max(room, 0)]]
    lines += [""] * (height - len(lines) - len(foot))
    return [line[:width] for line in [*lines, *foot]][:height]


def _head(scene: Scene, width: int) -> list[str]:
    number = f" · {scene.number} of {scene.of_exercises}" if scene.of_exercises > 1 else ""
    sets = f" · set {scene.stage.set} of {scene.stage.sets}" if scene.stage.sets > 1 else ""
    dose = textwrap.wrap(f"{scene.step.text} {_sentence(scene.step.dose)}", width)
    return [f"{scene.exercise.name}{number}{sets}"[:width], *dose[:2]]


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _body(scene: Scene, width: int, height: int, has_braille: bool) -> list[str]:
    curve: list[str] = []
    shows_curve = bool(scene.curve) and scene.counted is not None
    if has_braille and shows_curve and height >= CURVE_HEIGHT + 8:
        where = " Turn between the dotted lines." if scene.band is not None else ""
        curve = ["", f"Tilt of your back.{where}"[:width]]
        curve += draw_curve(scene.curve, scene.band, width - 1, CURVE_HEIGHT)
    room = height - len(curve)
    picture = _picture(scene, min(WIDEST_PICTURE, width * 2 // 5), min(room, HIGHEST_PICTURE)) if has_braille else []
    beside = width - (len(picture[0]) + 2 if picture else 0)
    texts = _texts(scene, beside)[:room]
    rows = max(len(picture), len(texts))
    blank = " " * (len(picture[0]) if picture else 0)
    left = [*picture, *[blank] * (rows - len(picture))]
    right = [*texts, *[""] * (rows - len(texts))]
    gap = "  " if picture else ""
    return [f"{one}{gap}{other}".rstrip() for one, other in zip(left, right, strict=True)] + curve


def _picture(scene: Scene, width: int, height: int) -> list[str]:
    figure = figure_of(scene.exercise.id)
    if figure is None or height < 4 or width < 10:
        return []
    return braille(figure, scene.figure_s, width, fitting_height(figure, width, height))


def _texts(scene: Scene, width: int) -> list[str]:
    """Return the text beside the picture, the most important first."""
    stage = scene.stage
    side = f", {stage.side}" if stage.side else ""
    lines = [f"PAUSED: {stage.headline}{side}" if scene.is_paused else f"{stage.headline}{side}"]
    if scene.left_s is not None and stage.length_s:
        lines.append(_bar(scene.left_s, stage.length_s, width))
    lines += _counts(scene)
    if stage.phase is Phase.READ:
        for number, sentence in enumerate(scene.exercise.how, 1):
            lines += textwrap.wrap(f"{number}. {sentence}", width)
    elif scene.cue:
        lines += textwrap.wrap(scene.cue, width)
    if stage.phase is not Phase.READ and scene.last_said and len(scene.last_said) > len("10. One side."):
        lines += textwrap.wrap(scene.last_said, width)
    return [*lines, *textwrap.wrap(scene.note, width)]


def _counts(scene: Scene) -> list[str]:
    stage, lines = scene.stage, []
    if stage.repetitions > 1:
        shown = scene.done if stage.phase is Phase.COUNTED else stage.repetition
        lines.append(f"{shown} of {stage.repetitions}")
    if stage.phase is Phase.COUNTED and stage.hold_s:
        lines.append(f"held {scene.held_s:.1f} of {stage.hold_s:.0f} s")
    if stage.phase is Phase.TIMED and scene.counted is not None:
        lines.append(f"counted {scene.counted}")
    return lines


def _bar(left_s: float, length_s: float, width: int) -> str:
    cells = max(4, min(24, width - 8))
    full = round(cells * (1 - left_s / length_s))
    return f"[{'#' * full}{'-' * (cells - full)}] {left_s:.0f} s"


def as_frame(lines: Sequence[str]) -> str:
    """Return what makes a terminal show the lines in place of what it showed before, without flicker."""
    return "\x1b[H" + "\r\n".join(f"{line}\x1b[K" for line in lines) + "\x1b[J"
