"""Uptime: accumulates ticks that wrap, and never goes back."""

from unslouch_device.uptime import Uptime

WRAP = 1 << 30


class Ticks:
    """A counter that wraps at 2**30 ms, as MicroPython's does."""

    def __init__(self, start):
        self.ms = start

    def __call__(self):
        return self.ms % WRAP


def test_it_begins_at_zero_wherever_the_ticks_are():
    for start in (0, 12345, WRAP - 1):
        assert Uptime(Ticks(start)).now_ms() == 0


def test_it_goes_on_through_the_wrap():
    ticks = Ticks(WRAP - 100)
    uptime = Uptime(ticks)
    seen = []
    for _ in range(6):
        ticks.ms += 40
        seen.append(uptime.now_ms())
    assert seen == [40, 80, 120, 160, 200, 240]


def test_it_counts_months_of_wraps():
    ticks = Ticks(7)
    uptime = Uptime(ticks)
    for day in range(1, 91):
        ticks.ms += 86_400_000
        assert uptime.now_ms() == day * 86_400_000


def test_asking_twice_costs_no_time():
    ticks = Ticks(5)
    uptime = Uptime(ticks)
    ticks.ms += 10
    assert uptime.now_ms() == uptime.now_ms() == 10


def test_a_full_round_but_one_is_not_taken_for_a_step_back():
    ticks = Ticks(500)
    uptime = Uptime(ticks)
    ticks.ms += WRAP - 1
    assert uptime.now_ms() == WRAP - 1
