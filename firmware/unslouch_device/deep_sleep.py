"""Deep sleep: what ends it, the mark that it leaves in RTC memory, and whether a board that wakes sleeps on.

Deep sleep loses RAM, and the board starts again after it. RTC memory and the clock behind `time.time()` go on; that
clock may be 5 % wrong (ESP-IDF's issue 11363). `start` asks sleep_on() before it loads the app, so that a board which
has nothing to do needs only a moment. root/main.py knows MARK: a boot that follows a marked deep sleep is no try.
"""

import struct
from binascii import crc32

MARK = b"zzz"
OFF_BODY = 1  # why: nobody wears it
EMPTY = 2  # the cell is empty
BY_HAND = 3  # the wearer has switched it off
NO_PIN = -1
ANY_MV = 0xFFFF
NAPS = 3  # after the third, a board off the body starts: what wakes it may have failed meanwhile
NAP_S = 14_400  # off the body
EMPTY_NAP_S = 600  # after which an empty board looks whether somebody charges it
EMPTY_MV = 3400  # a cell at which a board is empty, as in battery.py
AWAKE_MV = 3550  # with which an empty board starts again
INSTANT_S = 10  # a sleep that a pin ends sooner counts as ended at once
MOST_INSTANTS = 3  # on end, after which it doesn't sleep deeply for INSTANT_REST_MS: a pin that stays at its level
INSTANT_REST_MS = 21_600_000

# MARK, why, journal, boot, time.time() when it fell asleep, sleeps on end that a pin ended at once, naps so far, the
# length of a nap in s (0: until a pin ends it), the cell's pin, between which voltages of that pin it sleeps on (mV),
# the pins of the button, of the motion sensor's interrupt, and of external power.
_FORMAT = "<3sBIHIBHHbHHbbb"
_FIELDS_BYTES = 27
MARK_BYTES = 31  # with a CRC-32; also in tail.py


def unpack_mark(data: bytes) -> "tuple[int, ...] | None":
    """Return the fields of a mark, from `why` on, or None where the data don't begin with a whole one."""
    fields = data[:_FIELDS_BYTES]
    if len(data) < MARK_BYTES or data[:3] != MARK or struct.pack("<I", crc32(fields)) != data[_FIELDS_BYTES:MARK_BYTES]:
        return None
    return struct.unpack(_FORMAT, fields)[1:]


def _sleep(machine, esp32, memory, fields: "tuple[int, ...]", tail: bytes) -> None:
    """Leave a mark before the journal's tail, and sleep until a nap is over or a pin ends it."""
    data = struct.pack(_FORMAT, MARK, *fields)
    memory((data + struct.pack("<I", crc32(data)) + tail)[:2048])
    _let_wake(machine, esp32, *fields[-3:])
    if fields[6]:
        machine.deepsleep(fields[6] * 1000)
    machine.deepsleep()  # with a 0 it would wake at once (MicroPython's ports/esp32/modmachine.c)


def _let_wake(machine, esp32, button: int, *high: int) -> None:
    """Let a low level of the button and a high one of other pins end deep sleep, as far as this chip's pins can.

    The button's pull-up has to be held, or it is lost. ext1 has one level for all its pins; ext0 is missing on chips
    like the ESP32-C6. esp32.wake_on_gpio() is none for this: with it the ESP32-S3's deepsleep() raises ValueError.
    """
    pins: tuple = ()
    for number in high:
        if number != NO_PIN:
            pin = machine.Pin(number, machine.Pin.IN)
            try:
                esp32.wake_on_ext1(pins + (pin,), esp32.WAKEUP_ANY_HIGH)
                pins += (pin,)
            except (AttributeError, ValueError):
                pass
    if button != NO_PIN:
        try:
            esp32.wake_on_ext0(machine.Pin(button, machine.Pin.IN, machine.Pin.PULL_UP, hold=True), False)
        except (AttributeError, ValueError):
            machine.Pin(button, machine.Pin.IN, machine.Pin.PULL_UP, hold=False)


def sleep_on(machine, esp32, memory, now_s: int) -> None:
    """After deep sleep: release the button's pin, and sleep again if a nap is over and nothing is to be done.

    Returns if the app has to run. now_s: time.time(). memory: see tail.rtc_memory().
    """
    fields = None if memory is None else unpack_mark(memory())
    if fields is None:
        return
    why, journal, boot, since_s, instants, naps, nap_s, cell, least_mV, most_mV, button, interrupt, external = fields
    if button != NO_PIN:
        machine.Pin(button, machine.Pin.IN, machine.Pin.PULL_UP, hold=False)
    naps += 1
    if (
        machine.wake_reason() != machine.TIMER_WAKE
        or (why == OFF_BODY and naps >= NAPS)
        or now_s - since_s < naps * nap_s // 2  # a timer that ends it at once must not do so for ever
        or (external != NO_PIN and machine.Pin(external, machine.Pin.IN).value())
    ):
        return
    pin_mV = machine.ADC(machine.Pin(cell, machine.Pin.IN), atten=machine.ADC.ATTN_11DB).read_uv() // 1000
    if least_mV <= pin_mV < most_mV:
        fields = (why, journal, boot, since_s, instants, naps, nap_s, cell, least_mV, most_mV)
        _sleep(machine, esp32, memory, fields + (button, interrupt, external), memory()[MARK_BYTES:])


def fall_asleep(machine, esp32, memory, board, why: int, since: "tuple[int, int, int]", instants: int) -> None:
    """Sleep because of OFF_BODY, EMPTY or BY_HAND; what the journal has not flushed stays behind the mark.

    board: see App. since: the journal's id, the number of this boot, and time.time() at its last record. instants: how
    many sleeps on end a pin has ended at once.
    """
    for pin, level in board.FIRST_LEVELS:
        machine.Pin(pin, machine.Pin.OUT, value=level, hold=True)  # or M5's supply ends
    external = NO_PIN if board.EXTERNAL_POWER_PIN is None else board.EXTERNAL_POWER_PIN
    fields: "tuple[int, ...]" = (why,) + since + (instants, 0)
    if why == EMPTY:
        fields += (EMPTY_NAP_S, board.BATTERY_PIN, 0, AWAKE_MV // board.BATTERY_DIVIDER, NO_PIN, NO_PIN, external)
    elif why == BY_HAND:
        fields += (0, board.BATTERY_PIN, 0, 0, board.BUTTON_PIN, NO_PIN, external)
    else:
        fields += (NAP_S, board.BATTERY_PIN, EMPTY_MV // board.BATTERY_DIVIDER, ANY_MV)
        fields += (board.BUTTON_PIN, board.IMU_INT_PIN, external)
    _sleep(machine, esp32, memory, fields, memory())
