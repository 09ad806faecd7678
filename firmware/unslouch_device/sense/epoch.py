"""The epoch in the making: what 5 s of samples come to."""

from array import array

from ..contract.records import EPOCH_PARTIAL, RECORD_BYTES, SECONDS_PER_EPOCH, TILT_UNKNOWN, pack_epoch_into
from ..contract.states import ACTIVITIES, STATES, UNCALIBRATED


class EpochBuilder:
    """Gathers samples by second; pack() writes the epoch into `record` and begins the next."""

    def __init__(self, rate_hz: float) -> None:
        self._full_second = round(0.8 * rate_hz)
        self.record = bytearray(RECORD_BYTES)
        self._states = array("H", bytes(2 * STATES))
        self._activities = array("H", bytes(2 * ACTIVITIES))
        self._second_sum = array("i", bytes(4 * SECONDS_PER_EPOCH))
        self._second_count = array("H", bytes(2 * SECONDS_PER_EPOCH))
        self._second_cdeg = array("h", bytes(2 * SECONDS_PER_EPOCH))
        self.clear()

    def clear(self) -> None:
        """Forget what has been gathered."""
        for i in range(len(self._states)):
            self._states[i] = 0
        for i in range(len(self._activities)):
            self._activities[i] = 0
        self.samples = 0
        self.flags = 0
        self.forget_tilt()

    def forget_tilt(self) -> None:
        """Forget the tilt so far, which was measured against something else, but not how long each state lasted."""
        for i in range(SECONDS_PER_EPOCH):
            self._second_sum[i] = 0
            self._second_count[i] = 0
        self._lateral_sum = 0
        self._speed_sum = 0
        self._measured = 0

    def add(
        self,
        second: int,
        samples: int,
        state: int,
        activity: int,
        forward_cdeg: int,
        lateral_cdeg: int,
        speed_sum: int,
    ) -> None:
        """Add so many samples to second 0…4, of which the last gives tilt and state.

        speed_sum: the sum of their |dθ/dt|, each at most 2**19 cdeg/s.
        """
        self._states[state] += samples
        self._activities[activity] += samples
        self._second_sum[second] += forward_cdeg * samples
        self._second_count[second] += samples
        self._lateral_sum += lateral_cdeg * samples
        self._speed_sum += speed_sum
        self._measured += samples
        self.samples += samples

    def pack(self, calibrated: bool) -> bool:
        """Write the epoch into `record` and clear; returns False if there was no sample."""
        if not self.samples:
            return False
        state = self._most(self._states)
        activity = self._most(self._activities)
        if not calibrated or state == UNCALIBRATED or not self._measured:
            pack_epoch_into(
                self.record, state, activity, self._all_flags(), TILT_UNKNOWN, TILT_UNKNOWN, self._second_cdeg, 0
            )
        else:
            pack_epoch_into(
                self.record,
                state,
                activity,
                self._all_flags(),
                self._mean_forward(),
                self._lateral_sum // self._measured,
                self._second_cdeg,
                self._speed_sum // self._measured,
            )
        self.clear()
        return True

    def _mean_forward(self) -> int:
        """Fill in the mean of each second and return that of all of them; an empty second takes the mean."""
        mean = sum(self._second_sum) // self._measured
        for i in range(SECONDS_PER_EPOCH):
            count = self._second_count[i]
            self._second_cdeg[i] = self._second_sum[i] // count if count else mean
        return mean

    def _all_flags(self) -> int:
        measured = 0
        for i in range(SECONDS_PER_EPOCH):
            measured += self._second_count[i] >= self._full_second
        return self.flags if measured >= SECONDS_PER_EPOCH - 1 else self.flags | EPOCH_PARTIAL

    def _most(self, counts: array) -> int:
        most = 0
        for i in range(len(counts)):
            if counts[i] > counts[most]:
                most = i
        return most
