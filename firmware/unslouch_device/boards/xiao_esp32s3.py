"""Seeed XIAO ESP32-S3 with an LSM6DSOX breakout, an ERM motor behind a transistor, and a protected LiPo cell.

Pins: wiki.seeedstudio.com/xiao_esp32s3_getting_started. GPIO 1 to 10 measure voltages, and 0 to 21 wake the chip from
sleep (ESP32-S3 datasheet, "ADC", "RTC IO").
"""

NAME = "XIAO ESP32-S3"

I2C_ID = 0
I2C_SDA = 5
I2C_SCL = 6
I2C_HZ = 400_000

FIRST_LEVELS = ()  # (pin, level), driven before anything else
IMU = "lsm6dsox"
IMU_INT_PIN = 2  # D1
BUTTON_PIN = 0  # the XIAO's own button marked B (boot), to ground; it only matters to the ROM while the chip starts
LED_PIN = 21  # the user LED
LED_ON = 0
MOTOR = "erm"  # or "drv2605-erm", "drv2605-lra": on the I2C bus
MOTOR_PIN = 7  # D8, the transistor's gate
MOTOR_RATED_mV = 3000  # this and the next two matter to a DRV2605L only
MOTOR_CLAMP_mV = 3600
MOTOR_HZ = 0  # an LRA's resonance
BATTERY_PIN = 1  # A0, behind 2 × 220 kΩ from the cell
BATTERY_DIVIDER = 2
EXTERNAL_POWER_PIN = 4  # D3, behind a divider from 5 V

# The sensor as it is worn: X towards the head, Z out of the back. Upright itself comes from calibrating.
FORWARD = (0, 0, 1)  # where up leans to in a bow
SPARE = (-1, 0, 0)  # the same for a sensor worn with FORWARD upwards

JOURNAL_BYTES = 27 * 65_432  # segments: 14 days of 12 h, in a filesystem of 2 MiB beside two packs of firmware
