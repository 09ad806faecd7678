"""ST LSM6DS3TR-C: a FIFO of bare 16-bit words in a fixed pattern (datasheet DS11472; FIFO: application note AN5130)."""

from array import array

from .lsm6ds import Lsm6ds
from .registers import TRIES, bursts, signed

FIFO_CTRL3 = 0x08  # DEC_FIFO_GYRO 5:3, DEC_FIFO_XL 2:0
FIFO_CTRL5 = 0x0A  # ODR_FIFO 6:3, FIFO_MODE 2:0
FIFO_STATUS1 = 0x3A  # to FIFO_STATUS4
FIFO_DATA_OUT_L = 0x3E  # a burst goes on between this and FIFO_DATA_OUT_H
TAP_CFG = 0x58

BOTH_UNDECIMATED = 0x09  # FIFO_CTRL3
FIFO_BYPASS = 0x00  # FIFO_CTRL5
FIFO_CONTINUOUS_52_HZ = 0x1E
LATCHED_INTERRUPTS = 0x81  # TAP_CFG: INTERRUPTS_ENABLE and LIR
OVERRUN = 0x40  # FIFO_STATUS2
EMPTY = 0x10
_PATTERN = 6  # words: gx, gy, gz, ax, ay, az
_FIFO_WORDS = 2048  # 4 kbyte; DIFF_FIFO has eleven bits, so that a FIFO full to the brim reads 0
_BURST_SAMPLES = 32


class Lsm6ds3trc(Lsm6ds):
    """Delivers samples in batches: `samples` holds ax, ay, az (2**-12 g) and gx, gy, gz (counts) of each."""

    batch_samples = _FIFO_WORDS // _PATTERN
    self_test_mg = (90, 1700)  # DS11472, "Mechanical characteristics"

    def __init__(self, i2c, address: int) -> None:
        super().__init__(i2c, address)
        self._status = bytearray(4)
        self._bursts = bursts(_PATTERN * 2, _BURST_SAMPLES)
        self._data = self._bursts[0][1]
        self.samples = array("h", bytes(2 * 6 * self.batch_samples))

    def _start_fifo(self) -> None:
        self._set(FIFO_CTRL3, BOTH_UNDECIMATED)
        self._set(FIFO_CTRL5, FIFO_CONTINUOUS_52_HZ)

    def _stop_fifo(self) -> None:
        self._set(FIFO_CTRL5, FIFO_BYPASS)

    def _enable_interrupts(self, on: bool) -> None:
        self._set(TAP_CFG, LATCHED_INTERRUPTS if on else 0)

    def read(self) -> int:
        """Empty the FIFO into `samples` and return how many came.

        `overrun` then says whether the FIFO had dropped samples before, or a bus error took some.
        """
        self.overrun = False
        words = self._aligned_words()
        count = failures = 0
        for burst, buffer in self._bursts:
            while words >= burst * _PATTERN and count + burst <= self.batch_samples:
                try:
                    self._fill_once(FIFO_DATA_OUT_L, buffer)
                except OSError:  # it may have taken words with it: find the pattern's beginning again
                    failures += 1
                    if failures == TRIES:
                        raise
                    self.retries += 1
                    self.overrun = True
                    words = self._aligned_words()
                    continue
                count = self._unpack(burst, count)
                words -= burst * _PATTERN
        return count

    def _aligned_words(self) -> int:
        """Pass over the rest of a sample that an overrun cut off, and return how many words follow."""
        status = self._status
        self._fill(FIFO_STATUS1, status)
        words = status[0] | (status[1] & 0x07) << 8
        if status[1] & OVERRUN:
            self.overrun = True
            if not words and not status[1] & EMPTY:
                words = _FIFO_WORDS
        pattern = status[2] | (status[3] & 0x03) << 8
        skipped = min(words, (_PATTERN - pattern) % _PATTERN)
        for _ in range(skipped):
            self._fill_once(FIFO_DATA_OUT_L, self._pair)
        return words - skipped

    def _unpack(self, taken: int, count: int) -> int:
        """Take whole samples apart."""
        data = self._data
        samples = self.samples
        for sample in range(taken):
            at = sample * _PATTERN * 2
            for axis in range(3):
                rate = signed(data[at + 2 * axis] | data[at + 1 + 2 * axis] << 8)
                samples[6 * count + axis] = signed(data[at + 6 + 2 * axis] | data[at + 7 + 2 * axis] << 8)
                samples[6 * count + 3 + axis] = rate
            count += 1
        return count
