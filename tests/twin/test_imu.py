"""The firmware's motion sensors on the chips' models: distinguished, read in batches, woken by motion, and tested."""

import asyncio
import errno

import numpy as np
import pytest

from twin.bench import Bench, BenchMotion
from unslouch.twin.board import Wiring
from unslouch_device.parts import imu, lsm6ds, mpu

CHIPS = {"lsm6dsox": "Lsm6dsox", "lsm6ds3trc": "Lsm6ds3trc", "mpu6050": "Mpu6050", "mpu6886": "Mpu6886"}


class Numbered(BenchMotion):
    """Each sample's acceleration along x tells how many came before it, in counts at ±8 g."""

    def sample(self, first, count, rate_hz):
        values = np.zeros((count, 6))
        values[:, 0] = np.arange(first, first + count) % 30_000 / 4096
        return values


class Nudged(BenchMotion):
    """Lies still until a time, and is then tilted within half a second by so many g along x."""

    def __init__(self, at_s: float, g: float) -> None:
        super().__init__()
        self._at_s, self._g = at_s, g

    def sample(self, first, count, rate_hz):
        values = super().sample(first, count, rate_hz)
        t_s = np.arange(first, first + count) / rate_hz
        values[:, 0] += self._g * np.clip((t_s - self._at_s) / 0.5, 0, 1)
        return values


class UnsureBus:
    """An I2C bus that fails at the transfers whose numbers it is given, with or without the chip having noticed."""

    def __init__(self, i2c, failing: set[int], *, chip_noticed: bool = False) -> None:
        self._i2c = i2c
        self._failing = failing
        self._chip_noticed = chip_noticed
        self.transfers = 0

    def readfrom_mem_into(self, address, register, buffer):
        self._transfer(self._i2c.readfrom_mem_into, address, register, buffer)

    def writeto_mem(self, address, register, buffer):
        self._transfer(self._i2c.writeto_mem, address, register, buffer)

    def _transfer(self, method, *arguments):
        self.transfers += 1
        fails = self.transfers in self._failing
        if not fails or self._chip_noticed:
            method(*arguments)
        if fails:
            raise OSError(errno.ETIMEDOUT)


def bench_with(name: str, motion: BenchMotion | None = None, odr_error: float = 0.0) -> Bench:
    return Bench(odr_error, Wiring(imu=name), motion)


def started(bench: Bench, i2c=None):
    chip = imu.find(i2c or bench.i2c)
    chip.reset()
    bench.wait_s(chip.reset_ms / 1000)
    chip.start()
    return chip


def numbers(chip, count: int) -> list[int]:
    """Which samples these are."""
    return [chip.samples[6 * i] for i in range(count)]


@pytest.fixture(params=CHIPS)
def name(request) -> str:
    return request.param


@pytest.fixture
def bench(name) -> Bench:
    return bench_with(name)


def test_each_chip_is_recognised_by_its_id(name, bench):
    assert type(imu.find(bench.i2c)).__name__ == CHIPS[name]


def test_a_chip_at_its_other_address_is_found(name, bench):
    other = bench.address + 1
    bench.board.chips[other] = bench.board.chips.pop(bench.address)
    chip = started(bench)
    bench.wait_s(0.5)
    assert chip.read() == chip.rate_hz // 2


def test_a_bus_without_a_known_chip_is_an_error(bench):
    del bench.board.chips[bench.address]
    with pytest.raises(OSError, match="19"):
        imu.find(bench.i2c)


def test_a_chip_that_a_board_has_can_be_awaited(name, bench):
    there = bench.board.chips.pop(bench.address)
    chip = imu.find(bench.i2c, name)
    with pytest.raises(OSError, match="ENODEV"):
        chip.reset()
    bench.board.chips[bench.address] = there
    chip.reset()
    bench.wait_s(0.1)
    chip.start()
    bench.wait_s(1)
    assert chip.read() == chip.rate_hz


def test_samples_are_in_the_same_units_whatever_the_chip(bench):
    bench.motion.acc_g = (0.5, -7.9, 1.0)
    bench.motion.gyro_dps = (100.0, -1990.0, 0.5)
    bench.motion.degC = 31.5
    chip = started(bench)
    bench.wait_s(0.5)
    assert chip.read() == chip.rate_hz // 2
    assert [value / 2**12 for value in chip.samples[:3]] == pytest.approx(bench.motion.acc_g, rel=2e-3)
    rates = [value * chip.gyro_dps_per_count for value in chip.samples[3:6]]
    assert rates == pytest.approx(bench.motion.gyro_dps, abs=0.04)
    assert chip.temperature_cC() == pytest.approx(3150, abs=1)


def test_saturation_reads_as_saturation_whatever_the_chip(bench):
    from unslouch_device.sense.gravity import SATURATED_ACCELERATION, SATURATED_RATE

    bench.motion.acc_g = (20.0, -20.0, 0.0)
    bench.motion.gyro_dps = (5000.0, -5000.0, 0.0)
    chip = started(bench)
    bench.wait_s(0.1)
    chip.read()
    assert all(abs(2 * value) >= SATURATED_ACCELERATION for value in chip.samples[:2])
    assert all(abs(value) >= SATURATED_RATE for value in chip.samples[3:5])


def test_batches_follow_one_another_without_gap_or_repeat(name):
    bench = bench_with(name, Numbered())
    chip = started(bench)
    seen = []
    for wait_s in (0.04, 0.5, 1.2, 0.04, 0.3, 0.013, 0.9) * 3:
        bench.wait_s(wait_s)
        seen += numbers(chip, chip.read())
        assert not chip.overrun
    assert seen == list(range(seen[0], seen[0] + len(seen)))
    assert len(seen) == pytest.approx(8.98 * chip.rate_hz, abs=1)


def test_a_fast_part_delivers_more_samples(name):
    bench = bench_with(name, Numbered(), odr_error=0.03)
    chip = started(bench)
    total = 0
    for _ in range(40):
        bench.wait_s(0.5)
        total += chip.read()
    assert total == pytest.approx(20 * chip.rate_hz * 1.03, abs=2)


def test_a_fifo_that_ran_over_says_so_once_and_goes_on_aligned(name):
    bench = bench_with(name, Numbered())
    chip = started(bench)
    bench.wait_s(10.3)
    overruns = 0
    last = None
    for _ in range(4):
        count = chip.read()
        seen = numbers(chip, count)
        assert seen == list(range(seen[0], seen[0] + count)) if count else True
        overruns += chip.overrun
        if chip.overrun:
            assert last is None, "reported before the samples that follow the gap"
        last = seen[-1] if count else last
        bench.wait_s(0.5)
    assert overruns == 1
    assert last == pytest.approx((bench.clock.us / 1e6 - 0.5) * chip.rate_hz, abs=2)


def test_full_batches_fit(name):
    bench = bench_with(name, Numbered())
    chip = started(bench)
    bench.wait_s((chip.batch_samples - 2) / chip.rate_hz)
    assert chip.read() >= chip.batch_samples - 3
    assert not chip.overrun


def test_the_whole_batch_interval_of_the_sampler_fits_twice(name, bench):
    chip = imu.find(bench.i2c)
    assert chip.batch_samples / chip.rate_hz > 2 * 0.5


@pytest.mark.parametrize("chip_noticed", [False, True], ids=["unnoticed", "noticed"])
def test_two_bus_errors_in_a_row_lose_nothing_without_reporting_it(name, chip_noticed):
    for first in range(1, 12):
        bench = bench_with(name, Numbered())
        chip = started(bench)
        bench.wait_s(0.5)
        chip._i2c = UnsureBus(bench.i2c, {first, first + 1}, chip_noticed=chip_noticed)
        seen = []
        reported = False
        for _ in range(3):
            count = chip.read()
            reported = reported or chip.overrun
            seen += numbers(chip, count)
            bench.wait_s(0.2)
        assert seen == sorted(seen), (first, seen)
        if not reported:
            assert seen == list(range(seen[0], seen[0] + len(seen))), (first, seen)
        assert len(seen) >= 0.15 * chip.rate_hz, first


def test_three_bus_errors_in_a_row_are_raised(name, bench):
    chip = started(bench)
    bench.wait_s(0.5)
    chip._i2c = UnsureBus(bench.i2c, {1, 2, 3})
    with pytest.raises(OSError, match="110"):
        chip.read()
    assert chip.retries == 2
    assert chip.read() == chip.rate_hz // 2


def test_a_chip_is_found_through_bus_errors(name, bench):
    assert type(imu.find(UnsureBus(bench.i2c, set(range(1, 9))))).__name__ == CHIPS[name]


def test_writes_are_tried_again_too(bench):
    chip = imu.find(bench.i2c)
    chip._i2c = UnsureBus(bench.i2c, {1, 2, 4, 7})
    chip.reset()
    bench.wait_s(0.1)
    chip.start()
    bench.wait_s(0.5)
    assert chip.read() == chip.rate_hz // 2
    assert chip.retries >= 3


def test_a_bus_that_stays_dead_is_given_up_soon(bench):
    chip = started(bench)
    bus = chip._i2c = UnsureBus(bench.i2c, set(range(1, 1000)))
    with pytest.raises(OSError, match="110"):
        chip.start()
    assert bus.transfers == 3


def test_motion_pulls_the_interrupt_high_until_it_is_asked_for(name):
    bench = bench_with(name, Nudged(at_s=30.0, g=1.0))
    chip = started(bench)
    bench.wait_s(1)
    chip.read()
    chip.arm()
    bench.wait_s(25)
    assert (bench.int1(), chip.moved()) == (0, False)
    bench.wait_s(5)
    assert bench.int1() == 1
    bench.wait_s(60)
    assert bench.int1() == 1, "a board that sleeps may need a while"
    assert chip.moved()
    assert (bench.int1(), chip.moved()) == (0, False)


def test_what_is_less_than_the_threshold_does_not_wake(name):
    bench = bench_with(name, Nudged(at_s=30.0, g=1.0))
    chip = started(bench)
    chip.arm(threshold_mg=250)  # at 20 to 26 Hz the tilt comes to 80 to 100 mg a sample
    bench.wait_s(60)
    assert (bench.int1(), chip.moved()) == (0, False)


def test_disarmed_and_started_again_it_samples_and_is_silent(name):
    bench = bench_with(name, Nudged(at_s=3.0, g=1.0))
    chip = started(bench)
    chip.arm()
    bench.wait_s(2)
    chip.disarm()
    chip.reset()
    bench.wait_s(0.1)
    chip.start()
    bench.wait_s(1)
    assert chip.read() == pytest.approx(chip.rate_hz, abs=1)
    bench.wait_s(1)
    assert bench.int1() == 0


@pytest.fixture
def self_test(bench, monkeypatch):
    """The self-test's result, its waits turning the bench's clock."""

    async def sleep_ms(delay_ms: int) -> None:
        bench.wait_s(delay_ms / 1000)

    for module in (lsm6ds, mpu):
        monkeypatch.setattr(module, "sleep_ms", sleep_ms)
    return lambda: asyncio.run(started(bench).self_test())


def test_a_sound_chip_passes_its_self_test_in_any_pose(bench, self_test):
    bench.motion.acc_g = (0.6, -0.64, 0.48)
    bench.motion.gyro_dps = (0.9, -1.3, 0.4)
    assert self_test() == (True,) * 6


@pytest.mark.parametrize("axis", range(6))
def test_a_dead_axis_fails_alone(bench, self_test, axis):
    bench.board.imu.self_test_share[axis] = 0.0
    assert self_test() == tuple(i != axis for i in range(6))


@pytest.mark.parametrize("axis", range(6))
def test_an_axis_that_answers_far_too_strongly_fails(name, bench, self_test, axis):
    bench.board.imu.self_test_share[axis] = 4.5
    passes_anyway = name == "mpu6886" and axis >= 3  # its rates have no upper limit
    assert self_test()[axis] == passes_anyway


def test_after_a_self_test_it_samples_as_before(bench, self_test):
    self_test()
    bench.motion.acc_g = (0.5, 0.0, -1.0)
    chip = started(bench)
    bench.wait_s(21)
    chip.read()
    bench.wait_s(0.5)
    chip.read()
    assert [value / 2**12 for value in chip.samples[:3]] == pytest.approx([0.5, 0.0, -1.0], abs=2e-3)


@pytest.mark.parametrize("name", ["lsm6dsox", "lsm6ds3trc"])
def test_a_chip_that_measures_nothing_ends_its_self_test_in_an_error(self_test, bench):
    bench.board.imu._data_ready = lambda now_us: 0
    with pytest.raises(OSError, match="110"):
        self_test()
