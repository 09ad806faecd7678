"""Runs the firmware's pipeline over a file of trials, on any interpreter; slouch_detection.py makes the file.

The file begins with a line of JSON: rate_hz, gyro_dps_per_count, settings (pairs of id and value), forward, spare, and
trials (pairs of samples and whether the trial calibrates those that follow). Behind it lie the counts as the chip
delivers them: ax, ay, az, gx, gy, gz of each sample, 16 bits, little-endian. A line of JSON per trial is printed.
"""

import json
import sys
from array import array

from unslouch_device.contract.messages import OK
from unslouch_device.contract.states import SLOUCHING
from unslouch_device.sense.axes import axes
from unslouch_device.sense.calibration import PENDING, Calibrator
from unslouch_device.sense.gravity import GravityFilter
from unslouch_device.sense.pipeline import ALERTED, Pipeline

STILL_S = 3
PATIENCE_S = 20
EPOCH_S = 5


def calibrate(job, counts, samples):
    """Return the mean acceleration upright and whether it was found as the app finds it.

    Where the wearer never sits still for 3 s, the mean of the whole trial serves.
    """
    gravity = GravityFilter(job["rate_hz"], job["gyro_dps_per_count"])
    calibrator = Calibrator(job["rate_hz"], job["gyro_dps_per_count"], STILL_S, PATIENCE_S)
    total = [0, 0, 0]
    for i in range(samples):
        at = 6 * i
        ax, ay, az = counts[at] << 1, counts[at + 1] << 1, counts[at + 2] << 1
        gx, gy, gz = counts[at + 3], counts[at + 4], counts[at + 5]
        gravity.take(counts, i, 1)
        if calibrator.outcome == PENDING:
            calibrator.update(ax, ay, az, gx, gy, gz, gravity)
        total[0] += ax
        total[1] += ay
        total[2] += az
    if calibrator.outcome == OK:
        return calibrator.mean, True
    return (total[0] / samples, total[1] / samples, total[2] / samples), False


def detect(job, upright, counts, samples):
    """Return after how many samples slouching and the alert came (None: never), and the sum of forward tilt."""
    pipeline = Pipeline(job["rate_hz"], job["gyro_dps_per_count"], dict(job["settings"]))
    pipeline.calibrate(*upright)
    tilt = pipeline.tilt
    slouching = alerted = None
    forward_cdeg = 0
    epoch_samples = round(EPOCH_S * job["rate_hz"])
    at = 0
    while at < samples:
        run = min(pipeline.wanted, samples - at)
        pipeline.take(counts, at, run)
        at += run
        if pipeline.wanted:
            continue
        state = pipeline.decide(0)
        forward_cdeg += tilt.forward_cdeg * run
        if state == SLOUCHING and slouching is None:
            slouching = at
        if pipeline.happened & ALERTED and alerted is None:
            alerted = at
        if at > epoch_samples:
            pipeline.epoch.clear()
            epoch_samples += round(EPOCH_S * job["rate_hz"])
    return {"slouching": slouching, "alerted": alerted, "forward_sum_cdeg": forward_cdeg}


def main(path):
    with open(path, "rb") as file:  # noqa: PTH123 - MicroPython has no pathlib
        job = json.loads(file.readline().decode())
        upright = None
        for samples, calibrates in job["trials"]:
            counts = array("h", file.read(12 * samples))
            if calibrates:
                mean, settled = calibrate(job, counts, samples)
                upright = axes(mean, tuple(job["forward"]), tuple(job["spare"]))
                result = {"up": upright[0], "forward": upright[1], "settled": settled}
            else:
                result = detect(job, upright, counts, samples)
            print(json.dumps(result))


main(sys.argv[1])
