"""Computes the axes of a calibration, see sense.tilt, and what tilt a direction has against them; allocates."""

from math import cos, pi, sin, sqrt

from .tilt import UNIT, Tilt


def _unit(x: float, y: float, z: float) -> "tuple[float, float, float]":
    length = sqrt(x * x + y * y + z * z)
    return x / length, y / length, z / length


def axes(
    up: "tuple[float, float, float]", forward: "tuple[float, float, float]", spare: "tuple[float, float, float]"
) -> "tuple[tuple[int, int, int], tuple[int, int, int]]":
    """Return (u₀, p) as unit vectors in 2**-14 from the measured up and the nominal forward direction.

    Where forward lies within 17° of up it says nothing about the horizontal, and `spare` takes its place.
    """
    ux, uy, uz = _unit(*up)
    for nominal in (forward, spare):
        fx, fy, fz = _unit(*nominal)
        along = fx * ux + fy * uy + fz * uz
        px = fx - along * ux
        py = fy - along * uy
        pz = fz - along * uz
        if px * px + py * py + pz * pz > 0.09:
            break
    px, py, pz = _unit(px, py, pz)
    return (round(ux * UNIT), round(uy * UNIT), round(uz * UNIT)), (
        round(px * UNIT),
        round(py * UNIT),
        round(pz * UNIT),
    )


def up_at(
    up: "tuple[int, int, int]", forward: "tuple[int, int, int]", forward_cdeg: int, lateral_cdeg: int
) -> "tuple[float, float, float]":
    """Return the up direction (unit vector) that shows as θ and φ under a calibration: what Tilt turns round."""
    theta = forward_cdeg * pi / 18000
    phi = lateral_cdeg * pi / 18000
    (ux, uy, uz), (px, py, pz) = _unit(*up), _unit(*forward)
    mx, my, mz = py * uz - pz * uy, pz * ux - px * uz, px * uy - py * ux
    above, ahead, aside = cos(phi) * cos(theta), cos(phi) * sin(theta), sin(phi)
    return (
        above * ux + ahead * px + aside * mx,
        above * uy + ahead * py + aside * my,
        above * uz + ahead * pz + aside * mz,
    )


def shown(
    up: "tuple[int, int, int]", forward: "tuple[int, int, int]", pose: "tuple[float, float, float]"
) -> "tuple[int, int]":
    """Return (θ, φ) in cdeg that a calibration gives to an up direction of any length."""
    tilt = Tilt()
    tilt.calibrate(up, forward)
    tilt.update(*[round(c * (1 << 21)) for c in _unit(*pose)])
    return tilt.forward_cdeg, tilt.lateral_cdeg
