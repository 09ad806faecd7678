"""A board made of native MicroPython: LittleFS 2 in a file, its raw REPL on stdin and stdout, and main.py at start.

usage: micropython native_board.py IMAGE BLOCKS LOG STATUS

The unix port has no raw REPL, so the part of it that mpremote speaks to is here; wasm_board.mjs has MicroPython's own.
The process ends with STATUS when the board resets. What goes wrong is written to LOG.
"""
# ruff: noqa: BLE001, PTH123, SIM115

import io
import os
import select
import sys
import time

import vfs

IMAGE, BLOCKS, LOG, RESET_STATUS = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
BLOCK_BYTES = 4096
WINDOW = 1024  # of raw-paste mode; boards have smaller ones and answer sooner
alarm = []  # when the timer is due, and what it calls then
waiting = select.poll()
waiting.register(sys.stdin, select.POLLIN)


class Flash:
    """A block device in a file, which a killed process leaves as torn as a power cut would."""

    def __init__(self, file):
        self._file = file

    def readblocks(self, block, buffer, offset=0):
        self._file.seek(block * BLOCK_BYTES + offset)
        self._file.readinto(buffer)

    def writeblocks(self, block, buffer, offset=None):
        if offset is None:
            offset = 0
        self._file.seek(block * BLOCK_BYTES + offset)
        self._file.write(buffer)
        self._file.flush()

    def ioctl(self, request, argument):
        if request == 4:
            return BLOCKS
        if request == 5:
            return BLOCK_BYTES
        return 0  # erasing is up to writing


class Machine:
    """The part of `machine` that the app needs, with no chip on the bus."""

    PWRON_RESET = 1
    HARD_RESET = 2
    WDT_RESET = 3
    DEEPSLEEP_RESET = 4

    class Pin:
        IN, OUT, PULL_UP, PULL_DOWN, IRQ_FALLING, IRQ_RISING = 0, 1, 2, 3, 4, 8

        def __init__(self, *arguments, **options):
            pass

        def value(self, *arguments):
            return 1

        def __call__(self, *arguments):
            return 1

        def irq(self, *arguments, **options):
            pass

        on = off = init = value

    class ADC:
        ATTN_11DB = 3

        def __init__(self, *arguments, **options):
            pass

        def read_uv(self):
            return 1900000

        read_u16 = read_uv

    class PWM:
        def __init__(self, *arguments, **options):
            pass

        def duty_u16(self, *arguments):
            return 0

        deinit = init = freq = duty_u16

    class I2C:
        def __init__(self, *arguments, **options):
            pass

        def readfrom_mem_into(self, address, register, buffer):
            raise OSError(19)

        def readfrom_mem(self, address, register, size):
            if address == 0x6A and register == 0x0F and os.getenv("BOARD_IMU"):
                return b"\x6c"
            raise OSError(19)

        def writeto_mem(self, address, register, data):
            raise OSError(19)

        def scan(self):
            return []

    class WDT:
        def __init__(self, id=0, timeout=5000):
            pass

        def feed(self):
            pass

    class Timer:
        ONE_SHOT = 0

        def __init__(self, id):
            pass

        def init(self, mode, period, callback):
            alarm[:] = [time.ticks_add(time.ticks_ms(), period), callback]

    @staticmethod
    def idle():
        pass

    @staticmethod
    def lightsleep(time_ms):
        time.sleep_ms(time_ms)

    @staticmethod
    def unique_id():
        return b"pty-test"

    @staticmethod
    def reset_cause():
        return 1

    @staticmethod
    def reset():
        time.sleep_ms(20)  # what was printed gets out
        sys.exit(RESET_STATUS)


class Esp32:
    """As much of `esp32` as the app needs."""

    WAKEUP_ANY_HIGH = 1

    @staticmethod
    def wake_on_ext0(pin, level):
        pass

    @staticmethod
    def wake_on_ext1(pins, level):
        pass


class Bluetooth:
    """The part of `bluetooth` that the app needs, with no host near."""

    def BLE(self):
        return self

    def UUID(self, value):
        return bytes(16)

    def gatts_register_services(self, services):
        return [list(range(len(characteristics))) for _, characteristics in services]

    def _nothing(self, *values, **named):
        pass

    irq = active = config = gatts_set_buffer = gatts_write = gap_advertise = _nothing


def mount(flash):
    try:
        disk = vfs.VfsLfs2(flash)
    except OSError:
        vfs.VfsLfs2.mkfs(flash)
        disk = vfs.VfsLfs2(flash)
    vfs.umount("/")
    vfs.mount(disk, "/")
    os.chdir("/")
    sys.path[:] = ["", ".frozen", "/lib"]


def write(data):
    sys.stdout.buffer.write(data)


def read():
    while alarm and not waiting.poll(max(0, time.ticks_diff(alarm[0], time.ticks_ms()))):
        alarm[1](None)
    data = sys.stdin.buffer.read(1)
    if not data:
        sys.exit(0)  # the bench is gone
    return data


def pasted():
    """Read a command in raw-paste mode, answering a byte for each window that the host may fill; 0x03 calls it off."""
    write(b"R\x01" + WINDOW.to_bytes(2, "little") + b"\x01")
    line, room = bytearray(), WINDOW
    while (byte := read()) != b"\x04":
        if byte == b"\x03":
            write(b"\r\n>")
            return b""
        line += byte
        room -= 1
        if not room:
            room = WINDOW
            write(b"\x01")
    write(b"\x04")
    return bytes(line)


def execute(source, scope):
    """Run a command as the raw REPL does: output, 0x04, traceback, 0x04."""
    failure = b""
    try:
        exec(compile(source.decode(), "<stdin>", "exec"), scope)
    except Exception as error:
        log(error)
        text = io.StringIO()
        sys.print_exception(error, text)
        failure = text.getvalue().encode()
    write(b"\x04" + failure + b"\x04>")


def repl(scope):
    write(b"\r\n>>> ")
    raw, line = False, b""
    while True:
        byte = read()
        if byte == b"\x01":
            raw, line = True, b""
            write(b"raw REPL; CTRL-B to exit\r\n>")
        elif byte == b"\x02":
            raw, line = False, b""
            write(b"\r\n>>> ")
        elif byte == b"\x03":
            line = b""
        elif not raw and byte == b"\r":  # MicroPython's readline shows the prompt again
            line = b""
            write(b"\r\n>>> ")
        elif raw and line == b"\x05A" and byte == b"\x01":
            execute(pasted(), scope)
            line = b""
        elif raw and byte == b"\x04":
            write(b"OK")
            execute(line, scope)
            line = b""
        else:
            line += byte


def log(error):
    log_file.write(f"{time.ticks_ms()}\n")
    sys.print_exception(error, log_file)
    log_file.flush()


log_file = open(LOG, "a")
sys.modules["machine"] = Machine
sys.modules["esp32"] = Esp32
sys.modules["bluetooth"] = Bluetooth()
mount(Flash(open(IMAGE, "r+b")))
try:
    with open("main.py") as main_file:
        main_source = main_file.read()
except OSError:
    main_source = ""
scope = {"__name__": "__main__"}
try:
    exec(compile(main_source, "main.py", "exec"), scope)
except Exception as error:
    log(error)
    sys.print_exception(error)
repl(scope)
