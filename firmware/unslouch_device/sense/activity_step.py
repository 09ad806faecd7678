"""The arithmetic of activity for a run of samples, on one array of 32-bit integers; activity.py explains it.

Like gravity_step.py it is made into machine code, in native.py, by `make native`.

|a|, low-passed, swings through its mean once a step. A step may last a quarter longer or shorter than the last even
one. In recordings of people at work one step in 20 is too faint to be seen, and the next one seems to last twice as
long: an uneven step only takes back an even one, and the pace ends after the time of two slow steps without any.

Acceleration is in 2**-13 g where nothing else is said: each axis ≤ 2**16, the sum of squares in 2**-11 g < 2**29.6; the
excess of |a| over 1 g, from squares, < 2**19.6; its deviation, low-passed, in 2**-15 g < 2**21.7. The difference of two
such times the low-pass's factor, < 2**6.9 from 26 Hz on, is < 2**29.6.
"""

# Places in the state.
MEAN = 0  # of |a| − 1 g, over the window before this half second
SUM = 1  # of |a| − 1 g, each held within ±BLOW, in this half second
DEVIATION = 2  # sum of |SMOOTH| in this half second, 2**-15 g
SHARE = 3  # factor of the low-pass, 2**-8
SMOOTH = 4  # deviation of |a| from MEAN, low-passed once, 2**-15 g
SMOOTHER = 5  # … and twice
SWING = 6  # of SMOOTHER to either side that makes a step
SHORTEST = 7  # that a step takes, in samples
LONGEST = 8
SINCE = 9  # samples since the last step, up to one more than two of the longest take
LAST = 10  # what the last even step took
STEPS = 11  # even ones, less one for each uneven one
BELOW = 12  # not 0: since the last step |a| has been low
WALKING = 13  # not 0: steps come at a walker's pace
SIZE = 14

BLOW = 3072  # beyond it |a| hardly enters the mean, or a blow would change it for seconds
ONE_G_SQUARED = 4194304  # in 2**-22 g²
STEPS_TO_WALK = 4  # even ones
STEPS_REMEMBERED = 8


def ptr32(array):
    """Stand for the pointer type of machine code; here the array is one."""
    return array


def ptr16(array):
    """Stand for the pointer type of machine code, which reads without a sign."""
    return array


def measure_samples(state, samples, first: int, count: int):
    """Take `count` > 0 samples from the number `first` on: ax, ay, az in 2**-12 g, 16 bits, of each six values."""
    s = ptr32(state)
    p = ptr16(samples)
    i = 6 * first
    while True:
        x = -ONE_G_SQUARED
        axis = 0
        while axis < 3:
            y = (((p[i + axis] + 32768) & 65535) - 32768) >> 1  # 2**-11 g
            x += y * y
            axis += 1
        x >>= 10  # ≈ |a| − 1 g
        y = BLOW if x > BLOW else -BLOW if x < -BLOW else x
        s[SUM] += y
        y = s[SMOOTH]
        y += ((((x - s[MEAN]) << 2) - y) * s[SHARE]) >> 8
        s[SMOOTH] = y
        s[SMOOTHER] += ((y - s[SMOOTHER]) * s[SHARE]) >> 8
        if y < 0:
            y = -y
        s[DEVIATION] += y
        find_step(s)
        i += 6
        count -= 1
        if count == 0:
            return


def find_step(s):
    """Let a sample pass, and count the step that ends with it."""
    since = s[SINCE]
    if since <= 2 * s[LONGEST]:
        since += 1
        s[SINCE] = since
    else:
        s[STEPS] = 0
        s[WALKING] = 0
    y = s[SMOOTHER]
    if y < -s[SWING]:
        s[BELOW] = 1
    elif s[BELOW] != 0 and y > s[SWING]:
        s[BELOW] = 0
        s[SINCE] = 0
        steps = s[STEPS]
        off = since - s[LAST]
        if off < 0:
            off = -off
        if s[SHORTEST] <= since and since <= s[LONGEST] and (steps == 0 or 4 * off <= since):
            s[LAST] = since
            if steps < STEPS_REMEMBERED:
                steps += 1
            if steps > STEPS_TO_WALK:
                s[WALKING] = 1
        else:
            if steps > 0:
                steps -= 1
            if steps == 0:
                s[WALKING] = 0
        s[STEPS] = steps
