"""Somebody else's drivers for the MPU6050, the MPU6886 and the DRV2605L find in the models what the datasheets say.

Adafruit's adafruit_mpu6050 and adafruit_drv2605; M. Tuupola's micropython-mpu6886. The latter has 62.5 counts per °/s
at ±500 dps, where datasheets of this family have 65.5: a slip, so that range is left out.
"""

import math

import pytest

from twin.bench import Bench
from twin.others import BusioI2C, without_blinka
from unslouch.twin.board import Wiring
from unslouch_device.parts import imu


def driver(name: str):
    with without_blinka():
        return pytest.importorskip(name, reason="prepare .venv again: make setup")


@pytest.fixture
def bench(request) -> Bench:
    return Bench(wiring=Wiring(imu=request.param))


@pytest.fixture
def mpu6050(bench, monkeypatch):
    module = driver("adafruit_mpu6050")
    monkeypatch.setattr(module, "sleep", bench.wait_s)
    return module, module.MPU6050(BusioI2C(bench))


@pytest.fixture
def mpu6886():
    return driver("mpu6886")


@pytest.mark.parametrize("bench", ["mpu6050"], indirect=True)
@pytest.mark.parametrize("code", range(4))
def test_an_mpu6050_reads_the_same_in_every_range(bench, mpu6050, code):
    _, sensor = mpu6050
    bench.motion.acc_g = (0.3, -0.9, 1.7)
    bench.motion.gyro_dps = (2.4, -120.0, 240.0)
    bench.motion.degC = 31.25
    sensor.accelerometer_range = code
    sensor.gyro_range = code
    bench.wait_s(0.1)
    assert sensor.acceleration == pytest.approx([g * 9.80665 for g in bench.motion.acc_g], abs=9.80665 / 2048)
    assert sensor.gyro == pytest.approx([math.radians(dps) for dps in bench.motion.gyro_dps], abs=math.radians(0.04))
    assert sensor.temperature == pytest.approx(31.25, abs=1 / 340)


@pytest.mark.parametrize("bench", ["mpu6050"], indirect=True)
def test_an_mpu6050_fills_its_fifo_as_the_driver_expects(bench, mpu6050):
    _, sensor = mpu6050
    bench.motion.acc_g = (0.25, -0.5, 1.0)
    sensor.filter_bandwidth = 4
    sensor.sample_rate_divisor = 19
    sensor.accel_fifo_en = True
    sensor.fiforst = True
    sensor.fifo_en = True
    bench.wait_s(1)
    assert sensor.fifo_count == 50 * 6
    assert bytes(sensor.read_whole_fifo()[:6]) == (4096).to_bytes(2, "big") + b"\xe0\x00" + b"\x40\x00"


@pytest.mark.parametrize("bench", ["mpu6050"], indirect=True)
def test_firmware_and_driver_read_an_mpu6050_alike(bench, mpu6050):
    module, sensor = mpu6050
    bench.motion.acc_g = (0.31, -0.87, 5.4)
    bench.motion.gyro_dps = (-1234.5, 321.0, 7.7)
    chip = imu.find(bench.i2c)
    chip.start()
    sensor.accelerometer_range = module.Range.RANGE_8_G
    sensor.gyro_range = module.GyroRange.RANGE_2000_DPS
    chip.read()
    bench.wait_s(0.5)
    assert chip.read() == 25
    assert [value / 2**12 * 9.80665 for value in chip.samples[:3]] == pytest.approx(sensor.acceleration)
    assert [math.radians(value * chip.gyro_dps_per_count) for value in chip.samples[3:6]] == pytest.approx(sensor.gyro)
    assert chip.temperature_cC() == pytest.approx(100 * sensor.temperature, abs=1)


@pytest.mark.parametrize("bench", ["mpu6886"], indirect=True)
@pytest.mark.parametrize("full_scale", [("2G", "250"), ("4G", "1000"), ("8G", "2000"), ("16G", "2000")])
def test_firmware_and_driver_read_an_mpu6886_alike(bench, mpu6886, full_scale):
    """The driver resets the chip, reads its registers in every range; then the firmware its FIFO, at its own."""
    g, dps = full_scale
    bench.motion.acc_g = (0.3, -0.9, 1.7)
    bench.motion.gyro_dps = (2.4, -120.0, 240.0)
    bench.motion.degC = 31.25

    class Bus:
        """The reset takes its time."""

        readfrom_mem_into = bench.i2c.readfrom_mem_into

        def writeto_mem(self, *arguments):
            bench.i2c.writeto_mem(*arguments)
            bench.wait_s(0.1)

    sensor = mpu6886.MPU6886(
        Bus(),
        accel_fs=getattr(mpu6886, f"ACCEL_FS_SEL_{g}"),
        gyro_fs=getattr(mpu6886, f"GYRO_FS_SEL_{dps}DPS"),
        accel_sf=mpu6886.SF_G,
        gyro_sf=mpu6886.SF_DEG_S,
    )
    bench.wait_s(0.1)
    acceleration, rate = sensor.acceleration, sensor.gyro
    assert acceleration == pytest.approx(bench.motion.acc_g, abs=1 / 2048)
    assert rate == pytest.approx(bench.motion.gyro_dps, abs=0.04)
    assert sensor.temperature == pytest.approx(31.25, abs=1 / 326)
    chip = imu.find(bench.i2c)
    assert chip.temperature_cC() == pytest.approx(100 * sensor.temperature, abs=1)
    chip.start()
    bench.wait_s(0.5)
    assert chip.read() == 25
    assert [value / 2**12 for value in chip.samples[:3]] == pytest.approx(acceleration, abs=1 / 2048)
    assert [value * chip.gyro_dps_per_count for value in chip.samples[3:6]] == pytest.approx(rate, abs=0.07)


@pytest.fixture
def haptics():
    bench = Bench(wiring=Wiring(motor=None))
    module = driver("adafruit_drv2605")
    return bench, module, module.DRV2605(BusioI2C(bench))


def test_a_drv2605_is_recognised_by_its_id_and_set_up(haptics):
    bench, module, chip = haptics
    assert bench.i2c.readfrom_mem(0x5A, 0x1D, 1) == b"\xa0"  # ERM in open loop
    assert (chip.mode, chip.library) == (module.MODE_INTTRIG, module.LIBRARY_TS2200A)


def test_a_drv2605_plays_a_sequence_and_then_rests(haptics):
    bench, module, chip = haptics
    chip.sequence[0] = module.Effect(14)
    chip.sequence[1] = module.Pause(0.5)
    chip.sequence[2] = module.Effect(1)
    chip.play()
    bench.wait_s(0.6)
    assert bench.i2c.readfrom_mem(0x5A, 0x0C, 1) == b"\x01"
    bench.wait_s(0.4)
    assert bench.i2c.readfrom_mem(0x5A, 0x0C, 1) == b"\x00"
    assert len(bench.board.motor.pulses()) == 1


def test_a_drv2605_follows_real_time_values(haptics):
    bench, module, chip = haptics
    chip.mode = module.MODE_REALTIME
    for value in (64, 127, 0):
        chip.realtime_value = value
        bench.wait_s(0.5)
    weak, strong = bench.board.motor.pulses()
    assert (weak.duration_us, strong.duration_us) == (500_000, 500_000)
    assert weak.duty_u16 == pytest.approx(65535 * 64 / 127, abs=1)
    assert strong.duty_u16 == 65535
