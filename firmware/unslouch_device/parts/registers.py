"""A chip's 8-bit registers over I2C, with a bounded number of further tries where the bus fails."""

TRIES = 3


class Registers:
    """Base of every chip on the bus. `retries` counts transfers that had to be tried again."""

    def __init__(self, i2c, address: int) -> None:
        self._i2c = i2c
        self._address = address
        self._byte = bytearray(1)
        self.retries = 0

    def _fill(self, register_id: int, buffer) -> None:
        """Fill a buffer from a register on; raises OSError where the bus fails TRIES times in a row."""
        for _ in range(TRIES - 1):
            try:
                self._i2c.readfrom_mem_into(self._address, register_id, buffer)
                return
            except OSError:
                self.retries += 1
        self._i2c.readfrom_mem_into(self._address, register_id, buffer)

    def _fill_once(self, register_id: int, buffer) -> None:
        """Fill a buffer from a queue, where a second try would not find what the first one took."""
        self._i2c.readfrom_mem_into(self._address, register_id, buffer)

    def _get(self, register_id: int) -> int:
        """Return a register's value."""
        self._fill(register_id, self._byte)
        return self._byte[0]

    def _set(self, register_id: int, value: int) -> None:
        """Write a register; raises OSError where the bus fails TRIES times in a row."""
        byte = self._byte
        byte[0] = value
        for _ in range(TRIES - 1):
            try:
                self._i2c.writeto_mem(self._address, register_id, byte)
                return
            except OSError:
                self.retries += 1
        self._i2c.writeto_mem(self._address, register_id, byte)


def bursts(unit_bytes: int, largest: int) -> "tuple[tuple[int, memoryview], ...]":
    """Return (units, buffer) for largest, half of that … 1 units, the buffers sharing memory.

    With them a queue of any length is read in few transfers, and none of them allocates.
    """
    data = memoryview(bytearray(largest * unit_bytes))
    sizes = []
    while largest:
        sizes.append((largest, data[: largest * unit_bytes]))
        largest //= 2
    return tuple(sizes)


def signed(value: int) -> int:
    """Return what 16 bits mean in two's complement."""
    return value - 0x10000 if value & 0x8000 else value
