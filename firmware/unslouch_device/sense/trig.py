"""Integer trigonometry: arguments up to 2**16, angles in hundredths of a degree, nothing allocated."""

from array import array
from math import atan, pi, sqrt

_STEPS = 64  # table steps of the quotient 0…1; linear between them is good to 0.002°
_ATAN = array("H", [round(atan(i / _STEPS) * 18000 / pi * 8) for i in range(_STEPS + 1)])  # eighths of a cdeg
_SEC = array("H", [round(sqrt(1 + (i / _STEPS) ** 2) * 16384) for i in range(_STEPS + 1)])


def atan2_cdeg(y: int, x: int) -> int:
    """Return the angle of the vector (x, y), −18000…18000; 0 for the zero vector. |x|, |y| < 2**16."""
    ay = abs(y)
    ax = abs(x)
    if ax == 0 and ay == 0:
        return 0
    q = (ay << 14) // ax if ay <= ax else (ax << 14) // ay
    i = q >> 8
    low = _ATAN[i]
    angle = (low + (((_ATAN[i + 1] - low) * (q & 0xFF)) >> 8) + 4) >> 3 if i < _STEPS else 4500
    if ay > ax:
        angle = 9000 - angle
    if x < 0:
        angle = 18000 - angle
    return -angle if y < 0 else angle


def hypot(y: int, x: int) -> int:
    """Return the length of the vector (x, y) to 1 part in 10,000. |x|, |y| < 2**16."""
    y = abs(y)
    x = abs(x)
    if y > x:
        x, y = y, x
    if x == 0:
        return 0
    q = (y << 14) // x
    i = q >> 8
    sec = _SEC[i]
    if i < _STEPS:
        sec += ((_SEC[i + 1] - sec) * (q & 0xFF)) >> 8
    return ((x >> 1) * sec) >> 13
