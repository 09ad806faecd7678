"""What a board does with its flash while somebody wears it: epochs, events, hosts that come and go, saved files.

Every record tells its own number and boot, so that whoever reads it back knows whether it is the one that was written.
"""

import os

import vfs
from flash_chip import Power

from unslouch_device import filesystem
from unslouch_device.config import Config
from unslouch_device.contract import records as r
from unslouch_device.contract.pages import unpack_page
from unslouch_device.contract.settings import DELAY_S
from unslouch_device.crashes import Crashes
from unslouch_device.files import load, make_folder, save
from unslouch_device.journal import Journal

POINT = "/chip"
FOLDER = POINT + "/unslouch"
BONDS = (FOLDER + "/bonds.bin", FOLDER + "/other.bin")
BOND_BYTES = (300, 3000)  # within the directory, and in a block of its own


def format_chip(chip):
    """Make an empty filesystem, as MicroPython does on a new board."""
    vfs.VfsLfs2.mkfs(Power(chip))


def mount(chip, power=None):
    """Mount the chip's filesystem on a power supply of its own, or on one that will fail."""
    unmount()
    filesystem.mount(power or Power(chip), POINT)


def unmount():
    try:
        vfs.umount(POINT)
    except OSError:
        pass  # nothing is mounted


def fill(path, size):
    """Make a file of so many bytes."""
    with open(POINT + path, "wb") as file:
        while size > 0:
            file.write(bytes(min(4096, size)))
            size -= 4096


def free_blocks():
    return os.statvfs(POINT)[3]


def epoch(sequence, boot):
    """Return the epoch that has a number in a boot."""
    return bytes((sequence & 0x7F, sequence >> 7 & 0xFF, sequence >> 15 & 0xFF, boot)) + bytes(8)


def event_uptime_ms(sequence, boot):
    """Return the uptime of the event that has a number in a boot."""
    return sequence | boot << 24


def is_right(record, sequence, boot):
    """Tell whether a record is the one that was written under this number in this boot."""
    if r.is_event(record):
        return r.unpack_event(record)[1] == event_uptime_ms(sequence, boot)
    return record == epoch(sequence, boot)


class Memory:
    """Stands for RTC memory: keeps what it was given over a reset.

    power: of the boot under way. Once it is gone nothing changes any more, whatever code goes on as if it were there.
    """

    def __init__(self, content=b""):
        self.content = content
        self.power = None

    def __call__(self, data=None):
        if data is None:
            return self.content
        if self.power is None or not self.power.gone:
            self.content = bytes(data)
        return None


class Board:
    """One boot: opens the journal and the configuration like the app, and makes its boot number durable."""

    def __init__(self, capacity_bytes, new_id=1, rtc_memory=None):
        make_folder(FOLDER)
        self.journal = Journal(FOLDER + "/journal", capacity_bytes, new_id, rtc_memory)
        self.config = Config(FOLDER, self.journal.highest_calibration_id)
        self.crashes = Crashes(FOLDER)
        self.now_ms = 0
        self._bonds = 0
        self.event()
        self.journal.flush()

    def event(self):
        """Append an event."""
        journal = self.journal
        journal.append_event(r.BUZZED, event_uptime_ms(journal.next_sequence, journal.boot))

    def wear(self, epochs, watched=False):
        """Wear the sensor for so many epochs, with what the app calls between them."""
        journal = self.journal
        for _ in range(epochs):
            journal.append_epoch(epoch(journal.next_sequence, journal.boot), self.now_ms)
            self.now_ms += r.EPOCH_MS
            journal.flush_due(self.now_ms, watched)

    def change_setting(self):
        """Change a setting, as a host may ask for."""
        self.config.change(DELAY_S, 10 + self.config.revision % 50)
        self.journal.context(self.config.revision, self.config.calibration_id)
        self.event()
        self.journal.flush()

    def calibrate(self):
        """Calibrate the active profile."""
        number = self.config.profiles.active.calibration_id + 1
        self.config.profiles.calibrate((number, 2, 3), (4, 5, 6), False, None)
        self.journal.context(self.config.revision, self.config.calibration_id)
        self.event()
        self.journal.flush()

    def fade(self):
        """Let the alerts' delay fade by a step."""
        self.config.remember_fading((self.config.fading + 1) % 100)

    def remember_walking(self):
        """Keep what walking looks like."""
        profile = self.config.profiles.active
        self.config.profiles.remember_walking(profile.usual_cdeg + 1, 60)

    def save_everything(self):
        """Write every small file that there may be."""
        for save_some in (self.change_setting, self.calibrate, self.fade, self.calibrate_motor, self.crash, self.bond):
            save_some()

    def calibrate_motor(self):
        """Keep what a motor's driver has found out about it."""
        number = (self.config.motor_calibration or (0,))[0] + 1
        self.config.remember_motor((number, 2 * number, 3 * number))

    def crash(self):
        """Keep a crash, of which there is one more in a row."""
        self.crashes.keep(ValueError("x" * 900), r.TASK_LINK)

    def bond(self):
        """Save secrets, each file with a number that tells how often."""
        self._bonds += 1
        for path, size in zip(BONDS, BOND_BYTES):
            save(path, bytes((self._bonds,)) * size)


def saved():
    """Return what each small file holds, 0 for one that isn't there, None for a damaged one."""
    config = Config(FOLDER)
    profile = config.profiles.active
    crashes = Crashes(FOLDER)
    bonds = []
    for path, size in zip(BONDS, BOND_BYTES):
        data = load(path)
        whole = data is not None and data == data[:1] * size
        bonds.append(data[0] if whole else _absent(path))
    return (
        (config.revision, config.settings[DELAY_S]),
        (profile.calibration_id, profile.up[0]),
        config.fading,
        config.motor_calibration or _absent(FOLDER + "/motor.bin"),
        (crashes.count(), len(crashes.text)) if crashes.text else _absent(FOLDER + "/crash.bin"),
        bonds[0],
        bonds[1],
    )


def _absent(path):
    """Return 0 if there is no such file, None if it is there, and damaged."""
    try:
        os.stat(path)
    except OSError:
        return 0
    return None


def pages(journal, sequence=0):
    """Yield (bytes, page) of all that a host could fetch from a sequence on."""
    while True:
        data = journal.read_page(sequence)
        if data is None:
            return
        yield data, unpack_page(data)
        sequence = journal.read_sequence


def check_records(page):
    """Fail if a page holds a record that is not its own."""
    for i in range(len(page.records) // r.RECORD_BYTES):
        record = page.records[i * r.RECORD_BYTES : (i + 1) * r.RECORD_BYTES]
        assert is_right(record, page.first_sequence + i, page.boot), (page.first_sequence + i, page.boot)
