"""What a sensor on an upper back would read: counts of plain scenes, for tests of the firmware's senses.

The sensor's axes are x up, y right, z out of the back, so that forward tilt turns it about y.
"""

from math import cos, pi, sin

from unslouch_device.contract.settings import DEFAULTS

RATE_HZ = 52
GYRO_DPS_PER_COUNT = 0.07
ONE_G = 1 << 13
UP = (1 << 14, 0, 0)
FORWARD = (0, 0, 1 << 14)


def counts(value):
    """Round to a count, and stop at the chip's full scale."""
    return max(-32768, min(32767, round(value)))


def per_count(rate_dps):
    """Return a rate in counts."""
    return counts(rate_dps / GYRO_DPS_PER_COUNT)


def up_counts(forward_deg, lateral_deg=0):
    """Return the acceleration of a still sensor that is tilted forward, then to the right."""
    forward = forward_deg * pi / 180
    lateral = lateral_deg * pi / 180
    return (
        counts(ONE_G * cos(lateral) * cos(forward)),
        counts(ONE_G * sin(lateral)),
        counts(ONE_G * cos(lateral) * sin(forward)),
    )


class Noise:
    """Whole numbers that look random and are the same everywhere (the generator of Numerical Recipes, 7.1)."""

    def __init__(self, seed=1):
        self._state = seed

    def within(self, limit):
        """Return the next number of -limit…limit."""
        self._state = (1664525 * self._state + 1013904223) & 0xFFFFFFFF
        return (self._state >> 8) % (2 * limit + 1) - limit


class Wearer:
    """Produces samples one after another: `sample()` after `lean_to()` gives ax, ay, az, gx, gy, gz.

    A living body trembles: rates vary by up to tremble_dps.
    """

    def __init__(self, bias_dps=(0, 0, 0), tremble_dps=1.2):
        self.forward_deg = 0.0
        self.lateral_deg = 0.0
        self.bias_dps = bias_dps
        self.tremble = per_count(tremble_dps)
        self._noise = Noise()
        self._speed_dps = 0.0
        self._step = 0
        self.walking = False

    def lean_to(self, forward_deg, seconds):
        """Begin to move at an even speed; returns the number of samples it takes."""
        samples = max(1, round(seconds * RATE_HZ))
        self._speed_dps = (forward_deg - self.forward_deg) / samples * RATE_HZ
        return samples

    def stay(self):
        """Stop moving."""
        self._speed_dps = 0.0

    def sample(self):
        """Return the next sample."""
        self.forward_deg += self._speed_dps / RATE_HZ
        self._step += 1
        ax, ay, az = up_counts(self.forward_deg, self.lateral_deg)
        swing = 0
        if self.walking:  # two steps a second
            phase = 2 * pi * 2 * self._step / RATE_HZ
            ax = counts(ax + 0.25 * ONE_G * sin(phase))
            az = counts(az + 0.1 * ONE_G * cos(phase))
            swing = per_count(30 * sin(phase / 2))
        jitter = self._noise.within
        tremble = self.tremble
        x_dps, y_dps, z_dps = self.bias_dps
        return (
            ax + jitter(12),
            ay + jitter(12),
            az + jitter(12),
            counts(per_count(x_dps) + swing + jitter(tremble)),
            counts(per_count(y_dps + self._speed_dps) + jitter(tremble)),
            counts(per_count(z_dps) + jitter(tremble)),
        )


class Moves:
    """What a `wearer` does in a scene; `_play` measures so many samples of it."""

    def lean_to(self, forward_deg, seconds=1):
        """Move there and stop."""
        self._play(self.wearer.lean_to(forward_deg, seconds))
        self.wearer.stay()
        return self

    def hold(self, seconds):
        """Go on as it is."""
        self._play(round(seconds * RATE_HZ))
        return self

    def walk(self, seconds):
        """Walk for a while."""
        self.wearer.walking = True
        self.hold(seconds)
        self.wearer.walking = False
        return self


class Session(Moves):
    """A calibrated pipeline with a wearer before it; notes the states it passes through and what happens."""

    def __init__(self, wearer=None, calibrated=True, **settings):
        """settings: `delay_s` and the like, named as in contract.settings."""
        from single import SinglePipeline
        from unslouch_device.contract import settings as contract

        self.wearer = wearer or Wearer()
        values = dict(DEFAULTS)
        for name, value in settings.items():
            values[getattr(contract, name.upper())] = value
        self.pipeline = SinglePipeline(RATE_HZ, GYRO_DPS_PER_COUNT, values)
        if calibrated:
            self.pipeline.calibrate(UP, FORWARD)
        self.samples = 0
        self.states = []  # each state when it began: (seconds, state)
        self.happened = []  # (seconds, bits of Pipeline.happened)

    def bend_aside(self, lateral_deg):
        """Tilt sideways at once, to the right."""
        self.wearer.lateral_deg = lateral_deg
        return self

    @property
    def state(self):
        """The state now."""
        return self.states[-1][1]

    def passed(self):
        """Return the states in the order they were passed through."""
        return [state for _, state in self.states]

    def times_of(self, event):
        """Return the seconds at which a bit of Pipeline.happened was set."""
        return [seconds for seconds, bits in self.happened if bits & event]

    def _play(self, samples):
        pipeline = self.pipeline
        for _ in range(samples):
            state = pipeline.step(0, *self.wearer.sample())
            self.samples += 1
            seconds = self.samples / RATE_HZ
            if pipeline.happened:
                self.happened.append((seconds, pipeline.happened))
            if not self.states or state != self.states[-1][1]:
                self.states.append((seconds, state))
            if self.samples % (5 * RATE_HZ) == 0:
                pipeline.epoch.clear()
