"""Every exercise has a figure whose body could do what it shows."""

from itertools import pairwise
from math import atan2, degrees, hypot
from xml.etree import ElementTree

import pytest

from unslouch.coach.catalogue_file import builtin_catalogue
from unslouch.coach.figure import LENGTH_CM, SEGMENTS, OutOfReach, Pose, pose_skeleton
from unslouch.coach.figure_drawing import braille, figure_lines
from unslouch.coach.figure_file import Figure, figure_of
from unslouch.coach.figure_svg import moving_svg, steps_svg

FRAMES_PER_S = 10
IDS = [exercise.id for exercise in builtin_catalogue().exercises]
every_figure = pytest.mark.parametrize("id", IDS)


def figure(id: str) -> Figure:
    found = figure_of(id)
    assert found is not None, f"{id} has no figure"
    return found


def frames(id: str) -> list[Pose]:
    moving = figure(id)
    return [moving.at(step / FRAMES_PER_S)[0] for step in range(round(moving.length_s * FRAMES_PER_S))]


def angle(one: float, other: float) -> float:
    return (one - other + 180) % 360 - 180


def direction(joints: dict[str, tuple[float, float]], one: str, other: str) -> float:
    return degrees(atan2(joints[other][0] - joints[one][0], joints[other][1] - joints[one][1]))


@every_figure
def test_limbs_keep_their_lengths_in_every_frame(id: str) -> None:
    """Where a limb points at the reader it looks shorter, never longer."""
    front = figure(id).view == "front"
    for pose in frames(id):
        joints = pose_skeleton(pose, front).joints
        scales = {"upper_arm": pose.arm_scale, "thigh": pose.thigh_scale, "foot": 0.4 if front else 1.0}
        scales["forearm"] = scales["hand"] = pose.arm_scale if pose.forearm_scale is None else pose.forearm_scale
        assert all(0 < scale <= 1 for scale in scales.values())
        for one, other, segment in SEGMENTS:
            for side in ("", "far_") if one.startswith(("arm", "elbow", "wrist", "leg", "knee", "ankle")) else ("",):
                (x0, y0), (x1, y1) = joints[side + one], joints[side + other]
                assert hypot(x1 - x0, y1 - y0) == pytest.approx(LENGTH_CM[segment] * scales.get(segment, 1.0), rel=0.01)


JOINT_LIMITS = {  # degrees, rounded outward from the usual tables of joint motion
    "spine": (-45, 60),
    "neck": (-60, 60),
    "knee": (-5, 165),
    "elbow": (-10, 155),
    "hip": (-40, 135),
    "shoulder": (-75, 190),
}


@every_figure
def test_nothing_jumps_and_each_keyframe_is_reached(id: str) -> None:
    moving = figure(id)
    front = moving.view == "front"
    for number, keyframe in enumerate(moving.keyframes, 1):
        reached = pose_skeleton(moving.at(moving.end_s(number) - 0.001)[0], front).joints
        wanted = pose_skeleton(keyframe.pose, front).joints
        assert max(hypot(x - wanted[name][0], y - wanted[name][1]) for name, (x, y) in reached.items()) < 1, number


@every_figure
def test_no_joint_bends_further_than_a_bodys(id: str) -> None:
    if figure(id).view == "front":
        return  # what bends towards the reader can't be measured there; the lengths can
    for pose in frames(id):
        joints = pose_skeleton(pose).joints
        found = {"spine": angle(pose.thorax, pose.lumbar), "neck": angle(pose.neck, pose.thorax)}
        for side in ("", "far_"):
            thigh = direction(joints, f"{side}leg_root", f"{side}knee")
            shank = direction(joints, f"{side}knee", f"{side}ankle")
            upper = direction(joints, f"{side}arm_root", f"{side}elbow")
            fore = direction(joints, f"{side}elbow", f"{side}wrist")
            found[f"{side}knee"] = angle(shank, thigh)
            found[f"{side}hip"] = angle(pose.lumbar + 180, thigh)
            if pose.arm_scale > 0.5 and (pose.forearm_scale or 1) > 0.6:
                found[f"{side}elbow"] = angle(upper, fore)
                found[f"{side}shoulder"] = (pose.thorax + 180 - upper + 90) % 360 - 90
        for joint, bent in found.items():
            least, most = JOINT_LIMITS[joint.removeprefix("far_")]
            assert least <= bent <= most, f"{joint} is at {bent:.0f}°"


@every_figure
def test_somebody_stands_sits_or_lies_on_the_floor_and_nothing_is_below_it(id: str) -> None:
    for pose in frames(id):
        _, person = figure_lines(figure(id), pose)
        lowest = min(y for line in person for _, y in line)
        assert -3.5 <= lowest <= 9, f"the lowest point is at {lowest:.0f} cm"


@every_figure
def test_the_equipment_is_drawn_where_the_body_uses_it(id: str) -> None:
    exercise = builtin_catalogue().find(id)
    assert exercise is not None
    kinds = {prop.kind for prop in figure(id).props}
    for alternatives in exercise.needs:
        drawable = {str(one) for one in alternatives} - {"floor"}
        assert not drawable or drawable & kinds or (drawable == {"wall"} and "post" in kinds)
    for prop in figure(id).props:
        if prop.kind == "band":
            assert prop.ends is not None
            assert prop.ends[1] in ("wrist", "far_wrist")
        if prop.kind in ("ball", "foam roll", "pillow"):
            nearest = min(
                hypot(x - prop.at[0], y - prop.at[1]) - prop.radius * (0.42 if prop.kind == "pillow" else 1)
                for pose in frames(id)
                for line in figure_lines(figure(id), pose)[1]
                for x, y in points_of(line)
            )
            assert nearest <= 5, f"the {prop.kind} is {nearest:.0f} cm away from the body"


def points_of(line: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return points along a line, each 1 cm or so."""
    points = []
    for (x0, y0), (x1, y1) in pairwise(line):
        steps = max(1, round(hypot(x1 - x0, y1 - y0)))
        points += [(x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps) for step in range(steps + 1)]
    return points


@every_figure
def test_a_figure_moves_and_says_what_to_do(id: str) -> None:
    moving = figure(id)
    assert all(keyframe.caption.endswith(".") for keyframe in moving.keyframes)
    assert len({str(keyframe.pose) for keyframe in moving.keyframes}) >= 2


@every_figure
@pytest.mark.parametrize(("width", "height"), [(24, 9), (60, 20)])
def test_it_fills_a_terminals_frame(id: str, width: int, height: int) -> None:
    lines = braille(figure(id), 0.7, width, height)
    assert [len(line) for line in lines] == [width] * height
    assert all("\u2800" <= character <= "\u28ff" for line in lines for character in line)
    dots = sum(bin(ord(character) - 0x2800).count("1") for line in lines for character in line)
    assert dots > 40


@every_figure
def test_as_svg_it_needs_no_script_and_no_network_and_has_a_description(id: str) -> None:
    for text in (moving_svg(figure(id), "Roll & stretch"), steps_svg(figure(id), "Roll & stretch")):
        root = ElementTree.fromstring(text)
        assert "<script" not in text
        assert text.count("http") == 1  # the namespace
        assert root.findtext("{*}title") == "Roll & stretch"
        assert all(keyframe.caption in (root.findtext("{*}desc") or "") for keyframe in figure(id).keyframes)


@every_figure
def test_the_moving_svg_holds_still_for_who_prefers_reduced_motion(id: str) -> None:
    text = moving_svg(figure(id), "a title")
    moving = text[text.index('<g class="fig-moving">') : text.index('<g class="fig-still">')]
    assert text.count("<animate") == moving.count("<animate") > 0
    assert "@media (prefers-reduced-motion:reduce){.fig-moving{display:none}}" in text
    assert "<animate" not in steps_svg(figure(id), "a title")


def test_a_hand_out_of_reach_is_refused() -> None:
    with pytest.raises(OutOfReach, match="the limb reaches 56 cm"):
        pose_skeleton(Pose((0.0, 88.0), wrist=(200.0, 88.0)))
