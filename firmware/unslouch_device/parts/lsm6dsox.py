"""ST LSM6DSOX and LSM6DSO, here the same: a FIFO of tagged words (datasheet DS12814; FIFO: AN5272, section 9)."""

from array import array

from .lsm6ds import Lsm6ds
from .registers import bursts, signed

FIFO_CTRL3 = 0x09  # BDR_GY 7:4, BDR_XL 3:0
FIFO_CTRL4 = 0x0A
FIFO_STATUS1 = 0x3A
TAP_CFG0 = 0x56
TAP_CFG2 = 0x58
FIFO_DATA_OUT_TAG = 0x78

BATCH_BOTH_52_HZ = 0x33  # FIFO_CTRL3
FIFO_BYPASS = 0x00  # FIFO_CTRL4
FIFO_CONTINUOUS = 0x06
LATCHED = 0x41  # TAP_CFG0: LIR, which goes with INT_CLR_ON_READ
INTERRUPTS_ENABLE = 0x80  # TAP_CFG2
WAKE_THS_W = 0x10  # WAKE_UP_DUR: finer steps of WAKE_UP_THS
OVERRUN = 0x40  # FIFO_STATUS2
TAG_GYROSCOPE = 0x01
TAG_ACCELEROMETER = 0x02
_WORD = 7  # tag and three 16-bit values
_BURST_WORDS = 64


class Lsm6dsox(Lsm6ds):
    """Delivers samples in batches: `samples` holds ax, ay, az (2**-12 g) and gx, gy, gz (counts) of each."""

    batch_samples = 256  # all that the FIFO holds
    wake_up_steps = 256
    wake_up_dur = WAKE_THS_W

    def __init__(self, i2c, address: int) -> None:
        super().__init__(i2c, address)
        self._bursts = bursts(_WORD, _BURST_WORDS)
        self._words = self._bursts[0][1]
        self.samples = array("h", bytes(2 * 6 * self.batch_samples))
        self._rate = array("h", (0, 0, 0))

    def _start_fifo(self) -> None:
        self._set(FIFO_CTRL3, BATCH_BOTH_52_HZ)
        self._set(FIFO_CTRL4, FIFO_CONTINUOUS)

    def _stop_fifo(self) -> None:
        self._set(FIFO_CTRL4, FIFO_BYPASS)

    def _enable_interrupts(self, on: bool) -> None:
        self._set(TAP_CFG0, LATCHED if on else 0)
        self._set(TAP_CFG2, INTERRUPTS_ENABLE if on else 0)

    def read(self) -> int:
        """Empty the FIFO into `samples` and return how many came.

        `overrun` then says whether the FIFO had dropped samples before.
        """
        status = self._pair
        self._fill(FIFO_STATUS1, status)
        self.overrun = bool(status[1] & OVERRUN)
        words = status[0] | (status[1] & 0x03) << 8
        count = 0
        retries = self.retries
        for burst, buffer in self._bursts:
            while words >= burst:
                self._fill(FIFO_DATA_OUT_TAG, buffer)
                count = self._unpack(burst, count)
                words -= burst
        if self.retries != retries:  # the tries that failed may have taken words with them
            self.overrun = True
        return count

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
                    rate[axis] = signed(data[at + 1 + 2 * axis] | data[at + 2 + 2 * axis] << 8)
            elif tag == TAG_ACCELEROMETER and count < self.batch_samples:
                for axis in range(3):
                    samples[6 * count + axis] = signed(data[at + 1 + 2 * axis] | data[at + 2 + 2 * axis] << 8)
                    samples[6 * count + 3 + axis] = rate[axis]
                count += 1
        return count
