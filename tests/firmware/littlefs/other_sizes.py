"""What was written under MicroPython's own sizes of reads and programs is there under ours, and the other way round."""

import os

import vfs
from flash_chip import FlashChip, Power
from wearing import POINT, mount, unmount

SIZES = (1, 100, 128, 129, 500, 512, 513, 3000, 9000)  # within a directory and beyond


def mount_stock(chip):
    """Mount as MicroPython does by itself."""
    unmount()
    vfs.mount(vfs.VfsLfs2(Power(chip)), POINT)


def write(mark):
    for size in SIZES:
        with open("%s/%d" % (POINT, size), "wb") as file:
            file.write(bytes((mark,)) * size)


def extend(mark):
    for size in SIZES:
        with open("%s/%d" % (POINT, size), "ab") as file:
            file.write(bytes((mark,)) * 10)


def check(expected):
    for size in SIZES:
        with open("%s/%d" % (POINT, size), "rb") as file:
            assert file.read() == expected(size), size


for first, second in ((mount, mount_stock), (mount_stock, mount)):
    chip = FlashChip(64)
    vfs.VfsLfs2.mkfs(Power(chip))
    first(chip)
    write(1)
    second(chip)
    check(lambda size: b"\1" * size)
    extend(2)
    first(chip)
    check(lambda size: b"\1" * size + b"\2" * 10)
    extend(3)
    second(chip)
    check(lambda size: b"\1" * size + b"\2" * 10 + b"\3" * 10)
    write(4)
    first(chip)
    check(lambda size: b"\4" * size)
    assert len(os.listdir(POINT)) == len(SIZES)
print("the same")
