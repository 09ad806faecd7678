"""The chips: what touches I2C and pins."""
