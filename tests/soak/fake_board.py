"""A board for the soak, in MicroPython itself: an LSM6DSOX with loops of samples in its FIFO, pins, and faults."""

import math
import random

from unslouch_device.boards import xiao_esp32s3 as wiring

RATE_HZ = (0, 12.5, 26, 52, 104, 208)  # by the code in CTRL1_XL
FIFO_SAMPLES = 256
LOOP_SAMPLES = 208
SAMPLE_BYTES = 14  # a word of rate and a word of acceleration
COUNTS_PER_G = 4096  # ±8 g
COUNTS_PER_DPS = 1 / 0.07
_FIFO_STATUS1 = 0x3A
_FIFO_DATA = 0x78
_OUT_TEMP = 0x20
_WHO_AM_I = 0x0F
_WAKE_UP_SRC = 0x1B
_WAKE_UP_SEEN = 0x08
_ADDRESS = 0x6A


class Reset(Exception):
    """The board resets itself."""


class DeepSleep(Exception):
    """The firmware called machine.deepsleep()."""


def render(forward_deg: float, lateral_deg: float = 0.0, shake_g: float = 0.0, tremble_dps: float = 0.8) -> bytes:
    """Return LOOP_SAMPLES samples of somebody in a pose, as FIFO words; shaken twice a second as walking does."""
    forward, lateral = math.radians(forward_deg), math.radians(lateral_deg)
    up = (math.cos(lateral) * math.cos(forward), math.sin(lateral), math.cos(lateral) * math.sin(forward))
    words = bytearray()
    for i in range(LOOP_SAMPLES):
        bounce = 1 + shake_g * math.sin(i * 2 * math.pi * 8 / LOOP_SAMPLES)
        acceleration = [round((axis * bounce + random.uniform(-0.004, 0.004)) * COUNTS_PER_G) for axis in up]
        rate = [round(random.uniform(-tremble_dps, tremble_dps) * COUNTS_PER_DPS) for _ in range(3)]
        for tag, values in ((1, rate), (2, acceleration)):
            words.append(tag << 3)
            for value in values:
                words.extend(bytes((value & 0xFF, value >> 8 & 0xFF)))
    return bytes(words)


class Imu:
    """As much of an LSM6DSOX as the firmware asks for, at the pace of the world."""

    def __init__(self, now_ms) -> None:
        self._now_ms = now_ms
        self._registers = bytearray(128)
        self._since_ms = 0
        self._read = 0  # samples, since it was started
        self._at = 0  # in the loop
        self._overrun = self._moved = False
        self._loop = b""
        self.temperature_cC = 3300

    def wear(self, loop: bytes) -> None:
        """Go on with another loop of samples; getting there is a motion."""
        self._moved = self._moved or loop is not self._loop
        self._loop = loop

    def write(self, register: int, data: bytes) -> None:
        self._registers[register] = data[0]
        if register in (0x0A, 0x10, 0x12):  # FIFO mode, rate, reset
            if register == 0x12 and data[0] & 1:
                self._registers = bytearray(128)
            self._since_ms = self._now_ms()
            self._read = 0

    def interrupt_level(self) -> int:
        """The level of INT1, which shows that an armed chip was moved."""
        moved = self._moved and bool(self._registers[0x5E] & 0x20)
        return int(moved != bool(self._registers[0x12] & 0x20))

    def read(self, register: int, buffer) -> None:
        if register == _FIFO_DATA:
            self._pop(buffer)
            return
        if register == _WHO_AM_I:
            buffer[0] = 0x6C
        elif register == _WAKE_UP_SRC:
            buffer[0] = _WAKE_UP_SEEN if self._moved else 0
            self._moved = False
        elif register == _FIFO_STATUS1:
            words = 2 * self._waiting()
            buffer[0] = words & 0xFF
            buffer[1] = words >> 8 | (0x40 if self._overrun else 0)
        elif register == _OUT_TEMP:
            counts = (self.temperature_cC - 2500) * 256 // 100
            buffer[0] = counts & 0xFF
            buffer[1] = counts >> 8 & 0xFF
        else:
            for i in range(len(buffer)):
                buffer[i] = self._registers[register + i]

    def _waiting(self) -> int:
        rate_hz = RATE_HZ[self._registers[0x10] >> 4]
        if not self._registers[0x0A]:
            rate_hz = 0
        due = int((self._now_ms() - self._since_ms) * rate_hz / 1000)
        self._overrun = due - self._read > FIFO_SAMPLES
        if self._overrun:
            self._read = due - FIFO_SAMPLES
        return due - self._read

    def _pop(self, buffer) -> None:
        samples = len(buffer) // SAMPLE_BYTES
        self._read += samples
        done = 0
        while done < samples:
            count = min(samples - done, LOOP_SAMPLES - self._at)
            begin = self._at * SAMPLE_BYTES
            buffer[done * SAMPLE_BYTES : (done + count) * SAMPLE_BYTES] = self._loop[
                begin : begin + count * SAMPLE_BYTES
            ]
            self._at = (self._at + count) % LOOP_SAMPLES
            done += count


class Board:
    """The parts that survive a reset: chips, cell, cable, button, RTC memory, and the faults of the bus."""

    def __init__(self, clock) -> None:
        self.clock = clock
        self.imu = Imu(clock.now_ms)
        self.cell_mV = 4000
        self.external = False
        self.outage_until_ms = 0
        self.pressed_until_ms = 0
        self.touched = None  # the firmware's interrupt
        self.rtc_memory = b""
        self.faulty = True
        self.wake_reason = 0
        self.wakes_by_button = self.wakes_by_motion = False
        self.transfers = self.failures = 0

    def time_s(self) -> int:
        """What time.time() is."""
        return self.clock.now_ms() // 1000

    def is_woken(self) -> int:
        """Return which pin ends deep sleep now, as machine.wake_reason() says it; 0 for none."""
        if self.clock.now_ms() < self.pressed_until_ms and self.wakes_by_button:
            return 2
        return 3 if self.external or (self.wakes_by_motion and self.imu.interrupt_level()) else 0

    def press(self, duration_ms: int) -> None:
        """Hold the button down from now on."""
        self.pressed_until_ms = self.clock.now_ms() + duration_ms
        if self.touched is not None:
            self.touched(None)

    def transfer(self, address: int) -> None:
        """Let a transfer on the bus fail now and then; raises OSError, as it does where no chip is."""
        if address != _ADDRESS:
            raise OSError(19)
        self.transfers += 1
        if self.faulty and (self.clock.now_ms() < self.outage_until_ms or not random.getrandbits(9)):
            self.failures += 1
            raise OSError(5)

    def esp32(self):
        """Return a substitute for the module `esp32` for one boot."""
        board = self
        board.wakes_by_button = board.wakes_by_motion = False

        class Esp32:
            WAKEUP_ANY_HIGH = True

            @staticmethod
            def wake_on_ext0(pin, level):
                board.wakes_by_button = True

            @staticmethod
            def wake_on_ext1(pins, level):
                board.wakes_by_motion = wiring.IMU_INT_PIN in [pin.number for pin in pins]

        return Esp32

    def machine(self, cause: int):
        """Return a substitute for the module `machine` for one boot."""
        board = self
        clock = self.clock

        class Machine:
            class Pin:
                IN = 1
                OUT = 3
                PULL_DOWN = 1
                PULL_UP = 2
                IRQ_FALLING = 2

                def __init__(self, number, mode=-1, pull=-1, value=None, hold=None):
                    self.number = number

                def init(self, mode, pull):
                    pass

                def irq(self, handler, trigger):
                    board.touched = handler

                def value(self, level=None):
                    if self.number == wiring.BUTTON_PIN:
                        return int(clock.now_ms() >= board.pressed_until_ms)
                    if self.number == wiring.IMU_INT_PIN:
                        return board.imu.interrupt_level()
                    return int(board.external)

            class PWM:
                def __init__(self, pin, freq, duty_u16):
                    pass

                def duty_u16(self, duty):
                    pass

            class ADC:
                ATTN_11DB = 3

                def __init__(self, pin, atten):
                    pass

                def read_uv(self):
                    return board.cell_mV * 1000 // wiring.BATTERY_DIVIDER

            class I2C:
                def __init__(self, id, scl, sda, freq):
                    pass

                def readfrom_mem_into(self, address, register, buffer):
                    board.transfer(address)
                    board.imu.read(register, buffer)

                def writeto_mem(self, address, register, data):
                    board.transfer(address)
                    board.imu.write(register, data)

            class WDT:
                def __init__(self, timeout):
                    pass

                def feed(self):
                    """Time stands still here while a task works."""

            class RTC:
                def memory(self, data=None):
                    if data is None:
                        return board.rtc_memory
                    board.rtc_memory = bytes(data)

            @staticmethod
            def lightsleep(time_ms):
                clock.let_pass(time_ms)

            @staticmethod
            def idle():
                """Let others work, of whom there are none."""

            HARD_RESET = 2
            WDT_RESET = 3
            DEEPSLEEP_RESET = 4

            @staticmethod
            def reset():
                raise Reset

            @staticmethod
            def deepsleep(time_ms=None):
                """Sleep; without a time only a pin ends it."""
                raise DeepSleep(time_ms)

            @staticmethod
            def unique_id():
                return b"soak0000"

            @staticmethod
            def reset_cause():
                return cause

            EXT0_WAKE = 2
            TIMER_WAKE = 4

            @staticmethod
            def wake_reason():
                return board.wake_reason

        return Machine
