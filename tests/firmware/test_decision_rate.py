"""Deciding at a quarter of the rate brings the states and alerts that deciding at every sample did."""

from every_sample.pipeline import EverySamplePipeline
from scenes import FORWARD, GYRO_DPS_PER_COUNT, RATE_HZ, UP, Moves, Wearer
from single import SinglePipeline, as_delivered
from unslouch_device.contract.settings import ALERT_GAP_S, ALERT_MODE, BUDGET_MODE, DELAY_MODE, DELAY_S
from unslouch_device.contract.states import LEANING, MOVING, RECLINED, SLOUCHING, STATE_NAMES, UPRIGHT
from unslouch_device.sense.pipeline import ALERTED, CONFIRMED, CORRECTED, DEFAULTS, ENDED, MISSED, samples_per_decision

NEAR = RATE_HZ // 4


class Both(Moves):
    """The former pipeline and today's, fed with the same samples: when states began in each, and what happened."""

    def __init__(self, mode=DELAY_MODE, delay_s=5):
        settings = dict(DEFAULTS)
        settings[ALERT_MODE] = mode
        settings[DELAY_S] = delay_s
        settings[ALERT_GAP_S] = 30
        self.wearer = Wearer()
        self.former = EverySamplePipeline(RATE_HZ, GYRO_DPS_PER_COUNT, settings)
        self.present = SinglePipeline(RATE_HZ, GYRO_DPS_PER_COUNT, settings)
        self.pipelines = (self.former, self.present)
        for pipeline in self.pipelines:
            pipeline.calibrate(UP, FORWARD)
        self.samples = 0
        self.states = ([], [])
        self.happened = ([], [])
        self.decisions = 0
        self.speed = 0

    def assert_alike(self):
        """Check that both went through the same states, and that the same happened, at nearly the same times."""
        for former, present in (self.states, self.happened):
            assert [what for _, what in former] == [what for _, what in present]
            for (one, what), (other, _) in zip(former, present):
                assert abs(one - other) <= NEAR, (what, one, other)

    def _play(self, samples):
        for _ in range(samples):
            ax, ay, az, gx, gy, gz = self.wearer.sample()
            sample = (ax & -2, ay & -2, az & -2, gx, gy, gz)  # as the chip delivers them
            self.samples += 1
            for pipeline, states, happened in zip(self.pipelines, self.states, self.happened):
                state = pipeline.step(0, *sample)
                if not states or states[-1][1] != state:
                    states.append((self.samples, state))
                if pipeline.happened:
                    happened.append((self.samples, pipeline.happened))
            if self.present.decided:
                self._compare_what_every_sample_enters()
                if self.decisions % 65 == 0:  # 5 s
                    self.former.epoch.clear()
                    self.present.epoch.clear()

    def _compare_what_every_sample_enters(self):
        """At a decision gravity and activity are the same to the last bit, and so is the speed so far."""
        self.decisions += 1
        former, present = self.former, self.present
        for one, other in (
            (former.gravity.x, present.gravity.x),
            (former.gravity.y, present.gravity.y),
            (former.gravity.z, present.gravity.z),
            (former.tilt.forward_cdeg, present.tilt.forward_cdeg),
            (former.activity.variation, present.activity.variation),
            (former.activity.kind, present.activity.kind),
            (former.activity.walking, present.activity.walking),
            (former.epoch._speed_sum, present.epoch._speed_sum),
            (former.epoch.samples, present.epoch.samples),
        ):
            assert one == other, (self.samples, one, other)


def test_a_slump_a_correction_a_recline_and_a_walk_are_the_same_within_a_quarter_of_a_second():
    both = Both().hold(5).lean_to(22, 2).hold(45).lean_to(0).hold(6).lean_to(-20).hold(4).lean_to(0).hold(3)
    both.walk(12).hold(8).lean_to(25, 3).hold(10)
    both.assert_alike()
    former, expected, happened = both.states[0], CONFIRMED | ENDED | ALERTED | MISSED | CORRECTED, 0
    for _, bits in both.happened[0]:
        happened |= bits
    for state in (UPRIGHT, LEANING, SLOUCHING, RECLINED, MOVING):
        assert state in [each for _, each in former], STATE_NAMES[state]
    assert happened & expected == expected
    assert abs(both.decisions - both.samples / 4) <= 1


def test_leans_of_any_length_are_the_same():
    both = Both().hold(3)
    for tenths in range(3, 60, 5):
        both.lean_to(25, 0.6).hold(tenths / 10).lean_to(0, 0.6).hold(3)
    both.assert_alike()


def test_a_spent_holding_time_brings_its_alert_at_the_same_time():
    both = Both(BUDGET_MODE, 600).hold(2).lean_to(58, 2).hold(75).lean_to(5).hold(5)
    both.assert_alike()
    assert [bits for _, bits in both.happened[0]] == [ALERTED, CORRECTED]


def test_a_decision_takes_a_quarter_of_the_samples_or_a_fifth_where_that_makes_a_second_even():
    found = [samples_per_decision(rate_hz) for rate_hz in (26, 50, 52, 100, 104, 208)]
    assert found == [2, 5, 4, 10, 8, 16]
    for rate_hz in (24, 47.6, 48, 53, 95.24):
        assert 9 < rate_hz / samples_per_decision(rate_hz) <= 13, rate_hz


def test_the_first_sample_after_a_start_and_after_a_gap_is_decided_upon():
    both = Both().hold(0.02)
    assert both.decisions == 1
    both.hold(0.05)
    before = both.decisions
    both.present.resume_after_gap(60)
    both.present.take(as_delivered(*both.wearer.sample()), 0, 1)
    assert not both.present.wanted
    assert both.decisions == before
