"""A guided session is drawn in a plain terminal of any size: picture, timer, counts, curve and keys."""

from collections.abc import Iterator

import pytest

from unslouch.cli.session_screen import ANSWERS, as_frame, draw
from unslouch.coach.catalogue import Sensing
from unslouch.coach.catalogue_file import builtin_catalogue
from unslouch.coach.session import GuidedSession
from unslouch.coach.session_model import Answer, Scene
from unslouch.coach.session_plan import Phase, SessionItem
from unslouch.coach.session_texts import ANSWER_NAMES

NO_BRAILLE = dict.fromkeys(range(0x2800, 0x2900))
SIZES = [(40, 12), (80, 24), (120, 40), (200, 60)]


def scenes(id: str, has_sensor: bool = False) -> Iterator[Scene]:
    """Yield the scene of every stage of an exercise."""
    exercise = builtin_catalogue().find(id)
    assert exercise is not None
    reason = "" if has_sensor else "no sensor is connected"
    session = GuidedSession([SessionItem(exercise, exercise.start)], without_sensor=reason)
    session.tick(0.0)
    session.answer(Answer.GO_ON)
    now_s = 0.0
    yield session.scene()
    while session.ending is None:
        before, now_s = session.scene().stage, now_s + 0.5
        tilt = 90.0 if now_s < 40 or int(now_s / 5) % 2 else 70.0
        session.sample(now_s, tilt, 0.0)
        session.tick(now_s)
        if session.scene().stage != before:
            yield session.scene()


@pytest.mark.parametrize("id", [exercise.id for exercise in builtin_catalogue().exercises])
def test_every_stage_fits_every_size(id: str) -> None:
    one_of_each = {scene.stage.phase: scene for scene in scenes(id)}
    for scene in one_of_each.values():
        for width, height in SIZES:
            lines = draw(scene, width, height)
            assert len(lines) == height
            assert all(len(line) <= width for line in lines)
            assert lines[0].startswith(scene.exercise.name[:width])
            assert any(scene.stage.headline in line for line in lines)
            assert all(name in " ".join(lines) for name in ANSWER_NAMES.values())


@pytest.mark.parametrize("id", [exercise.id for exercise in builtin_catalogue().exercises])
def test_instructions_can_be_read_at_every_size(id: str) -> None:
    """At the smallest the last one may be cut; picture and dose are left out before that."""
    exercise = builtin_catalogue().find(id)
    assert exercise is not None
    session = GuidedSession([SessionItem(exercise, exercise.start)], without_sensor="no sensor is connected")
    session.tick(0.0)
    for width, height in SIZES:
        shown = " ".join(" ".join(line.translate(NO_BRAILLE) for line in draw(session.scene(), width, height)).split())
        assert all(sentence in shown for sentence in (exercise.how[:-1] if height == 12 else exercise.how))
        if exercise.sensing is Sensing.OFF:
            assert "ake the sensor off" in shown


def test_a_terminal_without_braille_gets_text_alone() -> None:
    for scene in scenes("bird-dog"):
        assert all(character < "\u2800" for line in draw(scene, 80, 24, has_braille=False) for character in line)


def test_a_hold_shows_what_is_left_of_it() -> None:
    hold = next(scene for scene in scenes("chin-tuck") if scene.stage.phase is Phase.HOLD)
    lines = draw(hold, 80, 24)
    assert any("] 5 s" in line for line in lines)
    assert any("1 of 10" in line for line in lines)


def test_a_counted_exercise_shows_the_curve_and_the_band() -> None:
    all_scenes = scenes("prone-back-extension", has_sensor=True)
    counted = next(scene for scene in all_scenes if scene.stage.phase is Phase.COUNTED)
    lines = draw(counted, 80, 24)
    assert any("held 0.0 of 5 s" in line for line in lines)
    assert any("between the dotted lines" in line for line in lines)
    assert any("experimental" in line for line in lines)


def test_every_answer_has_a_key_and_a_name() -> None:
    assert set(ANSWERS.values()) == set(ANSWER_NAMES) == set(Answer)


def test_a_frame_replaces_the_one_before() -> None:
    frame = as_frame(["one", "two"])
    assert frame.startswith("\x1b[H")
    assert frame == "\x1b[Hone\x1b[K\r\ntwo\x1b[K\x1b[J"
