"""Profiles: named calibrations, one of which is active, in a file in flash."""

import struct

from .contract.messages import PROFILE_NAMES, PROFILES
from .contract.payloads import PROFILE_BOWED, PROFILE_STOOD, pack_profile
from .files import load, save

_VERSION = 1
_HEADER_FORMAT = "<BBH"  # version, the active profile, the last calibration id that was given
# calibration id (0: none), PROFILE_… flags, u₀ and p in 2**-14, θ and φ of standing in cdeg, usual θ of walking in cdeg
# and the seconds behind it, name padded with zeros
_PROFILE_FORMAT = "<HB3h3hhhhI18s"


class Profile:
    """One calibration: u₀ and p of sense.tilt in 2**-14, and what is known of the wearer under it."""

    def __init__(self, name: bytes) -> None:
        self.name = name  # UTF-8, empty for a free place
        self.calibration_id = 0  # 0: there is none, and nothing but the name counts
        self.up = self.forward = (0, 0, 0)
        self.bowed = False
        self.stood = False
        self.standing_forward_cdeg = self.standing_lateral_cdeg = 0  # against upright; 0 unless stood
        self.usual_cdeg = 0  # θ while walking
        self.walked_s = 0  # of walking behind that

    @property
    def flags(self) -> int:
        """PROFILE_… flags."""
        return (PROFILE_BOWED if self.bowed else 0) | (PROFILE_STOOD if self.stood else 0)

    def pack(self) -> bytes:
        """Return it as it lies in flash."""
        return struct.pack(
            _PROFILE_FORMAT,
            self.calibration_id,
            self.flags,
            *self.up,
            *self.forward,
            self.standing_forward_cdeg,
            self.standing_lateral_cdeg,
            self.usual_cdeg,
            self.walked_s,
            self.name,
        )

    def unpack(self, data: bytes, at: int) -> None:
        """Take what pack() made."""
        fields = struct.unpack_from(_PROFILE_FORMAT, data, at)
        self.calibration_id = fields[0]
        self.bowed = bool(fields[1] & PROFILE_BOWED)
        self.stood = bool(fields[1] & PROFILE_STOOD)
        self.up = fields[2:5]
        self.forward = fields[5:8]
        self.standing_forward_cdeg, self.standing_lateral_cdeg, self.usual_cdeg, self.walked_s, name = fields[8:]
        self.name = name.rstrip(b"\0")


class Profiles:
    """All profiles, loaded from a folder and saved there at each change.

    What changes them raises OSError, and changes nothing, if flash fails.
    """

    def __init__(self, folder: str, highest_id=None) -> None:
        """highest_id: a function that returns the highest calibration id that is known otherwise, asked if the file is
        absent or damaged: an id that records name is never given to another calibration."""
        self._path = folder + "/profiles.bin"
        self.all = [Profile(name) for name in PROFILE_NAMES]
        self.index = 0  # of the active one
        self._last_id = 0
        self._undone = b""  # what the active profile was before its last calibration, as pack() gives it
        data = load(self._path)
        if data is not None and len(data) == len(self._pack()) and data[0] == _VERSION:
            self._unpack(data)
        elif highest_id is not None:
            self._last_id = highest_id()
            try:
                save(self._path, self._pack())
            except OSError:
                pass  # then it is looked for again at the next boot

    @property
    def active(self) -> Profile:
        """The active profile."""
        return self.all[self.index]

    @property
    def can_undo(self) -> bool:
        """Whether undo() has something to give back."""
        return len(self._undone) > 0

    def calibrate(
        self,
        up: "tuple[int, int, int]",
        forward: "tuple[int, int, int]",
        bowed: bool,
        standing_cdeg: "tuple[int, int] | None",
        goes_on: bool = False,
    ) -> int:
        """Give the active profile new axes and return their new id; what walking looks like is learned again.

        standing_cdeg: θ and φ of standing against the new axes, or None to have no standing zero. goes_on: this
        completes the calibration before, and undo() takes both back.
        """
        before = self._pack()
        undone = self.active.pack()
        self._last_id = self._last_id % 0xFFFF + 1
        profile = self.active
        profile.calibration_id = self._last_id
        profile.up = up
        profile.forward = forward
        profile.bowed = bowed
        profile.stood = standing_cdeg is not None
        profile.standing_forward_cdeg, profile.standing_lateral_cdeg = standing_cdeg or (0, 0)
        profile.usual_cdeg = profile.walked_s = 0
        self._save(before)
        if not goes_on:
            self._undone = undone
        return profile.calibration_id

    def undo(self) -> None:
        """Give the active profile back what the last calibrate() has replaced; its name and the ids given stay."""
        before = self._pack()
        profile = self.active
        name = profile.name
        profile.unpack(self._undone, 0)
        profile.name = name
        self._save(before)
        self._undone = b""

    def stand(self, forward_cdeg: int, lateral_cdeg: int) -> None:
        """Give the active profile a standing zero."""
        before = self._pack()
        profile = self.active
        profile.stood = True
        profile.standing_forward_cdeg = forward_cdeg
        profile.standing_lateral_cdeg = lateral_cdeg
        self._save(before)

    def select(self, index: int) -> None:
        """Make another profile the active one."""
        before = self._pack()
        self.index = index
        self._save(before)
        self._undone = b""

    def rename(self, index: int, name: bytes) -> None:
        """Name a profile, in at most PROFILE_NAME_BYTES of UTF-8."""
        before = self._pack()
        self.all[index].name = name
        self._save(before)

    def remember_walking(self, usual_cdeg: int, walked_s: int) -> None:
        """Keep what walking looks like under the active profile."""
        before = self._pack()
        self.active.usual_cdeg = usual_cdeg
        self.active.walked_s = walked_s
        self._save(before)

    def on_wire(self) -> bytes:
        """Return the active profile's number and all profiles as a host gets them."""
        data = bytes((self.index,))
        for index in range(PROFILES):
            profile = self.all[index]
            data += pack_profile(index, profile.calibration_id, profile.flags, profile.name)
        return data

    def _pack(self) -> bytes:
        data = struct.pack(_HEADER_FORMAT, _VERSION, self.index, self._last_id)
        for profile in self.all:
            data += profile.pack()
        return data

    def _unpack(self, data: bytes) -> None:
        _, self.index, self._last_id = struct.unpack_from(_HEADER_FORMAT, data)
        at = struct.calcsize(_HEADER_FORMAT)
        for profile in self.all:
            profile.unpack(data, at)
            at += struct.calcsize(_PROFILE_FORMAT)

    def _save(self, before: bytes) -> None:
        try:
            save(self._path, self._pack())
        except OSError:
            self._unpack(before)
            raise
