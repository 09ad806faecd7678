"""What flash holds besides the journal: settings, profiles, how far alerts have faded, the motor's calibration."""

from .contract.settings import DEFAULTS, in_range, pack_settings, unpack_settings
from .files import load, save
from .profiles import Profiles


class Config:
    """Settings by id, the profiles and the fading steps, loaded from a folder and saved there at each change."""

    def __init__(self, folder: str, highest_calibration_id=None) -> None:
        """highest_calibration_id: see Profiles."""
        self._settings_path = folder + "/settings.bin"
        self._fading_path = folder + "/fading.bin"
        self._motor_path = folder + "/motor.bin"
        self.pattern_path = folder + "/pattern.bin"  # the wearer's own: see contract.patterns
        self.revision = 0
        self.settings = dict(DEFAULTS)
        self.fading = 0  # steps
        self.motor_calibration = self._load_motor()  # of its driver, None: it has none yet
        self.profiles = Profiles(folder, highest_calibration_id)
        self._load_settings()
        self._load_fading()

    @property
    def calibration_id(self) -> int:
        """The id of the active calibration, 0 if the active profile has none."""
        return self.profiles.active.calibration_id

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
        """Return the revision and all values as they are sent to a host."""
        return pack_settings(self.revision, self.settings)

    def remember_fading(self, steps: int) -> None:
        """Keep how many steps alerts have faded; raises OSError, and changes nothing, if flash fails."""
        save(self._fading_path, bytes((steps,)))
        self.fading = steps

    def remember_motor(self, calibration: "tuple[int, int, int]") -> None:
        """Keep the calibration of a motor's driver; raises OSError, and changes nothing, if flash fails."""
        save(self._motor_path, bytes(calibration))
        self.motor_calibration = calibration

    def _load_motor(self) -> "tuple[int, int, int] | None":
        data = load(self._motor_path)
        return (data[0], data[1], data[2]) if data is not None and len(data) == 3 else None

    def _load_settings(self) -> None:
        try:
            self.revision, values = unpack_settings(load(self._settings_path) or b"")
        except ValueError:
            return
        for id, value in values.items():
            if in_range(id, value):  # as this version knows it
                self.settings[id] = value

    def _load_fading(self) -> None:
        data = load(self._fading_path)
        if data is not None and len(data) == 1:
            self.fading = data[0]
