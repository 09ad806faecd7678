"""Runs on the board during an installation. It is sent to MicroPython's prompt as text; the host never imports it.

Functions print their results. The paths are those of root/main.py.
"""
# ruff: noqa: PTH104, PTH106, PTH107, PTH116, PTH123, SIM115

import binascii
import hashlib
import os

_PATIENCE_MS = 120_000
_SYNC_BYTES = 8192
_target = None
_unsynced = 0
_timer = None


def watch():
    """Restart the board with its earlier firmware if the host goes away half way.

    A timer does it, since root/main.py counts the watchdog's resets as crashes.
    """
    global _timer
    try:
        import machine

        _timer = machine.Timer(0)
        feed()
    except (ImportError, AttributeError, ValueError, OSError):  # this board has no such timer
        _timer = None


def feed():
    if _timer is not None:
        import machine

        _timer.init(mode=machine.Timer.ONE_SHOT, period=_PATIENCE_MS, callback=lambda _: machine.reset())


def size_of(path):
    try:
        return os.stat(path)[6]
    except OSError:
        return None


def survey():
    """Print the content of `slot`, the sizes of both packs, the free bytes and the size of a block."""
    try:
        with open("/slot") as file:
            state = file.read()
    except OSError:
        state = ""
    disk = os.statvfs("/")
    print((state, size_of("/a.pack"), size_of("/b.pack"), disk[1] * disk[4], disk[1]))


def _hash(file, size):
    digest = hashlib.sha256()
    buffer = memoryview(bytearray(1024))
    while size:
        count = file.readinto(buffer[: min(size, 1024)])
        if not count:
            break
        digest.update(buffer[:count])
        size -= count
        feed()
    return binascii.hexlify(digest.digest()).decode()


def digest(path):
    """Print the SHA-256 of a file; None if there is no such file."""
    size = size_of(path)
    if size is None:
        print(None)
        return
    with open(path, "rb") as file:
        print(repr(_hash(file, size)))


def edition(path, beginning):
    """Print the edition that a file declares, 0 if it declares none; None if it doesn't begin like ours."""
    found = None
    with open(path, "rb") as file:  # as bytes, since somebody else's need not be text
        if file.readline().startswith(beginning):
            found = 0
            for line in file:
                if line.startswith(b"EDITION = "):
                    found = int(line.split()[2])
    print(found)


def contents(path):
    """Print (offset, size, SHA-256) of every file in a pack; an empty list if the pack is incomplete."""
    found = []
    try:
        with open(path, "rb") as file:
            index = file.read(int(file.readline())).split(b"\n")
            start = file.tell()
            for line in index[:-1]:
                offset, size = [int(word) for word in line.split()[1:]]
                file.seek(start + offset)
                found.append((start + offset, size, _hash(file, size)))
    except (OSError, ValueError):
        found = []
    print(found)


def begin(path, resume):
    """Open a file for writing: from its start, or from its end to resume."""
    global _target
    _target = open(path, "ab" if resume else "wb")


def put(text):
    """Append bytes given in base64, and flush now and then so that an interrupted transfer can resume."""
    global _unsynced
    _unsynced += _target.write(binascii.a2b_base64(text))
    if _unsynced >= _SYNC_BYTES:
        _target.flush()
        _unsynced = 0
    feed()


def copy(path, offset, size):
    """Append a part of another file to the open one."""
    buffer = memoryview(bytearray(1024))
    with open(path, "rb") as file:
        file.seek(offset)
        while size:
            count = file.readinto(buffer[: min(size, 1024)])
            if not count:
                raise OSError(5)
            _target.write(buffer[:count])
            size -= count
    feed()


def finish():
    _target.close()


def remove(path):
    """Remove a file, or a folder with everything in it; do nothing if it doesn't exist."""
    try:
        mode = os.stat(path)[0]
    except OSError:
        return
    if mode & 0x4000:
        for entry in os.ilistdir(path):
            remove(path + "/" + entry[0])
        os.rmdir(path)
    else:
        os.remove(path)
    feed()


def replace(path, text):
    """Replace a small file: write it beside the old one, then rename it."""
    with open(path + ".new", "w") as file:
        file.write(text)
    os.rename(path + ".new", path)
