"""What InvenSense's MPU6050 and MPU6886 have in common: rates, output registers, and a FIFO of bytes.

Datasheets: RM-MPU-6000A-00 rev. 4.2 (MPU-6050's registers) and DS-000193 rev. 1.1 (MPU-6886). Multi-byte values are
big-endian. Neither has a data rate of its own: what measures at 1 kHz is divided.
"""

from array import array

from ..port import sleep_ms
from .registers import TRIES, Registers, bursts, signed

SMPLRT_DIV = 0x19
CONFIG = 0x1A  # DLPF_CFG 2:0
GYRO_CONFIG = 0x1B  # self-test 7:5, FS_SEL 4:3
ACCEL_CONFIG = 0x1C  # self-test 7:5, AFS_SEL 4:3
FIFO_EN = 0x23
INT_PIN_CFG = 0x37
INT_ENABLE = 0x38
INT_STATUS = 0x3A
ACCEL_XOUT_H = 0x3B
TEMP_OUT_H = 0x41
GYRO_XOUT_H = 0x43
USER_CTRL = 0x6A
PWR_MGMT_1 = 0x6B
PWR_MGMT_2 = 0x6C
FIFO_COUNTH = 0x72
FIFO_R_W = 0x74

DIVIDE_TO_50_HZ = 19  # SMPLRT_DIV: 1 kHz / (1 + 19)
LOW_PASS_20_HZ = 4  # CONFIG: gyroscope 20 Hz, below half the data rate
FS_2000_DPS = 0x18  # GYRO_CONFIG: 16.4 counts per °/s
FS_250_DPS = 0x00  # 131 counts per °/s
FS_8_G = 0x10  # ACCEL_CONFIG: 4096 counts per g
FS_2_G = 0x00
TEST_AXES = 0xE0  # GYRO_CONFIG, ACCEL_CONFIG: XYZ self-test
FIFO_ON = 0x40  # USER_CTRL
FIFO_RESET = 0x04
DEVICE_RESET = 0x80  # PWR_MGMT_1
CYCLE = 0x20
CLOCK_OF_GYROSCOPE = 0x01  # the PLL, which is more exact than the internal oscillator
NO_GYROSCOPE = 0x07  # PWR_MGMT_2: STBY_XG, STBY_YG, STBY_ZG
LATCHED = 0x20  # INT_PIN_CFG: high until INT_STATUS is read
ACTIVE_LOW = 0x80  # INT_PIN_CFG
FIFO_OVERFLOW = 0x10  # INT_STATUS

_SETTLE_MS = 200
_AVERAGED = 20
_SAMPLE_MS = 20
_BURST_SAMPLES = 32


class Mpu(Registers):
    """Delivers samples in batches: `samples` holds ax, ay, az (2**-12 g) and gx, gy, gz (counts) of each.

    50 Hz, ±8 g and ±2000 °/s, low-pass at 20 Hz. A FIFO that overflows loses its alignment, so all of it is dropped:
    the batch after says `overrun`. Subclasses set what differs. Every method raises OSError where the bus fails for
    good.
    """

    rate_hz = 50
    gyro_dps_per_count = 1 / 16.4
    reset_ms = 100  # what RM-MPU-6000A 4.28 gives a reset over SPI; over I2C it says nothing
    fifo_bytes = 0
    packet_bytes = 0
    rate_at = 0  # where in a packet gx begins; ax is its first
    sources = 0  # FIFO_EN

    def __init__(self, i2c, address: int) -> None:
        super().__init__(i2c, address)
        self._pair = bytearray(2)
        self._bursts = bursts(self.packet_bytes, _BURST_SAMPLES)
        self._data = self._bursts[0][1]
        self.batch_samples = self.fifo_bytes // self.packet_bytes
        self.samples = array("h", bytes(2 * 6 * self.batch_samples))
        self.overrun = False
        self._dropped = False

    def reset(self) -> None:
        """Begin a reset; start() follows after reset_ms."""
        self._set(PWR_MGMT_1, DEVICE_RESET)

    def start(self) -> None:
        """Measure into the FIFO."""
        self._set(PWR_MGMT_1, CLOCK_OF_GYROSCOPE)
        self._set(PWR_MGMT_2, 0)
        self._set(SMPLRT_DIV, DIVIDE_TO_50_HZ)
        self._set(CONFIG, LOW_PASS_20_HZ)
        self._set(GYRO_CONFIG, FS_2000_DPS)
        self._set(ACCEL_CONFIG, FS_8_G)
        self._set_up()
        self._set(FIFO_EN, self.sources)
        self._restart_fifo()

    def _set_up(self) -> None:
        """Set what only this chip has."""

    def _restart_fifo(self) -> None:
        self._set(USER_CTRL, FIFO_RESET)
        self._set(USER_CTRL, FIFO_ON)

    def read(self) -> int:
        """Empty the FIFO into `samples` and return how many came.

        `overrun` then says whether samples before these were dropped.
        """
        size = self._fifo_size()
        count = failures = 0
        for burst, buffer in self._bursts:
            while size >= burst * self.packet_bytes and count + burst <= self.batch_samples:
                try:
                    self._fill_once(FIFO_R_W, buffer)
                except OSError:  # it may have taken bytes with it, and nothing tells how many
                    failures += 1
                    if failures == TRIES:
                        raise
                    self.retries += 1
                    self._drop()
                    size = 0
                    break
                count = self._unpack(burst, count)
                size -= burst * self.packet_bytes
        self.overrun = self._dropped and count > 0
        if self.overrun:
            self._dropped = False
        return count

    def _fifo_size(self) -> int:
        """Return how many bytes wait, after dropping them if there were too many."""
        full = self._get(INT_STATUS) & FIFO_OVERFLOW
        self._fill(FIFO_COUNTH, self._pair)
        size = (self._pair[0] & 0x1F) << 8 | self._pair[1]
        if full or size > self.fifo_bytes - self.packet_bytes:  # or it may run over while being read
            self._drop()
            return 0
        return size

    def _drop(self) -> None:
        self._restart_fifo()
        self._dropped = True

    def _unpack(self, taken: int, count: int) -> int:
        """Take packets apart."""
        data = self._data
        samples = self.samples
        at = 0
        for _ in range(taken):
            rate_at = at + self.rate_at
            for axis in range(3):
                samples[6 * count + axis] = signed(data[at + 2 * axis] << 8 | data[at + 1 + 2 * axis])
                samples[6 * count + 3 + axis] = signed(data[rate_at + 2 * axis] << 8 | data[rate_at + 1 + 2 * axis])
            at += self.packet_bytes
            count += 1
        return count

    def _temperature(self) -> int:
        self._fill(TEMP_OUT_H, self._pair)
        return signed(self._pair[0] << 8 | self._pair[1])

    def invert_interrupt(self, on: bool) -> None:
        """Let INT be high while nothing has moved, or as arm() leaves it: so its wire can be tested."""
        self._set(INT_PIN_CFG, LATCHED | ACTIVE_LOW if on else LATCHED)

    def disarm(self) -> None:
        """End arm(); reset() and start() follow."""
        self._set(INT_ENABLE, 0)
        self._get(INT_STATUS)
        self._set(PWR_MGMT_1, CLOCK_OF_GYROSCOPE)

    async def _answers(self) -> "tuple[list[int], list[int]]":
        """Return by how many counts the means of the axes shift under self-test, at the full scales that are set."""
        acceleration = self._get(ACCEL_CONFIG)
        rate = self._get(GYRO_CONFIG)
        before = await self._mean()
        self._set(ACCEL_CONFIG, acceleration | TEST_AXES)
        self._set(GYRO_CONFIG, rate | TEST_AXES)
        during = await self._mean()
        self._set(ACCEL_CONFIG, acceleration)
        self._set(GYRO_CONFIG, rate)
        shift = [(during[i] - before[i]) // _AVERAGED for i in range(6)]
        return shift[:3], shift[3:]

    async def _mean(self) -> "list[int]":
        """Return the sums of _AVERAGED samples: ax, ay, az, gx, gy, gz."""
        data = bytearray(14)
        total = [0] * 6
        await sleep_ms(_SETTLE_MS)
        for _ in range(_AVERAGED):
            await sleep_ms(_SAMPLE_MS)
            self._fill(ACCEL_XOUT_H, data)
            for i in range(6):
                at = 2 * i if i < 3 else 2 * i + 2  # the temperature lies between
                total[i] += signed(data[at] << 8 | data[at + 1])
        return total
