"""The epoch: what five seconds of samples come to."""

from scenes import RATE_HZ
from unslouch_device.contract import records as r
from unslouch_device.contract.states import (
    ACTIVITY_MOVING,
    ACTIVITY_STILL,
    LEANING,
    MOVING,
    SLOUCHING,
    UPRIGHT,
)
from unslouch_device.sense.epoch import EpochBuilder


def filled(seconds_cdeg=(500, 600, 700, 800, 900), samples_per_second=RATE_HZ):
    builder = EpochBuilder(RATE_HZ)
    for second, cdeg in enumerate(seconds_cdeg):
        for _ in range(samples_per_second):
            builder.add(second, 1, UPRIGHT, ACTIVITY_STILL, cdeg, -150, 250)
    return builder


def packed(builder, calibrated=True):
    assert builder.pack(calibrated)
    return r.EpochRecord(bytes(builder.record))


def test_an_epoch_holds_the_means_of_its_samples():
    epoch = packed(filled())
    assert (epoch.state, epoch.activity, epoch.flags) == (UPRIGHT, ACTIVITY_STILL, 0)
    assert (epoch.forward_cdeg, epoch.lateral_cdeg, epoch.speed_cdeg_s) == (700, -150, 250)
    assert epoch.second_cdeg == (500, 600, 700, 800, 900)


def test_the_state_is_the_one_it_spent_longest_in():
    builder = EpochBuilder(RATE_HZ)
    for state, samples in ((LEANING, 100), (SLOUCHING, 101), (UPRIGHT, 59)):
        for _ in range(samples):
            builder.add(0, 1, state, ACTIVITY_STILL, 0, 0, 0)
    assert packed(builder).state == SLOUCHING


def test_the_activity_is_the_longest_too():
    builder = EpochBuilder(RATE_HZ)
    for i in range(260):
        builder.add(i // RATE_HZ, 1, MOVING, ACTIVITY_MOVING if i > 100 else ACTIVITY_STILL, 0, 0, 0)
    epoch = packed(builder)
    assert (epoch.state, epoch.activity) == (MOVING, ACTIVITY_MOVING)


def test_four_measured_seconds_are_a_whole_epoch_and_three_a_partial_one():
    for missing, partial in ((0, 0), (1, 0), (2, r.EPOCH_PARTIAL), (4, r.EPOCH_PARTIAL)):
        assert packed(filled((300,) * (5 - missing))).flags & r.EPOCH_PARTIAL == partial, missing


def test_sparse_samples_make_it_partial():
    assert packed(filled(samples_per_second=RATE_HZ // 2)).flags & r.EPOCH_PARTIAL


def test_a_second_without_samples_takes_the_mean():
    assert packed(filled((400, 600))).second_cdeg == (400, 600, 500, 500, 500)


def test_an_empty_epoch_is_none():
    assert not EpochBuilder(RATE_HZ).pack(True)


def test_the_next_epoch_begins_empty():
    builder = filled()
    builder.flags |= r.EPOCH_ALERTED
    assert packed(builder).flags & r.EPOCH_ALERTED
    assert builder.samples == 0
    assert not builder.pack(True)
    builder.add(2, 1, MOVING, ACTIVITY_MOVING, -1000, 200, 0)
    epoch = packed(builder)
    assert (epoch.state, epoch.flags) == (MOVING, r.EPOCH_PARTIAL)
    assert (epoch.forward_cdeg, epoch.lateral_cdeg, epoch.speed_cdeg_s) == (-1000, 200, 0)
    assert epoch.second_cdeg == (-1000,) * 5


def test_without_a_calibration_there_is_no_tilt():
    epoch = packed(filled(), calibrated=False)
    assert epoch.forward_cdeg == epoch.lateral_cdeg == r.TILT_UNKNOWN
    assert epoch.second_cdeg == (r.TILT_UNKNOWN,) * 5
    assert epoch.speed_cdeg_s == 0


def test_extreme_tilts_and_speeds_fit():
    builder = EpochBuilder(RATE_HZ)
    for i in range(5 * RATE_HZ):
        builder.add(i // RATE_HZ, 1, UPRIGHT, ACTIVITY_STILL, -18000 if i % 2 else 18000, 9000, 1 << 19)
    epoch = packed(builder)
    assert (epoch.forward_cdeg, epoch.lateral_cdeg, epoch.speed_cdeg_s) == (0, 9000, 6375)
