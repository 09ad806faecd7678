"""Motion sources: the interface of every wearer, by which a simulated sensor is moved."""

from __future__ import annotations

from typing import Protocol

from numpy import float64
from numpy.typing import NDArray


class MotionSource(Protocol):
    """A world of one sensor, as functions of the seconds since that world began.

    Sensor axes: X up (cranial), Y left, Z out of the back. At rest the accelerometer reads +1 g along up; forward
    tilt turns up towards +Z, a lean to the right towards +Y.
    """

    @property
    def duration_s(self) -> float:
        """How long the wearer moves; may be infinite."""
        ...

    @property
    def upright_at_s(self) -> float:
        """When the first stretch of sitting upright begins, for calibrating."""
        ...

    def sample(self, first: int, count: int, rate_hz: float) -> NDArray[float64]:
        """The samples first … first + count - 1 taken at times i / rate_hz.

        Returns shape (count, 6): specific force x, y, z in g, then angular rate x, y, z in degrees per second.
        Any slicing of the same samples yields identical numbers.
        """
        ...

    def usb_present(self, t_s: float) -> bool:
        """Whether USB power is plugged in."""
        ...

    def battery_mV(self, t_s: float) -> int:
        """Voltage of the cell."""
        ...

    def temperature_degC(self, t_s: float) -> float:
        """Temperature of the chip."""
        ...
