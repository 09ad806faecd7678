"""The charge of a LiPo cell: from its voltage, whatever flows meanwhile, and never rising while it discharges."""

from unslouch_device.contract.payloads import BATTERY_UNKNOWN
from unslouch_device.parts.gauge import Gauge, percent_at_rest

IDLE_mV, LOADED_mV, CHARGING_mV = 7, 25, 30  # 25, 85 and 100 mA through 300 mΩ


def noise(i):
    """Return some mV between −12 and 12, as an ADC's."""
    return (i * 7919 + i * i * 31) % 25 - 12


def test_the_curve_rises_from_empty_to_full():
    last = 0
    for battery_mV in range(3000, 4300):
        percent = percent_at_rest(battery_mV)
        assert last <= percent <= 100
        last = percent
    assert (percent_at_rest(3000), percent_at_rest(4250)) == (0, 100)
    assert (percent_at_rest(3610), percent_at_rest(3840), percent_at_rest(4020)) == (5, 50, 80)


def test_at_3300_mV_a_cell_is_all_but_empty():
    assert percent_at_rest(3300) == 0


def test_the_first_measurement_counts_at_once():
    assert Gauge().update(3840 - IDLE_mV, False, False) == 50


def test_a_load_does_not_look_like_a_loss():
    gauge = Gauge()
    idle = gauge.update(3900 - IDLE_mV, False, False)
    for _ in range(50):
        assert idle - gauge.update(3900 - LOADED_mV, True, False) in (0, 1)


def test_charging_does_not_look_like_a_gain():
    gauge = Gauge()
    before = gauge.update(3900 - IDLE_mV, False, False)
    assert abs(gauge.update(3900 + CHARGING_mV, False, True) - before) <= 1


def test_it_never_rises_while_discharging():
    gauge = Gauge()
    last = 100
    for i in range(2000):
        loaded = i % 7 == 0
        battery_mV = 4190 - i * 800 // 2000 - (LOADED_mV if loaded else IDLE_mV) + noise(i)
        percent = gauge.update(battery_mV, loaded, False)
        assert percent <= last
        last = percent
    assert abs(last - percent_at_rest(3390)) <= 2


def test_it_never_falls_by_more_than_noise_explains():
    gauge = Gauge()
    last = gauge.update(3950, False, False)
    for i in range(500):
        percent = gauge.update(3950 + noise(i), False, False)
        assert last - percent <= 2
        last = percent
    assert percent_at_rest(3957) - last <= 3


def test_it_rises_while_charging():
    gauge = Gauge()
    start = gauge.update(3700, False, False)
    for i in range(400):
        percent = gauge.update(3750 + i, False, True)
    assert start < 20
    assert percent > 85


def test_unplugged_it_goes_on_from_where_it_was():
    gauge = Gauge()
    for _ in range(100):
        charged = gauge.update(4100 + CHARGING_mV, False, True)
    for _ in range(100):
        assert charged - gauge.update(4100 - IDLE_mV, False, False) in (0, 1)


def test_a_single_bad_reading_is_not_believed():
    gauge = Gauge()
    before = gauge.update(3900, False, False)
    after = gauge.update(3500, False, False)
    assert before - after < 20


def test_a_voltage_that_no_cell_has_is_unknown_and_forgotten():
    gauge = Gauge()
    gauge.update(3500, False, False)
    for battery_mV in (0, 2000, 4500):
        assert gauge.update(battery_mV, False, False) == BATTERY_UNKNOWN
    assert gauge.update(4020 - IDLE_mV, False, False) == 80


def test_where_charging_cannot_be_known_only_much_more_than_before_is_believed():
    gauge = Gauge(knows_charging=False)
    low = gauge.update(3800, False, False)
    for _ in range(200):
        assert gauge.update(3840, False, False) <= low
    for _ in range(200):
        charged = gauge.update(4150, False, False)
    assert charged - low > 50
