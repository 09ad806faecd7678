"""M5StickC Plus2: ESP32, MPU6886 and cell in one, worn with the screen away from the back, a vibrator on its header.

Pins: docs.m5stack.com, M5StickC PLUS2, "PinMap"; devices.esphome.io/devices/M5Stack-M5StickC-PLUS2.
"""

NAME = "M5StickC Plus2"

I2C_ID = 0
I2C_SDA = 21
I2C_SCL = 22
I2C_HZ = 400_000

# (pin, level), driven before anything else. GPIO 4 keeps the supply on while it is high; M5 gives 100 ms for it, during
# which the button is to be held. GPIO 27 lights the screen.
FIRST_LEVELS = ((4, 1), (27, 0))
IMU = "mpu6886"
IMU_INT_PIN = None  # no pin of the ESP32 is known to carry it
BUTTON_PIN = 37  # button A, to ground; the board has its pull-up, since the chip has none for GPIO 34 to 39
LED_PIN = 19  # the red LED, and the infrared one with it
LED_ON = 1
MOTOR = "erm"  # or "drv2605-erm", "drv2605-lra": on the I2C bus
MOTOR_PIN = 26  # G26 on the header: M5's Vibrator Hat, or a motor behind a transistor
MOTOR_RATED_mV = 3000  # this and the next two matter to a DRV2605L only
MOTOR_CLAMP_mV = 3600
MOTOR_HZ = 0  # an LRA's resonance
BATTERY_PIN = 38  # behind a divider on the board
BATTERY_DIVIDER = 2
EXTERNAL_POWER_PIN = None  # nothing on the board senses USB: see parts.power

# The sensor as it is worn: Z out of the screen, and so out of the back; Y along the stick, towards the head.
FORWARD = (0, 0, 1)  # where up leans to in a bow
SPARE = (0, -1, 0)  # the same for a sensor worn with FORWARD upwards

JOURNAL_BYTES = 27 * 65_432  # segments: 14 days of 12 h, in a filesystem of 2 MiB beside two packs of firmware
