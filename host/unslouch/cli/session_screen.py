"""Session screen: a guided session as lines of text, for a terminal of any size."""

import textwrap
from collections.abc import Sequence

from unslouch.coach import session_texts
from unslouch.coach.catalogue import Sensing
from unslouch.coach.figure_drawing import braille, fitting_height
from unslouch.coach.figure_file import figure_of
from unslouch.coach.session_drawing import draw_curve, figure_time_s
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
KEY_NAMES = {ENTER: "Enter", " ": "space"}
UNBROKEN = "_"
"""Stands for a space at which no line is broken."""
WIDEST_PICTURE = 60
HIGHEST_PICTURE = 22
CURVE_HEIGHT = 5


def draw(scene: Scene, width: int, height: int, has_braille: bool = True) -> list[str]:
    """Return what to show of a session: `height` lines of at most `width` characters."""
    foot = _keys(width)
    head = [session_texts.title(scene)[:width], *textwrap.wrap(session_texts.dose(scene), width)[:2]]
    room = max(height - len(head) - len(foot) - 1, 0)
    body = _body(scene, width, max(room, 1), has_braille)[:room]
    if scene.stage.phase is Phase.READ and len(_texts(scene, width)) > room:
        head, body = [], _instructions(scene, width)[: max(height - len(foot), 0)]
    lines = [*head, *body]
    lines += [""] * (height - len(lines) - len(foot))
    return [line[:width] for line in [*lines, *foot]][:height]


def _keys(width: int) -> list[str]:
    names = [
        f"{KEY_NAMES.get(key, key)} {session_texts.ANSWER_NAMES[answer]}".replace(" ", UNBROKEN)
        for key, answer in ANSWERS.items()
    ]
    return [line.replace(UNBROKEN, " ") for line in textwrap.wrap(" · ".join(names), width)]


def _body(scene: Scene, width: int, height: int, has_braille: bool) -> list[str]:
    curve: list[str] = []
    caption = session_texts.curve_caption(scene)
    if has_braille and caption and height >= CURVE_HEIGHT + 8:
        curve = ["", caption[:width], *draw_curve(scene.curve, scene.band, width - 1, CURVE_HEIGHT)]
    room = height - len(curve)
    picture = _picture(scene, min(WIDEST_PICTURE, width * 2 // 5), min(room, HIGHEST_PICTURE)) if has_braille else []
    beside = width - (len(picture[0]) + 2 if picture else 0)
    texts = _texts(scene, beside)
    if picture and scene.stage.phase is Phase.READ and len(texts) > room:  # how it is done comes first
        picture, texts = [], _texts(scene, width)
    texts = texts[:room]
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
    return braille(figure, figure_time_s(figure, scene), width, fitting_height(figure, width, height))


def _texts(scene: Scene, width: int) -> list[str]:
    """Return the text beside the picture, the most important first."""
    bar = session_texts.bar(scene, width)
    lines = [session_texts.headline(scene), *([bar] if bar else []), *session_texts.counts(scene)]
    for sentence in session_texts.sentences(scene):
        lines += textwrap.wrap(sentence, width)
    return lines


def _instructions(scene: Scene, width: int) -> list[str]:
    """Return how it is done in as few lines as it takes; first that the sensor comes off, unless the steps say so."""
    title, headline = session_texts.title(scene), session_texts.headline(scene)
    *how, note = session_texts.sentences(scene)
    comes_off = scene.exercise.sensing is Sensing.OFF and not any("sensor off" in sentence for sentence in how)
    shown = [note, *how] if comes_off else [*how, note]
    both = f"{title}: {headline}"
    head = [both] if len(both) <= width else [title, headline]
    return [*head, *textwrap.wrap(" ".join(shown), width)]


def as_frame(lines: Sequence[str]) -> str:
    """Return what makes a terminal show the lines in place of what it showed before, without flicker."""
    return "\x1b[H" + "\r\n".join(f"{line}\x1b[K" for line in lines) + "\x1b[J"
