"""The former arithmetic of one sample of the gravity filter, as machine code."""

import sys

import micropython

if sys.maxsize > 0x7FFFFFFF:
    raise ImportError("only words of 32 bits are read back with their sign")


@micropython.viper
def watch_rest(state, ax: int, ay: int, az: int, gx: int, gy: int, gz: int):
    s = ptr32(state)
    s[27] = gx << 4
    s[28] = gy << 4
    s[29] = gz << 4
    s[46] = ax << 4
    s[47] = ay << 4
    s[48] = az << 4
    unrest = 0
    at = 0
    while at < 3:
        off = s[27 + at] - s[18 + at]
        s[27 + at] = off
        if off < 0:
            off = -off
        if off > unrest:
            unrest = off
        at += 1
    s[30] = unrest
    moving = 1 if unrest > s[37] else 0
    shift = s[49] if unrest < s[38] else s[49] + 4
    half = 1 << shift - 1
    at = 0
    while at < 3:
        rate = s[18 + at] + (s[27 + at] + half >> shift)
        s[18 + at] = rate
        if rate > s[39] or -rate > s[39]:
            moving = 1
        up = s[21 + at] + (s[46 + at] - s[21 + at] >> s[49])
        s[21 + at] = up
        off = up - s[24 + at]
        if off > s[40] or -off > s[40]:
            moving = 1
        at += 1
    if moving:
        s[31] = 0
        s[24] = s[21]
        s[25] = s[22]
        s[26] = s[23]
    elif s[31] < s[41]:
        s[31] += 1


@micropython.viper
def find_turn(state, gx: int, gy: int, gz: int):
    s = ptr32(state)
    s[27] = (gx << 4) - s[6]
    s[28] = (gy << 4) - s[7]
    s[29] = (gz << 4) - s[8]
    at = 0
    while at < 3:
        turn = s[27 + at]
        turn = s[9 + at] + turn * s[32] + (turn * s[45] >> 10)
        s[9 + at] = turn & 32767
        turn >>= 15
        s[42 + at] = 16383 if turn > 16383 else -16383 if turn < -16383 else turn
        at += 1
    gx = s[42]
    gy = s[43]
    gz = s[44]
    lx = s[12]
    ly = s[13]
    lz = s[14]
    s[15] += (ly * gz - lz * gy >> 10) * 171
    s[16] += (lz * gx - lx * gz >> 10) * 171
    s[17] += (lx * gy - ly * gx >> 10) * 171
    at = 0
    while at < 3:
        turn = s[42 + at]
        s[12 + at] = turn
        coning = s[15 + at]
        s[15 + at] = coning & 32767
        turn += coning >> 15
        s[42 + at] = 16383 if turn > 16383 else -16383 if turn < -16383 else turn
        at += 1


@micropython.viper
def carry_along(state):
    s = ptr32(state)
    dx = s[42]
    dy = s[43]
    dz = s[44]
    square = dx * dx + dy * dy + dz * dz >> 14
    fourth = (square >> 1) * (square >> 1) >> 12
    less = square * 2731 - fourth * 137 >> 14
    less_2 = square * 1365 - fourth * 46 >> 14
    at = 0
    lift = 7
    while at <= 3:
        half = 1 << lift - 1
        x = s[at] + half >> lift
        y = s[at + 1] + half >> lift
        z = s[at + 2] + half >> lift
        cx = dy * z - dz * y
        cy = dz * x - dx * z
        cz = dx * y - dy * x
        x = cx + 16384 >> 15
        y = cy + 16384 >> 15
        z = cz + 16384 >> 15
        ex = dy * z - dz * y
        ey = dz * x - dx * z
        ez = dx * y - dy * x
        whole = 14 - lift
        s[at] += (x * less >> whole - 1) - (cx >> whole) + (ex >> whole) - ((ex >> 14) * less_2 >> whole)
        s[at + 1] += (y * less >> whole - 1) - (cy >> whole) + (ey >> whole) - ((ey >> 14) * less_2 >> whole)
        s[at + 2] += (z * less >> whole - 1) - (cz >> whole) + (ez >> whole) - ((ez >> 14) * less_2 >> whole)
        at += 3
        lift += 2


@micropython.viper
def pull(state, ax: int, ay: int, az: int):
    s = ptr32(state)
    dx = s[42]
    dy = s[43]
    dz = s[44]
    x = ax >> 1
    y = ay >> 1
    z = az >> 1
    cx = dy * z - dz * y
    cy = dz * x - dx * z
    cz = dx * y - dy * x
    x = cx + 16384 >> 15
    y = cy + 16384 >> 15
    z = cz + 16384 >> 15
    s[46] = (ax << 8) - (cx >> 6) + (dy * z - dz * y >> 7)
    s[47] = (ay << 8) - (cy >> 6) + (dz * x - dx * z >> 7)
    s[48] = (az << 8) - (cz >> 6) + (dx * y - dy * x >> 7)
    half = 1 << s[34] - 1
    half_damp = 1 << s[36] - 1
    at = 0
    while at < 3:
        z = s[3 + at]
        x = s[46 + at] - s[0 + at] + 32 >> 6
        z += (x * s[33] + half >> s[34]) - ((z >> 5) * s[35] + half_damp >> s[36])
        z = 16777215 if z > 16777215 else -16777215 if z < -16777215 else z
        s[3 + at] = z
        y = s[0 + at] + (z + 64 >> 7)
        s[0 + at] = 4194303 if y > 4194303 else -4194303 if y < -4194303 else y
        at += 1
