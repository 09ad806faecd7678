"""A chip on a bench: a clock that tests turn, a motion that tests choose, and the bus between."""

import numpy as np
from numpy.typing import NDArray

from unslouch.twin.board import IMUS, SimulatedBoard, Wiring


class Clock:
    """Simulated time in µs."""

    def __init__(self) -> None:
        self.us = 0

    def __call__(self) -> int:
        return self.us


class BenchMotion:
    """Acceleration [g] and rate [dps] that tests set; with `counting`, both read the sample's index in counts at ±2 g
    and ±250 dps (so that samples differ)."""

    duration_s = float("inf")
    upright_at_s = 0.0

    def __init__(self) -> None:
        self.acc_g = (0.0, 0.0, 1.0)
        self.gyro_dps = (0.0, 0.0, 0.0)
        self.degC = 25.0
        self.cell_mV = 3900
        self.usb = False
        self.counting = False
        self.calls: list[tuple[int, int, float]] = []

    def sample(self, first: int, count: int, rate_hz: float) -> NDArray[np.float64]:
        self.calls.append((first, count, rate_hz))
        if self.counting:
            index = np.arange(first, first + count)[:, None] % 30_000
            return np.hstack([index * 0.061e-3 * [1, 1, 1], index * 8.75e-3 * [1, 1, 1]])
        return np.tile([*self.acc_g, *self.gyro_dps], (count, 1))

    def usb_present(self, t_s: float) -> bool:
        return self.usb

    def battery_mV(self, t_s: float) -> int:
        return self.cell_mV

    def temperature_degC(self, t_s: float) -> float:
        return self.degC


class Bench:
    """One simulated board and the registers of its motion sensor, an LSM6DSOX by default."""

    def __init__(self, odr_error: float = 0.0, wiring: Wiring | None = None, motion: BenchMotion | None = None) -> None:
        wiring = wiring or Wiring()
        self.clock = Clock()
        self.motion = motion or BenchMotion()
        self.board = SimulatedBoard(self.clock, self.motion, wiring, odr_error=odr_error)
        self.address = IMUS[wiring.imu][1]
        machine = self.board.machine
        self.machine = machine
        self.i2c = machine.I2C(0, scl=machine.Pin(6), sda=machine.Pin(5), freq=400_000)

    def wait_s(self, seconds: float) -> None:
        self.clock.us += round(seconds * 1e6)

    def int1(self) -> int:
        """Level of the motion sensor's interrupt."""
        return self.machine.Pin(2, self.machine.Pin.IN).value()

    def write(self, register: int, *values: int) -> None:
        self.i2c.writeto_mem(self.address, register, bytes(values))

    def read(self, register: int, count: int = 1) -> bytes:
        buffer = bytearray(count)
        self.i2c.readfrom_mem_into(self.address, register, buffer)
        return bytes(buffer)

    def fifo_level(self) -> int:
        status = self.read(0x3A, 2)
        return status[0] | (status[1] & 0x03) << 8

    def fifo_words(self, count: int) -> list[tuple[int, int]]:
        """(sensor, x) of words read in one burst."""
        data = self.read(0x78, 7 * count)
        words = [data[i : i + 7] for i in range(0, len(data), 7)]
        return [(word[0] >> 3, int.from_bytes(word[1:3], "little", signed=True)) for word in words]
