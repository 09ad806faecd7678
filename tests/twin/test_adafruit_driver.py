"""Somebody else's driver reads from the LSM6DSOX model what the wearer supplied.

Adafruit's takes its scales from the datasheet (8.75 mdps a count at ±250 dps). micropython-lib's lsm6dsox.py divides
by 32768 / range instead and so reads every rate 12.8 % low; it is no witness against the model.
"""

import math
import sys
import types
from collections.abc import Iterator

import pytest

from unslouch_device.parts.lsm6dsox import Lsm6dsox


class BusioI2C:
    """CircuitPython's busio.I2C over the simulated bus."""

    def __init__(self, bench) -> None:
        self._i2c = bench.i2c
        self._pointer = 0

    def try_lock(self) -> bool:
        return True

    def unlock(self) -> None:
        pass

    def writeto(self, address, buffer, *, start=0, end=None):
        data = bytes(buffer[start:end])
        if data:
            self._pointer = data[0]
        self._i2c.writeto_mem(address, self._pointer, data[1:])

    def readfrom_into(self, address, buffer, *, start=0, end=None):
        self._i2c.readfrom_mem_into(address, self._pointer, memoryview(buffer)[start:end])

    def writeto_then_readfrom(self, address, out, into, *, out_start=0, out_end=None, in_start=0, in_end=None):
        self.writeto(address, out, start=out_start, end=out_end)
        self.readfrom_into(address, into, start=in_start, end=in_end)


@pytest.fixture(scope="module")
def adafruit() -> Iterator[types.SimpleNamespace]:
    """The driver, imported without Blinka: of CircuitPython it needs only const() and names for annotations."""
    stubs = {
        "micropython": {"const": int},
        "busio": {"I2C": object},
        "circuitpython_typing": {"ReadableBuffer": object, "WriteableBuffer": object},
        "circuitpython_typing.device_drivers": {"I2CDeviceDriver": object},
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, contents in stubs.items():
            module = types.ModuleType(name)
            vars(module).update(contents)
            patch.setitem(sys.modules, name, module)
        import adafruit_lsm6ds
        from adafruit_lsm6ds.lsm6dsox import LSM6DSOX

        yield types.SimpleNamespace(package=adafruit_lsm6ds, LSM6DSOX=LSM6DSOX)


@pytest.fixture
def sensor(adafruit, bench, monkeypatch):
    """The driver on the bench, its sleeps turning the bench's clock."""
    monkeypatch.setattr(adafruit.package, "sleep", bench.wait_s)
    return adafruit.LSM6DSOX(BusioI2C(bench))


def test_the_driver_finds_and_configures_the_chip(bench, sensor):
    assert bench.read(0x10, 2) == bytes([0x48, 0x40])  # 104 Hz, ±4 g, ±250 dps


@pytest.mark.parametrize("full_scale", ["2G", "4G", "8G", "16G"])
def test_the_driver_reads_the_acceleration_in_every_range(adafruit, bench, sensor, full_scale):
    bench.motion.acc_g = (0.3, -0.9, 1.7)
    sensor.accelerometer_range = getattr(adafruit.package.AccelRange, f"RANGE_{full_scale}")
    bench.wait_s(21)
    assert sensor.acceleration == pytest.approx([g * 9.80665 for g in bench.motion.acc_g], abs=0.5 * 0.488e-3 * 9.80665)


@pytest.mark.parametrize("full_scale", [125, 250, 500, 1000, 2000])
def test_the_driver_reads_the_rate_in_every_range(adafruit, bench, sensor, full_scale):
    bench.motion.gyro_dps = (full_scale * 0.99, -full_scale * 0.5, full_scale * 0.01)
    sensor.gyro_range = getattr(adafruit.package.GyroRange, f"RANGE_{full_scale}_DPS")
    bench.wait_s(21)
    assert sensor.gyro == pytest.approx([math.radians(dps) for dps in bench.motion.gyro_dps], abs=math.radians(0.035))


def test_the_driver_reads_the_temperature(bench, sensor):
    bench.motion.degC = 31.25
    bench.wait_s(0.1)
    assert sensor.temperature == 31.25


@pytest.mark.parametrize("degC", [-10.25, 0.0, 24.99, 25.0, 31.4])
def test_the_driver_and_the_firmware_read_the_same_temperature(bench, sensor, degC):
    bench.motion.degC = degC
    bench.wait_s(0.1)
    firmware = Lsm6dsox.find(bench.i2c).temperature_cC()
    assert firmware == pytest.approx(100 * sensor.temperature, abs=1)
    assert firmware == pytest.approx(100 * degC, abs=1.5)


def test_the_driver_finds_nothing_where_the_chip_is_unplugged(adafruit, bench):
    del bench.board.chips[0x6A]
    with pytest.raises(ValueError, match="No I2C device"):
        adafruit.LSM6DSOX(BusioI2C(bench))
