"""A button's presses, distinguished by their number, with time as an argument."""

from unslouch_device.contract import records as r
from unslouch_device.parts import button
from unslouch_device.parts.button import POLL_MS, Presses


def press(*stretches_ms, bounce_ms=0):
    """Play pressed, released, pressed, …; returns the number of presses and when that was known."""
    presses = Presses(1000)
    now_ms = 1000
    down = False
    for stretch_ms in stretches_ms + (5000,):
        down = not down
        until_ms = now_ms + stretch_ms
        bounces_until_ms = now_ms + bounce_ms
        flip = False
        while now_ms < until_ms:
            flip = not flip
            contact = down if now_ms >= bounces_until_ms or flip else not down
            presses.update(now_ms, contact if len(stretches_ms) else False)
            if presses.over:
                return presses.count, now_ms
            now_ms += POLL_MS
    return presses.count, None


def counted(*stretches_ms, bounce_ms=0):
    return press(*stretches_ms, bounce_ms=bounce_ms)[0]


def test_one_two_and_three_presses_are_told_apart():
    assert counted(120) == 1
    assert counted(120, 150, 120) == 2
    assert counted(120, 150, 120, 150, 120) == 3
    assert counted(90, 100, 400, 350, 90, 60, 700) == 4


def test_the_series_is_over_soon_after_the_last_release():
    _, known_ms = press(120)
    assert 1000 + 120 + 400 <= known_ms <= 1000 + 120 + 500


def test_a_pause_ends_the_series():
    assert counted(120, 600, 120) == 1


def test_bouncing_contacts_make_no_further_presses():
    for bounce_ms in (20, 40, 60):
        assert counted(200, 200, 200, bounce_ms=bounce_ms) == 2, bounce_ms


def test_a_spike_is_no_press():
    assert counted(20) == 0


def test_a_touch_that_nobody_sees_the_end_of_is_none():
    assert counted() == 0


def test_long_presses_are_told_apart_by_their_length():
    assert counted(1400) == 0
    assert counted(1700) == r.HELD_FOR_BATTERY
    assert counted(2900, bounce_ms=40) == r.HELD_FOR_BATTERY
    assert counted(3200) == r.HELD_TO_PAIR
    assert counted(5800) == r.HELD_TO_PAIR
    assert counted(6200) == r.HELD_TO_SWITCH_OFF
    assert counted(9800) == r.HELD_TO_SWITCH_OFF
    assert counted(10_200) == r.HELD_TO_ERASE
    assert counted(19_800, bounce_ms=40) == r.HELD_TO_ERASE
    assert counted(20_200) == r.HELD_TO_STOP
    assert counted(29_000, bounce_ms=40) == r.HELD_TO_STOP


def test_a_long_press_among_others_means_nothing():
    assert counted(120, 150, 11_000) == 0
    assert counted(11_000, 150, 120) == 0
    for shorts in range(1, 5):
        assert counted(4000, *(150, 120) * shorts) == 0


def test_a_button_that_something_lies_on_means_nothing():
    assert counted(31_000) == 0


def test_what_a_press_means_so_far_is_known_while_it_lasts():
    presses = Presses(0)
    meanings = []
    for now_ms in range(0, 35_000, POLL_MS):
        presses.update(now_ms, True)
        if not meanings or meanings[-1] != presses.held:
            meanings.append(presses.held)
    assert meanings == [
        0,
        r.HELD_FOR_BATTERY,
        r.HELD_TO_PAIR,
        r.HELD_TO_SWITCH_OFF,
        r.HELD_TO_ERASE,
        r.HELD_TO_STOP,
        r.HELD_DOWN,
    ]


def test_a_press_of_a_second_does_nothing_and_neither_does_its_series():
    assert counted(960) == 1
    assert counted(1100) == 0
    assert counted(120, 150, 1500) == 0


def test_a_series_is_not_over_while_the_button_is_held():
    assert press(4000)[1] >= 5000


class Machine:
    """An ESP32's pin: in light sleep it belongs to what wakes the chip, and until init() nothing else sees it."""

    SLEEP = 2

    class Pin:
        IN = 1
        PULL_UP = 2
        IRQ_FALLING = 2
        WAKE_LOW = 4
        down = False
        lent = False

        def __init__(self, number, mode, pull):
            Machine.pin = self

        def init(self, mode, pull):
            self.lent = False

        def irq(self, handler=None, trigger=0, wake=0):
            pass

        def value(self):
            return int(self.lent or not self.down)


def pressed_after_light_sleep(down):
    """Tell whether a button that is down, or isn't, when light sleep ends begins a series of presses."""
    there = button.Button(Machine, 0, lambda: 0)
    Machine.pin.lent = True
    Machine.pin.down = down
    there.resume()
    return there.pressed


def test_a_press_that_ends_light_sleep_counts_though_its_edge_was_never_seen():
    assert pressed_after_light_sleep(True)


def test_light_sleep_that_ends_by_itself_is_no_press():
    assert not pressed_after_light_sleep(False)
