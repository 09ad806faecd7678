"""The figure shows what the wearer does, and the curve turns within its band."""

import pytest

from unslouch.coach.catalogue_file import builtin_catalogue
from unslouch.coach.figure_file import figure_of
from unslouch.coach.session import GuidedSession
from unslouch.coach.session_drawing import band_rows, curve_range, draw_curve, figure_time_s
from unslouch.coach.session_model import Answer
from unslouch.coach.session_plan import Phase, SessionItem
from unslouch.coach.session_sensing import Band

HELD = [exercise.id for exercise in builtin_catalogue().exercises if exercise.steps[exercise.start].hold_s]


@pytest.mark.parametrize("id", HELD)
def test_while_the_wearer_holds_the_figure_holds_the_far_pose(id: str) -> None:
    exercise, figure = builtin_catalogue().find(id), figure_of(id)
    assert exercise is not None
    assert figure is not None
    session = GuidedSession([SessionItem(exercise, exercise.start)])
    session.tick(0.0)
    session.answer(Answer.GO_ON)
    now_s = 0.0
    seen = set()
    while session.ending is None and Phase.RETURN not in seen:
        now_s += 0.1
        session.tick(now_s)
        scene = session.scene()
        seen.add(scene.stage.phase)
        pose, _ = figure.at(figure_time_s(figure, scene))
        if scene.stage.phase is Phase.HOLD:
            assert pose == figure.keyframes[figure.turn - 1].pose
        if scene.stage.phase is Phase.COUNTDOWN:
            assert pose == figure.keyframes[0].pose
    assert Phase.HOLD in seen


def test_the_curve_is_drawn_up_to_now_and_the_band_where_it_is() -> None:
    curve = [(nth / 10, 30.0 if nth > 150 else 0.0) for nth in range(201)]
    band = Band(20.0, 45.0)
    low, high = curve_range(curve, band)
    assert low < 0 < 45 < high
    lines = draw_curve(curve, band, 40, 8)
    assert [len(line) for line in lines] == [40] * 8
    rows = band_rows(curve, band, 8)
    newest = [nth for nth, line in enumerate(lines) if ord(line[-1]) - 0x2800 & 0xB8]
    assert set(newest) <= set(rows)
    assert len(rows) < 8


def test_without_samples_there_is_an_empty_curve() -> None:
    assert draw_curve([], None, 10, 2) == ["\u2800" * 10] * 2
    assert band_rows([], None, 2) == range(0)
