"""Activity: walking is motion, sitting is not, and a table is stiller than any body."""

from scenes import GYRO_DPS_PER_COUNT, ONE_G, RATE_HZ, Noise, Wearer, per_count
from unslouch_device.contract.states import ACTIVITY_INERT, ACTIVITY_MOVING, ACTIVITY_STILL
from unslouch_device.sense.activity import Activity
from unslouch_device.sense.gravity import GravityFilter


class Senses:
    """A gravity filter and the activity that rests on it."""

    def __init__(self):
        self.gravity = GravityFilter(RATE_HZ, GYRO_DPS_PER_COUNT)
        self.activity = Activity(RATE_HZ, GYRO_DPS_PER_COUNT)
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
            rates = [40 + jitter(5), -25 + jitter(5), 10 + jitter(5)]
            self.take((jitter(6), jitter(6), ONE_G + jitter(6)) + tuple(rates))
        return self.activity.kind

    def knock(self, dps=60):
        """Knock on the table: it rings for a few samples."""
        for part in (1, -0.8, 0.6, -0.4, 0.3, -0.2, 0.1):
            rate = per_count(dps * part)
            self.take((0, round(ONE_G * part / 4), ONE_G, 40 + rate, -25, 10 - rate))


def test_walking_is_moving_within_three_seconds():
    senses, wearer = Senses(), Wearer()
    senses.worn(wearer, 10)
    wearer.walking = True
    senses.worn(wearer, 3)
    assert senses.activity.kind == ACTIVITY_MOVING
    assert senses.worn(wearer, 20) == {ACTIVITY_MOVING}


def test_walking_ends_within_ten_seconds():
    senses, wearer = Senses(), Wearer()
    wearer.walking = True
    senses.worn(wearer, 10)
    wearer.walking = False
    senses.worn(wearer, 10)
    assert senses.activity.kind == ACTIVITY_STILL


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
            senses.take((0, 0, ONE_G, 40 + rate, -25, 10 - rate))
    assert senses.activity.kind == ACTIVITY_INERT


def test_stillness_is_dated_from_its_begin_whatever_knocks_have_cost():
    senses = Senses()
    senses.worn(Wearer(tremble_dps=0.9), 30)
    for _ in range(6):
        senses.on_table(30)
        senses.knock(5)
    assert senses.activity.kind == ACTIVITY_INERT
    assert 175 <= senses.activity.samples_since_still / RATE_HZ <= 185
