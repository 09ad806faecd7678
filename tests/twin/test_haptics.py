"""Patterns reach the motor alike, whether a transistor or a DRV2605L drives it, which gets to know its actuator."""

import asyncio
import errno
import types

import pytest

from twin.bench import Bench
from unslouch.sensor.settings import WORDS
from unslouch.twin.board import HAPTICS_ADDRESS, Wiring
from unslouch_device.contract.board_test import TEST_FAILED, TEST_IMPOSSIBLE, TEST_PASSED, TEST_SILENT
from unslouch_device.parts import drv2605, haptics, motor

ERM_BOARD = types.SimpleNamespace(MOTOR="erm", MOTOR_PIN=7)
DRV_ERM = types.SimpleNamespace(MOTOR="drv2605-erm", MOTOR_RATED_mV=3000, MOTOR_CLAMP_mV=3600)
DRV_LRA = types.SimpleNamespace(MOTOR="drv2605-lra", MOTOR_RATED_mV=2000, MOTOR_CLAMP_mV=2828, MOTOR_HZ=205)
PATTERNS = (*motor.ALERT_PATTERNS, motor.PULSE_PATTERN, motor.BUZZ_PATTERN, motor.DONE_PATTERN)


class Haptics:
    """A bench with a motor, and the firmware's part for it."""

    def __init__(self, board, monkeypatch, calibration=None) -> None:
        is_pwm = board.MOTOR == "erm"
        self.bench = Bench(wiring=Wiring() if is_pwm else Wiring(motor=None))
        self.motor = haptics.motor_of(board, self.bench.machine, self.bench.i2c, calibration)

        async def sleep_ms(delay_ms: int) -> None:
            self.bench.wait_s(delay_ms / 1000)
            await asyncio.sleep(0)

        for module in (motor, drv2605):
            monkeypatch.setattr(module, "sleep_ms", sleep_ms)

    @property
    def model(self):
        return self.bench.board.chips[HAPTICS_ADDRESS]

    def register(self, register: int) -> int:
        return self.bench.i2c.readfrom_mem(HAPTICS_ADDRESS, register, 1)[0]

    def play(self, pattern, strength: int) -> list[tuple[int, int]]:
        """(ms, share of full in percent) of what the motor did."""
        already = len(self.bench.board.motor.pulses())
        asyncio.run(self.motor.play(pattern, strength))
        pulses = self.bench.board.motor.pulses()[already:]
        return [(pulse.duration_us // 1000, round(pulse.duty_u16 * 100 / 65535)) for pulse in pulses]


@pytest.fixture(params=[ERM_BOARD, DRV_ERM, DRV_LRA], ids=["pwm", "drv2605-erm", "drv2605-lra"])
def rig(request, monkeypatch) -> Haptics:
    return Haptics(request.param, monkeypatch)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("strength", WORDS["strength"].values(), ids=WORDS["strength"])
def test_every_pattern_is_felt_at_every_strength(rig, pattern, strength):
    felt = rig.play(pattern, strength)
    assert [duration_ms for duration_ms, _ in felt] == list(pattern[::2])
    assert all(share == pytest.approx(strength, abs=1) for _, share in felt)
    assert not rig.motor.running


@pytest.mark.parametrize("board", [DRV_ERM, DRV_LRA], ids=["erm", "lra"])
@pytest.mark.parametrize(
    ("fault", "found"),
    [(None, TEST_PASSED), ("wire", TEST_FAILED), ("kind", TEST_FAILED), ("bus", TEST_SILENT)],
)
def test_a_driver_tells_a_sound_motor_from_a_broken_wire_another_kind_and_a_silent_bus(
    board, fault, found, monkeypatch
):
    rig = Haptics(board, monkeypatch)
    rig.model._is_lra = (board is DRV_LRA) != (fault == "kind")
    rig.model.connected = fault != "wire"
    if fault == "bus":
        rig.bench.board.chips.clear()
    assert asyncio.run(rig.motor.test()) == found
    assert not rig.motor.running
    if fault is None:
        assert rig.play((100,), 70) == [(100, pytest.approx(70, abs=1))]


def test_a_motor_on_a_pin_cant_be_tested(monkeypatch):
    assert asyncio.run(Haptics(ERM_BOARD, monkeypatch).motor.test()) == TEST_IMPOSSIBLE


def test_an_urgent_pattern_takes_the_place_of_another(rig):
    async def story():
        first = asyncio.create_task(rig.motor.play((300, 200, 300), 70))
        await asyncio.sleep(0)
        assert rig.motor.running
        await rig.motor.play((100,), 70)
        await rig.motor.play((50, 50, 50), 100, urgent=True)
        await first

    asyncio.run(story())
    assert rig.bench.board.motor.pulses()[-1].duty_u16 >= 65535 * 0.99
    assert not rig.motor.running


def test_off_stops_at_once(rig):
    async def story():
        playing = asyncio.create_task(rig.motor.play((300, 200, 300), 70))
        await asyncio.sleep(0)
        rig.motor.off()
        assert not rig.motor.running
        await playing

    asyncio.run(story())
    assert rig.bench.board.motor.changes[-1][1] == 0


def test_the_chip_sleeps_between_patterns(monkeypatch):
    rig = Haptics(DRV_ERM, monkeypatch)
    rig.play((100,), 70)
    assert rig.register(0x01) & 0x40


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("calibration", [None, (0x0B, 0x71, 2)], ids=["open-loop", "closed-loop"])
def test_the_chip_has_braked_the_motor_before_it_goes_to_standby(monkeypatch, pattern, calibration):
    rig = Haptics(DRV_ERM, monkeypatch, calibration)
    rig.play(pattern, 70)
    rig.bench.wait_s(1)
    assert rig.register(0x01) & 0x40
    assert rig.model.cut_brakes == 0


def test_an_erm_that_was_never_calibrated_is_driven_in_open_loop_at_its_rated_voltage(monkeypatch):
    rig = Haptics(DRV_ERM, monkeypatch)
    rig.play((100,), 70)
    assert rig.register(0x1A) & 0x80 == 0
    assert rig.register(0x1D) & 0x20
    assert rig.register(0x17) * 21.59 == pytest.approx(3000, abs=11)


def test_an_lra_is_driven_in_closed_loop_near_its_resonance(monkeypatch):
    rig = Haptics(DRV_LRA, monkeypatch)
    rig.play((100,), 70)
    assert rig.register(0x1A) & 0x80
    assert rig.register(0x1D) & 0x21 == 0
    assert rig.register(0x1B) & 0x1F == 19  # 0.5 + 19 × 0.1 ms: half of 1 / 205 Hz
    assert rig.register(0x16) * 20.58 / (1 - 0.0015 * 205) ** 0.5 == pytest.approx(2000, abs=15)
    assert rig.register(0x17) * 21.22 == pytest.approx(2828, abs=11)


def test_calibrating_finds_what_is_used_from_then_on_and_after_a_restart(monkeypatch):
    rig = Haptics(DRV_ERM, monkeypatch)
    found = asyncio.run(rig.motor.chip.calibrate())
    assert found == (0x0B, 0x71, 2)
    again = Haptics(DRV_ERM, monkeypatch, calibration=found)
    for each in (rig, again):
        each.play((100,), 70)
        assert (each.register(0x18), each.register(0x19), each.register(0x1A) & 3) == found
        assert each.register(0x1D) & 0x20 == 0, "closed loop"
        assert each.register(0x16) * 21.18 == pytest.approx(3000, abs=11)


@pytest.mark.parametrize("board", [DRV_ERM, DRV_LRA], ids=["erm", "lra"])
def test_a_missing_actuator_or_one_of_another_kind_is_found_out_and_playing_goes_on(monkeypatch, board):
    rig = Haptics(board, monkeypatch)
    if board is DRV_ERM:
        rig.model.connected = False
    assert asyncio.run(rig.motor.chip.calibrate()) is None
    rig.model.connected = True
    assert len(rig.play((100, 50, 100), 70)) == 2


def test_a_dead_bus_costs_the_vibration_but_nothing_else(monkeypatch):
    rig = Haptics(DRV_ERM, monkeypatch)
    model = rig.bench.board.chips.pop(HAPTICS_ADDRESS)
    assert rig.play((100, 50, 100), 70) == []
    rig.motor.off()
    assert rig.motor.chip.bus_errors > 0
    rig.bench.board.chips[HAPTICS_ADDRESS] = model
    assert len(rig.play((100, 50, 100), 70)) == 2, "once it answers, it is set up and used"


def test_a_dead_bus_while_calibrating_is_an_error(monkeypatch):
    rig = Haptics(DRV_ERM, monkeypatch)
    del rig.bench.board.chips[HAPTICS_ADDRESS]
    with pytest.raises(OSError) as caught:
        asyncio.run(rig.motor.chip.calibrate())
    assert caught.value.errno == errno.ENODEV
