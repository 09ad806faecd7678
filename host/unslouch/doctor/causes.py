"""What can be wrong with a set-up: each cause with its symptom, its explanation and its cure.

`unslouch doctor` names a cause by its id; docs/troubleshooting.md lists all by symptom, with the id as anchor.
"""

from dataclasses import dataclass

from unslouch.sensor.deep_sleep import DeepSleep
from unslouch_device.contract.records import ASLEEP_BY_HAND, ASLEEP_EMPTY, ASLEEP_OFF_BODY


@dataclass(frozen=True)
class Cause:
    """One thing that can be wrong."""

    id: str
    symptom: str
    """What the user sees, as the start of a row: rows are sorted by it."""
    explanation: str
    cure: str


_NO_PORT = "No sensor is found over the cable"
_NOT_OPENED = "The port can't be opened"
_NO_ANSWER = "The port opens, but no sensor answers"
_FLASH = "`unslouch flash` fails"
_NO_BLUETOOTH = "No sensor is found over Bluetooth"
_MEASURES_WRONG = "The tilt is wrong, noisy or missing"
_RESTARTS = "The sensor restarts or loses data"
_LOG = "The log has gaps or uncertain times"


def _cure_of(why: int) -> str:
    """Return what ends a deep sleep on a board whose button can end it."""
    return DeepSleep(why, button_wakes=True).remedy.capitalize()


_ALL = (
    Cause(
        "no-board",
        _NO_PORT,
        "No board that could be a sensor is plugged in, or its cable only charges: many cables carry no data.",
        "Plug it in with a cable that has carried data before, straight into the computer. If its light "
        "comes on and this stays, take another cable.",
    ),
    Cause(
        "brltty",
        _NO_PORT,
        "The program brltty, for braille displays, takes every USB bridge of this kind for a display and "
        "removes its port.",
        "If you use no braille display: `sudo apt remove brltty` (or mask brltty-udev.service), then plug "
        "the board in again.",
    ),
    Cause(
        "no-port",
        _NO_PORT,
        "The board is plugged in, but the system made no serial port for it.",
        "Unplug it and plug it in again. On Linux, `sudo modprobe cdc_acm cp210x ch341` loads the drivers; "
        "on Windows, install the driver of the bridge.",
    ),
    Cause(
        "port-group",
        _NOT_OPENED,
        "You don't belong to the group that may open serial ports.",
        "`sudo usermod -a -G GROUP $USER` with the group that is named, then log out and in again.",
    ),
    Cause(
        "login-again",
        _NOT_OPENED,
        "You were added to the group that may open serial ports, but this session began before that.",
        "Log out and in again, or restart the computer.",
    ),
    Cause(
        "port-busy",
        _NOT_OPENED,
        "Another program has the port open.",
        "End the program that is named: a terminal, mpremote, an IDE, or another unslouch that is stuck.",
    ),
    Cause(
        "modem-manager",
        _NOT_OPENED,
        "ModemManager takes the board for a modem and holds its port for up to half a minute after it was plugged in.",
        "Wait half a minute. For good: `sudo apt remove modemmanager` if you have no mobile modem, or a udev rule with "
        'ENV{ID_MM_DEVICE_IGNORE}="1" for the board\'s vendor.',
    ),
    Cause(
        "no-firmware",
        _NO_ANSWER,
        "MicroPython runs on the board, but not our firmware.",
        "Run `unslouch flash`.",
    ),
    Cause(
        "rom-loader",
        _NO_ANSWER,
        "The chip waits in its ROM's loader: its BOOT button was held while it started, or no MicroPython is on it.",
        "Press its reset button. If this stays, install MicroPython: `unslouch flash --micropython FILE`.",
    ),
    Cause(
        "other-program",
        _NO_ANSWER,
        "What answers on the port is neither our firmware nor MicroPython's prompt.",
        "Name the right port with --sensor. To install on this board, hold its BOOT button while you plug "
        "it in, then run "
        "`unslouch flash --micropython FILE`.",
    ),
    Cause(
        "silent",
        _NO_ANSWER,
        "Nothing answers on the port: the board hangs, or another device is behind it.",
        "Press its reset button. If this stays, hold its BOOT button while you plug it in, then run "
        "`unslouch flash --micropython FILE`.",
    ),
    Cause(
        "other-protocol",
        _NO_ANSWER,
        "Firmware and host speak different versions of the protocol.",
        "Bring the older one up to date: `unslouch flash` for the sensor, your package manager for unslouch.",
    ),
    Cause(
        "boot-not-held",
        _FLASH,
        "The chip runs its program, so the loader that writes MicroPython doesn't answer.",
        "Hold the BOOT button (B on a XIAO) while you plug the cable in, let go, and repeat.",
    ),
    Cause(
        "wrong-build",
        _FLASH,
        "This build of MicroPython has too little memory for the firmware: it doesn't use the board's "
        "PSRAM, or the board has none.",
        "Get the build that is named, and run `unslouch flash --micropython FILE`.",
    ),
    Cause(
        "old-micropython",
        _FLASH,
        "The MicroPython on the board is too old, or it is another Python.",
        "Get the build that is named, and run `unslouch flash --micropython FILE`.",
    ),
    Cause(
        "update-refused",
        _FLASH,
        "Over Bluetooth, the sensor refuses new firmware: its battery is below 30 % or can't be measured, the firmware "
        "that it runs is itself on trial, or the new one needs a later main.py or more memory.",
        "Charge it, or plug it in and run `unslouch flash`: the cable can do all of it. Firmware on trial proves "
        "itself within minutes of reaching a computer; then repeat.",
    ),
    Cause(
        "update-taken-back",
        _FLASH,
        "Firmware that was sent over Bluetooth crashed, or no computer reached it within 30 min awake. The sensor went "
        "back to the one before it.",
        "Repeat with the sensor near and its button pressed once it restarts. If it goes back again, "
        "`unslouch diagnostics --crash` shows why; please report it, and install by cable.",
    ),
    Cause(
        "no-adapter",
        _NO_BLUETOOTH,
        "This computer has no Bluetooth adapter that works.",
        "Plug one in, or use the cable. In a virtual machine, pass the adapter through.",
    ),
    Cause(
        "bluetooth-off",
        _NO_BLUETOOTH,
        "Bluetooth is switched off, by a key, in the settings or in the firmware set-up.",
        "Switch it on; on Linux, `rfkill unblock bluetooth`, and the key or switch on the case if it is "
        "blocked by hardware.",
    ),
    Cause(
        "no-bluez",
        _NO_BLUETOOTH,
        "The system's Bluetooth service isn't running.",
        "On Linux, install BlueZ and run `sudo systemctl enable --now bluetooth`.",
    ),
    Cause(
        "bluetooth-denied",
        _NO_BLUETOOTH,
        "This program may not use Bluetooth.",
        "On macOS, allow it for your terminal program in System Settings > Privacy & Security > Bluetooth; "
        "on Linux, add "
        "yourself to the group bluetooth and log in again.",
    ),
    Cause(
        "not-paired",
        _NO_BLUETOOTH,
        "Sensor and computer have never been paired, and a sensor shows a stranger nothing.",
        "Hold its button for 3 s and run `unslouch pair` within 2 min, or pair over the cable.",
    ),
    Cause(
        "bond-lost",
        _NO_BLUETOOTH,
        "The pairing was lost on one side: the sensor was erased, or this computer forgot it.",
        "Hold the sensor's button for 3 s and run `unslouch pair` within 2 min, which forgets the old pairing first.",
    ),
    Cause(
        "out-of-reach",
        _NO_BLUETOOTH,
        "The sensor isn't heard: it is too far away, or resting between two windows. If this computer was not linked "
        "with it lately, it may also be asleep, switched off or empty.",
        "Go nearer and press its button. If that doesn't help, plug it in.",
    ),
    Cause(
        "asleep",
        _NO_BLUETOOTH,
        "The sensor sleeps: it was taken off half an hour ago or earlier.",
        f"{_cure_of(ASLEEP_OFF_BODY)}; a XIAO ESP32-C6 doesn't wake by its button.",
    ),
    Cause(
        "switched-off",
        _NO_BLUETOOTH,
        "The sensor was switched off by its button, which was held for 6 s.",
        f"{_cure_of(ASLEEP_BY_HAND)}; a XIAO ESP32-C6 is switched on by the cable only.",
    ),
    Cause(
        "empty",
        _NO_BLUETOOTH,
        "The sensor's battery is empty, or was almost empty when this computer was last linked with it.",
        f"{_cure_of(ASLEEP_EMPTY)}; what it had recorded is kept.",
    ),
    Cause(
        "old-firmware",
        "A feature is missing",
        "The sensor runs another firmware version than the one that this computer has.",
        "Run `unslouch flash`: journal, settings and calibrations stay.",
    ),
    Cause(
        "imu-silent",
        _MEASURES_WRONG,
        "The motion sensor doesn't answer.",
        "Check its five wires: VIN to 3V3, GND, SDA and SCL not swapped, its address pin open. Then reset the board.",
    ),
    Cause(
        "imu-bus",
        _MEASURES_WRONG,
        "The wires between board and motion sensor fail now and then.",
        "Shorten the wires, solder them anew, or use stronger pull-ups (2.2 to 4.7 kΩ).",
    ),
    Cause(
        "imu-faulty",
        _MEASURES_WRONG,
        "The motion sensor fails its own test.",
        "Repeat with the sensor lying still. If an axis fails again, the chip is faulty: replace the breakout.",
    ),
    Cause(
        "noise",
        _MEASURES_WRONG,
        "The tilt of a sensor that lies still moves more than it should.",
        "Lay it on a firm table away from fans and music and repeat. If this stays, check the motion "
        "sensor's supply and ground wires.",
    ),
    Cause(
        "axes",
        _MEASURES_WRONG,
        "Leaning forward doesn't raise the forward tilt, or leaning right doesn't raise the tilt to the right.",
        "Calibrate again, with the bow: `unslouch calibrate`. If you skip the bow, the board file's "
        "FORWARD has to fit how the sensor is worn.",
    ),
    Cause(
        "uncalibrated",
        _MEASURES_WRONG,
        "The active profile has no calibration, so the sensor doesn't know your upright.",
        "Sit upright and run `unslouch calibrate`.",
    ),
    Cause(
        "moved",
        _MEASURES_WRONG,
        "You walk differently from usual: the sensor may sit elsewhere than in the calibration.",
        "Sit upright and run `unslouch rezero`, or calibrate anew.",
    ),
    Cause(
        "crashes",
        _RESTARTS,
        "The firmware crashed several times in a row.",
        "`unslouch diagnostics --crash` shows where; please report it. `unslouch flash` brings the newest version.",
    ),
    Cause(
        "watchdog",
        _RESTARTS,
        "The watchdog restarted the sensor: one of its tasks hung.",
        "If it happens again, please report it with `unslouch diagnostics --json`.",
    ),
    Cause(
        "memory",
        _RESTARTS,
        "The sensor was close to running out of memory.",
        "Restart it. If this stays, install a MicroPython build that uses PSRAM: `unslouch flash` names it.",
    ),
    Cause(
        "flash-errors",
        _RESTARTS,
        "The sensor's flash memory can't be written reliably.",
        "Fetch its records now with `unslouch record`. If errors go on, replace the board.",
    ),
    Cause(
        "samples-lost",
        _RESTARTS,
        "The sensor lost samples of its motion sensor: something kept it busy for too long.",
        "Restart it. If this stays, please report it with `unslouch diagnostics --json`.",
    ),
    Cause(
        "battery-low",
        _RESTARTS,
        "The sensor's battery is almost empty.",
        "Charge it.",
    ),
    Cause(
        "journal-full",
        _LOG,
        "The sensor's journal is full: the oldest records that no computer has fetched are dropped.",
        "Fetch them now with `unslouch record`, and at least once a fortnight.",
    ),
    Cause(
        "clock",
        _LOG,
        "The time of some of today's records is uncertain: no computer met the sensor before it restarted, "
        "or clocks disagree.",
        "Set this computer's clock by the network, and let `unslouch record` or the dashboard run once a day.",
    ),
    Cause(
        "database",
        _LOG,
        "The database is damaged or can't be read.",
        "Restore a backup (`unslouch restore`); what the sensor still holds is fetched again.",
    ),
)
CAUSES = {cause.id: cause for cause in _ALL}
"""By id, in the order in which the doctor looks."""
