"""The fading coach: the delay grows with corrections made unaided, and comes back if alerts go unheeded."""

from unslouch_device.contract.records import ADAPTED_LONGER, ADAPTED_RESET, ADAPTED_SHORTER
from unslouch_device.sense.fading import LONGEST_S, MISSED_TO_SHORTEN, UNAIDED_TO_LENGTHEN, UNCHANGED, Fading

RATE_HZ = 10


def fading(delay_s=30, fades=True, paused=False):
    made = Fading(RATE_HZ)
    assert made.configure(delay_s, fades, paused) == UNCHANGED
    return made


def correct_unaided(coach, times=UNAIDED_TO_LENGTHEN):
    return [coach.corrected_unaided() for _ in range(times)]


def miss(coach, times=MISSED_TO_SHORTEN):
    answers = []
    for _ in range(times):
        coach.alerted()
        answers.append(coach.alert_missed())
    return answers


def test_five_unaided_corrections_make_the_delay_half_as_long_again():
    coach = fading()
    assert correct_unaided(coach) == [UNCHANGED] * 4 + [ADAPTED_LONGER]
    assert (coach.delay_s, coach.delay_samples, coach.steps) == (45, 450, 1)


def test_it_grows_to_two_minutes_and_no_further():
    coach = fading()
    seen = []
    for _ in range(6):
        correct_unaided(coach)
        seen.append(coach.delay_s)
    assert seen == [45, 68, 101, LONGEST_S, LONGEST_S, LONGEST_S]
    assert coach.steps == 4
    assert correct_unaided(coach) == [UNCHANGED] * 5


def test_the_shortest_delay_gets_to_two_minutes_too():
    coach = fading(delay_s=5)
    for _ in range(20):
        correct_unaided(coach)
    assert coach.delay_s == LONGEST_S


def test_a_delay_that_is_longer_by_itself_is_not_lengthened():
    for delay_s in (120, 121, 600):
        coach = fading(delay_s)
        assert correct_unaided(coach) == [UNCHANGED] * 5
        assert (coach.delay_s, coach.steps) == (delay_s, 0)


def test_two_missed_alerts_take_one_step_back():
    coach = fading()
    correct_unaided(coach)
    correct_unaided(coach)
    assert miss(coach) == [UNCHANGED, ADAPTED_SHORTER]
    assert (coach.delay_s, coach.steps) == (45, 1)
    assert miss(coach) == [UNCHANGED, ADAPTED_SHORTER]
    assert (coach.delay_s, coach.steps) == (30, 0)


def test_it_never_gets_shorter_than_the_wearers_own():
    coach = fading()
    assert miss(coach, 10) == [UNCHANGED] * 10
    assert coach.delay_s == 30


def test_one_step_back_from_the_longest_delay_is_felt():
    coach = fading()
    for _ in range(10):
        correct_unaided(coach)
    miss(coach)
    assert coach.delay_s == 101


def test_an_alert_ends_the_row_of_unaided_corrections():
    coach = fading()
    correct_unaided(coach, 4)
    coach.alerted()
    coach.alert_corrected()
    assert correct_unaided(coach, 4) == [UNCHANGED] * 4
    assert correct_unaided(coach, 1) == [ADAPTED_LONGER]


def test_a_correction_in_time_ends_the_row_of_missed_alerts():
    coach = fading()
    correct_unaided(coach)
    miss(coach, 1)
    coach.alerted()
    coach.alert_corrected()
    assert miss(coach, 1) == [UNCHANGED]
    assert miss(coach, 1) == [ADAPTED_SHORTER]


def test_a_new_delay_begins_anew_and_says_so():
    coach = fading()
    correct_unaided(coach)
    assert coach.configure(40, True, False) == ADAPTED_RESET
    assert (coach.delay_s, coach.steps) == (40, 0)
    assert coach.configure(50, True, False) == UNCHANGED  # there was nothing to take back


def test_other_settings_leave_the_steps_alone():
    coach = fading()
    correct_unaided(coach)
    assert coach.configure(30, True, False) == UNCHANGED
    assert coach.delay_s == 45


def test_switched_off_it_goes_back_and_stays_there():
    coach = fading()
    correct_unaided(coach)
    assert coach.configure(30, False, False) == ADAPTED_RESET
    assert correct_unaided(coach, 20) == [UNCHANGED] * 20
    assert (coach.delay_s, coach.steps) == (30, 0)


def test_paused_the_delay_is_as_set_and_the_steps_are_kept():
    coach = fading()
    correct_unaided(coach)
    assert coach.configure(30, True, True) == UNCHANGED
    assert (coach.delay_s, coach.steps) == (30, 1)
    assert correct_unaided(coach) == [UNCHANGED] * 5
    assert coach.configure(30, True, False) == UNCHANGED
    assert coach.delay_s == 45


def test_steps_are_taken_up_after_a_boot():
    coach = fading()
    coach.restore(2)
    assert (coach.delay_s, coach.delay_samples) == (68, 680)
    miss(coach)
    assert coach.delay_s == 45


def test_more_steps_than_lead_to_two_minutes_are_let_go():
    coach = fading()
    coach.restore(255)
    assert (coach.delay_s, coach.steps) == (LONGEST_S, 4)
    coach = fading(200)
    coach.restore(3)
    assert (coach.delay_s, coach.steps) == (200, 0)
    coach = fading(fades=False)
    coach.restore(3)
    assert (coach.delay_s, coach.steps) == (30, 0)
