"""TI DRV2605L, a haptic driver for an ERM or an LRA (datasheet SLOS854D; setup guide SLOA189).

Patterns are played in real time: the chip holds an amplitude, and in closed loop starts and brakes the actuator faster
than a transistor could.
"""

from ..contract.board_test import TEST_FAILED, TEST_PASSED, TEST_SILENT
from ..port import sleep_ms
from .motor import Motor
from .registers import Registers

ADDRESS = 0x5A

STATUS = 0x00  # DEVICE_ID 7:5, DIAG_RESULT 3
MODE = 0x01  # STANDBY 6, MODE 2:0
RTP_INPUT = 0x02
GO = 0x0C
RATED_VOLTAGE = 0x16
OD_CLAMP = 0x17
A_CAL_COMP = 0x18
A_CAL_BEMF = 0x19
FEEDBACK = 0x1A  # N_ERM_LRA 7, FB_BRAKE_FACTOR 6:4, LOOP_GAIN 3:2, BEMF_GAIN 1:0
CONTROL1 = 0x1B  # STARTUP_BOOST 7, DRIVE_TIME 4:0
CONTROL3 = 0x1D  # NG_THRESH 7:6, ERM_OPEN_LOOP 5, DATA_FORMAT_RTP 3

STANDBY = 0x40  # MODE
REAL_TIME_PLAYBACK = 0x05
DIAGNOSTICS = 0x06
AUTO_CALIBRATION = 0x07
FAILED = 0x08  # STATUS
IS_LRA = 0x80  # FEEDBACK
BRAKE_4_GAIN_MEDIUM = 0x36  # as after power-up
BEMF_GAIN = 0x03
STARTUP_BOOST = 0x80  # CONTROL1
OPEN_LOOP = 0xA0  # CONTROL3: ERM only
CLOSED_LOOP = 0x80
FULL = 127  # RTP_INPUT, signed

_CALIBRATION_MS = 1400  # CONTROL4, AUTO_CAL_TIME: 700 ms at most, and as much again
_POLL_MS = 20


class Drv2605(Registers):
    """The chip, which takes a PWM's place: duty_u16() sets the amplitude. It never raises: a motor is not worth it.

    rated_mV: what the actuator is made for, for an LRA its root mean square. clamp_mV: what it may get for a moment
    while it starts or stops. lra_hz: an LRA's resonance, 0 for an ERM. calibration: what calibrate() returned once.
    """

    def __init__(self, i2c, rated_mV: int, clamp_mV: int, lra_hz: int = 0, calibration=None) -> None:
        super().__init__(i2c, ADDRESS)
        self._rated_mV = rated_mV
        self._clamp_mV = clamp_mV
        self._lra_hz = lra_hz
        self._calibration = calibration
        self._is_set_up = False
        self.bus_errors = 0

    @property
    def calibrated(self) -> bool:
        """Whether calibrate() has succeeded, now or once."""
        return self._calibration is not None

    def duty_u16(self, duty: int) -> None:
        """Drive the actuator at 0 to 65535 of its rated voltage; at 0 in closed loop the chip brakes."""
        try:
            if not self._is_set_up:
                self._set_up()
            self._set(RTP_INPUT, duty * FULL // 65535)
            if duty:
                self._set(MODE, REAL_TIME_PLAYBACK)
        except OSError:
            self._lose()

    def sleep(self) -> None:
        """Let the actuator rest and the chip take its standby current."""
        try:
            self._set(RTP_INPUT, 0)
            self._set(MODE, STANDBY)
        except OSError:
            self._lose()

    def _lose(self) -> None:
        self.bus_errors += 1
        self._is_set_up = False  # it may have lost its supply, and with it its settings

    def _set_up(self) -> None:
        lra_hz = self._lra_hz
        self._set(MODE, 0)
        if lra_hz:
            # "Rated Voltage Programming", with SAMPLE_TIME at its 300 µs; the clamp is a peak.
            rated = self._rated_mV * (1 - 0.0015 * lra_hz) ** 0.5 / 20.58
            clamp = self._clamp_mV / 21.22
            self._set(CONTROL1, STARTUP_BOOST | min(31, max(0, 5000 // lra_hz - 5)))  # half a period in steps of 0.1 ms
        elif self._calibration is None:
            rated = 0
            clamp = self._rated_mV / 21.59  # in open loop the clamp is what full scale means
        else:
            rated = self._rated_mV / 21.18
            # "Overdrive Voltage-Clamp Programming": of 4.8 ms of driving 0.3 are lost, and 0.15 of pauses follow.
            clamp = self._clamp_mV / 21.64 * 4.95 / 4.5
        self._set(RATED_VOLTAGE, min(255, round(rated)))
        self._set(OD_CLAMP, min(255, round(clamp)))
        feedback = BRAKE_4_GAIN_MEDIUM | (IS_LRA if lra_hz else 0)
        if self._calibration is not None:
            compensation, back_emf, gain = self._calibration
            self._set(A_CAL_COMP, compensation)
            self._set(A_CAL_BEMF, back_emf)
            feedback = feedback & ~BEMF_GAIN | gain
        self._set(FEEDBACK, feedback)
        self._set(CONTROL3, CLOSED_LOOP if lra_hz or self._calibration is not None else OPEN_LOOP)
        self._is_set_up = True

    async def calibrate(self) -> "tuple[int, int, int] | None":
        """Let the chip get to know its actuator, which vibrates for about a second, and return what it found.

        That is to be kept, and given again after a restart. None: there is no actuator, or one of another kind. Raises
        OSError where the bus fails. Steps: SLOS854D, "Auto-Calibration Procedure".
        """
        self._calibration = (0x0C, 0x6C, BRAKE_4_GAIN_MEDIUM & BEMF_GAIN)  # as after power-up; closed loop from here on
        self._set_up()
        failed = not await self._run(AUTO_CALIBRATION)
        self._calibration = None
        if not failed:
            self._calibration = (self._get(A_CAL_COMP), self._get(A_CAL_BEMF), self._get(FEEDBACK) & BEMF_GAIN)
        self._is_set_up = False
        return self._calibration

    async def diagnose(self) -> bool:
        """Return whether an actuator of the right kind is there and whole; it moves for a moment.

        Raises OSError where the bus fails. MODE 6, "Diagnostics", of SLOS854D.
        """
        self._set_up()
        return await self._run(DIAGNOSTICS)

    async def _run(self, mode: int) -> bool:
        """Let the chip do what GO starts, and return whether it found no fault. Raises OSError where the bus fails."""
        self._set(MODE, mode)
        self._set(GO, 1)
        waited_ms = 0
        while self._get(GO) & 1 and waited_ms < _CALIBRATION_MS:
            await sleep_ms(_POLL_MS)
            waited_ms += _POLL_MS
        passed = not (self._get(STATUS) & FAILED or self._get(GO) & 1)
        self._set(GO, 0)
        self._set(MODE, STANDBY)
        return passed


class HapticMotor(Motor):
    """A Motor that is driven by a DRV2605L."""

    _brake_ms = 50  # which standby would cut off

    def __init__(self, chip: Drv2605) -> None:
        super().__init__(chip)
        self.chip = chip

    @property
    def calibrated(self) -> bool:  # type: ignore[override]
        """Whether the driver knows its motor."""
        return self.chip.calibrated

    @property
    def bus_errors(self) -> int:  # type: ignore[override]
        """How often the driver could not be reached."""
        return self.chip.bus_errors

    async def calibrate(self) -> "tuple[int, int, int] | None":
        """Let the driver get to know its motor: see Drv2605."""
        self._pattern_number += 1  # whatever plays, stops
        self.running = True
        try:
            return await self.chip.calibrate()
        finally:
            self.off()

    async def test(self) -> int:
        """Return TEST_… of contract.board_test: the driver finds out whether its motor is there."""
        self._pattern_number += 1
        self.running = True
        try:
            return TEST_PASSED if await self.chip.diagnose() else TEST_FAILED
        except OSError:
            return TEST_SILENT
        finally:
            self.off()

    def off(self) -> None:
        """Stop at once."""
        super().off()
        self.chip.sleep()
