"""The arithmetic of the gravity filter for a run of samples, on one array of 32-bit integers; gravity.py explains it.

`native.py` holds the same as machine code: `make native` makes it from here, with the functions that `filter_samples`
calls put in their callers' place, so nobody edits it. Hence a small part of Python: integers, arrays, and calls whose
arguments have the names of the parameters. Every intermediate value stays below 2**30 in magnitude, which both 31-bit
small integers and 32-bit machine words hold; the ranges stand beside the lines.
"""

# Places in the state. Vectors take three: x, y, z.
UP = 0  # y: the filtered acceleration, 2**-21 g, held within ±2 g per axis
SLOPE = 3  # z: its change per sample, 2**-28 g, held within ±2**24
BIAS = 6  # 2**-4 counts
CARRY = 9  # of the turn, below 2**-14 rad, in 2**-29 rad
LAST = 12  # the turn before, 2**-14 rad
CONING = 15  # carry of the coning correction, in 2**-29 rad
SLOW_RATE = 18  # low-passed rate, 2**-4 counts
SLOW_UP = 21  # low-passed acceleration, 2**-17 g
ANCHOR = 24  # SLOW_UP when the present rest began
RATE = 27  # ω − bias, 2**-4 counts
UNREST = 30  # |rate − SLOW_RATE|, the largest axis, the most since the reader set it to 0; 2**-4 counts
REST = 31  # samples of rest so far, up to REST_NEEDED
GAIN = 32  # 2**-29 rad per sample and 2**-4 count, below 1699
PULL = 33  # (ω₀ dt)², below 1024, and the shift that makes 2**-28 g of it
PULL_SHIFT = 34
DAMP = 35  # √2 ω₀ dt, below 1024, and its shift
DAMP_SHIFT = 36
REST_RATE = 37  # limits of watch_rest(), in the units of what they limit
SUDDEN_RATE = 38
BIAS_LIMIT = 39
WANDER = 40
REST_NEEDED = 41
TURN = 42  # of this sample, coning included, 2**-14 rad
GAIN_REST = 45  # what GAIN leaves out, in 1/1024 of it
AHEAD = 46  # its acceleration, seen from the end of its turn, 2**-21 g
SLOW_SHIFT = 49  # both low-passes take 2**SLOW_SHIFT samples, 16 times that for a sudden rate
AXIS = 50  # about which SPEED is measured, unit vector in 2**-8
SPEED_SCALE = 53  # cdeg/s of one 2**-4 count of rate, times 256
SPEED = 54  # sum of the samples' speeds about AXIS since the reader set it to 0, cdeg/s, each below 2**19
SATURATED = 55  # not 0: a sample since the reader set it to 0 was at the end of the chip's range
SAMPLE = 56  # ax, ay, az in 2**-12 g and gx, gy, gz in counts, 16 bits each
SIZE = 62

END_OF_RANGE = 32760  # of the chip's 16 bits


def ptr32(array):
    """Stand for the pointer type of machine code; here the array is one."""
    return array


def ptr16(array):
    """Stand for the pointer type of machine code, which reads without a sign."""
    return array


def filter_samples(state, samples, first: int, count: int):
    """Take `count` > 0 samples from the number `first` on: ax, ay, az in 2**-12 g and gx, gy, gz in counts, 16 bits."""
    s = ptr32(state)
    p = ptr16(samples)
    i = 6 * first
    while True:
        at = 0
        while at < 6:
            x = ((p[i + at] + 32768) & 65535) - 32768
            s[SAMPLE + at] = x
            if x >= END_OF_RANGE or x <= -END_OF_RANGE:
                s[SATURATED] = 1
            at += 1
        watch_rest(s)
        find_turn(s)
        carry_along(s)
        pull(s)
        measure_speed(s)
        i += 6
        count -= 1
        if count == 0:
            return


def watch_rest(s):
    """Follow the low-pass of rate and acceleration, and count the samples for which both have kept to it."""
    unrest = 0
    at = 0
    while at < 3:
        off = (s[SAMPLE + 3 + at] << 4) - s[SLOW_RATE + at]  # < 2**20
        s[RATE + at] = off  # RATE gets its own value later in the sample
        if off < 0:
            off = -off
        if off > unrest:
            unrest = off
        at += 1
    if unrest > s[UNREST]:
        s[UNREST] = unrest
    moving = 1 if unrest > s[REST_RATE] else 0
    shift = s[SLOW_SHIFT] if unrest < s[SUDDEN_RATE] else s[SLOW_SHIFT] + 4
    half = 1 << (shift - 1)
    at = 0
    while at < 3:
        rate = s[SLOW_RATE + at] + ((s[RATE + at] + half) >> shift)
        s[SLOW_RATE + at] = rate
        if rate > s[BIAS_LIMIT] or -rate > s[BIAS_LIMIT]:
            moving = 1
        up = s[SLOW_UP + at] + (((s[SAMPLE + at] << 5) - s[SLOW_UP + at]) >> s[SLOW_SHIFT])  # < 2**21
        s[SLOW_UP + at] = up
        off = up - s[ANCHOR + at]
        if off > s[WANDER] or -off > s[WANDER]:
            moving = 1
        at += 1
    if moving:
        s[REST] = 0
        s[ANCHOR] = s[SLOW_UP]
        s[ANCHOR + 1] = s[SLOW_UP + 1]
        s[ANCHOR + 2] = s[SLOW_UP + 2]
    elif s[REST] < s[REST_NEEDED]:
        s[REST] += 1


def find_turn(s):
    """Make the turn of this sample out of the rate; each of its axes is held below 1 rad."""
    at = 0
    while at < 3:
        turn = (s[SAMPLE + 3 + at] << 4) - s[BIAS + at]  # < 2**19.1
        s[RATE + at] = turn
        turn = s[CARRY + at] + turn * s[GAIN] + ((turn * s[GAIN_REST]) >> 10)  # < 2**30; 2**19.1 · 1023 too
        s[CARRY + at] = turn & 0x7FFF
        turn >>= 15
        s[TURN + at] = 16383 if turn > 16383 else -16383 if turn < -16383 else turn
        at += 1
    dx = s[TURN]
    dy = s[TURN + 1]
    dz = s[TURN + 2]
    lx = s[LAST]
    ly = s[LAST + 1]
    lz = s[LAST + 2]
    # coning, last × turn / 12: the product is in 2**-28 and below 2**29, and 171 / 1024 = 2 / 12 of it in 2**-29
    s[CONING] += ((ly * dz - lz * dy) >> 10) * 171
    s[CONING + 1] += ((lz * dx - lx * dz) >> 10) * 171
    s[CONING + 2] += ((lx * dy - ly * dx) >> 10) * 171
    at = 0
    while at < 3:
        turn = s[TURN + at]
        s[LAST + at] = turn
        coning = s[CONING + at]
        s[CONING + at] = coning & 0x7FFF
        turn += coning >> 15
        s[TURN + at] = 16383 if turn > 16383 else -16383 if turn < -16383 else turn
        at += 1


def carry_along(s):
    """Turn both vectors of the filter: v − sin|Δ|/|Δ| Δ×v + (1 − cos|Δ|)/|Δ|² Δ×(Δ×v), the fractions to |Δ|⁴."""
    dx = s[TURN]
    dy = s[TURN + 1]
    dz = s[TURN + 2]
    square = (dx * dx + dy * dy + dz * dz) >> 14  # |Δ|², 2**-14, ≤ 3; the sum < 2**29.6
    fourth = ((square >> 1) * (square >> 1)) >> 12  # |Δ|⁴; the product < 2**29.2
    less = (square * 2731 - fourth * 137) >> 14  # 1 − sin|Δ|/|Δ| = |Δ|²/6 − |Δ|⁴/120, < 2**13
    less_2 = (square * 1365 - fourth * 46) >> 14  # 1 − 2 (1 − cos|Δ|)/|Δ|² = |Δ|²/12 − |Δ|⁴/360, < 2**12
    at = UP
    lift = 7  # UP in 2**-21 g becomes 2**-14 g
    while at <= SLOPE:
        half = 1 << (lift - 1)
        x = (s[at] + half) >> lift  # ≤ 2**15
        y = (s[at + 1] + half) >> lift
        z = (s[at + 2] + half) >> lift
        cx = dy * z - dz * y  # Δ×v, 2**-28 g; each product < 2**29
        cy = dz * x - dx * z
        cz = dx * y - dy * x
        x = (cx + 16384) >> 15  # the same in 2**-13 g, ≤ 2**15
        y = (cy + 16384) >> 15
        z = (cz + 16384) >> 15
        ex = dy * z - dz * y  # Δ×(Δ×v), 2**-27 g
        ey = dz * x - dx * z
        ez = dx * y - dy * x
        whole = 14 - lift
        s[at] += ((x * less) >> (whole - 1)) - (cx >> whole) + (ex >> whole) - (((ex >> 14) * less_2) >> whole)
        s[at + 1] += ((y * less) >> (whole - 1)) - (cy >> whole) + (ey >> whole) - (((ey >> 14) * less_2) >> whole)
        s[at + 2] += ((z * less) >> (whole - 1)) - (cz >> whole) + (ez >> whole) - (((ez >> 14) * less_2) >> whole)
        at += SLOPE - UP
        lift += 2  # SLOPE in 2**-28 g becomes 2**-19 g; all that follows is finer by as much


def pull(s):
    """Let the acceleration act on the filter.

    It is the mean of its interval and belongs to the middle of the turn, so it is carried over the second half.
    """
    dx = s[TURN]
    dy = s[TURN + 1]
    dz = s[TURN + 2]
    x = s[SAMPLE]  # 2**-12 g, ≤ 2**15
    y = s[SAMPLE + 1]
    z = s[SAMPLE + 2]
    cx = dy * z - dz * y  # Δ×a, 2**-26 g; each product < 2**29
    cy = dz * x - dx * z
    cz = dx * y - dy * x
    x = (cx + 16384) >> 15  # 2**-11 g, ≤ 2**15
    y = (cy + 16384) >> 15
    z = (cz + 16384) >> 15
    s[AHEAD] = (s[SAMPLE] << 9) - (cx >> 6) + ((dy * z - dz * y) >> 7)  # a − ½ Δ×a + ⅛ Δ×(Δ×a), < 2**25.5
    s[AHEAD + 1] = (s[SAMPLE + 1] << 9) - (cy >> 6) + ((dz * x - dx * z) >> 7)
    s[AHEAD + 2] = (s[SAMPLE + 2] << 9) - (cz >> 6) + ((dx * y - dy * x) >> 7)
    half = 1 << (s[PULL_SHIFT] - 1)
    half_damp = 1 << (s[DAMP_SHIFT] - 1)
    at = 0
    while at < 3:
        z = s[SLOPE + at]
        x = (s[AHEAD + at] - s[UP + at] + 32) >> 6  # < 2**19.7, times PULL < 2**29.7
        z += ((x * s[PULL] + half) >> s[PULL_SHIFT]) - (((z >> 5) * s[DAMP] + half_damp) >> s[DAMP_SHIFT])
        z = 16777215 if z > 16777215 else -16777215 if z < -16777215 else z
        s[SLOPE + at] = z
        y = s[UP + at] + ((z + 64) >> 7)
        s[UP + at] = 4194303 if y > 4194303 else -4194303 if y < -4194303 else y
        at += 1


def measure_speed(s):
    """Add the speed about AXIS to SPEED."""
    x = s[RATE] * s[AXIS] + s[RATE + 1] * s[AXIS + 1] + s[RATE + 2] * s[AXIS + 2]  # < √3 · 2**19.1 · 2**8 < 2**28
    if x < 0:
        x = -x
    s[SPEED] += ((x >> 8) * s[SPEED_SCALE]) >> 8
