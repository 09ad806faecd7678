"""The gravity filter with four calls of machine code for each sample; what is slow is today's."""

from unslouch_device.sense import gravity_step as s
from unslouch_device.sense.gravity import GravityFilter

try:
    from .native import carry_along, find_turn, pull, watch_rest
except (ImportError, SyntaxError):  # an interpreter without machine code of 32 bits
    from .step import carry_along, find_turn, pull, watch_rest

_SLOW = 16
_UNREST = 30  # of this sample


class EverySampleFilter(GravityFilter):
    """As GravityFilter, with ω − bias in 2**-4 counts as rate_x, rate_y and rate_z after update()."""

    def reset(self):
        super().reset()
        self._first = [0] * 6
        self._copy()

    def restart(self):
        super().restart()
        self._until_slow = 0

    def update(self, ax, ay, az, gx, gy, gz):
        """Take one sample: acceleration in 2**-13 g, |a| ≤ 2**16, and rate in counts, |ω| ≤ 2**15."""
        state = self.state
        if not self._samples:
            first = self._first
            first[0], first[1], first[2] = ax >> 1, ay >> 1, az >> 1
            first[3], first[4], first[5] = gx, gy, gz
            self._begin(first, 0)
        watch_rest(state, ax, ay, az, gx, gy, gz)
        find_turn(state, gx, gy, gz)
        carry_along(state)
        pull(state, ax, ay, az)
        if self._until_slow:
            self._until_slow -= 1
        else:
            self._adapt()
            self._until_slow = _SLOW - 1
        self._copy()

    def _copy(self):
        state = self.state
        self.x = state[0]
        self.y = state[1]
        self.z = state[2]
        self.rate_x = state[s.RATE]
        self.rate_y = state[s.RATE + 1]
        self.rate_z = state[s.RATE + 2]
        self.unrest = state[_UNREST]
        self.rest = state[s.REST]
