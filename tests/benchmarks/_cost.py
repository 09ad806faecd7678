"""Times the pipeline and its gravity filter as they are and as they were, and a filter in floats; prints JSON."""

import gc
import json
import sys
import time
from array import array
from math import sqrt

from every_sample.gravity import EverySampleFilter
from every_sample.pipeline import EverySamplePipeline
from scenes import FORWARD, GYRO_DPS_PER_COUNT, RATE_HZ, UP, Wearer
from unslouch_device.sense.gravity import GravityFilter
from unslouch_device.sense.pipeline import Pipeline

SAMPLES = 208  # few enough to be measured in one slice of a busy machine
ROUNDS = 25

try:
    from time import ticks_diff, ticks_us
except ImportError:
    ticks_us = ticks_diff = None


class Mahony:
    """The filter of Mahony, Hamel & Pflimlin (IEEE TAC 53(5), 2008) in its usual form: a quaternion, in floats."""

    def __init__(self, rate_hz, rad_s_per_count):
        self.dt = 1.0 / rate_hz
        self.scale = rad_s_per_count
        self.kp = 0.66
        self.ki = 0.01
        self.q0, self.q1, self.q2, self.q3 = 1.0, 0.0, 0.0, 0.0
        self.ix = self.iy = self.iz = 0.0

    def update(self, ax, ay, az, gx, gy, gz):
        """Take one sample of counts."""
        gx, gy, gz = gx * self.scale, gy * self.scale, gz * self.scale
        q0, q1, q2, q3 = self.q0, self.q1, self.q2, self.q3
        length = sqrt(ax * ax + ay * ay + az * az)
        if length:
            ax, ay, az = ax / length, ay / length, az / length
            vx = 2.0 * (q1 * q3 - q0 * q2)
            vy = 2.0 * (q0 * q1 + q2 * q3)
            vz = q0 * q0 - q1 * q1 - q2 * q2 + q3 * q3
            ex, ey, ez = ay * vz - az * vy, az * vx - ax * vz, ax * vy - ay * vx
            self.ix += ex * self.ki * self.dt
            self.iy += ey * self.ki * self.dt
            self.iz += ez * self.ki * self.dt
            gx += self.kp * ex + self.ix
            gy += self.kp * ey + self.iy
            gz += self.kp * ez + self.iz
        half = 0.5 * self.dt
        p0 = q0 - half * (q1 * gx + q2 * gy + q3 * gz)
        p1 = q1 + half * (q0 * gx + q2 * gz - q3 * gy)
        p2 = q2 + half * (q0 * gy - q1 * gz + q3 * gx)
        p3 = q3 + half * (q0 * gz + q1 * gy - q2 * gx)
        norm = 1.0 / sqrt(p0 * p0 + p1 * p1 + p2 * p2 + p3 * p3)
        self.q0, self.q1, self.q2, self.q3 = p0 * norm, p1 * norm, p2 * norm, p3 * norm


def scene():
    """Return the counts of a wearer who slumps: accelerations in 2**-13 g, even as the chip's are."""
    wearer = Wearer()
    wearer.lean_to(25, 8)
    values = array("i")
    for _ in range(SAMPLES):
        ax, ay, az, gx, gy, gz = wearer.sample()
        values.extend(array("i", (ax & -2, ay & -2, az & -2, gx, gy, gz)))
    return values


def batch(values):
    """Return the counts as the driver leaves them: accelerations in 2**-12 g, 16 bits."""
    return array("h", [value >> 1 if i % 6 < 3 else value for i, value in enumerate(values)])


def through_pipeline(values):
    """Return a function that feeds all values to a pipeline, as the sampler does with a batch."""
    pipeline = Pipeline(RATE_HZ, GYRO_DPS_PER_COUNT)
    pipeline.calibrate(UP, FORWARD)
    take = pipeline.take
    decide = pipeline.decide
    clear = pipeline.epoch.clear
    samples = batch(values)

    def feed():
        clear()
        at = 0
        while at < SAMPLES:
            run = pipeline.wanted if pipeline.wanted < SAMPLES - at else SAMPLES - at
            take(samples, at, run)
            at += run
            if not pipeline.wanted:
                decide(0)

    return feed


def through_gravity(values):
    """Return a function that feeds all values to the gravity filter alone, as a batch."""
    take = GravityFilter(RATE_HZ, GYRO_DPS_PER_COUNT).take
    samples = batch(values)

    def feed():
        take(samples, 0, SAMPLES)

    return feed


def through_gravity_by_decision(values):
    """Return a function that feeds all values to the gravity filter alone, four samples at a time."""
    take = GravityFilter(RATE_HZ, GYRO_DPS_PER_COUNT).take
    samples = batch(values)

    def feed():
        for at in range(0, SAMPLES, 4):
            take(samples, at, 4)

    return feed


def through_former_pipeline(values):
    """Return a function that feeds all values to the pipeline that decided at every sample."""
    pipeline = EverySamplePipeline(RATE_HZ, GYRO_DPS_PER_COUNT)
    pipeline.calibrate(UP, FORWARD)
    step = pipeline.step
    clear = pipeline.epoch.clear

    def feed():
        clear()
        for i in range(SAMPLES):
            at = 6 * i
            step(0, values[at], values[at + 1], values[at + 2], values[at + 3], values[at + 4], values[at + 5])

    return feed


def through_former_gravity(values):
    """Return a function that feeds all values to that pipeline's gravity filter alone."""
    update = EverySampleFilter(RATE_HZ, GYRO_DPS_PER_COUNT).update

    def feed():
        for i in range(SAMPLES):
            at = 6 * i
            update(values[at], values[at + 1], values[at + 2], values[at + 3], values[at + 4], values[at + 5])

    return feed


def through_mahony(values):
    """Return a function that feeds all values to the float filter."""
    update = Mahony(RATE_HZ, GYRO_DPS_PER_COUNT * 3.14159265 / 180).update

    def feed():
        for i in range(SAMPLES):
            at = 6 * i
            update(values[at], values[at + 1], values[at + 2], values[at + 3], values[at + 4], values[at + 5])

    return feed


def elapsed_ns(work):
    """Return how long work() takes, with whatever garbage collection it brings about."""
    if ticks_us:
        begin = ticks_us()
        work()
        return ticks_diff(ticks_us(), begin) * 1000
    begin = time.perf_counter_ns()
    work()
    return time.perf_counter_ns() - begin


def allocated(work):
    """Return the bytes that work() takes from MicroPython's heap; None on CPython, whose heap says nothing here."""
    if not hasattr(gc, "mem_alloc"):
        return None
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    work()
    grown = gc.mem_alloc() - before
    gc.enable()
    return grown


def cost(work):
    """Return the cost of one sample: the best of some rounds, and the bytes of one."""
    work()
    total_bytes = allocated(work)
    best_ns = min([elapsed_ns(work) for _ in range(ROUNDS)])
    return {
        "ns_per_sample": round(best_ns / SAMPLES),
        "bytes_per_sample": None if total_bytes is None else total_bytes / SAMPLES,
    }


counts = scene()
result = {
    "pipeline": cost(through_pipeline(counts)),
    "pipeline_before": cost(through_former_pipeline(counts)),
    "gravity": cost(through_gravity(counts)),
    "gravity_by_decision": cost(through_gravity_by_decision(counts)),
    "gravity_before": cost(through_former_gravity(counts)),
    "float_mahony": cost(through_mahony(counts)),
}
result["version"] = ".".join([str(part) for part in sys.implementation.version[:3]])
print(json.dumps(result))
