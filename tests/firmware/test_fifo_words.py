"""The LSM6DSOX's FIFO words, taken apart into samples (AN5272, section 9: tag in bits 7:3, then three values)."""

import struct

from unslouch_device.parts.lsm6dsox import TAG_ACCELEROMETER, TAG_GYROSCOPE, Lsm6dsox

TAG_TEMPERATURE = 0x03


class FifoBus:
    """An I2C bus with a FIFO of ready-made words behind it."""

    def __init__(self, words, overrun=False):
        self.words = list(words)
        self.overrun = overrun

    def readfrom_mem_into(self, address, register, buffer):
        if register == 0x3A:
            count = len(self.words)
            buffer[0] = count & 0xFF
            buffer[1] = count >> 8 | (0x40 if self.overrun else 0)
            return
        for i in range(len(buffer) // 7):
            buffer[7 * i : 7 * i + 7] = self.words.pop(0)


def word(tag, x, y, z):
    return struct.pack("<Bhhh", tag << 3 | 0x02, x, y, z)


def pair(i):
    return [word(TAG_GYROSCOPE, -i, 2 * i, 32767 - i), word(TAG_ACCELEROMETER, i, -32768 + i, 100 + i)]


def read(words, overrun=False):
    imu = Lsm6dsox(FifoBus(words, overrun), 0x6A)
    count = imu.read()
    return imu, [tuple(imu.samples[6 * i : 6 * i + 6]) for i in range(count)]


def test_a_rate_and_an_acceleration_make_a_sample():
    assert read(pair(7))[1] == [(7, -32761, 107, -7, 14, 32760)]


def test_samples_come_in_order():
    words = []
    for i in range(20):
        words += pair(i)
    assert read(words)[1] == [(i, -32768 + i, 100 + i, -i, 2 * i, 32767 - i) for i in range(20)]


def test_words_of_other_kinds_are_passed_over():
    assert read([word(TAG_TEMPERATURE, 1, 2, 3)] + pair(3))[1] == [(3, -32765, 103, -3, 6, 32764)]


def test_a_full_fifo_is_emptied_in_one_go():
    words = []
    for i in range(256):
        words += pair(i)
    imu, samples = read(words)
    assert len(samples) == imu.batch_samples == 256
    assert samples[255] == (255, -32513, 355, -255, 510, 32512)
    assert imu.read() == 0


def test_a_pair_that_is_split_between_two_reads_is_put_together():
    rate, acceleration = pair(9)
    bus = FifoBus([rate])
    imu = Lsm6dsox(bus, 0x6A)
    assert imu.read() == 0
    bus.words.append(acceleration)
    assert imu.read() == 1
    assert tuple(imu.samples[:6]) == (9, -32759, 109, -9, 18, 32758)


def test_an_overrun_is_told():
    assert read(pair(1), overrun=True)[0].overrun
    assert not read(pair(1))[0].overrun


def test_an_empty_fifo_gives_nothing():
    assert read([])[1] == []
