"""ST LSM6DSOX, accelerometer and gyroscope with a FIFO (datasheet DS12814; FIFO: application note AN5272)."""

from array import array

ADDRESSES = (0x6A, 0x6B)  # SA0 low, high

WHO_AM_I = 0x0F
FIFO_CTRL3 = 0x09
FIFO_CTRL4 = 0x0A
CTRL1_XL = 0x10
CTRL2_G = 0x11
CTRL3_C = 0x12
OUT_TEMP_L = 0x20
FIFO_STATUS1 = 0x3A
FIFO_DATA_OUT_TAG = 0x78

ID = 0x6C
ODR_52_HZ = 0x30  # CTRL1_XL, CTRL2_G; tables 50 and 54
FS_8_G = 0x0C  # 0.244 mg per count: 1 g = 2**12
FS_2000_DPS = 0x0C  # 70 mdps per count
BATCH_BOTH_52_HZ = 0x33  # FIFO_CTRL3
FIFO_CONTINUOUS = 0x06  # FIFO_CTRL4
SW_RESET = 0x01
BDU_IF_INC = 0x44
OVERRUN = 0x40  # FIFO_STATUS2
TAG_GYROSCOPE = 0x01
TAG_ACCELEROMETER = 0x02
_WORD = 7  # tag and three 16-bit values
_BURST_WORDS = 64


class Lsm6dsox:
    """Delivers samples in batches from the FIFO: `samples` holds ax, ay, az (2**-13 g) and gx, gy, gz (counts) of each.

    Every method raises OSError where the bus fails.
    """

    rate_hz = 52
    gyro_dps_per_count = 0.07
    batch_samples = 256  # all that the FIFO holds

    def __init__(self, i2c, address: int) -> None:
        self._i2c = i2c
        self._address = address
        self._status = bytearray(2)  # or any other two registers
        self._words = memoryview(bytearray(_BURST_WORDS * _WORD))
        self.samples = array("i", bytes(4 * 6 * self.batch_samples))
        self._rate = array("h", (0, 0, 0))
        self.overrun = False

    @classmethod
    def find(cls, i2c) -> "Lsm6dsox":
        """Return the chip on a bus; raises OSError if none answers with its id."""
        who = bytearray(1)
        for address in ADDRESSES:
            try:
                i2c.readfrom_mem_into(address, WHO_AM_I, who)
            except OSError:
                continue
            if who[0] == ID:
                return cls(i2c, address)
        raise OSError(19)  # ENODEV

    def reset(self) -> None:
        """Begin a software reset, which takes 50 µs; start() follows."""
        self._write(CTRL3_C, SW_RESET)

    def start(self) -> None:
        """Measure at 52 Hz, ±8 g and ±2000 °/s, into the FIFO: wide enough for a knock, and no noisier for it."""
        self._write(CTRL3_C, BDU_IF_INC)
        self._write(CTRL1_XL, ODR_52_HZ | FS_8_G)
        self._write(CTRL2_G, ODR_52_HZ | FS_2000_DPS)
        self._write(FIFO_CTRL3, BATCH_BOTH_52_HZ)
        self._write(FIFO_CTRL4, FIFO_CONTINUOUS)

    def read(self) -> int:
        """Empty the FIFO into `samples` and return how many came.

        `overrun` then says whether the FIFO had dropped samples before.
        """
        self._i2c.readfrom_mem_into(self._address, FIFO_STATUS1, self._status)
        self.overrun = bool(self._status[1] & OVERRUN)
        words = self._status[0] | (self._status[1] & 0x03) << 8
        count = 0
        while words:
            burst = min(words, _BURST_WORDS)
            self._i2c.readfrom_mem_into(self._address, FIFO_DATA_OUT_TAG, self._words[: burst * _WORD])
            count = self._unpack(burst, count)
            words -= burst
        return count

    def temperature_cC(self) -> int:
        """Return the chip's temperature in hundredths of a °C: 256 counts a degree, 0 at 25 °C (table 4)."""
        self._i2c.readfrom_mem_into(self._address, OUT_TEMP_L, self._status)
        return 2500 + _signed(self._status[0] | self._status[1] << 8) * 100 // 256

    def _unpack(self, words: int, count: int) -> int:
        """Take FIFO words apart; an acceleration completes the sample that the rate before it began."""
        data = self._words
        samples = self.samples
        rate = self._rate
        for word in range(words):
            at = word * _WORD
            tag = data[at] >> 3
            if tag == TAG_GYROSCOPE:
                for axis in range(3):
                    rate[axis] = _signed(data[at + 1 + 2 * axis] | data[at + 2 + 2 * axis] << 8)
            elif tag == TAG_ACCELEROMETER and count < self.batch_samples:
                for axis in range(3):
                    samples[6 * count + axis] = _signed(data[at + 1 + 2 * axis] | data[at + 2 + 2 * axis] << 8) << 1
                    samples[6 * count + 3 + axis] = rate[axis]
                count += 1
        return count

    def _write(self, register: int, value: int) -> None:
        self._i2c.writeto_mem(self._address, register, bytes((value,)))


def _signed(value: int) -> int:
    return value - 0x10000 if value & 0x8000 else value
