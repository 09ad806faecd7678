"""Activity: walking is motion, sitting is not, and a table is stiller than any body."""

from math import pi, sin

from heap import bytes_kept, only_micropython, run_without_heap
from scenes import GYRO_DPS_PER_COUNT, ONE_G, RATE_HZ, Noise, Wearer, per_count
from single import SingleActivity, SingleFilter
from unslouch_device.contract.records import TAKEN_OFF_COLD, TAKEN_OFF_STILL
from unslouch_device.contract.states import ACTIVITY_INERT, ACTIVITY_MOVING, ACTIVITY_STILL

BIAS_X, BIAS_Y = per_count(0.7), per_count(-0.45)


class Senses:
    """A gravity filter and the activity that rests on it."""

    def __init__(self):
        self.gravity = SingleFilter(RATE_HZ, GYRO_DPS_PER_COUNT)
        self.activity = SingleActivity(RATE_HZ, GYRO_DPS_PER_COUNT)
        self.noise = Noise()

    def take(self, sample):
        self.gravity.update(*sample)
        self.activity.update(*sample[:3], self.gravity.unrest)

    def worn(self, wearer, seconds):
        """Wear it and return the kinds of activity that were seen."""
        kinds = set()
        for _ in range(round(seconds * RATE_HZ)):
            self.take(wearer.sample())
            kinds.add(self.activity.kind)
        return kinds

    def on_table(self, seconds):
        """Lie on a table; readings vary by the chip's own noise only."""
        jitter = self.noise.within
        for _ in range(round(seconds * RATE_HZ)):
            rates = [BIAS_X + jitter(1), BIAS_Y + jitter(1), jitter(1)]
            self.take((jitter(6), jitter(6), ONE_G + jitter(6)) + tuple(rates))
        return self.activity.kind

    def knock(self, dps=60):
        """Knock on the table: it rings for a few samples."""
        for part in (1, -0.8, 0.6, -0.4, 0.3, -0.2, 0.1):
            rate = per_count(dps * part)
            self.take((0, round(ONE_G * part / 4), ONE_G, BIAS_X + rate, BIAS_Y, -rate))


def test_walking_is_moving_within_three_seconds():
    senses, wearer = Senses(), Wearer()
    senses.worn(wearer, 10)
    wearer.walking = True
    senses.worn(wearer, 3)
    assert senses.activity.kind == ACTIVITY_MOVING
    assert senses.worn(wearer, 20) == {ACTIVITY_MOVING}


def test_walking_ends_within_three_seconds():
    senses, wearer = Senses(), Wearer()
    wearer.walking = True
    senses.worn(wearer, 10)
    wearer.walking = False
    senses.worn(wearer, 3)
    assert senses.activity.kind == ACTIVITY_STILL
    assert not senses.activity.walking
    assert senses.worn(wearer, 20) == {ACTIVITY_STILL}


class Bouncing:
    """An activity at any rate; the sensor goes up and down, and is no thing."""

    def __init__(self, rate_hz=RATE_HZ):
        self.activity = SingleActivity(rate_hz, GYRO_DPS_PER_COUNT)
        self.rate_hz = rate_hz
        self.samples = 0
        self.phase = 0.0

    def bounce(self, seconds, mg, hz, noise=None):
        """Play a sine, and noise within so many counts; return the share of samples moving, and of those walking."""
        count = round(seconds * self.rate_hz)
        moving = walking = 0
        for _ in range(count):
            self.phase += 2 * pi * hz / self.rate_hz
            up = round(ONE_G * (1 + mg / 1000 * sin(self.phase))) + (noise.within(3000) if noise else 0)
            self.activity.update(up, 0, 0, 1000)
            moving += self.activity.kind == ACTIVITY_MOVING
            walking += self.activity.walking
        return moving / count, walking / count


def test_every_rate_of_the_chip_sees_the_same():
    for rate_hz in (26, 52, 104):
        scene = Bouncing(rate_hz)
        assert scene.bounce(10, 40, 1.9) == (0, 0), rate_hz  # a mean deviation of 25 mg
        scene.bounce(2, 150, 1.9)
        assert scene.activity.kind == ACTIVITY_MOVING, rate_hz
        scene.bounce(3, 150, 1.9)
        assert scene.bounce(20, 150, 1.9) == (1, 1), rate_hz
        scene.bounce(2.5, 40, 1.9)
        assert scene.bounce(10, 40, 1.9) == (0, 0), rate_hz


def test_motion_near_the_limit_does_not_flap():
    scene = Bouncing()
    scene.bounce(2.5, 110, 1.9)  # a mean deviation of 56 mg, low-passed: moving
    assert scene.bounce(20, 75, 1.9)[0] == 1  # of 38 mg: still moving
    scene.bounce(2.5, 50, 1.9)  # of 25 mg
    assert scene.bounce(20, 75, 1.9)[0] == 0


def test_trembling_faster_than_steps_counts_less_than_steps_do():
    for rate_hz in (26, 52, 104):
        for hz, moves in ((1.9, 1), (8, 0)):
            scene = Bouncing(rate_hz)
            scene.bounce(5, 120, hz)
            assert scene.bounce(20, 120, hz)[0] == moves, (rate_hz, hz)


def test_only_a_walkers_pace_is_walking():
    for rate_hz in (26, 52, 104):
        for hz, expected in ((0.9, 0), (1.4, 1), (1.9, 1), (2.5, 1), (3.1, 0), (6, 0)):
            scene = Bouncing(rate_hz)
            scene.bounce(6, 300, hz)
            assert scene.bounce(30, 300, hz) == (1, expected), (rate_hz, hz)


def test_shaking_without_a_pace_is_not_walking():
    for rate_hz in (26, 52, 104):
        scene = Bouncing(rate_hz)
        scene.bounce(2, 0, 1, Noise(3))
        moving, walking = scene.bounce(120, 0, 1, Noise(4))
        assert moving == 1
        assert walking < 0.05, rate_hz


def test_walking_goes_on_through_an_uneven_step():
    scene = Bouncing()
    scene.bounce(8, 300, 1.9)
    scene.phase += 1.2  # a fifth of a step too early
    assert scene.bounce(10, 300, 1.9) == (1, 1)


def test_walking_goes_on_where_some_steps_are_too_faint_to_be_seen():
    for rate_hz in (26, 52, 104):
        scene = Bouncing(rate_hz)
        scene.bounce(8, 300, 1.9)
        for _ in range(10):
            scene.bounce(1 / 1.9, 20, 1.9)
            assert scene.bounce(4 / 1.9, 300, 1.9)[1] == 1, rate_hz


def test_a_walker_who_stops_is_not_walking_two_seconds_later():
    for rate_hz in (26, 52, 104):
        scene = Bouncing(rate_hz)
        scene.bounce(8, 300, 1.9)
        scene.bounce(2, 20, 1.9)
        assert scene.bounce(10, 20, 1.9)[1] == 0, rate_hz


def test_bending_and_rising_at_half_a_walkers_pace_is_not_walking():
    for hz in (0.4, 0.7, 1.0):
        scene = Bouncing()
        assert scene.bounce(60, 300, hz)[1] == 0, hz


def test_every_interpreter_decides_the_same_on_every_sample():
    for rate_hz, expected in ((26, 856817), (52, 411352), (104, 628646)):
        activity = SingleActivity(rate_hz, GYRO_DPS_PER_COUNT)
        jitter = Noise(2).within
        step = rate_hz * 10 // 19
        check = 0
        for i in range(60 * rate_hz):
            at = abs(i % step - step // 2) * 4 * 2500 // step - 2500  # a triangle, 1.9 times a second
            size = (0, 8, 3, 1, 8, 2)[i // (10 * rate_hz)]
            activity.update(jitter(400), jitter(400), ONE_G + at * size // 8 + jitter(400), 1000)
            check = (check * 5 + activity.kind * 2 + activity.walking) % 1000003
        assert check == expected, (rate_hz, check)


def test_standing_up_is_no_walk():
    senses, wearer = Senses(), Wearer()
    senses.worn(wearer, 5)
    for forward_deg in (35, 5, 30, 0):
        wearer.lean_to(forward_deg, 0.7)
        senses.worn(wearer, 0.7)
        assert not senses.activity.walking


def test_sitting_is_neither_moving_nor_inert_for_however_long():
    senses = Senses()
    assert senses.worn(Wearer(tremble_dps=0.9), 400) == {ACTIVITY_STILL}


def test_slow_leaning_is_not_moving():
    senses, wearer = Senses(), Wearer()
    wearer.lean_to(30, 3)
    assert senses.worn(wearer, 3) == {ACTIVITY_STILL}


def test_a_table_is_inert_after_two_minutes_and_not_before():
    senses = Senses()
    senses.on_table(2)  # to settle
    assert senses.on_table(115) == ACTIVITY_STILL
    assert senses.on_table(10) == ACTIVITY_INERT


def test_a_charger_needs_twenty_seconds_of_stillness_and_a_plug():
    senses = Senses()
    senses.on_table(15)
    assert not senses.activity.lies_on_charger(True)
    senses.on_table(10)
    assert senses.activity.lies_on_charger(True)
    assert not senses.activity.lies_on_charger(False)


def test_a_knock_on_the_table_does_not_make_it_a_body():
    for dps in (5, 30, 60, 250):
        senses = Senses()
        senses.on_table(130)
        senses.knock(dps)
        assert senses.on_table(20) == ACTIVITY_INERT, dps


def test_a_knock_while_lying_down_only_delays_what_is_found():
    senses = Senses()
    senses.on_table(60)
    senses.knock()
    senses.on_table(90)
    assert senses.activity.kind == ACTIVITY_INERT


def test_a_sensor_put_on_is_no_longer_inert_within_five_seconds():
    senses = Senses()
    senses.on_table(200)
    senses.worn(Wearer(), 5)
    assert senses.activity.kind == ACTIVITY_STILL


def test_gravity_measured_five_percent_off_is_not_motion():
    senses = Senses()
    jitter = Noise(4).within
    for _ in range(20 * RATE_HZ):
        senses.take((round(1.05 * ONE_G) + jitter(20), jitter(20), jitter(20), jitter(60), jitter(60), jitter(60)))
    assert senses.activity.kind == ACTIVITY_STILL


def test_a_table_that_is_jostled_again_and_again_is_inert_nonetheless():
    senses = Senses()
    for _ in range(50):
        senses.on_table(5.5)
        for i in range(RATE_HZ // 2):
            rate = per_count(3 if i & 1 else -3)
            senses.take((0, 0, ONE_G, BIAS_X + rate, BIAS_Y, -rate))
    assert senses.activity.kind == ACTIVITY_INERT


def cool(senses, seconds, from_cC, cC_per_min):
    """Lie on a table while the temperature changes; return after how many seconds it was inert."""
    for second in range(seconds):
        senses.on_table(1)
        if second % 5 == 0:
            senses.activity.feel(from_cC + cC_per_min * second // 60)
        if senses.activity.kind == ACTIVITY_INERT:
            return second
    return None


def test_a_sensor_that_cools_while_it_lies_still_is_off_the_body_within_a_minute():
    senses = Senses()
    senses.worn(Wearer(), 10)
    senses.activity.feel(3150)
    assert 40 <= cool(senses, 200, 3150, -150) <= 60
    assert senses.activity.cue == TAKEN_OFF_COLD


def test_a_sensor_that_stays_warm_or_warms_takes_two_minutes():
    for cC_per_min in (0, 50, -20):
        senses = Senses()
        senses.worn(Wearer(), 10)
        senses.activity.feel(3150)
        assert 115 <= cool(senses, 200, 3150, cC_per_min) <= 125
        assert senses.activity.cue == TAKEN_OFF_STILL


def test_a_body_that_steps_into_the_cold_is_not_taken_off():
    senses, wearer = Senses(), Wearer(tremble_dps=0.9)
    for minute in range(10):
        assert senses.worn(wearer, 60) == {ACTIVITY_STILL}
        senses.activity.feel(3150 - 150 * minute)


def test_a_sensor_that_was_cold_before_it_lay_still_takes_two_minutes():
    senses = Senses()
    senses.activity.feel(3150)
    senses.worn(Wearer(), 10)
    senses.activity.feel(2500)
    assert 115 <= cool(senses, 200, 2500, 0) <= 125


def test_a_blow_on_the_table_does_not_make_it_a_body():
    senses = Senses()
    senses.on_table(130)
    for _ in range(10):
        senses.take((20000, -30000, 25000, BIAS_X + per_count(3.5), BIAS_Y - per_count(2), 0))
    assert senses.on_table(20) == ACTIVITY_INERT


def test_whoever_moves_is_no_thing_even_where_the_gyroscope_is_dead():
    scene = Bouncing()
    for _ in range(130 * RATE_HZ):
        scene.activity.update(ONE_G, 0, 0, 0)
    assert scene.activity.kind == ACTIVITY_INERT
    for i in range(15 * RATE_HZ):
        scene.activity.update(ONE_G + (2000 if i % 26 < 13 else -2000), 0, 0, 0)
    assert scene.activity.kind == ACTIVITY_MOVING


def test_a_sample_takes_nothing_from_the_heap():
    only_micropython()
    senses = Senses()
    wearer = Wearer()
    wearer.walking = True
    senses.worn(wearer, 8)
    update = senses.activity.update
    feel = senses.activity.feel

    def work():
        for i in range(1000):
            update(ONE_G + (2500 if i % 26 < 13 else -2500), -32768 if i % 400 == 399 else 0, 0, 100)
            feel(3100)

    run_without_heap(work)
    assert bytes_kept(work) == 0
    assert senses.activity.walking


def test_the_ends_of_the_range_need_no_heap_at_any_rate():
    only_micropython()
    for rate_hz in (26, 52, 104):
        activity = SingleActivity(rate_hz, GYRO_DPS_PER_COUNT)
        end = 1 << 16  # 8 g

        def work(activity=activity, end=end, rate_hz=rate_hz):
            for i in range(8 * rate_hz):
                if i % rate_hz < rate_hz // 2:
                    activity.update(end, -end, end, 1 << 20)
                else:
                    activity.update(0, 0, 0, 0)
                activity.walking  # noqa: B018 - reading it must be free too

        run_without_heap(work)
        assert activity.kind == ACTIVITY_MOVING


def test_stillness_is_dated_from_its_begin_whatever_knocks_have_cost():
    senses = Senses()
    senses.worn(Wearer(tremble_dps=0.9), 30)
    for _ in range(6):
        senses.on_table(30)
        senses.knock(5)
    assert senses.activity.kind == ACTIVITY_INERT
    assert 175 <= senses.activity.samples_since_still / RATE_HZ <= 185
