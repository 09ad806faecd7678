"""FIFOs without tags: the LSM6DS3TR-C's words in a pattern (AN5130), the MPUs' packets of bytes (RM-MPU-6000A 4.31)."""

import struct

from heap import bytes_kept, only_micropython, run_without_heap
from unslouch_device.parts.lsm6ds3trc import Lsm6ds3trc
from unslouch_device.parts.lsm6dsox import Lsm6dsox
from unslouch_device.parts.mpu6050 import Mpu6050
from unslouch_device.parts.mpu6886 import Mpu6886


class PatternBus:
    """An LSM6DS3TR-C's FIFO: a queue of bytes, the first of them at a place in the pattern."""

    def __init__(self, data, pattern=0, overrun=False):
        self.data = data
        self.at = 0
        self.pattern = pattern
        self.overrun = overrun

    def readfrom_mem_into(self, address, register, buffer):
        if register == 0x3A:
            words = (len(self.data) - self.at) // 2
            buffer[0] = words & 0xFF
            buffer[1] = words >> 8 & 0x07 | (0x40 if self.overrun else 0) | (0 if words else 0x10)
            buffer[2] = self.pattern
            buffer[3] = 0
            return
        assert register == 0x3E
        for i in range(len(buffer)):
            buffer[i] = self.data[self.at + i]
        self.at += len(buffer)
        self.pattern = (self.pattern + len(buffer) // 2) % 6


class PacketBus:
    """An MPU's FIFO: a queue of bytes; INT_STATUS tells of an overflow once."""

    def __init__(self, data, overflow=False):
        self.data = data
        self.at = 0
        self.overflow = overflow
        self.resets = 0

    def readfrom_mem_into(self, address, register, buffer):
        if register == 0x3A:
            buffer[0] = 0x10 if self.overflow else 0x00
            self.overflow = False
        elif register == 0x72:
            size = len(self.data) - self.at
            buffer[0] = size >> 8
            buffer[1] = size & 0xFF
        else:
            assert register == 0x74
            for i in range(len(buffer)):
                buffer[i] = self.data[self.at + i]
            self.at += len(buffer)

    def writeto_mem(self, address, register, buffer):
        if register == 0x6A and buffer[0] & 0x04:
            self.at = len(self.data)
            self.resets += 1


def pattern(i):
    return struct.pack("<6h", -i, 2 * i, 32767 - i, i, -32768 + i, 100 + i)


def packet_6050(i):
    return struct.pack(">6h", i, -32768 + i, 100 + i, -i, 2 * i, 32767 - i)


def packet_6886(i):
    return struct.pack(">7h", i, -32768 + i, 100 + i, 12345, -i, 2 * i, 32767 - i)


def sample(i):
    """What the three above hold, in counts of the chip."""
    return (i, -32768 + i, 100 + i, -i, 2 * i, 32767 - i)


def taken(imu):
    count = imu.read()
    return [tuple(imu.samples[6 * i : 6 * i + 6]) for i in range(count)]


def joined(make, numbers):
    return b"".join([make(i) for i in numbers])


def test_samples_come_in_order_whatever_the_format():
    wanted = [sample(i) for i in range(45)]
    assert taken(Lsm6ds3trc(PatternBus(joined(pattern, range(45))), 0x6A)) == wanted
    assert taken(Mpu6050(PacketBus(joined(packet_6050, range(45))), 0x68)) == wanted
    assert taken(Mpu6886(PacketBus(joined(packet_6886, range(45))), 0x68)) == wanted


def test_an_empty_fifo_gives_nothing():
    assert taken(Lsm6ds3trc(PatternBus(b""), 0x6A)) == []
    assert taken(Mpu6050(PacketBus(b""), 0x68)) == []


def test_a_pattern_that_was_cut_off_is_found_again():
    for words in range(1, 6):
        bus = PatternBus(pattern(1)[2 * words :] + joined(pattern, range(2, 9)), pattern=words, overrun=True)
        imu = Lsm6ds3trc(bus, 0x6A)
        assert taken(imu) == [sample(i) for i in range(2, 9)], words
        assert imu.overrun


def test_a_fifo_full_to_the_brim_reads_as_nothing_but_is_emptied():
    """DIFF_FIFO has eleven bits, and 2048 words are 341 samples and two words."""
    bus = PatternBus(pattern(0)[8:] + joined(pattern, range(1, 342)), pattern=4, overrun=True)
    assert len(bus.data) == 4096
    imu = Lsm6ds3trc(bus, 0x6A)
    assert taken(imu) == [sample(i) for i in range(1, 342)]
    bus.overrun = False
    assert taken(imu) == []
    assert not imu.overrun


def test_half_a_packet_waits_for_its_other_half():
    whole = joined(packet_6050, range(4))
    bus = PacketBus(whole[:41])
    imu = Mpu6050(bus, 0x68)
    assert taken(imu) == [sample(i) for i in range(3)]
    bus.data = whole
    assert taken(imu) == [sample(3)]


def test_an_overflow_drops_all_and_is_told_with_the_next_samples():
    bus = PacketBus(joined(packet_6050, range(85)), overflow=True)
    imu = Mpu6050(bus, 0x68)
    assert taken(imu) == []
    assert bus.resets == 1
    assert taken(imu) == []
    bus.data += joined(packet_6050, range(90, 93))
    assert taken(imu) == [sample(i) for i in range(90, 93)]
    assert imu.overrun
    bus.data += packet_6050(93)
    assert taken(imu) == [sample(93)]
    assert not imu.overrun


def test_a_fifo_that_might_overflow_while_it_is_read_is_dropped():
    imu = Mpu6886(PacketBus(joined(packet_6886, range(72))), 0x68)
    assert taken(imu) == []
    imu = Mpu6886(PacketBus(joined(packet_6886, range(71))), 0x68)
    assert len(taken(imu)) == 71


class Repeating:
    """Answers every reading of a FIFO without allocating anything."""

    def __init__(self, status, data):
        self.status = status
        self.data = data

    def readfrom_mem_into(self, address, register, buffer):
        source = self.status if register in (0x3A, 0x72) else self.data
        if register == 0x3A and len(buffer) == 1:  # an MPU's INT_STATUS
            buffer[0] = 0
            return
        for i in range(len(buffer)):
            buffer[i] = source[i]


def read_thrice(read):
    """Return a function that reads three batches, and allocates nothing itself."""

    def work():
        for _ in range(3):
            assert read() > 20

    return work


def test_reading_a_batch_needs_no_heap():
    only_micropython()
    words = 52
    tagged = b"".join([struct.pack("<Bhhh", (i % 2 + 1) << 3, -i, 32767, -32768) for i in range(64)])
    packets = joined(packet_6050, range(32))
    for imu in (
        Lsm6dsox(Repeating(bytes((words, 0)), tagged), 0x6A),
        Lsm6ds3trc(Repeating(bytes((words * 3, 0, 0, 0)), joined(pattern, range(32))), 0x6A),
        Mpu6050(Repeating(bytes((1, 44)), packets), 0x68),
        Mpu6886(Repeating(bytes((1, 94)), joined(packet_6886, range(32))), 0x68),
    ):
        work = read_thrice(imu.read)
        run_without_heap(work)
        assert bytes_kept(work) == 0
