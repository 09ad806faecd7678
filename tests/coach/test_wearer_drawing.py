"""The pictures of the wearer: from the side, leaning, and from behind with the sensor's place."""

import pytest

from unslouch.coach.wearer_drawing import (
    BACK_BOX,
    LEAST_DEG,
    MOST_DEG,
    SIDE_BOX,
    back_braille,
    back_lines,
    sensor_on_back_lines,
    side_braille,
    side_lines,
)

HEAD_HEIGHT_CM = 100


@pytest.mark.parametrize("forward_deg", [-180.0, LEAST_DEG, 0.0, 25.0, MOST_DEG, 180.0])
@pytest.mark.parametrize("is_stiff", [False, True])
def test_the_wearer_is_never_cut_off(forward_deg: float, is_stiff: bool) -> None:
    left, bottom, right, top = SIDE_BOX
    for line in side_lines(forward_deg, is_stiff=is_stiff):
        assert all(left <= x <= right and bottom <= y <= top for x, y in line)


def test_leaning_forward_moves_the_head_to_the_right() -> None:
    def right_of_head(forward_deg: float) -> float:
        return max(x for line in side_lines(forward_deg) for x, y in line if y > HEAD_HEIGHT_CM)

    assert right_of_head(-20) < right_of_head(0) < right_of_head(25)


def test_a_bow_keeps_the_back_straight_and_a_slouch_rounds_it() -> None:
    assert side_lines(40, is_stiff=True) != side_lines(40)


def test_the_sensor_sits_between_the_blades_and_below_the_neck() -> None:
    blades = [line for line in back_lines() if len(line) == 4]
    assert len(blades) == 2
    inner_x = min(abs(x) for line in blades for x, _ in line)
    top_y, bottom_y = (ends(y for line in blades for _, y in line) for ends in (max, min))
    for line in sensor_on_back_lines():
        assert all(abs(x) < inner_x and bottom_y < y < top_y for x, y in line)
    left, bottom, right, top = BACK_BOX
    assert all(left <= x <= right and bottom <= y <= top for line in back_lines() for x, y in line)


@pytest.mark.parametrize(("width", "height"), [(14, 6), (34, 16), (80, 40)])
def test_pictures_fill_the_room_that_they_are_given(width: int, height: int) -> None:
    for picture in (side_braille(20, width, height, 20), back_braille(width, height)):
        assert [len(row) for row in picture] == [width] * height
        assert any(row.strip("⠀") for row in picture[: height // 2])
