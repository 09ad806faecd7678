"""The files to print belong to today's sources, and each is one closed surface that lies on the bed."""

import hashlib
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hardware.enclosure import dimensions as d

HERE = Path(d.__file__).parent
MADE = HERE / "made"
STLS = sorted(MADE.glob("*.stl"))


def triangles_of(path: Path) -> np.ndarray:
    """Return the corners in mm of a binary STL's triangles, shape (n, 3, 3)."""
    record = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    data = path.read_bytes()
    rows = np.frombuffer(data, record, offset=84)
    assert len(rows) == int.from_bytes(data[80:84], "little")
    return rows["corners"].astype(float)


def test_there_are_files_for_every_part() -> None:
    names = {"base", "lid", "plunger", "clip-back", "strap-back", "magnet-back", "counter-plate"}
    assert {path.stem for path in STLS} == names
    for name in names:
        assert (MADE / f"{name}.step").is_file()
        assert (MADE / f"{name}.png").is_file()


def test_the_files_belong_to_todays_sources() -> None:
    digest = hashlib.sha256()
    for name in ("dimensions.py", "case.py", "checks.py"):
        digest.update((HERE / name).read_bytes())
    assert (MADE / "sources.sha256").read_text().strip() == digest.hexdigest(), "run `make hardware`"


@pytest.mark.parametrize("path", STLS, ids=lambda path: path.stem)
def test_a_part_is_one_closed_surface_on_the_bed(path: Path) -> None:
    triangles = triangles_of(path).round(4)
    assert triangles[..., 2].min() == pytest.approx(0, abs=0.01)
    edges = Counter()
    for a, b, c in triangles.tolist():
        corners = tuple(a), tuple(b), tuple(c)
        if len(set(corners)) == 3:
            edges.update((corners[i], corners[(i + 1) % 3]) for i in range(3))
    assert [edge for edge, times in edges.items() if edges[edge[::-1]] != times] == []
    volume = np.einsum("ij,ij->i", triangles[:, 0], np.cross(triangles[:, 1], triangles[:, 2])).sum() / 6
    assert volume > 50


def test_everything_inside_lies_within_the_walls() -> None:
    for box in (*d.PARTS, d.ANTENNA):
        assert max(-box.x[0], box.x[1]) < d.INNER_X / 2, box.name
        assert box.y[1] < d.INNER_Y, box.name
        assert box.z[1] <= d.TOP - d.CELL_SWELLING + 1e-9, box.name
        assert box.y[0] > 0 or box is d.USB, box.name


def test_the_boxes_have_the_sizes_of_the_parts_table() -> None:
    from hardware.make.parts import read_parts

    parts = read_parts()
    for box, part in (
        (d.XIAO, "xiao-esp32s3"),
        (d.IMU, "imu"),
        (d.MOTOR, "motor"),
        (d.CELL, "cell"),
        (d.DRIVER, "perfboard"),
    ):
        length, width, height = parts[part].size_mm
        assert sorted(box.size[:2]) == pytest.approx(sorted((length, width))), part
        if part != "xiao-esp32s3":
            assert box.size[2] == pytest.approx(height), part


def test_the_motor_is_far_from_the_motion_sensor() -> None:
    assert math.dist(d.MOTOR.middle[:2], d.IMU.middle[:2]) >= 15
