"""Figure: a person drawn as a stick figure, posed by keyframes, in centimetres.

x goes forward (to the right), y goes up from the floor. Directions are degrees from upward, turning towards x: 0 is up,
90 forward, 180 down, 270 backward. A limb is posed by the directions of its two segments, or by where its end is.
In the side view the person faces to the right, and `far` limbs are those behind; they do as the near ones unless they
are posed themselves. In the front view the person faces the reader, and the far limbs mirror the near ones.
"""

from dataclasses import dataclass, field, replace
from math import acos, atan2, cos, degrees, hypot, radians, sin

Point = tuple[float, float]

LENGTH_CM = {
    "lumbar": 24.0,
    "thorax": 28.0,
    "neck": 20.0,
    "upper_arm": 30.0,
    "forearm": 26.0,
    "hand": 9.0,
    "thigh": 42.0,
    "shank": 43.0,
    "foot": 18.0,
}
"""Of each segment, for a person 175 cm tall (rounded from Winter's proportions in Biomechanics and Motor Control)."""
HEAD_RADIUS_CM = 10.0
SHOULDER_HALF_CM = 17.0
HIP_HALF_CM = 9.0

SEGMENTS = (
    ("hip", "waist", "lumbar"),
    ("waist", "shoulder", "thorax"),
    ("shoulder", "head", "neck"),
    ("arm_root", "elbow", "upper_arm"),
    ("elbow", "wrist", "forearm"),
    ("wrist", "fingers", "hand"),
    ("leg_root", "knee", "thigh"),
    ("knee", "ankle", "shank"),
    ("ankle", "toe", "foot"),
)
"""Each segment's two joints and its name. Arms and legs exist twice; the far one's joints begin with "far_"."""


class OutOfReach(ValueError):
    """A hand or foot is posed where the limb can't reach."""


@dataclass(frozen=True)
class Pose:
    """The directions of the trunk (°), the pelvis (cm), and the limbs, each by two directions or by its end."""

    hip: Point
    lumbar: float = 0.0
    thorax: float = 0.0
    neck: float = 0.0
    face: float = 90.0
    """Where the eyes look."""
    arm: tuple[float, float] = (180.0, 180.0)
    wrist: Point | None = None
    hand: float | None = None
    leg: tuple[float, float] = (180.0, 180.0)
    ankle: Point | None = None
    foot: float = 90.0
    far_arm: tuple[float, float] | None = None
    far_wrist: Point | None = None
    far_hand: float | None = None
    far_leg: tuple[float, float] | None = None
    far_ankle: Point | None = None
    far_foot: float | None = None
    arm_scale: float = 1.0
    """How long the upper arms look: less than 1 where they point at the reader."""
    forearm_scale: float | None = None
    """The same of forearms and hands, as the upper arms where it is left out."""
    thigh_scale: float = 1.0


@dataclass(frozen=True)
class Skeleton:
    """Where every joint is (cm)."""

    joints: dict[str, Point]
    face: float
    facing_reader: bool = False
    lines: list[tuple[str, str]] = field(default_factory=list)
    """Pairs of joints, in the order in which they are drawn: the far limbs first."""


def pose_skeleton(pose: Pose, front: bool = False) -> Skeleton:
    """Return the joints of a pose; raises OutOfReach."""
    joints = {"hip": pose.hip}
    joints["waist"] = _along(pose.hip, pose.lumbar, "lumbar")
    joints["shoulder"] = _along(joints["waist"], pose.thorax, "thorax")
    joints["head"] = _along(joints["shoulder"], pose.neck, "neck")
    for side in ("far_", ""):
        sign = (-1 if side else 1) if front else 0
        _pose_arm(joints, pose, side, sign)
        _pose_leg(joints, pose, side, sign)
    return Skeleton(joints, pose.face, front, _lines(front))


def _lines(front: bool) -> list[tuple[str, str]]:
    arms_and_legs = [(one, other) for one, other, _ in SEGMENTS[3:]]
    far = [(f"far_{one}", f"far_{other}") for one, other in arms_and_legs]
    trunk = [(one, other) for one, other, _ in SEGMENTS[:3]]
    across = [("far_arm_root", "arm_root"), ("far_leg_root", "leg_root")] if front else []
    return [*far, *trunk, *across, *arms_and_legs]


def _pose_arm(joints: dict[str, Point], pose: Pose, side: str, sign: int) -> None:
    mirrored = sign < 0
    root = _aside(joints["shoulder"], sign * SHOULDER_HALF_CM, pose.thorax)
    end, directions, hand = pose.wrist, pose.arm, pose.hand
    if side and (pose.far_wrist is not None or pose.far_arm is not None):
        end, directions, hand = pose.far_wrist, pose.far_arm or pose.arm, pose.far_hand
        mirrored = False
    elif mirrored:
        end = None if end is None else (2 * joints["shoulder"][0] - end[0], end[1])
        directions = -directions[0], -directions[1]
        hand = None if hand is None else -hand
    forearm_scale = pose.arm_scale if pose.forearm_scale is None else pose.forearm_scale
    lengths = LENGTH_CM["upper_arm"] * pose.arm_scale, LENGTH_CM["forearm"] * forearm_scale
    if end is not None:
        directions = _reach(root, end, lengths, bends=-1 if not mirrored else 1)
    joints[f"{side}arm_root"] = root
    joints[f"{side}elbow"] = _step(root, directions[0], lengths[0])
    joints[f"{side}wrist"] = _step(joints[f"{side}elbow"], directions[1], lengths[1])
    hand = directions[1] if hand is None else hand
    joints[f"{side}fingers"] = _step(joints[f"{side}wrist"], hand, LENGTH_CM["hand"] * forearm_scale)


def _pose_leg(joints: dict[str, Point], pose: Pose, side: str, sign: int) -> None:
    mirrored = sign < 0
    root = _aside(joints["hip"], sign * HIP_HALF_CM, pose.lumbar)
    end, directions, foot = pose.ankle, pose.leg, pose.foot
    if side and (pose.far_ankle is not None or pose.far_leg is not None):
        end, directions = pose.far_ankle, pose.far_leg or pose.leg
        foot = pose.foot if pose.far_foot is None else pose.far_foot
        mirrored = False
    elif mirrored:
        end = None if end is None else (2 * joints["hip"][0] - end[0], end[1])
        directions, foot = (-directions[0], -directions[1]), -foot
    lengths = LENGTH_CM["thigh"] * pose.thigh_scale, LENGTH_CM["shank"]
    if end is not None:
        directions = _reach(root, end, lengths, bends=1 if not mirrored else -1)
    joints[f"{side}leg_root"] = root
    joints[f"{side}knee"] = _step(root, directions[0], lengths[0])
    joints[f"{side}ankle"] = _step(joints[f"{side}knee"], directions[1], lengths[1])
    joints[f"{side}toe"] = _step(joints[f"{side}ankle"], foot, LENGTH_CM["foot"] * (0.4 if sign else 1.0))


def _reach(root: Point, end: Point, lengths: tuple[float, float], bends: int) -> tuple[float, float]:
    """Return the directions of a limb's two segments that bring its end to a point (law of cosines).

    bends: 1 if the lower segment turns towards larger directions, as a knee does, -1 for an elbow.
    """
    upper, lower = lengths
    distance = hypot(end[0] - root[0], end[1] - root[1])
    if not abs(upper - lower) < distance <= (upper + lower) * 1.001:
        raise OutOfReach(f"{end} is {distance:.0f} cm away, and the limb reaches {upper + lower:.0f} cm")
    straight = degrees(atan2(end[0] - root[0], end[1] - root[1]))
    at_root = _angle(upper, distance, lower)
    first = straight - bends * at_root
    joint = _step(root, first, upper)
    second = degrees(atan2(end[0] - joint[0], end[1] - joint[1]))
    return first, second


def _angle(one: float, other: float, opposite: float) -> float:
    cosine = (one * one + other * other - opposite * opposite) / (2 * one * other)
    return degrees(acos(max(-1.0, min(1.0, cosine))))


def _along(start: Point, direction: float, segment: str) -> Point:
    return _step(start, direction, LENGTH_CM[segment])


def _aside(centre: Point, distance: float, trunk: float) -> Point:
    return _step(centre, trunk + 90, distance)


def _step(start: Point, direction: float, length: float) -> Point:
    return start[0] + length * sin(radians(direction)), start[1] + length * cos(radians(direction))


def between(one: Pose, other: Pose, share: float) -> Pose:
    """Return the pose at a share of the way from one keyframe to the next; both are `poses_alike`."""
    changes: dict[str, object] = {}
    for name in Pose.__dataclass_fields__:
        start, end = getattr(one, name), getattr(other, name)
        if isinstance(start, tuple) and isinstance(end, tuple):
            changes[name] = tuple(a + share * (b - a) for a, b in zip(start, end, strict=True))
        elif isinstance(start, float | int) and isinstance(end, float | int):
            changes[name] = start + share * (end - start)
    return replace(one, **changes)  # type: ignore[arg-type]


def poses_alike(one: Pose, other: Pose) -> bool:
    """Whether two poses leave out the same fields: a limb can't move from directions to an end, it would jump."""
    return all((getattr(one, name) is None) == (getattr(other, name) is None) for name in Pose.__dataclass_fields__)
