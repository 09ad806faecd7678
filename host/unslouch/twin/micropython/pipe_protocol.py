"""What the twin and a MicroPython of its own say over pipes; both import it, so it is plain for both."""

# A request: operation, I2C address, register or pin, length or value, the world's time in µs; I2C_WRITE's data follows.
# Its answer: 0 or the number of an OSError; after 0 what was read: I2C_READ's bytes, a pin's level as a byte, or the
# ADC's microvolts as ADC_FORMAT.
REQUEST_FORMAT = "<BBBHQ"
ADC_FORMAT = "<I"
I2C_READ = 0
I2C_WRITE = 1
PIN_READ = 2
ADC_READ = 3
PWM_WRITE = 4
