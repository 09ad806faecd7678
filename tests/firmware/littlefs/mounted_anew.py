"""A board's own filesystem is mounted anew before the app starts, and nothing else is taken for it."""

import os
import sys

import vfs
from flash_chip import FlashChip, Power

from unslouch_device import filesystem


class Port:
    """Stands for the ESP32 port's module flashbdev."""

    def __init__(self, bdev):
        self.bdev = bdev


def reads_of_listing():
    before = chip.counts.copy()
    os.listdir("/")
    return chip.counts.since(before)[0]


chip = FlashChip(64)
vfs.VfsLfs2.mkfs(Power(chip))
vfs.umount("/")
vfs.mount(vfs.VfsLfs2(Power(chip)), "/")  # as MicroPython does at its start
for name in "abcdefgh":
    with open(name, "w") as file:
        file.write(100 * name)
as_it_was = reads_of_listing()

filesystem.mount_anew()  # no flashbdev
assert reads_of_listing() == as_it_was
sys.modules["flashbdev"] = Port(Power(FlashChip(64)))  # which holds no LittleFS
filesystem.mount_anew()
assert reads_of_listing() == as_it_was
sys.modules["flashbdev"] = Port(Power(chip))
filesystem.mount_anew()
assert reads_of_listing() < as_it_was / 3
with open("c") as file:
    assert file.read() == 100 * "c"
with open("/c", "w") as file:
    file.write("new")
assert sorted(os.listdir()) == list("abcdefgh")
print("mounted anew")
