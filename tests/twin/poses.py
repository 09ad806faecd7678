"""Somebody who goes from pose to pose as a test tells, with the sensor mounted any way round."""

import math

import numpy as np
from numpy.typing import NDArray

TRANSITION_S = 1.5
AS_MEANT = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
SIDEWAYS = ((0, 0, 1), (1, 0, 0), (0, 1, 0))
"""Where the sensor's x, y and z point among up, right and back, row by row."""


class Poses:
    """Upright at first; each (second, forward, lateral) [s, °, °] begins a move that takes TRANSITION_S."""

    duration_s = math.inf
    upright_at_s = 0.0

    def __init__(self, *moves: tuple[float, float, float], mounting: object = AS_MEANT) -> None:
        self._moves = moves
        self._mounting = np.array(mounting, dtype=float)

    def sample(self, first: int, count: int, rate_hz: float) -> NDArray[np.float64]:
        index = np.arange(first, first + count)
        t_s = index / rate_hz
        up = self._up(t_s)
        speed = (self._up(t_s + 0.001) - self._up(t_s - 0.001)) / 0.002
        rate_dps = np.degrees(np.cross(speed, up))
        tremble_dps = 0.8 * np.sin(index[:, None] * [12.9898, 78.233, 37.719])  # as good as random
        return np.hstack([up @ self._mounting.T, rate_dps @ self._mounting.T + tremble_dps])

    def _up(self, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
        pose = np.zeros((len(t_s), 2))
        before = np.zeros(2)
        for at_s, *angles in self._moves:
            share = (1 - np.cos(np.pi * np.clip((t_s - at_s) / TRANSITION_S, 0, 1))) / 2
            pose += share[:, None] * (np.radians(angles) - before)
            before = np.radians(angles)
        forward, lateral = pose.T
        return np.column_stack([np.cos(lateral) * np.cos(forward), np.sin(lateral), np.cos(lateral) * np.sin(forward)])

    def usb_present(self, t_s: float) -> bool:
        return False

    def battery_mV(self, t_s: float) -> int:
        return 3900

    def temperature_degC(self, t_s: float) -> float:
        return 33.0
