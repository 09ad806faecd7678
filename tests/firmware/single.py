"""Today's filters and pipeline, fed with one sample after another, as tests and benchmarks make them.

Accelerations are in 2**-13 g, of which the chip delivers even ones only: odd ones are rounded down.
"""

from array import array

from unslouch_device.sense import gravity_step
from unslouch_device.sense.activity import Activity
from unslouch_device.sense.gravity import GravityFilter
from unslouch_device.sense.pipeline import Pipeline

_sample = array("h", bytes(12))


def as_delivered(ax, ay, az, gx=0, gy=0, gz=0):
    """Return a sample as the driver leaves it, the only one in its array."""
    _sample[0] = ax >> 1 if ax < 65536 else 32767
    _sample[1] = ay >> 1 if ay < 65536 else 32767
    _sample[2] = az >> 1 if az < 65536 else 32767
    _sample[3] = gx
    _sample[4] = gy
    _sample[5] = gz
    return _sample


class SingleFilter(GravityFilter):
    """A GravityFilter that takes one sample at a time."""

    def update(self, ax, ay, az, gx, gy, gz):
        """Take one sample."""
        self.take(as_delivered(ax, ay, az, gx, gy, gz), 0, 1)

    def rate(self, axis):
        """Return ω − bias of the latest sample about an axis, in 2**-4 counts."""
        return self.state[gravity_step.RATE + axis]


class SingleActivity(Activity):
    """An Activity that takes one sample at a time."""

    def update(self, ax, ay, az, unrest):
        """Take one sample's acceleration, and the filter's unrest at it."""
        self.take(as_delivered(ax, ay, az), 0, 1, unrest)


class SinglePipeline(Pipeline):
    """A Pipeline that takes one sample at a time; `decided` says whether the latest brought a decision."""

    def step(self, second, ax, ay, az, gx, gy, gz):
        """Take one sample that falls into second 0…4 of its epoch, decide if it is time, and return the state."""
        self.take(as_delivered(ax, ay, az, gx, gy, gz), 0, 1)
        self.decided = not self.wanted
        if self.decided:
            self.decide(second)
        else:
            self.happened = 0
        return self.posture.state
