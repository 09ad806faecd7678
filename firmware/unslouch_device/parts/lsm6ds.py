"""What ST's LSM6DSOX, LSM6DSO and LSM6DS3TR-C have in common: all but the FIFO.

Registers and values: datasheets DS12814 (LSM6DSOX), DS12140 (LSM6DSO), DS11472 (LSM6DS3TR-C), sections "Register
description"; behaviour: application notes AN5272, AN5192, AN5130.
"""

from ..port import sleep_ms
from .registers import Registers, signed

CTRL1_XL = 0x10  # ODR_XL 7:4, FS_XL 3:2, low-pass 1:0
CTRL2_G = 0x11  # ODR_G 7:4, FS_G 3:2, FS_125 1
CTRL3_C = 0x12
CTRL5_C = 0x14  # ST_G 3:2, ST_XL 1:0
CTRL6_C = 0x15
WAKE_UP_SRC = 0x1B
STATUS_REG = 0x1E
OUT_TEMP_L = 0x20
OUTX_L_G = 0x22
OUTX_L_A = 0x28
WAKE_UP_THS = 0x5B
WAKE_UP_DUR = 0x5C
MD1_CFG = 0x5E

SW_RESET = 0x01  # CTRL3_C
BDU_IF_INC = 0x44  # CTRL3_C: no half samples, bursts
H_LACTIVE = 0x20  # CTRL3_C: INT1 is low when active
ODR_26_HZ = 0x20  # CTRL1_XL, CTRL2_G
ODR_52_HZ = 0x30
ODR_208_HZ = 0x50
FS_2_G = 0x00  # CTRL1_XL
FS_4_G = 0x08  # 0.122 mg per count
FS_8_G = 0x0C  # 0.244 mg per count: 1 g = 2**12
FS_2000_DPS = 0x0C  # CTRL2_G: 70 mdps per count
XL_LOW_POWER = 0x10  # CTRL6_C, XL_HM_MODE
ST_ACCELERATION = 0x01  # CTRL5_C, positive
ST_RATE = 0x04
INT1_WAKE_UP = 0x20  # MD1_CFG
WAKE_UP_SEEN = 0x08  # WAKE_UP_SRC
NEW_ACCELERATION = 0x01  # STATUS_REG
NEW_RATE = 0x02

_MG_PER_COUNT = 0.122  # at ±4 g
_SETTLE_MS = 100
_AVERAGED = 5
_PATIENCE_MS = 200  # for a sample in the self-test


class Lsm6ds(Registers):
    """An accelerometer and gyroscope at 52 Hz, ±8 g and ±2000 °/s: wide enough for a knock, and no noisier for it.

    The accelerometer's low-pass is at ODR / 2 = 26 Hz (AN5272, table of the accelerometer's bandwidth), the gyroscope's
    LPF2 follows from the rate alone (16.8 Hz at 52 Hz: AN5272, table of the gyroscope's bandwidth).

    Subclasses add the FIFO (`read()`, `_start_fifo()`, `_stop_fifo()`) and `_enable_interrupts()`. Every method raises
    OSError if the bus fails in spite of repetitions.
    """

    rate_hz = 52
    gyro_dps_per_count = 0.07
    reset_ms = 10  # SW_RESET takes 50 µs, loading the trimming 10 ms
    self_test_mg = (50, 1700)  # what an axis has to answer; "Mechanical characteristics", Vst
    self_test_dps = (150, 700)
    wake_up_steps = 64  # that ±2 g is divided into for WAKE_UP_THS
    wake_up_dur = 0

    def __init__(self, i2c, address: int) -> None:
        super().__init__(i2c, address)
        self._pair = bytearray(2)
        self.overrun = False

    def reset(self) -> None:
        """Begin a software reset; start() follows after reset_ms."""
        self._set(CTRL3_C, SW_RESET)

    def start(self) -> None:
        """Measure into the FIFO."""
        self._set(CTRL3_C, BDU_IF_INC)
        self._set(CTRL1_XL, ODR_52_HZ | FS_8_G)
        self._set(CTRL2_G, ODR_52_HZ | FS_2000_DPS)
        self._start_fifo()

    def temperature_cC(self) -> int:
        """Return the chip's temperature in hundredths of a °C: 256 counts a degree, 0 at 25 °C (table 4)."""
        self._fill(OUT_TEMP_L, self._pair)
        return 2500 + signed(self._pair[0] | self._pair[1] << 8) * 100 // 256

    def _start_fifo(self) -> None:
        """Let both sensors fill the FIFO."""

    def _stop_fifo(self) -> None:
        """Empty the FIFO and leave it so."""

    def _enable_interrupts(self, on: bool) -> None:
        """Let events reach INT1, and stay there until they are read."""

    # Wake-up

    def arm(self, threshold_mg: int = 32) -> None:
        """Stop sampling, and pull INT1 high once the acceleration changes by more than a threshold within 1/26 s.

        Accelerometer alone, low power, slope filter (AN5272, "Wake-up interrupt"). INT1 stays high until moved(). The
        LSM6DS3TR-C knows no threshold below 63 mg.
        """
        self._stop_fifo()
        self._set(CTRL2_G, 0)
        self._set(CTRL6_C, XL_LOW_POWER)
        self._set(CTRL1_XL, ODR_26_HZ | FS_2_G)
        self._set(WAKE_UP_DUR, self.wake_up_dur)
        # The slope is half of the change from sample to sample.
        self._set(WAKE_UP_THS, max(1, min(63, threshold_mg * self.wake_up_steps // 4000)))
        self._enable_interrupts(True)
        self._set(MD1_CFG, INT1_WAKE_UP)

    def moved(self) -> bool:
        """Return whether the armed chip was moved since the last call, and release INT1."""
        return bool(self._get(WAKE_UP_SRC) & WAKE_UP_SEEN)

    def invert_interrupt(self, on: bool) -> None:
        """Let INT1 be high while nothing has moved, or as arm() leaves it: so its wire can be tested."""
        self._set(CTRL3_C, BDU_IF_INC | H_LACTIVE if on else BDU_IF_INC)

    def disarm(self) -> None:
        """End arm(); reset() and start() follow."""
        self._set(MD1_CFG, 0)
        self._enable_interrupts(False)
        self._set(CTRL6_C, 0)
        self.moved()

    # Self-test

    async def self_test(self) -> "tuple[bool, ...]":
        """Push the proof masses electrically and return for ax, ay, az, gx, gy, gz whether the axis answered rightly.

        The sensor must lie still, and nobody else use the chip, for about a second. reset() and start() follow.
        Settings and limits: AN5272, "Self-test"; the datasheet's Vst.
        """
        self._set(CTRL3_C, BDU_IF_INC)
        self._stop_fifo()
        self._set(CTRL1_XL, ODR_52_HZ | FS_4_G)
        self._set(CTRL2_G, 0)
        mg = await self._answer(NEW_ACCELERATION, OUTX_L_A, ST_ACCELERATION)
        self._set(CTRL1_XL, 0)
        self._set(CTRL2_G, ODR_208_HZ | FS_2000_DPS)
        dps = await self._answer(NEW_RATE, OUTX_L_G, ST_RATE)
        self._set(CTRL2_G, 0)
        low_mg, high_mg = self.self_test_mg
        low_dps, high_dps = self.self_test_dps
        return tuple(low_mg <= abs(counts) * _MG_PER_COUNT <= high_mg for counts in mg) + tuple(
            low_dps <= abs(counts) * self.gyro_dps_per_count <= high_dps for counts in dps
        )

    async def _answer(self, new: int, register_id: int, stimulus: int) -> "list[float]":
        """Return by how many counts a sensor's mean shifts under a stimulus."""
        before = await self._mean(new, register_id)
        self._set(CTRL5_C, stimulus)
        during = await self._mean(new, register_id)
        self._set(CTRL5_C, 0)
        return [during[axis] - before[axis] for axis in range(3)]

    async def _mean(self, new: int, register_id: int) -> "list[float]":
        data = bytearray(6)
        total = [0, 0, 0]
        await sleep_ms(_SETTLE_MS)
        for sample in range(_AVERAGED + 1):  # the first is let go
            waited_ms = 0
            while not self._get(STATUS_REG) & new:
                if waited_ms > _PATIENCE_MS:
                    raise OSError(110)  # ETIMEDOUT
                await sleep_ms(1)
                waited_ms += 1
            self._fill(register_id, data)
            if sample:
                for axis in range(3):
                    total[axis] += signed(data[2 * axis] | data[2 * axis + 1] << 8)
        return [axis / _AVERAGED for axis in total]
