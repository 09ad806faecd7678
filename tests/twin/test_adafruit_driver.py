"""Somebody else's driver reads from the models of ST's chips what the wearer supplied.

Adafruit's takes its scales from the datasheet (8.75 mdps a count at ±250 dps). micropython-lib's lsm6dsox.py divides
by 32768 / range instead and so reads every rate 12.8 % low; it is no witness against the model.
"""

import math
import types
from collections.abc import Iterator

import pytest

from twin.bench import Bench
from twin.others import BusioI2C, without_blinka
from unslouch.twin.board import Wiring
from unslouch_device.parts import imu


@pytest.fixture(scope="module")
def adafruit() -> Iterator[types.SimpleNamespace]:
    """The driver, imported without Blinka."""
    with without_blinka():
        import adafruit_lsm6ds
        from adafruit_lsm6ds.lsm6ds3trc import LSM6DS3TRC
        from adafruit_lsm6ds.lsm6dsox import LSM6DSOX

        yield types.SimpleNamespace(package=adafruit_lsm6ds, lsm6dsox=LSM6DSOX, lsm6ds3trc=LSM6DS3TRC)


@pytest.fixture(params=["lsm6dsox", "lsm6ds3trc"])
def bench(request) -> Bench:
    return Bench(wiring=Wiring(imu=request.param))


@pytest.fixture
def driver(adafruit, bench, request):
    """The driver's class for the chip on the bench."""
    return getattr(adafruit, request.node.callspec.params["bench"])


@pytest.fixture
def sensor(adafruit, driver, bench, monkeypatch):
    """The driver on the bench, its sleeps turning the bench's clock."""
    monkeypatch.setattr(adafruit.package, "sleep", bench.wait_s)
    return driver(BusioI2C(bench))


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
    firmware = imu.find(bench.i2c).temperature_cC()
    assert firmware == pytest.approx(100 * sensor.temperature, abs=1)
    assert firmware == pytest.approx(100 * degC, abs=1.5)


def test_the_driver_and_the_firmware_measure_the_same(adafruit, bench, sensor):
    """The firmware's samples, out of the FIFO, against the driver's registers at the firmware's settings."""
    bench.motion.acc_g = (0.31, -0.87, 5.4)
    bench.motion.gyro_dps = (-1234.5, 321.0, 7.7)
    chip = imu.find(bench.i2c)
    chip.start()
    sensor.accelerometer_range = adafruit.package.AccelRange.RANGE_8G
    sensor.gyro_range = adafruit.package.GyroRange.RANGE_2000_DPS
    chip.read()
    bench.wait_s(0.5)
    assert chip.read() == 26
    assert [value / 2**12 for value in chip.samples[:3]] == pytest.approx(
        [value / 9.80665 for value in sensor.acceleration], rel=1e-3
    )
    assert [value * chip.gyro_dps_per_count for value in chip.samples[3:6]] == pytest.approx(
        [math.degrees(value) for value in sensor.gyro]
    )


def test_the_driver_finds_nothing_where_the_chip_is_unplugged(driver, bench):
    del bench.board.chips[bench.address]
    with pytest.raises(ValueError, match="No I2C device"):
        driver(BusioI2C(bench))
