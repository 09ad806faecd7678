"""From raw counts to posture state nothing is allocated: on the board garbage collection never delays a sample."""

import struct
from array import array

from heap import bytes_kept, only_micropython, run_without_heap
from scenes import FORWARD, GYRO_DPS_PER_COUNT, RATE_HZ, UP, Noise, Wearer
from single import as_delivered
from unslouch_device.contract.settings import ALERT_GAP_S, ALERT_MODE, BUDGET_MODE, DELAY_MODE, DELAY_S
from unslouch_device.contract.states import LEANING, MOVING, RECLINED, SLOUCHING, STATE_NAMES, UPRIGHT
from unslouch_device.parts.lsm6dsox import TAG_ACCELEROMETER, TAG_GYROSCOPE, Lsm6dsox
from unslouch_device.sense.pipeline import ALERTED, CONFIRMED, CORRECTED, DEFAULTS, ENDED, Pipeline

EPOCH_SAMPLES = 5 * RATE_HZ
SCENE_EPOCHS = 14


def scene():
    """Return the samples of 70 s in which all happens that can within it: 6 · 3640 values, as a driver leaves them."""
    wearer = Wearer()
    wanted = SCENE_EPOCHS * EPOCH_SAMPLES
    values = array("h")

    def play(seconds):
        for _ in range(round(seconds * RATE_HZ)):
            values.extend(as_delivered(*wearer.sample()))

    play(4)
    wearer.lean_to(28, 2)
    play(2)
    wearer.stay()
    play(9)
    wearer.lean_to(-20, 2)
    play(2)
    wearer.stay()
    play(5)
    wearer.lean_to(0, 1)
    play(1)
    wearer.stay()
    wearer.walking = True
    play(6)
    wearer.walking = False
    play(12)
    jitter = Noise(8).within
    for _ in range(5 * RATE_HZ):  # thrown about
        values.extend(array("h", [jitter(32767) for _ in range(6)]))
    for _ in range(4 * RATE_HZ):  # full scale, steadily, and the opposite
        values.extend(array("h", (32767, -32768, 32767, -32768, 32767, -32768)))
    for _ in range(2 * RATE_HZ):
        values.extend(array("h", (-32768, 32767, -32768, 32767, -32768, 32767)))
    wearer.tremble = 2  # on a table
    while len(values) < 6 * wanted:
        values.extend(as_delivered(*wearer.sample()))
    return values


class Run:
    """A pipeline over the scene, epochs included; play() allocates nothing of its own."""

    def __init__(self, alert_mode=DELAY_MODE):
        settings = dict(DEFAULTS)
        settings[ALERT_MODE] = alert_mode
        settings[DELAY_S] = 5
        settings[ALERT_GAP_S] = 30
        self.pipeline = Pipeline(RATE_HZ, GYRO_DPS_PER_COUNT, settings)
        self.pipeline.calibrate(UP, FORWARD)
        self.take = self.pipeline.take
        self.decide = self.pipeline.decide
        self.pack = self.pipeline.epoch.pack
        self.values = scene()
        self.seen = bytearray(len(STATE_NAMES))
        self.happened = 0
        self.epochs = 0

    def play(self):
        take = self.take  # one by one: a tuple of five would be on the heap
        decide = self.decide
        pack = self.pack
        values = self.values
        seen = self.seen
        pipeline = self.pipeline
        for epoch in range(SCENE_EPOCHS):
            at = begin = epoch * EPOCH_SAMPLES
            end = begin + EPOCH_SAMPLES
            while at < end:
                run = pipeline.wanted if pipeline.wanted < end - at else end - at
                take(values, at, run)
                at += run
                if not pipeline.wanted:
                    seen[decide((at - 1 - begin) // RATE_HZ)] = 1
                    self.happened |= pipeline.happened
            if pack(True):
                self.epochs += 1


def test_the_scene_holds_a_slouch_an_alert_and_epochs():
    run = Run()
    run.play()
    assert len(run.values) // 6 >= 2000
    for state in (UPRIGHT, LEANING, SLOUCHING, RECLINED, MOVING):
        assert run.seen[state], STATE_NAMES[state]
    assert run.happened == CONFIRMED | ENDED | CORRECTED | ALERTED
    assert run.epochs == SCENE_EPOCHS


def test_a_decision_and_a_closed_epoch_need_no_heap():
    only_micropython()
    run = Run()
    run_without_heap(run.play)
    assert run.epochs == SCENE_EPOCHS
    assert run.happened & ALERTED


def test_a_decision_and_a_closed_epoch_keep_no_heap():
    only_micropython()
    run = Run()
    play = run.play
    assert bytes_kept(play) == 0
    assert run.epochs == SCENE_EPOCHS
    assert run.happened & ALERTED


def test_a_decision_that_spends_holding_time_needs_no_heap():
    only_micropython()
    run = Run(BUDGET_MODE)
    run_without_heap(run.play)
    assert run.epochs == SCENE_EPOCHS
    assert bytes_kept(run.play) == 0


def test_a_sample_without_calibration_needs_no_heap():
    only_micropython()
    run = Run()
    run.pipeline.calibrated = False
    run_without_heap(run.play)
    assert run.epochs == SCENE_EPOCHS


def test_taking_fifo_words_apart_needs_no_heap():
    only_micropython()
    imu = Lsm6dsox(None, 0x6A)
    words = 64
    for i in range(words):
        tag = TAG_ACCELEROMETER if i % 2 else TAG_GYROSCOPE
        imu._words[7 * i : 7 * i + 7] = struct.pack("<Bhhh", tag << 3, -i, 32767, -32768)
    unpack = imu._unpack

    def work():
        for _ in range(20):
            unpack(words, 0)

    run_without_heap(work)
    assert bytes_kept(work) == 0
    assert tuple(imu.samples[:6]) == (-1, 32767, -32768, 0, 32767, -32768)


def test_the_measurement_would_notice_an_allocation():
    only_micropython()
    kept = []

    def work():
        kept.append(bytearray(64))

    assert bytes_kept(work) >= 64
    try:
        run_without_heap(work)
    except MemoryError:
        return
    raise AssertionError("the heap was not locked")
