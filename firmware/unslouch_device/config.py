"""What the board remembers besides the journal: settings with their revision, and the calibration."""

import struct

from .contract.settings import SETTINGS, VALUE_FORMAT, setting_by_id
from .files import load, save

_CALIBRATION_FORMAT = "<H3h3h"  # id, u₀ and p in 2**-14


class Config:
    """Settings by id and the calibration, loaded from a folder and saved there at each change."""

    def __init__(self, folder: str) -> None:
        self._settings_path = folder + "/settings.bin"
        self._calibration_path = folder + "/calibration.bin"
        self.revision = 0
        self.settings = {setting.id: setting.default for setting in SETTINGS}
        self.calibration_id = 0  # 0: there is none
        self.up = None
        self.forward = None
        self._load_settings()
        self._load_calibration()

    def change(self, id: int, value: int) -> None:
        """Set one setting, whose range the caller has checked, and count the revision up.

        Raises OSError, and changes nothing, if flash fails.
        """
        before = self.settings[id], self.revision
        self.settings[id] = value
        self.revision = self.revision % 0xFFFF + 1
        try:
            save(self._settings_path, self.packed_settings())
        except OSError:
            self.settings[id], self.revision = before
            raise

    def packed_settings(self) -> bytes:
        """Return the revision and all values as they go on the wire."""
        data = struct.pack("<H", self.revision)
        for id, value in self.settings.items():
            data += struct.pack(VALUE_FORMAT, id, value)
        return data

    def calibrate(self, up: "tuple[int, int, int]", forward: "tuple[int, int, int]") -> int:
        """Store a calibration (u₀ and p of sense.tilt in 2**-14) and return its new id.

        Raises OSError, and keeps the old one, if flash fails.
        """
        calibration_id = self.calibration_id % 0xFFFF + 1
        save(self._calibration_path, struct.pack(_CALIBRATION_FORMAT, calibration_id, *(up + forward)))
        self.calibration_id = calibration_id
        self.up = up
        self.forward = forward
        return calibration_id

    def _load_settings(self) -> None:
        data = load(self._settings_path)
        if data is None or len(data) < 2:
            return
        self.revision = struct.unpack_from("<H", data)[0]
        size = struct.calcsize(VALUE_FORMAT)
        for at in range(2, len(data) - size + 1, size):
            id, value = struct.unpack_from(VALUE_FORMAT, data, at)
            setting = setting_by_id(id)
            if setting is not None and setting.least <= value <= setting.greatest:  # as this version knows them
                self.settings[id] = value

    def _load_calibration(self) -> None:
        data = load(self._calibration_path)
        if data is None or len(data) != struct.calcsize(_CALIBRATION_FORMAT):
            return
        fields = struct.unpack(_CALIBRATION_FORMAT, data)
        self.calibration_id = fields[0]
        self.up = fields[1:4]
        self.forward = fields[4:7]
