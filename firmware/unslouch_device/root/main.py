"""Starts the firmware out of the pack that the file `slot` names, or leaves MicroPython's prompt (safe mode).

`slot` holds "a" or "b" for a.pack or b.pack. For a pack on trial it has two characters more: the pack to go back to
("-": none), and how many starts are left until then. unslouch_device.slots ends a trial once the firmware has shown
that it works; a crash, the watchdog, or a reset that nobody asked for (a panic in C) begins one. `unslouch flash`
replaces this file only by a later edition, which starts the packs of earlier versions too; MicroPython runs it in /.
"""

import io
import os
import sys

import machine
import micropython
import vfs

EDITION = 3  # to be raised with each change of this file
TRIALS = 3  # starts without a proof until a pack is given up
PROMPT = b"prompt"  # in RTC memory: the firmware ended at the prompt, where a reset is asked for
SEEN = b"seen"  # … and has been
ASLEEP = b"zzz"  # what it begins with after the firmware fell asleep deeply, on purpose
READER_BYTES = 255  # of a module at a time, the most that MicroPython asks for


class _Member(io.IOBase):
    """One file in a pack, which has been opened and stands at its beginning."""

    def __init__(self, pack, size):
        self._pack = pack
        self._left = size

    def readinto(self, buffer):
        count = self._pack.readinto(memoryview(buffer)[: min(len(buffer), self._left)])
        self._left -= count
        return count

    def ioctl(self, request, argument):
        if request == 4:  # close
            self._pack.close()
            return 0
        return READER_BYTES if request == 11 else -1


class Pack:
    """A read-only filesystem in one file: small files of their own would each take a block of flash.

    A line with the size of the index; the index, a line "NAME OFFSET SIZE" for each file; the files' bytes. A .mpy file
    may be compressed with zlib.
    """

    def __init__(self, path):
        self._path = path
        with open(path, "rb") as pack:
            self._index = b"\n" + pack.read(int(pack.readline()))
            self._start = pack.tell()

    def mount(self, readonly, mkfs):
        pass

    def umount(self):
        pass

    def _find(self, path):
        name = b"\n" + path[1:].encode()
        at = self._index.find(name + b" ")
        if at < 0:
            if self._index.find(name + b"/") < 0:
                raise OSError(2)  # ENOENT
            return None
        return self._index[at + len(name) : self._index.find(b"\n", at + 1)].split()

    def stat(self, path):
        return (0x4000 if self._find(path) is None else 0x8000, 0, 0, 0, 0, 0, 0, 0, 0, 0)

    def open(self, path, mode):
        offset, size = self._find(path)
        pack = open(self._path, "rb")
        start = self._start + int(offset)
        pack.seek(start)
        compressed = path.endswith(".mpy") and pack.read(1) != b"M"  # the first byte of every .mpy file
        pack.seek(start)
        if compressed:
            from deflate import AUTO, DeflateIO

            return DeflateIO(pack, AUTO, 0, True)
        return _Member(pack, int(size))


def note(state):
    """Replace `slot`, which is never half written."""
    with open("slot.new", "w") as file:
        file.write(state)
    os.rename("slot.new", "slot")


def kept():
    """Return what RTC memory holds; nothing on a chip without such memory."""
    try:
        return machine.RTC().memory()
    except AttributeError:
        return b""


def asked_for():
    """Return whether this reset was asked for at the prompt; the next one counts, unless that is noted again."""
    if kept() != PROMPT:
        return False
    machine.RTC().memory(SEEN)
    return True


def due():
    """Return the pack to start, counting the start if it is on trial; None for safe mode."""
    try:
        with open("slot") as file:
            state = file.read()
        cause = machine.reset_cause()
        panicked = not asked_for() and cause == machine.HARD_RESET
        if len(state) == 1 and (panicked or cause == machine.WDT_RESET):
            state = tried(state)
        if len(state) < 3:
            return state or None
        pack, before, left = state
        if cause == machine.DEEPSLEEP_RESET and kept()[:3] == ASLEEP:  # no fault of the pack
            return pack
        if left > "0":
            note(pack + before + str(int(left) - 1))
            return pack
        if before == "-":
            note(pack + before + str(TRIALS))  # the next reset tries again
            return None
        note(before)
        return before
    except OSError:  # nothing is installed, or nothing can be written
        return None


def tried(pack):
    """Return the state of an active pack that has failed once: on trial, without one to go back to."""
    return pack + "-" + str(TRIALS - 1)


def failed(pack):
    """Put a pack that has crashed on trial, unless it is already."""
    with open("slot") as file:
        if len(file.read()) < 3:
            note(tried(pack))


def main():
    """Start the firmware; a crash resets the board. Frames contain 0x03, so Ctrl+C is switched off meanwhile."""
    pack = due()
    if pack is None:
        print("unslouch: safe mode; `unslouch flash` installs the firmware anew")
        return
    micropython.kbd_intr(-1)
    try:
        vfs.mount(Pack(pack + ".pack"), "/firmware")
        sys.path.insert(0, "/firmware")
        from unslouch_device.start import start

        start()
    except Exception as error:  # noqa: BLE001 - whatever it is, the board has to start again
        sys.print_exception(error)
        failed(pack)
        machine.reset()
    finally:
        micropython.kbd_intr(3)


main()
