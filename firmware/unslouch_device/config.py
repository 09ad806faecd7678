"""What the board remembers besides the journal: settings with their revision, and the calibration."""

import struct

from .contract.settings import SETTINGS, VALUE_FORMAT
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
        """Set one setting, whose range the caller has checked, and count the revision up."""
        self.settings[id] = value
        self.revision = self.revision % 0xFFFF + 1
        save(self._settings_path, self.packed_settings())

    def packed_settings(self) -> bytes:
        """Return the revision and all values as they go on the wire."""
        data = struct.pack("<H", self.revision)
        for id, value in self.settings.items():
            data += struct.pack(VALUE_FORMAT, id, value)
        return data

    def calibrate(self, up: "tuple[int, int, int]", forward: "tuple[int, int, int]") -> int:
        """Store a calibration (u₀ and p of sense.tilt in 2**-14) and return its new id."""
        self.calibration_id = self.calibration_id % 0xFFFF + 1
        self.up = up
        self.forward = forward
        save(self._calibration_path, struct.pack(_CALIBRATION_FORMAT, self.calibration_id, *(up + forward)))
        return self.calibration_id

    def _load_settings(self) -> None:
        data = load(self._settings_path)
        if data is None:
            return
        self.revision = struct.unpack_from("<H", data)[0]
        size = struct.calcsize(VALUE_FORMAT)
        for at in range(2, len(data) - size + 1, size):
            id, value = struct.unpack_from(VALUE_FORMAT, data, at)
            if id in self.settings:  # a setting that a later version dropped is left behind
                self.settings[id] = value

    def _load_calibration(self) -> None:
        data = load(self._calibration_path)
        if data is None or len(data) != struct.calcsize(_CALIBRATION_FORMAT):
            return
        fields = struct.unpack(_CALIBRATION_FORMAT, data)
        self.calibration_id = fields[0]
        self.up = fields[1:4]
        self.forward = fields[4:7]
