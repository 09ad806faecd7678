"""Alerts: soon enough to help, and never a nuisance. Every alert has one outcome."""

from scenes import Noise
from unslouch_device.contract import settings as s
from unslouch_device.contract.records import (
    ADAPTED_LONGER,
    ADAPTED_RESET,
    ADAPTED_SHORTER,
    MISSED_INTERRUPTED,
    MISSED_LATE,
)
from unslouch_device.sense.alert import (
    ALERTED,
    ALERTS_PER_SLOUCH,
    CORRECTED,
    DELAY_ADAPTED,
    MISSED,
    MOST_PER_HOUR,
    OUTCOME_S,
    Alerter,
)

RATE_HZ = 2
GAP_S = 180
HOUR_S = 3600


class Day:
    """An alerter, and what has come of it: (seconds, what) in the order in which it happened."""

    def __init__(self, **changed):
        """changed: settings by name, like `hourly_cap`."""
        self.settings = {setting.id: setting.default for setting in s.SETTINGS}
        self.alerter = Alerter(RATE_HZ)
        self.samples = 0
        self.log = []
        self.change(**changed)

    def change(self, **changed):
        for name, value in changed.items():
            self.settings[getattr(s, name.upper())] = value
        self.alerter.configure(self.settings)

    def slouch(self, seconds, due=True):
        for _ in range(round(seconds * RATE_HZ)):
            self._step(due)
        return self

    def upright(self, seconds):
        return self.slouch(seconds, due=False)

    def sit_up(self, leaned_s=60):
        self.alerter.sat_up(round(leaned_s * RATE_HZ))
        self._step(False)
        return self

    def walk_off(self):
        self.alerter.break_off()
        self._step(False)
        return self

    def correct_unaided(self, times=5, leaned_s=6):
        for _ in range(times):
            self.sit_up(leaned_s)
            self.upright(10)
        return self

    def _step(self, due):
        alerter = self.alerter
        bits = alerter.update(due)
        self.samples += 1
        seconds = (self.samples - 1) / RATE_HZ
        if bits & MISSED:
            self.log.append((seconds, "missed", alerter.missed_number, alerter.missed_why))
        if bits & CORRECTED:
            self.log.append((seconds, "corrected"))
        if bits & DELAY_ADAPTED:
            self.log.append((seconds, "adapted", alerter.delay_s, alerter.adapted_why))
        if bits & ALERTED:
            self.log.append((seconds, "alert", alerter.given))

    def times(self, what="alert"):
        return [entry[0] for entry in self.log if entry[1] == what]

    def of(self, what):
        return [entry[2:] for entry in self.log if entry[1] == what]


def test_it_alerts_at_once():
    assert Day().slouch(10).log == [(0, "alert", 1)]


def test_what_goes_on_is_told_again_after_the_gap_and_three_times_at_most():
    day = Day().slouch(HOUR_S)
    assert day.times() == [0, GAP_S, 2 * GAP_S]
    assert day.of("alert") == [(1,), (2,), (3,)]
    assert ALERTS_PER_SLOUCH == 3


def test_the_next_slouch_is_told_from_one_again():
    day = Day().slouch(200).sit_up().upright(GAP_S).slouch(10)
    assert day.of("alert") == [(1,), (2,), (1,)]


def test_without_a_reason_it_keeps_quiet():
    assert Day().upright(HOUR_S).log == []


def test_a_new_slouch_waits_for_the_gap_too():
    day = Day().slouch(5).walk_off().upright(19.5).slouch(600)
    assert day.times() == [0, GAP_S, 2 * GAP_S, 3 * GAP_S]


def test_after_a_correction_the_gap_begins_anew():
    day = Day().slouch(100).sit_up().slouch(300)
    assert day.times() == [0, 100 + GAP_S]


def test_sitting_up_without_an_alert_brings_no_quiet():
    day = Day().sit_up().slouch(5)
    assert day.times() == [0.5]
    assert day.of("corrected") == []


def test_a_shorter_gap_applies_to_the_wait_under_way():
    day = Day().slouch(1)
    day.change(alert_gap_s=30)
    assert day.slouch(40).times() == [0, 30.5]


def test_no_sixty_minutes_hold_more_than_the_cap():
    day = Day(alert_gap_s=30, hourly_cap=4)
    for _ in range(400):
        day.slouch(31).walk_off()
    assert_within_cap(day, 4)
    assert day.times()[:5] == [0, 30, 60, 90, HOUR_S]


def assert_within_cap(day, cap):
    times = day.times()
    for i in range(len(times) - cap):
        assert times[i + cap] - times[i] >= HOUR_S, times


def test_the_greatest_cap_can_be_used_up_and_holds():
    assert {setting.id: setting for setting in s.SETTINGS}[s.HOURLY_CAP].greatest == MOST_PER_HOUR
    day = Day(alert_gap_s=30, hourly_cap=MOST_PER_HOUR)
    for _ in range(400):
        day.slouch(31).walk_off()
    assert len(day.times()) == 4 * MOST_PER_HOUR
    assert_within_cap(day, MOST_PER_HOUR)


def test_a_new_cap_counts_the_alerts_before_it():
    day = Day(alert_gap_s=30, hourly_cap=3)
    for _ in range(10):
        day.slouch(31).walk_off()
    assert len(day.times()) == 3
    day.change(hourly_cap=5)
    for _ in range(10):
        day.slouch(31).walk_off()
    assert len(day.times()) == 5
    day.change(hourly_cap=1)
    day.upright(HOUR_S - 400)
    assert len(day.slouch(60).times()) == 5


def test_a_snooze_keeps_it_quiet_and_then_it_speaks():
    day = Day()
    day.alerter.snooze(60)
    (first,) = day.slouch(100).times()
    assert abs(first - 60) <= 1


def test_a_snooze_can_be_ended():
    day = Day()
    day.alerter.snooze(600)
    day.slouch(5)
    day.alerter.snooze(0)
    assert day.slouch(5).times() == [5]


def test_tracking_only_never_vibrates():
    assert Day(tracking_only=1).slouch(HOUR_S).log == []


def test_a_correction_within_thirty_seconds_is_the_alerts_outcome():
    assert Day().slouch(OUTCOME_S).sit_up().upright(100).log == [(0, "alert", 1), (OUTCOME_S, "corrected")]


def test_an_alert_that_changes_nothing_for_thirty_seconds_is_missed():
    assert Day().slouch(40).log == [(0, "alert", 1), (OUTCOME_S, "missed", 1, MISSED_LATE)]


def test_a_late_correction_is_told_once():
    day = Day().slouch(300).sit_up().sit_up().upright(400)
    assert day.log == [
        (0, "alert", 1),
        (OUTCOME_S, "missed", 1, MISSED_LATE),
        (GAP_S, "alert", 2),
        (GAP_S + OUTCOME_S, "missed", 2, MISSED_LATE),
        (300, "corrected"),
    ]


def test_a_correction_after_the_second_alert_is_the_outcome_of_that_one():
    day = Day().slouch(GAP_S + 5).sit_up().upright(60)
    assert [entry[1:] for entry in day.log] == [
        ("alert", 1),
        ("missed", 1, MISSED_LATE),
        ("alert", 2),
        ("corrected",),
    ]


def test_who_walks_off_leaves_an_alert_that_was_interrupted():
    day = Day().slouch(10).walk_off().upright(100)
    assert day.log == [(0, "alert", 1), (10, "missed", 1, MISSED_INTERRUPTED)]


def test_walking_off_later_adds_nothing():
    assert Day().slouch(40).walk_off().sit_up().upright(60).times("corrected") == []


def test_with_the_shortest_gap_each_alert_still_has_its_own_outcome():
    day = Day(alert_gap_s=30).slouch(200)
    assert [entry[1:3] for entry in day.log] == [
        ("alert", 1),
        ("missed", 1),
        ("alert", 2),
        ("missed", 2),
        ("alert", 3),
        ("missed", 3),
    ]


def test_an_alert_before_a_snooze_has_its_outcome_too():
    day = Day().slouch(5)
    day.alerter.snooze(600)
    assert day.slouch(60).of("missed") == [(1, MISSED_LATE)]


def test_another_mode_begins_anew():
    day = Day().slouch(10)
    day.change(alert_mode=s.BUDGET_MODE)
    day.slouch(GAP_S)
    assert day.of("missed")[0] == (1, MISSED_INTERRUPTED)
    assert day.of("alert") == [(1,), (1,)]


def test_the_delay_grows_with_unaided_corrections_and_comes_back_with_missed_alerts():
    day = Day().correct_unaided()
    assert day.of("adapted") == [(45, ADAPTED_LONGER)]
    assert day.alerter.delay_s == 45
    day.slouch(40).walk_off().upright(GAP_S).slouch(40)
    assert day.of("adapted")[1:] == [(30, ADAPTED_SHORTER)]


def test_glances_are_no_corrections():
    assert Day().correct_unaided(times=50, leaned_s=4.5).of("adapted") == []


def test_a_correction_that_an_alert_asked_for_is_not_unaided():
    day = Day(hourly_cap=20)
    for _ in range(10):
        day.slouch(5).sit_up().upright(GAP_S)
    assert day.of("adapted") == []


def test_while_no_alert_could_have_come_no_correction_counts():
    assert Day(tracking_only=1).correct_unaided(20).of("adapted") == []
    day = Day()
    day.alerter.snooze(HOUR_S)
    assert day.correct_unaided(20).of("adapted") == []


def test_interruptions_do_not_shorten_the_delay():
    day = Day().correct_unaided()
    for _ in range(5):
        day.slouch(5).walk_off().upright(GAP_S)
    assert day.alerter.delay_s == 45


def test_in_budget_mode_the_delay_does_not_fade():
    day = Day(alert_mode=s.BUDGET_MODE).correct_unaided(20)
    assert day.of("adapted") == []


def test_a_delay_set_by_the_wearer_is_told_as_the_new_one():
    day = Day().correct_unaided()
    day.change(delay_s=20)
    assert day.upright(1).of("adapted")[1:] == [(20, ADAPTED_RESET)]


def test_a_day_of_chance_goes_as_the_slow_model_says():
    alerts = corrected = 0
    reasons = set()
    for seed in range(8):
        noise = Noise(seed)
        day, model = Day(), Model()
        for _ in range(400):
            act(day, model, noise)
        assert day.log == model.log, seed
        assert_outcomes(day.log)
        alerts += len(day.times())
        corrected += len(day.times("corrected"))
        reasons.update([(entry[1], entry[3]) for entry in day.log if len(entry) == 4])
    assert alerts > 150
    assert corrected > 20
    assert {why for what, why in reasons if what == "missed"} == {MISSED_LATE, MISSED_INTERRUPTED}
    assert {why for what, why in reasons if what == "adapted"} == {ADAPTED_LONGER, ADAPTED_SHORTER, ADAPTED_RESET}


def act(day, model, noise):
    """Let both live through the same next thing."""
    what = noise.within(50) + 50
    seconds = (noise.within(100) + 101) * (3 if what % 5 == 0 else 1) / RATE_HZ
    if what < 45:
        day.slouch(seconds)
        model.slouch(seconds)
    elif what < 60:
        day.upright(seconds)
        model.upright(seconds)
    elif what < 80:
        leaned_s = what - 66
        for _ in range(3):
            day.sit_up(leaned_s)
            model.sit_up(leaned_s)
    elif what < 92:
        day.walk_off()
        model.walk_off()
    elif what < 94:
        day.alerter.snooze(seconds)
        model.snooze(seconds)
    else:
        name, values = (
            ("alert_gap_s", (30, 60, 180)),
            ("hourly_cap", (1, 6, 20)),
            ("tracking_only", (0, 0, 0, 0, 1)),
            ("delay_s", (29, 30, 31)),
            ("fading", (1, 1, 1, 0)),
            ("alert_mode", (0, 0, 0, 1)),
        )[what % 6]
        value = values[(noise.within(500) + 500) % len(values)]
        day.change(**{name: value})
        model.change(name, value)


def assert_outcomes(log):
    """Each alert but the last has exactly one outcome within 30 s; each outcome has its alert."""
    for i, entry in enumerate(log):
        if entry[1] != "alert" or entry[0] + OUTCOME_S > log[-1][0]:
            continue
        outcomes = 0
        for later in log[i + 1 :]:
            if later[1] == "alert" or later[0] > entry[0] + OUTCOME_S:
                break
            outcomes += later[1] in ("corrected", "missed")
        assert outcomes == 1, (entry, log[i : i + 5])


class Model:
    """The rules once more, from lists of all that ever happened, without a counter."""

    def __init__(self):
        self.samples = 0
        self.log = []
        self.alerts = []  # samples of all
        self.mine = []  # … about the present slouch
        self.corrections = []
        self.values = {"alert_gap_s": 180, "hourly_cap": 6, "tracking_only": 0}
        self.values.update({"delay_s": 30, "fading": 1, "alert_mode": 0})
        self.allowed_at = 0
        self.snoozed_until = 0
        self.judged = True
        self.unaided = self.missed = 0
        self.delays = [30]

    def change(self, name, value):
        if name == "alert_mode" and value != self.values[name]:
            self.leave()
        anew = (name == "delay_s" and value != self.values[name]) or (name == "fading" and not value)
        self.values[name] = value
        if name == "alert_gap_s":
            self.allowed_at = min(self.allowed_at, self.samples - 1 + value * RATE_HZ)
        if anew and len(self.delays) > 1:
            self.delays = [value if name == "delay_s" else self.values["delay_s"]]
            self.note("adapted", self.delays[-1], ADAPTED_RESET)
        elif name == "delay_s":
            self.delays[0] = value
        if anew:
            self.unaided = self.missed = 0

    def snooze(self, seconds):
        self.snoozed_until = self.samples - 1 + round(seconds * RATE_HZ)

    def slouch(self, seconds):
        for _ in range(round(seconds * RATE_HZ)):
            self.step(True)

    def upright(self, seconds):
        for _ in range(round(seconds * RATE_HZ)):
            self.step(False)

    def sit_up(self, leaned_s):
        quiet = self.values["tracking_only"] or self.samples - 1 < self.snoozed_until
        if self.mine:
            if not self.judged:
                self.missed = 0
            self.judged = True
            self.mine = []
            self.note("corrected")
            self.allowed_at = self.samples + self.values["alert_gap_s"] * RATE_HZ
        elif leaned_s >= 5 and not quiet and self.values["fading"] and not self.values["alert_mode"]:
            self.unaided += 1
            if self.unaided == 5:
                self.unaided = 0
                self.lengthen()
        self.step(False)

    def walk_off(self):
        self.leave()
        self.step(False)

    def leave(self):
        if self.mine and not self.judged:
            self.note("missed", len(self.mine), MISSED_INTERRUPTED)
        self.judged = True
        self.mine = []

    def lengthen(self):
        if self.delays[-1] < 120:
            exact = self.values["delay_s"] * 1.5 ** len(self.delays)
            self.delays.append(min(120, int(exact + 0.5)))
            self.unaided = self.missed = 0
            self.note("adapted", self.delays[-1], ADAPTED_LONGER)

    def late(self):
        self.judged = True
        self.note("missed", len(self.mine), MISSED_LATE)
        if self.values["fading"] and not self.values["alert_mode"]:
            self.missed += 1
            if self.missed == 2:
                self.missed = 0
                if len(self.delays) > 1:
                    self.delays.pop()
                    self.unaided = 0
                    self.note("adapted", self.delays[-1], ADAPTED_SHORTER)

    def note(self, what, *fields):
        self.log.append((self.samples / RATE_HZ, what) + fields)

    def step(self, due):
        now = self.samples
        if self.mine and not self.judged and now == self.mine[-1] + OUTCOME_S * RATE_HZ:
            self.late()
        within_the_hour = len([at for at in self.alerts if at > now - HOUR_S * RATE_HZ])
        if (
            due
            and now >= self.allowed_at
            and now >= self.snoozed_until
            and not self.values["tracking_only"]
            and len(self.mine) < 3
            and within_the_hour < self.values["hourly_cap"]
        ):
            self.alerts.append(now)
            self.mine.append(now)
            self.judged = False
            self.unaided = 0
            self.allowed_at = now + self.values["alert_gap_s"] * RATE_HZ
            self.note("alert", len(self.mine))
        self.samples += 1
