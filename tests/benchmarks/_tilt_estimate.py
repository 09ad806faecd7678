"""Runs the firmware's gravity filter over a file of trials, on any interpreter; _tilt_ours.py makes the file.

usage: _tilt_estimate.py FILE [time]

The file begins with a line of JSON: rate_hz, gyro_dps_per_count and trials (the number of samples of each). Behind it
lie the counts as the chip delivers them: ax, ay, az, gx, gy, gz of each sample, 16 bits, little-endian. Printed are the
estimates, x, y and z after each sample, 32 bits, as lines of hexadecimal; with `time`, how many ns a sample of the
first trial takes.
"""

import json
import sys
import time
from array import array
from binascii import hexlify

from unslouch_device.sense.gravity import GravityFilter

CHUNK_SAMPLES = 512
TIMED_SAMPLES = 2000
ROUNDS = 5

try:
    from time import ticks_diff, ticks_us
except ImportError:
    ticks_us = ticks_diff = None


def estimate(gravity, file, samples):
    """Print the estimates of one trial."""
    take = gravity.take
    estimates = array("i", bytes(12 * CHUNK_SAMPLES))
    while samples:
        chunk = min(samples, CHUNK_SAMPLES)
        counts = array("h", file.read(12 * chunk))
        for i in range(chunk):
            take(counts, i, 1)
            estimates[3 * i] = gravity.x
            estimates[3 * i + 1] = gravity.y
            estimates[3 * i + 2] = gravity.z
        print(hexlify(memoryview(estimates)[: 3 * chunk]).decode())
        samples -= chunk


def elapsed_ns(work, *args):
    """Return how long work(*args) takes."""
    if ticks_us:
        begin = ticks_us()
        work(*args)
        return ticks_diff(ticks_us(), begin) * 1000
    begin = time.perf_counter_ns()
    work(*args)
    return time.perf_counter_ns() - begin


def ns_per_sample(gravity, file, samples):
    """Return the cost of one sample in a batch: the best of some rounds."""
    samples = min(samples, TIMED_SAMPLES)
    counts = array("h", file.read(12 * samples))
    return round(min([elapsed_ns(gravity.take, counts, 0, samples) for _ in range(ROUNDS)]) / samples)


def main(path, *options):
    with open(path, "rb") as file:  # noqa: PTH123 - MicroPython has no pathlib
        job = json.loads(file.readline().decode())
        for samples in job["trials"]:
            gravity = GravityFilter(job["rate_hz"], job["gyro_dps_per_count"])
            if "time" in options:
                print(ns_per_sample(gravity, file, samples))
                break
            estimate(gravity, file, samples)


main(*sys.argv[1:])
