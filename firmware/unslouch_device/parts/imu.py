"""The motion sensor, whichever chip it is.

Every chip's class offers reset() and, reset_ms later, start(); read() → how many samples are in `samples`, with
`overrun`; rate_hz, gyro_dps_per_count, batch_samples, temperature_cC(), retries; arm(threshold_mg), moved(),
invert_interrupt(on) and disarm() for waking on motion; self_test(); and `part`, its module's name. Only the module of
the chip that is there gets loaded.
"""

from .registers import TRIES

LSM6DSOX = "lsm6dsox"  # and LSM6DSO
LSM6DS3TRC = "lsm6ds3trc"
MPU6886 = "mpu6886"
MPU6050 = "mpu6050"

_KNOWN = (  # addresses (address pin low, high), where WHO_AM_I is, what it says; sources: the chips' own modules
    ((0x6A, 0x6B), 0x0F, 0x6C, LSM6DSOX),
    ((0x6A, 0x6B), 0x0F, 0x6A, LSM6DS3TRC),
    ((0x68, 0x69), 0x75, 0x19, MPU6886),
    ((0x68, 0x69), 0x75, 0x68, MPU6050),
)


def find(i2c, expected: str = ""):
    """Return the chip on a bus. Where none answers with an id that is known, return the expected one all the same.

    That one can then be started as soon as it answers. Raises OSError if none was expected.
    """
    who = bytearray(1)
    for addresses, register_id, id, name in _KNOWN * TRIES:
        for address in addresses:
            try:
                i2c.readfrom_mem_into(address, register_id, who)
            except OSError:
                continue
            if who[0] == id:
                try:
                    return _made(name, i2c, address)
                except ImportError:  # of a chip that came after the firmware: `unslouch flash` has to be run again
                    continue
    for addresses, _, _, name in _KNOWN:
        if name == expected:
            return _made(name, i2c, addresses[0])
    raise OSError(19)  # ENODEV


def _made(name: str, i2c, address: int):
    chip = _class_of(name)(i2c, address)
    chip.part = name
    return chip


def _class_of(name: str):
    if name == LSM6DSOX:
        from .lsm6dsox import Lsm6dsox

        return Lsm6dsox
    if name == LSM6DS3TRC:
        from .lsm6ds3trc import Lsm6ds3trc

        return Lsm6ds3trc
    if name == MPU6886:
        from .mpu6886 import Mpu6886

        return Mpu6886
    from .mpu6050 import Mpu6050

    return Mpu6050
