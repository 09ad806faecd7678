"""The scripted wearer's day is reproducible, plays out as its script says, and obeys the laws of motion."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unslouch.twin.wearer.script import Kind
from unslouch.twin.wearer.scripted import GYRO_BIAS_DPS, ROOM_DEGC, SKIN_DEGC, WARMING_S, ScriptedWearer

RATE_HZ = 52.0
DAY = ScriptedWearer(seed=1, hours=8)


def samples(wearer, start_s, end_s, rate_hz=RATE_HZ):
    first = round(start_s * rate_hz)
    return wearer.sample(first, round(end_s * rate_hz) - first, rate_hz)


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def first_of(kind, wearer=DAY):
    return next(segment for segment in wearer.segments if segment.kind is kind)


def test_a_seed_gives_one_day_and_another_seed_another():
    again, other = ScriptedWearer(seed=1, hours=8), ScriptedWearer(seed=2, hours=8)
    assert again.describe() == DAY.describe() != other.describe()
    assert np.array_equal(samples(again, 5000, 5030), samples(DAY, 5000, 5030))
    assert not np.array_equal(samples(other, 5000, 5030), samples(DAY, 5000, 5030))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 8 * 3600 * 52 - 6000), st.lists(st.integers(1, 2500), min_size=1, max_size=4))
def test_any_slicing_gives_the_same_samples(first, counts):
    whole = DAY.sample(first, sum(counts), RATE_HZ)
    starts = itertools.accumulate(counts, initial=first)
    fresh = ScriptedWearer(seed=1, hours=8)
    parts = [fresh.sample(start, count, RATE_HZ) for start, count in zip(starts, counts, strict=False)]
    assert np.array_equal(whole, np.concatenate(parts))


@pytest.mark.parametrize("hours", [0.02, 1, 8, 16, 24])
def test_the_script_covers_the_day_without_gap_or_overlap(hours):
    wearer = ScriptedWearer(seed=3, hours=hours)
    assert wearer.segments[0].start_s == 0
    assert wearer.duration_s == pytest.approx(hours * 3600)
    for before, after in itertools.pairwise(wearer.segments):
        assert after.start_s == pytest.approx(before.end_s)
        assert after.duration_s >= after.transition_s > 0
    assert len(wearer.describe().splitlines()) == len(wearer.segments)


@pytest.mark.parametrize("seed", range(5))
def test_a_day_has_everything_in_it(seed):
    wearer = ScriptedWearer(seed, hours=8)
    assert {segment.kind for segment in wearer.segments} == set(Kind)
    glances = [segment.duration_s for segment in wearer.segments if segment.kind is Kind.GLANCE]
    assert max(glances) < 30


def test_a_long_day_ends_with_a_night_on_the_charger():
    wearer = ScriptedWearer(seed=1, hours=24)
    assert wearer.segments[-1].kind is Kind.CHARGING
    assert wearer.segments[-1].duration_s > 7 * 3600
    assert wearer.battery_mV(24 * 3600 - 1) > wearer.battery_mV(16 * 3600 - 60)


@pytest.mark.parametrize("seed", [0, 1, 12345])
def test_the_opening_is_upright_then_slumps_past_12_degrees_at_14_s(seed):
    """Measured from what the sensor feels: the angle of gravity against its mean while sitting upright."""
    wearer = ScriptedWearer(seed, hours=8)
    acc = samples(wearer, 0, 90)[:, :3]
    upright = unit(acc[: int(10 * RATE_HZ)].mean(axis=0))
    angle_deg = np.degrees(np.arccos(np.clip(unit(acc) @ upright, -1, 1)))
    smooth_deg = np.convolve(angle_deg, np.ones(13) / 13, mode="same")
    crossing_s = np.flatnonzero(smooth_deg > 12)[0] / RATE_HZ
    assert crossing_s == pytest.approx(14.0, abs=0.3)
    held = smooth_deg[round(19 * RATE_HZ) : round(74 * RATE_HZ)]
    assert 22 < held.min() <= held.max() < 26
    assert smooth_deg[round(78 * RATE_HZ) : round(88 * RATE_HZ)].max() < 4
    assert wearer.upright_at_s == 0.0


def test_the_opening_is_still_enough_to_calibrate():
    gyro = samples(DAY, 0, 10)[:, 3:] - GYRO_BIAS_DPS
    assert np.abs(gyro).max() < 1.5


def test_forward_tilt_turns_up_towards_z_and_a_right_lean_towards_y():
    upright = samples(DAY, 1, 9)[:, :3].mean(axis=0)
    assert upright[0] > 0.95
    slouched = samples(DAY, 30, 60)[:, :3].mean(axis=0)
    assert slouched[2] - upright[2] > 0.3
    lying = next(s for s in DAY.segments if s.kind is Kind.LIE_DOWN)
    felt = samples(DAY, lying.start_s + 30, lying.end_s - 30)[:, :3].mean(axis=0)
    forward, right = np.radians([lying.forward_deg, lying.lateral_deg])
    expected = [np.cos(right) * np.cos(forward), np.sin(right), np.cos(right) * np.sin(forward)]
    assert np.degrees(np.arccos(felt @ expected)) < 11  # up to the sensor's mounting


@pytest.mark.parametrize("kind", [Kind.SLOUCH, Kind.FIDGET, Kind.GLANCE, Kind.STAND_UP, Kind.WALK, Kind.OFF_BODY])
def test_the_gyroscope_integrates_to_the_change_of_orientation(kind):
    """Turning the up vector by the measured rates leads from gravity before the segment to gravity after it."""
    segment = first_of(kind)
    start_s, end_s, rate_hz = segment.start_s - 1, segment.start_s + min(segment.duration_s, 60) - 0.2, 208.0
    motion = samples(DAY, start_s, end_s, rate_hz)
    rates = np.radians(motion[:, 3:] - GYRO_BIAS_DPS)
    forward_deg, right_deg = DAY.tilt_deg(np.arange(len(motion)) / rate_hz + round(start_s * rate_hz) / rate_hz)
    theta, phi = np.radians(forward_deg), np.radians(right_deg)
    truth = np.stack([np.cos(phi) * np.cos(theta), np.sin(phi), np.cos(phi) * np.sin(theta)], axis=1)
    truth = truth @ DAY._mounting
    up = truth[0]
    for before, after in itertools.pairwise(rates):
        turn = -(before + after) / 2 / rate_hz
        angle = np.linalg.norm(turn)
        axis = turn / angle
        cross = np.cross(axis, up)
        up = up + np.sin(angle) * cross + (1 - np.cos(angle)) * np.cross(axis, cross)
    assert np.degrees(np.arccos(min(1.0, up @ truth[-1]))) < 0.5


def test_gravity_is_what_is_felt_on_average():
    for kind in (Kind.UPRIGHT, Kind.SLOUCH, Kind.WALK, Kind.LIE_DOWN, Kind.CHARGING):
        segment = first_of(kind)
        acc = samples(DAY, segment.start_s, min(segment.end_s, segment.start_s + 60))[:, :3]
        assert np.linalg.norm(acc, axis=1).mean() == pytest.approx(1.0, abs=0.03), kind


def test_walking_bounces_at_the_pace_of_steps():
    walk = first_of(Kind.WALK)
    magnitude = np.linalg.norm(samples(DAY, walk.start_s + 5, walk.start_s + 45)[:, :3], axis=1)
    spectrum = np.abs(np.fft.rfft(magnitude - magnitude.mean()))
    assert np.fft.rfftfreq(len(magnitude), 1 / RATE_HZ)[spectrum.argmax()] == pytest.approx(1.9, abs=0.05)
    assert 0.15 < magnitude.std() < 0.3


@pytest.mark.parametrize("kind", [Kind.OFF_BODY, Kind.CHARGING])
def test_off_the_body_only_the_chips_noise_is_left(kind):
    segment = first_of(kind)
    still = samples(DAY, segment.start_s + 15, segment.end_s - 5)
    assert still[:, :3].std(axis=0) == pytest.approx([0.6e-3] * 3, rel=0.05)
    assert still[:, 3:].std(axis=0) == pytest.approx([0.02] * 3, rel=0.05)
    assert still[:, 3:].mean(axis=0) == pytest.approx(GYRO_BIAS_DPS, abs=1e-3)


def test_worn_he_is_never_as_still_as_a_table():
    for segment in DAY.segments:
        if segment.worn and segment.duration_s > 20:
            gyro = samples(DAY, segment.start_s + 5, segment.end_s)[:, 3:]
            assert gyro.std(axis=0).max() > 0.2, segment


def test_usb_power_is_there_exactly_while_charging_and_fills_the_cell():
    charging = first_of(Kind.CHARGING)
    assert not DAY.usb_present(charging.start_s - 1)
    assert DAY.usb_present(charging.start_s + 1)
    assert not DAY.usb_present(charging.end_s + 1)
    assert DAY.battery_mV(charging.start_s - 1) < DAY.battery_mV(0)
    assert DAY.battery_mV(charging.end_s + 1) > DAY.battery_mV(charging.start_s - 1)


def test_the_sensor_is_warm_while_worn_and_cools_and_warms_in_minutes():
    off = first_of(Kind.OFF_BODY)
    assert DAY.temperature_degC(0) == DAY.temperature_degC(off.start_s) == SKIN_DEGC
    assert DAY.temperature_degC(off.start_s + 40) < SKIN_DEGC - 1
    assert DAY.temperature_degC(off.start_s + WARMING_S) == pytest.approx(
        ROOM_DEGC + (SKIN_DEGC - ROOM_DEGC) / np.e, abs=1e-6
    )
    assert DAY.temperature_degC(off.end_s) == pytest.approx(ROOM_DEGC, abs=0.5)
    assert DAY.temperature_degC(off.end_s) == pytest.approx(DAY.temperature_degC(off.end_s - 1e-6))
    assert DAY.temperature_degC(off.end_s + 5 * WARMING_S) == pytest.approx(SKIN_DEGC, abs=0.1)


def test_blocks_are_made_once_however_finely_they_are_asked_for(monkeypatch):
    wearer = ScriptedWearer(seed=1, hours=8)
    made = []
    make = wearer._make_block
    monkeypatch.setattr(wearer, "_make_block", lambda rate, number: made.append(number) or make(rate, number))
    for first in range(0, 52 * 600, 10):
        wearer.sample(first, 10, RATE_HZ)
    assert made == list(range(52 * 600 // 1024 + 1))
