"""Patterns of alerts: how the wearer's own is packed and kept, what each alert of a slouch plays, a rising strength."""

from expect import raises, run
from flash import Folder, write
from unslouch_device.contract import patterns
from unslouch_device.on_demand import load
from unslouch_device.parts import motor


class Config:
    def __init__(self, folder):
        self.pattern_path = folder + "/pattern.bin"


class Pwm:
    def __init__(self):
        self.duties = []

    def duty_u16(self, duty):
        self.duties.append(duty)


def test_times_come_back_in_steps_of_ten_milliseconds():
    data = patterns.pack_pattern([300, 155, 80])
    assert len(data) == patterns.OWN_TIMES
    assert patterns.unpack_pattern(data) == (300, 160, 80)
    assert patterns.unpack_pattern(bytes(16)) == ()
    assert patterns.is_pattern(data)


def test_a_pattern_has_no_zero_in_it_and_lasts_five_seconds_at_most():
    assert not patterns.is_pattern(bytes(16))
    assert not patterns.is_pattern(bytes([5, 0, 5]) + bytes(13))
    assert not patterns.is_pattern(bytes([250, 250, 1]) + bytes(13))
    assert patterns.is_pattern(bytes([250, 250]) + bytes(14))
    assert patterns.is_pattern(bytes([1] * 16))
    assert not patterns.is_pattern(bytes([1] * 17))


def test_the_nth_alert_plays_its_pattern_n_times():
    with Folder() as folder:
        module = load("patterns")
        config = Config(folder)
        once = module.alert_pattern(config, patterns.HEARTBEAT, 1)
        assert once == (90, 110, 160)
        third = module.alert_pattern(config, patterns.HEARTBEAT, 3)
        assert third[:3] == third[4:7] == third[8:] == once
        assert module.alert_pattern(config, patterns.LONG, 1) == (1000,)


def test_no_alert_lasts_longer_than_the_safety_rules_say():
    with Folder() as folder:
        module = load("patterns")
        config = Config(folder)
        for times_ms in ([2500, 2500], [100] * 16, [300, 10] * 8, [1500, 100, 1500]):
            assert module.keep_own_pattern(config, patterns.pack_pattern(times_ms))
            for kind in (patterns.HEARTBEAT, patterns.LONG, patterns.OWN):
                for number in (1, 2, 3):
                    pattern = module.alert_pattern(config, kind, number)
                    assert 0 < sum(pattern) <= patterns.LONGEST_MS
    assert patterns.LONGEST_MS == 5000
    for pattern in motor.ALERT_PATTERNS:
        assert sum(pattern) <= patterns.LONGEST_MS


def test_the_wearers_own_pattern_is_kept_and_its_last_pause_left_out():
    with Folder() as folder:
        module = load("patterns")
        config = Config(folder)
        assert module.alert_pattern(config, patterns.OWN, 1) is None
        assert not module.keep_own_pattern(config, bytes(16))
        assert module.keep_own_pattern(config, patterns.pack_pattern([100, 200, 300, 400]))
        assert module.alert_pattern(config, patterns.OWN, 1) == (100, 200, 300)
        assert patterns.unpack_pattern(module.own_pattern(config)) == (100, 200, 300, 400)
        write(config.pattern_path, b"damaged")
        assert module.own_pattern(config) == bytes(patterns.OWN_TIMES)
        config.pattern_path = folder + "/nowhere/pattern.bin"
        with raises(OSError):
            module.keep_own_pattern(config, patterns.pack_pattern([100]))


def test_a_rising_strength_ends_at_the_one_that_is_set_and_pauses_stay_pauses():
    pwm = Pwm()
    run(motor.Motor(pwm).play((120, 20, 120), 80, False, True))
    percents = [duty * 100 // 65535 for duty in pwm.duties]
    assert percents[-1] == 0
    driven = [percent for percent in percents if percent]
    assert driven == sorted(driven)
    assert len(driven) == 4  # slices of 100 ms at most
    assert driven[0] < 50
    assert driven[-1] >= 79
    assert percents[2] == 0


def test_without_rising_each_pulse_has_the_strength_that_is_set():
    pwm = Pwm()
    run(motor.Motor(pwm).play((120, 20, 120), 80))
    strong = 80 * 65535 // 100
    assert pwm.duties == [strong, 0, strong, 0]
