"""gravity_step.py as machine code: made from it by `make native`, never edited."""

import sys

import micropython

if sys.maxsize > 0x7FFFFFFF:
    raise ImportError("only words of 32 bits are read back with their sign")


@micropython.viper
def watch_rest(state, ax: int, ay: int, az: int, gx: int, gy: int, gz: int):
    s = ptr32(state)
    off_x = (gx << 4) - s[18]
    off_y = (gy << 4) - s[19]
    off_z = (gz << 4) - s[20]
    unrest = off_x if off_x >= 0 else -off_x
    other = off_y if off_y >= 0 else -off_y
    if other > unrest:
        unrest = other
    other = off_z if off_z >= 0 else -off_z
    if other > unrest:
        unrest = other
    s[30] = unrest
    shift = s[49] if unrest < s[38] else s[49] + 4
    half = 1 << shift - 1
    moving = 1 if unrest > s[37] else 0
    rate = s[18] + (off_x + half >> shift)
    s[18] = rate
    if rate > s[39] or -rate > s[39]:
        moving = 1
    rate = s[19] + (off_y + half >> shift)
    s[19] = rate
    if rate > s[39] or -rate > s[39]:
        moving = 1
    rate = s[20] + (off_z + half >> shift)
    s[20] = rate
    if rate > s[39] or -rate > s[39]:
        moving = 1
    shift = s[49]
    up_x = s[21] + ((ax << 4) - s[21] >> shift)
    up_y = s[22] + ((ay << 4) - s[22] >> shift)
    up_z = s[23] + ((az << 4) - s[23] >> shift)
    s[21] = up_x
    s[22] = up_y
    s[23] = up_z
    wander = s[40]
    off_x = up_x - s[24]
    off_y = up_y - s[25]
    off_z = up_z - s[26]
    if (
        off_x > wander
        or -off_x > wander
        or off_y > wander
        or (-off_y > wander)
        or (off_z > wander)
        or (-off_z > wander)
    ):
        moving = 1
    if moving:
        s[31] = 0
        s[24] = up_x
        s[25] = up_y
        s[26] = up_z
    elif s[31] < s[41]:
        s[31] += 1


@micropython.viper
def find_turn(state, gx: int, gy: int, gz: int):
    s = ptr32(state)
    gx = (gx << 4) - s[6]
    gy = (gy << 4) - s[7]
    gz = (gz << 4) - s[8]
    s[27] = gx
    s[28] = gy
    s[29] = gz
    gx = s[9] + gx * s[32] + (gx * s[45] >> 10)
    gy = s[10] + gy * s[32] + (gy * s[45] >> 10)
    gz = s[11] + gz * s[32] + (gz * s[45] >> 10)
    s[9] = gx & 32767
    s[10] = gy & 32767
    s[11] = gz & 32767
    gx >>= 15
    gy >>= 15
    gz >>= 15
    gx = 16383 if gx > 16383 else -16383 if gx < -16383 else gx
    gy = 16383 if gy > 16383 else -16383 if gy < -16383 else gy
    gz = 16383 if gz > 16383 else -16383 if gz < -16383 else gz
    lx = s[12]
    ly = s[13]
    lz = s[14]
    s[12] = gx
    s[13] = gy
    s[14] = gz
    cx = s[15] + (ly * gz - lz * gy >> 10) * 171
    cy = s[16] + (lz * gx - lx * gz >> 10) * 171
    cz = s[17] + (lx * gy - ly * gx >> 10) * 171
    s[15] = cx & 32767
    s[16] = cy & 32767
    s[17] = cz & 32767
    gx += cx >> 15
    gy += cy >> 15
    gz += cz >> 15
    s[42] = 16383 if gx > 16383 else -16383 if gx < -16383 else gx
    s[43] = 16383 if gy > 16383 else -16383 if gy < -16383 else gy
    s[44] = 16383 if gz > 16383 else -16383 if gz < -16383 else gz


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
