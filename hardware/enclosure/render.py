"""Pictures of the parts: shaded, each in a colour of its own, seen from any side."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LIGHTS = (((-0.4, 0.7, 0.6), 0.7), ((0.8, 0.1, 0.5), 0.3))
"""Direction to the light in the view's axes (right, up, towards the eye), and its strength."""
AMBIENT = 0.22
SUPERSAMPLE = 3


@dataclass(frozen=True)
class Shape:
    """Triangles of one colour."""

    triangles: NDArray[np.float64]
    """Corners in mm, shape (n, 3, 3)."""
    colour: tuple[int, int, int]


def render(shapes: list[Shape], azimuth_deg: float, elevation_deg: float, width: int, path: Path) -> None:
    """Draw shapes in parallel projection, fitted into a picture of a width, and save it as PNG.

    azimuth_deg: 0 looks along +y from the foot end, 90 from the right; elevation_deg: 90 looks down onto the lid.
    """
    axes = _view(azimuth_deg, elevation_deg)
    projected = [shape.triangles @ axes.T for shape in shapes]
    corners = np.concatenate([triangles.reshape(-1, 3) for triangles in projected])
    low, high = corners[:, :2].min(axis=0), corners[:, :2].max(axis=0)
    scale = SUPERSAMPLE * width * 0.94 / (high[0] - low[0])
    margin = SUPERSAMPLE * width * 0.03
    height = int(scale * (high[1] - low[1]) + 2 * margin)
    depth = np.full((height, SUPERSAMPLE * width), -np.inf)
    image = np.full((height, SUPERSAMPLE * width, 3), 255.0)
    for shape, triangles in zip(shapes, projected, strict=True):
        shades = _shade(triangles)
        points = triangles.copy()
        points[..., 0] = (points[..., 0] - low[0]) * scale + margin
        points[..., 1] = height - ((points[..., 1] - low[1]) * scale + margin)
        for corners_px, shade in zip(points, shades, strict=True):
            _fill(corners_px, np.array(shape.colour) * shade, depth, image)
    picture = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
    picture.resize((width, height // SUPERSAMPLE), Image.Resampling.LANCZOS).quantize(64).save(path, optimize=True)


def _view(azimuth_deg: float, elevation_deg: float) -> NDArray[np.float64]:
    """Return the rows right, up, towards the eye."""
    a, e = np.radians(azimuth_deg), np.radians(elevation_deg)
    right = np.array([np.cos(a), np.sin(a), 0.0])
    eye = np.array([np.sin(a) * np.cos(e), -np.cos(a) * np.cos(e), np.sin(e)])
    return np.array([right, np.cross(eye, right), eye])


def _shade(triangles: NDArray[np.float64]) -> NDArray[np.float64]:
    normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
    normals *= np.where(normals[:, 2:] < 0, -1, 1)
    shade = np.full(len(triangles), AMBIENT)
    for direction, strength in LIGHTS:
        light = np.array(direction) / np.linalg.norm(direction)
        shade += strength * np.clip(normals @ light, 0, None)
    return shade


def _fill(
    corners: NDArray[np.float64], colour: NDArray[np.float64], depth: NDArray[np.float64], image: NDArray[np.float64]
) -> None:
    """Draw one triangle where it is nearer than what is there."""
    (x0, y0, z0), (x1, y1, z1), (x2, y2, z2) = corners
    left, right = max(int(min(x0, x1, x2)), 0), min(int(max(x0, x1, x2)) + 1, depth.shape[1] - 1)
    top, bottom = max(int(min(y0, y1, y2)), 0), min(int(max(y0, y1, y2)) + 1, depth.shape[0] - 1)
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    if left > right or top > bottom or abs(area) < 1e-9:
        return
    ys, xs = np.mgrid[top : bottom + 1, left : right + 1] + 0.5
    b1 = ((xs - x0) * (y2 - y0) - (x2 - x0) * (ys - y0)) / area
    b2 = ((x1 - x0) * (ys - y0) - (xs - x0) * (y1 - y0)) / area
    z = z0 + b1 * (z1 - z0) + b2 * (z2 - z0)
    window = depth[top : bottom + 1, left : right + 1]
    seen = (b1 >= -1e-6) & (b2 >= -1e-6) & (b1 + b2 <= 1 + 1e-6) & (z > window)
    window[seen] = z[seen]
    image[top : bottom + 1, left : right + 1][seen] = colour
