"""Forward and lateral tilt of the upper back against the wearer's calibrated upright.

With u the up direction now, u₀ upright, p the horizontal direction into which a bow leans u₀ and m = p × u₀:

    θ = atan2(u·p, u·u₀)  (+ forward),   φ = asin(u·m / |u|)  (+ right)

The axes are unit vectors in 2**-14. u is taken in 2**-1 counts (1 g = 2**14, at most 2 g = 2**15 per axis), so that
each dot product is below √3 · 2**15 · 2**14 < 2**30.
"""

from .trig import atan2_cdeg, hypot

UNIT = 1 << 14


class Tilt:
    """Turns an up direction into θ and φ; after update() they are in forward_cdeg and lateral_cdeg."""

    def __init__(self) -> None:
        self.forward_cdeg = 0
        self.lateral_cdeg = 0
        self.ahead = 0  # u·p, 1 g = 2**14
        self.aside = 0  # u·m
        self.uprightness = 0  # u·u₀
        self.calibrate((UNIT, 0, 0), (0, 0, UNIT))

    def calibrate(self, up: "tuple[int, int, int]", forward: "tuple[int, int, int]") -> None:
        """Take u₀ and p, unit vectors in 2**-14 at right angles."""
        self._ux, self._uy, self._uz = up
        self._px, self._py, self._pz = forward
        self._mx = (self._py * self._uz - self._pz * self._uy) >> 14
        self._my = (self._pz * self._ux - self._px * self._uz) >> 14
        self._mz = (self._px * self._uy - self._py * self._ux) >> 14

    def update(self, x: int, y: int, z: int) -> None:
        """Take the up direction in 2**-8 counts, as GravityFilter holds it."""
        x >>= 7
        y >>= 7
        z >>= 7
        ahead = (x * self._px + y * self._py + z * self._pz) >> 14
        above = (x * self._ux + y * self._uy + z * self._uz) >> 14
        aside = (x * self._mx + y * self._my + z * self._mz) >> 14
        self.ahead = ahead
        self.aside = aside
        self.uprightness = above
        self.forward_cdeg = atan2_cdeg(ahead, above)
        self.lateral_cdeg = atan2_cdeg(aside, hypot(ahead, above))

    def coarse_lateral(self) -> "tuple[int, int, int]":
        """Return m, the axis about which θ changes, as a unit vector in 2**-8."""
        return (self._mx + 32) >> 6, (self._my + 32) >> 6, (self._mz + 32) >> 6
