"""A sensor mounted any way round on a back that moves from pose to pose: counts for tests of calibration."""

from math import cos, pi, sin

from scenes import ONE_G, RATE_HZ, Noise, counts, per_count

STRAIGHT = ((1, 0, 0), (0, 1, 0), (0, 0, 1))


def turn(axis, degrees):
    """Return the rotation matrix, as its rows, of a turn about one axis."""
    c, s = cos(degrees * pi / 180), sin(degrees * pi / 180)
    a, b = (axis + 1) % 3, (axis + 2) % 3
    rows = [list(row) for row in STRAIGHT]
    rows[a][a], rows[a][b] = c, -s
    rows[b][a], rows[b][b] = s, c
    return tuple([tuple(row) for row in rows])


def times(left, right):
    """Return the product of two matrices."""
    return tuple([tuple([sum([left[i][k] * right[k][j] for k in range(3)]) for j in range(3)]) for i in range(3)])


def apply(matrix, vector):
    """Return a matrix times a vector."""
    return tuple([sum([row[i] * vector[i] for i in range(3)]) for row in matrix])


def any_turn(noise):
    """Return a rotation made of three random turns."""
    matrix = STRAIGHT
    for axis in range(3):
        matrix = times(turn(axis, noise.within(18000) / 100), matrix)
    return matrix


MOUNTINGS = (
    ("as meant", STRAIGHT),
    ("upside down", turn(0, 180)),
    ("head down", turn(2, 180)),
    ("sideways", turn(2, 90)),
    ("sideways the other way", turn(2, -90)),
    ("inside out", turn(1, 180)),
    ("forward axis upwards", turn(1, -90)),
    ("tilted forward by 40°", turn(1, 40)),
    ("tilted aside by 40°", turn(2, 40)),
    ("turned about the spine by 40°", turn(0, 40)),
)


def up_in_body(forward_deg, lateral_deg):
    """Return the up direction in body axes (up, right, forward), of unit length."""
    forward, lateral = forward_deg * pi / 180, lateral_deg * pi / 180
    return cos(lateral) * cos(forward), sin(lateral), cos(lateral) * sin(forward)


class Back:
    """Yields samples from a back that moves between poses (θ, φ); `matrix` turns body axes into the sensor's."""

    def __init__(self, matrix=STRAIGHT, seed=1, tremble_dps=1.0, bias_dps=(0, 0, 0), stretch=1.0):
        self.matrix = matrix
        self.pose = (0.0, 0.0)
        self.stretch = stretch
        self._noise = Noise(seed)
        self._tremble = per_count(tremble_dps)
        self._bias = [per_count(rate) for rate in bias_dps]

    def stay(self, seconds):
        """Yield the samples of keeping a pose."""
        return self.go(self.pose[0], self.pose[1], seconds)

    def go(self, forward_deg, lateral_deg, seconds):
        """Yield the samples of going to a pose, gently at both ends."""
        from_forward, from_lateral = self.pose
        steps = max(1, round(seconds * RATE_HZ))
        before = up_in_body(*self.pose)
        for step in range(1, steps + 1):
            share = (1 - cos(pi * step / steps)) / 2
            self.pose = (
                from_forward + share * (forward_deg - from_forward),
                from_lateral + share * (lateral_deg - from_lateral),
            )
            up = up_in_body(*self.pose)
            yield self._sample(before, up)
            before = up

    def _sample(self, before, up):
        d = [(b - a) * RATE_HZ for a, b in zip(before, up)]
        x, y, z = up
        turning = (d[1] * z - d[2] * y, d[2] * x - d[0] * z, d[0] * y - d[1] * x)  # ω = u̇ × u, no turn about up
        jitter = self._noise.within
        acceleration = apply(self.matrix, up)
        rate = apply(self.matrix, turning)
        return tuple([counts(self.stretch * a * ONE_G) + jitter(12) for a in acceleration]) + tuple(
            [per_count(w * 180 / pi) + b + jitter(self._tremble) for w, b in zip(rate, self._bias)]
        )
