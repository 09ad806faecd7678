"""The vibration motor that a board file names."""

ERM = "erm"  # behind a transistor on MOTOR_PIN
DRV2605_ERM = "drv2605-erm"  # on the I2C bus
DRV2605_LRA = "drv2605-lra"
_PWM_HZ = 20000  # above hearing


def motor_of(board, machine, i2c, calibration=None):
    """Return the board's motor: play(pattern, strength_percent, urgent), running, off(), calibrated, calibrate().

    calibration: what calibrate() returned once, if ever.
    """
    if board.MOTOR == ERM:
        from .motor import Motor

        return Motor(machine.PWM(machine.Pin(board.MOTOR_PIN, machine.Pin.OUT), freq=_PWM_HZ, duty_u16=0))
    from .drv2605 import Drv2605, HapticMotor

    lra_hz = board.MOTOR_HZ if board.MOTOR == DRV2605_LRA else 0
    return HapticMotor(Drv2605(i2c, board.MOTOR_RATED_mV, board.MOTOR_CLAMP_mV, lra_hz, calibration))
