"""Registers over a bus that may fail: tried again, a bounded number of times."""

from expect import raises
from unslouch_device.parts.registers import TRIES, Registers, bursts, signed


class Bus:
    """Registers, and how many transfers from now on fail."""

    def __init__(self, failures):
        self.values = bytearray(128)
        self.failures = failures
        self.transfers = 0

    def _transfer(self):
        self.transfers += 1
        if self.failures:
            self.failures -= 1
            raise OSError(19)

    def readfrom_mem_into(self, address, register, buffer):
        self._transfer()
        for i in range(len(buffer)):
            buffer[i] = self.values[register + i]

    def writeto_mem(self, address, register, buffer):
        self._transfer()
        for i in range(len(buffer)):
            self.values[register + i] = buffer[i]


def test_a_value_is_written_and_read_through_errors():
    for failures in range(TRIES):
        bus = Bus(failures)
        chip = Registers(bus, 0x6A)
        chip._set(0x10, 0x5A)
        bus.failures = failures
        assert chip._get(0x10) == 0x5A
        assert chip.retries == 2 * failures


def test_a_dead_bus_raises_after_the_last_try():
    bus = Bus(1000)
    chip = Registers(bus, 0x6A)
    with raises(OSError):
        chip._get(0x10)
    assert bus.transfers == TRIES
    with raises(OSError):
        chip._set(0x10, 1)
    assert bus.transfers == 2 * TRIES


def test_a_queue_is_not_read_twice():
    bus = Bus(1)
    with raises(OSError):
        Registers(bus, 0x6A)._fill_once(0x10, bytearray(2))
    assert bus.transfers == 1


def test_bursts_halve_down_to_one_unit():
    sizes = [(units, len(buffer)) for units, buffer in bursts(7, 64)]
    assert sizes == [(64, 448), (32, 224), (16, 112), (8, 56), (4, 28), (2, 14), (1, 7)]


def test_sixteen_bits_are_signed():
    assert [signed(value) for value in (0, 1, 0x7FFF, 0x8000, 0xFFFF)] == [0, 1, 32767, -32768, -1]
