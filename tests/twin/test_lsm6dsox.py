"""The LSM6DSOX model behaves as its datasheet (DS12814) and application note (AN5272) say."""

import pytest

from unslouch.twin.chips.lsm6dsox import NotModelled

CTRL1_XL, CTRL2_G, CTRL3_C = 0x10, 0x11, 0x12
ODR_52_HZ, ODR_104_HZ = 0x30, 0x40
CONTINUOUS, FIFO_MODE = 6, 1
GYRO, ACC = 1, 2


def start_fifo(bench, mode=CONTINUOUS, watermark=0):
    """Both sensors at 52 Hz, ±2 g and ±250 dps, batched."""
    bench.motion.counting = True
    bench.write(0x07, watermark & 0xFF, watermark >> 8, 0x33, mode)
    bench.write(CTRL1_XL, ODR_52_HZ, ODR_52_HZ)


@pytest.mark.parametrize(
    ("register", "value"),
    [(0x0F, 0x6C), (CTRL1_XL, 0), (CTRL2_G, 0), (CTRL3_C, 0x04), (0x18, 0xE0), (0x0A, 0), (0x02, 0x3F), (0x3A, 0)],
)
def test_registers_start_with_the_datasheets_values(bench, register, value):
    assert bench.read(register) == bytes([value])


def test_after_power_up_nothing_is_measured(bench):
    bench.wait_s(10)
    assert bench.read(0x20, 14) == bytes(14)
    assert bench.read(0x1E) == b"\0"
    assert bench.fifo_level() == 0
    assert bench.motion.calls == []


def test_read_only_and_reserved_bits_ignore_writes(bench):
    for register in (0x00, 0x0F, 0x1E, 0x28, 0x3A, 0x3B, 0x63, 0x7F):
        before = bench.read(register)
        bench.write(register, 0x5A)
        assert bench.read(register) == before
    bench.write(CTRL1_XL, 0xFF & ~0xF0)
    assert bench.read(CTRL1_XL) == b"\x0e"


def test_a_burst_write_goes_through_consecutive_registers(bench):
    bench.write(CTRL1_XL, 0x38, 0x3C)
    assert bench.read(CTRL1_XL, 2) == b"\x38\x3c"


def test_without_if_inc_a_burst_stays_on_one_register(bench):
    bench.write(CTRL3_C, 0x00)
    assert bench.read(0x0F, 3) == b"\x6c\x6c\x6c"
    bench.write(CTRL1_XL, 0x38, 0x3C)
    assert (bench.read(CTRL1_XL), bench.read(CTRL2_G)) == (b"\x3c", b"\0")


def test_software_reset_restores_defaults_and_clears_itself(bench):
    start_fifo(bench)
    bench.wait_s(1)
    bench.write(CTRL3_C, 0x45)
    assert bench.read(CTRL3_C)[0] & 1
    bench.wait_s(100e-6)
    assert bench.read(CTRL3_C) == b"\x04"
    assert bench.read(CTRL1_XL, 2) == b"\0\0"
    bench.wait_s(1)
    assert bench.fifo_level() == 0


def test_boot_takes_ten_milliseconds(bench):
    bench.write(CTRL3_C, 0x84)
    bench.wait_s(9e-3)
    assert bench.read(CTRL3_C) == b"\x84"
    bench.wait_s(2e-3)
    assert bench.read(CTRL3_C) == b"\x04"


def test_other_register_banks_do_not_touch_the_main_one(bench):
    bench.write(0x01, 0x80)
    bench.write(CTRL1_XL, 0x30)
    assert bench.read(CTRL1_XL) == b"\x30"
    bench.write(0x01, 0x00)
    assert bench.read(CTRL1_XL) == b"\0"


@pytest.mark.parametrize(
    ("code", "counts"), [(0b00, 8197), (0b01, 1025), (0b10, 4098), (0b11, 2049)], ids=["2g", "16g", "4g", "8g"]
)
def test_accelerometer_ranges_in_their_odd_order(bench, code, counts):
    bench.motion.acc_g = (0.5, -0.5, 100.0)
    bench.write(CTRL1_XL, ODR_52_HZ | code << 2)
    bench.wait_s(0.1)
    x, y, z = (int.from_bytes(bench.read(r, 2), "little", signed=True) for r in (0x28, 0x2A, 0x2C))
    assert (x, y, z) == (counts, -counts, 32767)


@pytest.mark.parametrize(
    ("bits", "counts"),
    [(0b0010, 22857), (0b0000, 11429), (0b0100, 5714), (0b1000, 2857), (0b1100, 1429)],
    ids=["125dps", "250dps", "500dps", "1000dps", "2000dps"],
)
def test_gyroscope_ranges_follow_the_sensitivity_not_the_name(bench, bits, counts):
    """8.75 mdps a count at ±250 dps (DS12814 table 2). Dividing by 32768 / 250 would read 12.8 % low."""
    bench.motion.gyro_dps = (100.0, -100.0, -5000.0)
    bench.write(CTRL2_G, ODR_52_HZ | bits)
    bench.wait_s(0.1)
    x, y, z = (int.from_bytes(bench.read(r, 2), "little", signed=True) for r in (0x22, 0x24, 0x26))
    assert (x, y, z) == (counts, -counts, -32768)


def test_temperature_is_256_counts_a_degree_from_25(bench):
    bench.motion.degC = 31.5
    bench.write(CTRL1_XL, ODR_52_HZ)
    bench.wait_s(0.1)
    assert int.from_bytes(bench.read(0x20, 2), "little") == 6.5 * 256


def test_data_ready_rises_with_each_sample_and_falls_with_reading(bench):
    bench.write(CTRL1_XL, ODR_52_HZ)
    assert bench.read(0x1E)[0] & 1 == 0
    bench.wait_s(0.02)
    assert bench.read(0x1E)[0] & 3 == 1
    bench.read(0x28, 6)
    assert bench.read(0x1E)[0] & 1 == 0


def test_output_registers_follow_the_samples_across_block_borders(bench):
    bench.motion.counting = True
    bench.write(CTRL1_XL, ODR_104_HZ, ODR_52_HZ)
    for _ in range(60):
        bench.wait_s(0.7)
        gyro_x, acc_x = (int.from_bytes(bench.read(r, 2), "little") for r in (0x22, 0x28))
        assert gyro_x == bench.clock.us * 52 // 1_000_000
        assert acc_x == bench.clock.us * 104 // 1_000_000


def test_powered_down_a_sensor_keeps_its_last_sample(bench):
    bench.motion.acc_g = (0.0, 0.0, 1.0)
    bench.write(CTRL1_XL, ODR_52_HZ)
    bench.wait_s(0.1)
    bench.write(CTRL1_XL, 0)
    bench.motion.acc_g = (1.0, 0.0, 0.0)
    bench.wait_s(0.1)
    assert bench.read(0x28, 6) == bytes(4) + (16393).to_bytes(2, "little")


def test_fifo_alternates_gyroscope_and_accelerometer_without_gap_or_repeat(bench):
    start_fifo(bench)
    words = []
    for _ in range(700):
        bench.wait_s(0.1)
        words += bench.fifo_words(bench.fifo_level())
    assert [sensor for sensor, _ in words] == [GYRO, ACC] * (len(words) // 2)
    assert [x for _, x in words[::2]] == [x for _, x in words[1::2]] == list(range(1, 70 * 52 + 1))


def test_tags_count_time_slots_and_have_even_parity(bench):
    start_fifo(bench)
    bench.wait_s(0.2)
    tags = bench.read(0x78, 7 * 16)[::7]
    assert all(tag.bit_count() % 2 == 0 for tag in tags)
    assert [tag >> 1 & 3 for tag in tags] == [slot & 3 for slot in range(1, 9) for _ in range(2)]


def test_batching_slower_than_sampling_keeps_every_nth(bench):
    bench.motion.counting = True
    bench.write(0x09, 0x23, CONTINUOUS)  # gyroscope batched at 26 Hz, accelerometer at 52 Hz
    bench.write(CTRL1_XL, ODR_104_HZ, ODR_52_HZ)
    bench.wait_s(25)
    bench.fifo_words(512)
    bench.wait_s(1)
    words = bench.fifo_words(bench.fifo_level())
    assert [x for sensor, x in words if sensor == GYRO] == list(range(25 * 52 + 2, 26 * 52 + 1, 2))
    assert [x for sensor, x in words if sensor == ACC] == list(range(25 * 104 + 2, 26 * 104 + 1, 2))


def test_a_word_leaves_the_fifo_only_with_its_last_byte(bench):
    start_fifo(bench)
    bench.wait_s(0.1)
    level = bench.fifo_level()
    first = bench.read(0x78, 6)
    assert bench.read(0x78, 6) == first
    assert bench.fifo_level() == level
    bench.read(0x7E)
    assert bench.fifo_level() == level - 1
    assert bench.read(0x79, 6)[:2] == b"\x01\0"  # the accelerometer's word of the same slot
    assert bench.fifo_level() == level - 2


def test_an_empty_fifo_reads_as_zeros(bench):
    start_fifo(bench)
    bench.wait_s(0.021)
    assert bench.read(0x78, 21)[14:] == bytes(7)
    assert bench.fifo_level() == 0


def test_continuous_mode_drops_the_oldest_and_says_so(bench):
    start_fifo(bench)
    bench.wait_s(4.9)
    assert bench.read(0x3B)[0] & 0x48 == 0
    bench.wait_s(5.1)
    assert bench.fifo_level() == 512
    assert bench.fifo_words(512) == [(sensor, x) for x in range(520 - 255, 521) for sensor in (GYRO, ACC)]


def test_overrun_is_latched_until_it_is_read(bench):
    start_fifo(bench)
    bench.wait_s(10)
    bench.fifo_words(512)
    assert bench.read(0x3B)[0] & 0x48 == 0x08
    assert bench.read(0x3B)[0] & 0x48 == 0


def test_fifo_mode_stops_when_full_until_bypass(bench):
    start_fifo(bench, FIFO_MODE)
    bench.wait_s(10)
    assert bench.fifo_words(512)[0] == (GYRO, 1)
    bench.wait_s(1)
    assert bench.fifo_level() == 0
    bench.write(0x0A, 0)
    bench.write(0x0A, FIFO_MODE)
    bench.wait_s(1)
    assert bench.fifo_level() == 104


def test_bypass_empties_the_fifo(bench):
    start_fifo(bench)
    bench.wait_s(1)
    bench.write(0x0A, 0)
    assert bench.fifo_level() == 0
    bench.wait_s(1)
    bench.write(0x0A, CONTINUOUS)
    assert bench.fifo_level() == 0
    bench.wait_s(0.1)
    assert bench.fifo_words(1) == [(GYRO, 2 * 52 + 1)]


def test_watermark_raises_its_flag_and_int1(bench):
    int1 = bench.machine.Pin(2, bench.machine.Pin.IN)
    start_fifo(bench, watermark=300)
    bench.write(0x0D, 0x08)
    bench.wait_s(2.8)
    assert (bench.read(0x3B)[0] >> 7, int1.value()) == (0, 0)
    bench.wait_s(0.1)
    assert (bench.read(0x3B)[0] >> 7, int1.value()) == (1, 1)
    bench.write(CTRL3_C, 0x24)  # H_LACTIVE
    assert int1.value() == 0
    bench.fifo_words(10)
    assert int1.value() == 1


def test_stop_on_watermark_limits_the_depth(bench):
    start_fifo(bench, watermark=20)
    bench.write(0x08, 0x80)
    bench.wait_s(10)
    assert bench.fifo_level() == 20


def test_a_change_of_range_leaves_what_is_in_the_fifo(bench):
    bench.motion.acc_g = (0.5, 0.0, 0.0)
    bench.write(0x09, 0x03, CONTINUOUS)
    bench.write(CTRL1_XL, ODR_52_HZ)
    bench.wait_s(0.1)
    bench.write(CTRL1_XL, ODR_52_HZ | 0b10 << 2)
    bench.wait_s(0.1)
    assert bench.fifo_words(10) == [(ACC, 8197)] * 5 + [(ACC, 4098)] * 5


def test_a_fast_part_gives_more_samples_and_admits_it(fast_bench):
    start_fifo(fast_bench)
    fast_bench.wait_s(2)
    assert fast_bench.fifo_level() == 2 * int(104 * 1.015)
    assert fast_bench.read(0x63) == b"\x0a"  # INTERNAL_FREQ_FINE, 0.15 % a count


def test_timestamp_counts_25_microseconds_and_can_be_zeroed(bench):
    bench.wait_s(5)
    bench.write(0x19, 0x20)
    bench.wait_s(1)
    assert int.from_bytes(bench.read(0x40, 4), "little") == 40_000
    bench.write(0x42, 0xAA)
    assert bench.read(0x40, 4) == bytes(4)


@pytest.mark.parametrize(("register", "value"), [(0x0A, 3), (0x0A, 0x46), (0x08, 0x40), (CTRL2_G, 0xC0)])
def test_what_is_not_modelled_is_refused_loudly(bench, register, value):
    with pytest.raises(NotModelled):
        bench.write(register, value)
    assert bench.read(register) == b"\0"


@pytest.mark.parametrize("period_s", [0.04, 1.0])
def test_an_hour_costs_a_call_of_the_wearer_per_20_s_however_often_it_is_read(bench, period_s):
    start_fifo(bench)
    for _ in range(round(3600 / period_s)):
        bench.wait_s(period_s)
        level = bench.fifo_level()
        bench.read(0x78, 7 * level)
        bench.read(0x20, 14)
    assert len(bench.motion.calls) <= 3600 / 20 + 5
