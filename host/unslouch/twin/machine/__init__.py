"""A stand-in for MicroPython's module `machine`: pins, the I2C bus, sleep, resets and the watchdog."""
