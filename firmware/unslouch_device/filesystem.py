"""Mounts the flash's filesystem in the sizes that suit a journal."""

import os

import vfs

# MicroPython's own sizes read 32 bytes at a time and look for free blocks 256 at a time. Where the filesystem is
# nearly full, one flush then takes up to 22,000 reads; with these, 3,100 (tests/benchmarks/flash_wear.py). LittleFS
# keeps two buffers of four reads each, and one more for each open file: 512 would save half of the reads for 3 KiB.
READ_BYTES = 256
PROGRAM_BYTES = 32
LOOKAHEAD_BYTES = 64  # a bit per block: a filesystem of 2 MiB at once


def mount_anew() -> None:
    """Mount the ESP32's own filesystem in these sizes; where it is no LittleFS 2, it stays as it is."""
    try:
        from flashbdev import bdev  # MicroPython's ports/esp32/modules/flashbdev.py

        mount(bdev, "/")
    except (ImportError, OSError):
        pass


def mount(device, point: str) -> None:
    """Mount a block device that holds LittleFS 2, in place of what is mounted there; raises OSError if it doesn't."""
    filesystem = vfs.VfsLfs2(device, readsize=READ_BYTES, progsize=PROGRAM_BYTES, lookahead=LOOKAHEAD_BYTES)  # type: ignore[abstract]
    try:
        vfs.umount(point)
    except OSError:
        pass  # nothing is
    vfs.mount(filesystem, point)
    os.chdir("/")
