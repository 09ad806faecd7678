"""Reads the figure of an exercise: what is drawn beside the person, and the keyframes, each with a caption."""

import tomllib
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from .figure import Point, Pose, between, poses_alike

FOLDER = Path(__file__).with_name("figures")
VIEWS = ("side", "front")
PROPS = ("chair", "wall", "post", "ball", "foam roll", "pillow", "band", "screen")


@dataclass(frozen=True)
class Prop:
    """A thing beside the person: at a point (cm), or a band between two ends, each a point or the name of a joint."""

    kind: str
    at: Point = (0.0, 0.0)
    radius: float = 0.0
    ends: tuple[Point | str, Point | str] | None = None


@dataclass(frozen=True)
class Keyframe:
    """A pose, how long (s) the way to it takes, and what to do meanwhile."""

    pose: Pose
    seconds: float
    caption: str


@dataclass(frozen=True)
class Figure:
    """The moving picture of one exercise. After the last keyframe it begins again with the first."""

    view: str
    props: tuple[Prop, ...]
    keyframes: tuple[Keyframe, ...]
    turn: int = 2
    """The number of the keyframe at the far end of the movement, where a hold is held."""

    @property
    def length_s(self) -> float:
        """How long the whole movement takes."""
        return sum(keyframe.seconds for keyframe in self.keyframes)

    def end_s(self, number: int) -> float:
        """Return when the way to a keyframe ends, counted from 1."""
        return sum(keyframe.seconds for keyframe in self.keyframes[:number])

    def at(self, time_s: float) -> tuple[Pose, str]:
        """Return the pose at a time, and the caption of the keyframe that it moves to."""
        left_s = time_s % self.length_s
        before = self.keyframes[-1]
        for keyframe in self.keyframes:
            if left_s < keyframe.seconds:
                share = left_s / keyframe.seconds
                return between(before.pose, keyframe.pose, share * share * (3 - 2 * share)), keyframe.caption
            left_s -= keyframe.seconds
            before = keyframe
        return before.pose, before.caption


@cache
def figure_of(exercise_id: str) -> Figure | None:
    """Return the figure of an exercise, None if there is none; raises ValueError if its file is damaged."""
    path = FOLDER / f"{exercise_id}.toml"
    if not path.is_file():
        return None
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    if content["view"] not in VIEWS:
        raise ValueError(f"{path.name}: view is {content['view']!r}, and must be one of {', '.join(VIEWS)}")
    props = tuple(_prop(path.name, table) for table in content.get("props", []))
    pose: Pose | None = None
    keyframes = []
    for table in content["keyframe"]:
        caption, seconds = table.pop("caption"), float(table.pop("seconds"))
        pose = _pose(path.name, pose, table)
        keyframes.append(Keyframe(pose, seconds, caption))
    for keyframe in keyframes:
        if not poses_alike(keyframe.pose, keyframes[0].pose):
            raise ValueError(f"{path.name}: {keyframe.caption!r} must pose each limb as the first keyframe does")
    return Figure(content["view"], props, tuple(keyframes), content.get("turn", 2))


def _pose(name: str, before: Pose | None, table: dict[str, Any]) -> Pose:
    """Return the pose before with some fields changed; a limb posed by directions is no longer posed by its end."""
    known = {field.name for field in fields(Pose)}
    unknown = set(table) - known
    if unknown:
        raise ValueError(f"{name}: a pose has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
    changes: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else float(value) for key, value in table.items()
    }
    for limb, end in (("arm", "wrist"), ("leg", "ankle"), ("far_arm", "far_wrist"), ("far_leg", "far_ankle")):
        if limb in changes:
            changes[end] = None
    return replace(before or Pose((0.0, 0.0)), **changes)


def _prop(name: str, table: dict[str, Any]) -> Prop:
    kind = table["kind"]
    if kind not in PROPS:
        raise ValueError(f"{name}: there is no prop {kind!r}; there are {', '.join(PROPS)}")
    if kind == "band":
        return Prop(kind, ends=(_end(table["from"]), _end(table["to"])))
    return Prop(kind, tuple(table["at"]), float(table.get("radius", 0)))


def _end(value: Any) -> Point | str:
    return (float(value[0]), float(value[1])) if isinstance(value, list) else str(value)
