"""The simulated `machine` quacks like MicroPython's, and its pins do what is wired to them."""

import errno

import pytest

from unslouch.twin.machine.pins import Pulse
from unslouch.twin.machine.power_states import DeepSleep, DeviceReset


def test_the_bus_finds_the_imu_only_on_the_right_pins(bench):
    machine = bench.machine
    assert bench.i2c.scan() == [0x6A]
    swapped = machine.I2C(0, scl=machine.Pin(5), sda=machine.Pin(6))
    assert swapped.scan() == []
    with pytest.raises(OSError) as caught:
        swapped.readfrom_mem_into(0x6A, 0x0F, bytearray(1))
    assert caught.value.errno == errno.ENODEV


def test_an_absent_chip_is_an_oserror(bench):
    with pytest.raises(OSError):
        bench.i2c.writeto_mem(0x5A, 0x01, b"\0")
    del bench.board.chips[0x6A]
    with pytest.raises(OSError):
        bench.read(0x0F)


def test_the_bus_fills_buffers_of_any_item_size(bench):
    from array import array

    counts = array("h", [0, 0, 0])
    bench.write(0x10, 0x30)
    bench.wait_s(0.1)
    bench.i2c.readfrom_mem_into(0x6A, 0x28, counts)
    assert list(counts) == [0, 0, 16393]


def test_the_motor_records_what_it_did(bench):
    machine = bench.machine
    motor = machine.PWM(machine.Pin(7, machine.Pin.OUT), freq=20_000, duty_u16=0)
    for duty, seconds in ((60_000, 0.2), (0, 0.1), (60_000, 0.2), (60_000, 0.1), (30_000, 0.1), (0, 1)):
        motor.duty_u16(duty)
        bench.wait_s(seconds)
    assert bench.board.motor.changes[0] == (0, 60_000)
    assert bench.board.motor.pulses() == [
        Pulse(0, 200_000, 60_000),
        Pulse(300_000, 300_000, 60_000),
        Pulse(600_000, 100_000, 30_000),
    ]


def test_a_running_motor_stops_with_the_pwm(bench):
    machine = bench.machine
    motor = machine.PWM(machine.Pin(7), freq=20_000, duty_u16=65_535)
    bench.wait_s(0.5)
    assert bench.board.motor.pulses() == [Pulse(0, 500_000, 65_535)]
    motor.deinit()
    bench.wait_s(0.5)
    assert bench.board.motor.pulses() == [Pulse(0, 500_000, 65_535)]


def test_the_motor_pin_driven_high_is_full_power(bench):
    pin = bench.machine.Pin(7, bench.machine.Pin.OUT, value=0)
    pin.value(1)
    assert (pin.value(), bench.board.motor.changes) == (1, [(0, 65_535)])


def test_the_adc_reads_half_the_cell(bench):
    adc = bench.machine.ADC(bench.machine.Pin(1))
    bench.motion.cell_mV = 4000
    assert adc.read_uv() == 2_000_000
    assert adc.read_u16() == pytest.approx(65_535 * 2.0 / 3.3, abs=1)


def test_usb_power_shows_on_its_pin(bench):
    pin = bench.machine.Pin(4, bench.machine.Pin.IN)
    assert pin.value() == 0
    bench.motion.usb = True
    assert pin.value() == 1


def test_an_unconnected_pin_follows_its_pull(bench):
    Pin = bench.machine.Pin
    assert Pin(20, Pin.IN, Pin.PULL_UP).value() == 1
    assert Pin(20, Pin.IN, Pin.PULL_DOWN).value() == 0


def test_reset_gets_past_the_firmwares_error_handling(bench):
    assert bench.machine.reset_cause() == bench.machine.PWRON_RESET
    assert isinstance(bench.machine.unique_id(), bytes)
    with pytest.raises(DeviceReset):
        bench.machine.reset()
    assert not issubclass(DeviceReset, Exception)


def test_a_watchdog_is_due_unless_fed_and_takes_another_timeout(bench):
    watchdog = bench.machine.watchdog
    assert watchdog.due_us is None
    dog = bench.machine.WDT(timeout=30_000)
    bench.wait_s(20)
    assert watchdog.due_us == 30_000_000
    dog.feed()
    assert watchdog.due_us == 50_000_000
    bench.machine.WDT(timeout=86_400_000)
    assert watchdog.due_us == 86_420_000_000


def test_deep_sleep_ends_the_boot_for_as_long_as_asked(bench):
    with pytest.raises(DeepSleep) as caught:
        bench.machine.deepsleep(600_000)
    assert caught.value.duration_ms == 600_000


def test_a_button_pulls_its_pin_low_while_it_is_pressed_and_interrupts_once(bench):
    pin = bench.machine.Pin(0, bench.machine.Pin.IN, bench.machine.Pin.PULL_UP)
    falls = []
    pin.irq(falls.append, bench.machine.Pin.IRQ_FALLING)
    assert pin.value() == 1
    bench.board.button.press(0.2)
    assert pin.value() == 0
    bench.wait_s(0.19)
    assert pin.value() == 0
    bench.wait_s(0.02)
    assert pin.value() == 1
    assert falls == [pin]


def test_a_motor_that_never_ran_has_no_pulses(bench):
    assert bench.board.motor.pulses() == []
