"""A simulated wearer: a scripted day as a sensor on the wearer's upper back measures it."""

from __future__ import annotations

import math
import random
from collections import OrderedDict
from typing import Final

import numpy as np
from numpy import float64
from numpy.typing import NDArray

from .script import OPENING_END_S, Habits, Kind, Segment, write_day
from .track import Track

Signal = NDArray[float64]
Curve = tuple[Signal, Signal, Signal]
"""Value, rate and acceleration."""

GRAVITY_M_S2: Final = 9.80665
NOISE_BLOCK: Final = 1024
"""Samples per block; block and seed choose the noise, so that any slicing gives the same numbers."""
ACC_NOISE_G: Final = 0.6e-3
GYRO_NOISE_DPS: Final = 0.02
"""Root mean square at 52 Hz; it grows with the square root of the rate, as white noise does."""
GYRO_BIAS_DPS: Final = (0.4, -0.3, 0.2)
MOUNTING_DEG: Final = (3.0, 8.0, -5.0)
"""How the sensor sits on the body, turned about X, then Y, then Z."""
SENSOR_HEIGHT_M: Final = 0.35
"""From the hips to the sensor: what turns tilting into moving."""
SKIN_DEGC: Final = 32.0
ROOM_DEGC: Final = 23.0
WARMING_S: Final = 300.0
"""The time constant with which a sensor in its case warms on the body, and cools off it; a guess, not measured."""
SITTING_TO_STANDING_M: Final = 0.40
STEP_HZ: Final = 1.9
WALK_BOUNCE_G: Final = 0.25
# Sums of (amplitude [degrees], frequency [Hz], phase): what a body does that only sits there.
BREATH_AND_SWAY_FORWARD: Final = ((0.4, 0.25, 0.0), (0.25, 0.043, 1.0), (0.15, 0.11, 2.0))
SWAY_RIGHT: Final = ((0.2, 0.051, 0.3), (0.12, 0.13, 4.0))
WANDER_FORWARD: Final = ((0.8, 1 / 233, 0.0), (0.6, 1 / 97, 0.7), (0.4, 1 / 31, 3.0))
WANDER_RIGHT: Final = ((0.6, 1 / 181, 1.0), (0.4, 1 / 71, 2.2))


class ScriptedWearer:
    """A day drawn from a seed; a MotionSource. `segments` is what really happens in it."""

    def __init__(self, seed: int = 0, hours: float = 8.0, habits: Habits | None = None) -> None:
        self.seed = seed
        self.segments = write_day(seed, hours, habits)
        self.duration_s = self.segments[-1].end_s
        self.upright_at_s = next(s.start_s for s in self.segments if s.kind is Kind.UPRIGHT)
        self._forward_deg = Track()
        self._right_deg = Track()
        self._heading_deg = Track()
        self._height_m = Track()
        self._life = Track(1.0)
        self._wandering = Track()
        self._walking = Track()
        draw = random.Random(seed ^ 0x5EED)
        for segment in self.segments:
            self._enact(segment, draw)
        self._starts_s = np.array([segment.start_s for segment in self.segments])
        self._start_degC = _temperatures_degC(self.segments)
        self._charge_times_s, self._charge_levels = _battery_charge(self.segments)
        self._mounting = _rotation(*np.radians(MOUNTING_DEG))
        self._blocks: OrderedDict[tuple[float, int], Signal] = OrderedDict()

    # ---- MotionSource ----

    def sample(self, first: int, count: int, rate_hz: float) -> Signal:
        """See MotionSource.sample; shape (count, 6), g and degrees per second."""
        numbers = range(first // NOISE_BLOCK, (first + count - 1) // NOISE_BLOCK + 1)
        if not numbers:
            return np.empty((0, 6))
        blocks = [self._block(rate_hz, number) for number in numbers]
        start = first - numbers[0] * NOISE_BLOCK
        return np.concatenate(blocks)[start : start + count]

    def usb_present(self, t_s: float) -> bool:
        return self.segment_at(t_s).kind is Kind.CHARGING

    def battery_mV(self, t_s: float) -> int:
        level = float(np.interp(t_s, self._charge_times_s, self._charge_levels))
        cell_mV = float(np.interp(level, *_OPEN_CIRCUIT))
        return round(cell_mV + (60 if self.usb_present(t_s) else -15))

    def temperature_degC(self, t_s: float) -> float:
        """Chip and case take up the warmth around them with one time constant."""
        index = self._segment_index(t_s)
        segment = self.segments[index]
        return _drawn_to(_around_degC(segment), self._start_degC[index], t_s - segment.start_s)

    # ---- the truth, for tests and demonstrations ----

    def segment_at(self, t_s: float) -> Segment:
        return self.segments[self._segment_index(t_s)]

    def describe(self) -> str:
        """The script, one segment a line."""
        return "\n".join(str(segment) for segment in self.segments)

    def tilt_deg(self, t_s: Signal) -> tuple[Signal, Signal]:
        """True forward and right tilt of the body against sitting upright, at ascending times."""
        forward, right, _, _ = self._angles(t_s)
        return forward[0], right[0]

    def posture(self, t_s: Signal) -> tuple[Signal, Signal, Signal, Signal]:
        """True forward tilt, its rate per second, right tilt [degrees], and walking (0 to 1) at ascending times."""
        forward, right, _, walking = self._angles(t_s)
        return forward[0], forward[1], right[0], walking

    def _segment_index(self, t_s: float) -> int:
        return max(int(np.searchsorted(self._starts_s, t_s, side="right")) - 1, 0)

    # ---- script to curves ----

    def _enact(self, segment: Segment, draw: random.Random) -> None:
        start_s, transition_s = segment.start_s, segment.transition_s
        if segment.kind in (Kind.STAND_UP, Kind.SIT_DOWN):  # the trunk bows forward while the hips move
            self._forward_deg.move(start_s, 0.45 * transition_s, draw.uniform(24.0, 34.0))
            self._forward_deg.move(start_s + 0.45 * transition_s, 0.55 * transition_s, segment.forward_deg)
            standing = segment.kind is Kind.STAND_UP
            self._height_m.move(start_s + 0.3, 1.6, SITTING_TO_STANDING_M if standing else 0.0)
        elif transition_s:
            self._forward_deg.move(start_s, transition_s, segment.forward_deg)
        if transition_s:
            self._right_deg.move(start_s, transition_s, segment.lateral_deg)
            self._life.move(start_s, min(transition_s, 3.0), 1.0 if segment.worn else 0.0)
            if start_s >= OPENING_END_S:
                self._wandering.move(start_s, min(transition_s, 3.0), 1.0 if segment.worn else 0.0)
            ramp_s = min(1.5, segment.duration_s / 2)
            self._walking.move(start_s, ramp_s, 1.0 if segment.kind is Kind.WALK else 0.0)
        if segment.kind is Kind.WALK:
            self._turn_corners(segment, draw)

    def _turn_corners(self, walk: Segment, draw: random.Random) -> None:
        turn_s = walk.start_s + draw.uniform(5.0, 15.0)
        while turn_s + 2.0 < walk.end_s:
            self._heading_deg.move(turn_s, 2.0, self._heading_deg.last + draw.choice((-90.0, 90.0, 180.0)))
            turn_s += draw.uniform(8.0, 40.0)

    # ---- curves to motion ----

    def _block(self, rate_hz: float, number: int) -> Signal:
        key = (rate_hz, number)
        if key not in self._blocks:
            while len(self._blocks) >= 8:
                self._blocks.popitem(last=False)
            self._blocks[key] = self._make_block(rate_hz, number)
        return self._blocks[key]

    def _make_block(self, rate_hz: float, number: int) -> Signal:
        t_s = np.arange(number * NOISE_BLOCK, (number + 1) * NOISE_BLOCK) / rate_hz
        noise = np.random.default_rng((self.seed, number)).standard_normal((NOISE_BLOCK, 6))
        noise *= math.sqrt(rate_hz / 52.0)
        noise[:, :3] *= ACC_NOISE_G
        noise[:, 3:] *= GYRO_NOISE_DPS
        acc_g, gyro_dps = self._feel(t_s)
        noise[:, :3] += acc_g @ self._mounting
        noise[:, 3:] += gyro_dps @ self._mounting + GYRO_BIAS_DPS
        return noise

    def _feel(self, t_s: Signal) -> tuple[Signal, Signal]:
        """Specific force [g] and angular rate [degrees per second] along the body's axes.

        The body's attitude is R = Rx(heading) Rz(−right) Ry(forward) in a world whose X is up, so that the up vector
        in the body is (cos φ cos θ, sin φ, cos φ sin θ).
        """
        (forward, forward_dps, forward_acc), (right, right_dps, right_acc), heading_dps, walking = self._angles(t_s)
        theta, phi = np.radians(forward), np.radians(right)
        sin_theta, cos_phi = np.sin(theta), np.cos(phi)
        cos_theta = np.cos(theta)
        up = np.stack([cos_phi * cos_theta, np.sin(phi), cos_phi * sin_theta], axis=1)
        gyro = up * heading_dps[:, None]
        gyro[:, 0] += right_dps * sin_theta
        gyro[:, 1] += forward_dps
        gyro[:, 2] -= right_dps * cos_theta
        step = 2 * math.pi * STEP_HZ * t_s
        rise_g = self._height_m.at(t_s)[2] / GRAVITY_M_S2
        rise_g += walking * WALK_BOUNCE_G * (np.sin(step) + 0.25 * np.sin(2 * step + 0.8))
        acc = up * (1.0 + rise_g)[:, None]
        swing = SENSOR_HEIGHT_M * math.radians(1.0) / GRAVITY_M_S2  # g per degree/s²
        acc[:, 1] += walking * 0.06 * np.sin(step / 2 + 0.5) - swing * right_acc
        acc[:, 2] += walking * 0.08 * np.sin(step + 1.2) - swing * forward_acc
        return acc, gyro

    def _angles(self, t_s: Signal) -> tuple[Curve, Curve, Signal, Signal]:
        """Forward and right tilt [degrees], rate of heading [degrees per second], and walking 0…1."""
        forward, forward_dps, forward_acc = self._forward_deg.at(t_s)
        right, right_dps, right_acc = self._right_deg.at(t_s)
        heading_dps = self._heading_deg.at(t_s)[1]
        life, life_rate, _ = self._life.at(t_s)
        if life.any():
            sway = _oscillation(t_s, BREATH_AND_SWAY_FORWARD)
            forward, forward_dps = _add(forward, forward_dps, life, life_rate, sway)
            sway = _oscillation(t_s, SWAY_RIGHT)
            right, right_dps = _add(right, right_dps, life, life_rate, sway)
        wandering, wandering_rate, _ = self._wandering.at(t_s)
        if wandering.any():
            sway = _oscillation(t_s, WANDER_FORWARD)
            forward, forward_dps = _add(forward, forward_dps, wandering, wandering_rate, sway)
            sway = _oscillation(t_s, WANDER_RIGHT)
            right, right_dps = _add(right, right_dps, wandering, wandering_rate, sway)
        walking, walking_rate, _ = self._walking.at(t_s)
        if walking.any():
            sway = _oscillation(t_s, ((1.5, STEP_HZ, 0.4),))
            forward, forward_dps = _add(forward, forward_dps, walking, walking_rate, sway)
            sway = _oscillation(t_s, ((2.5, STEP_HZ / 2, 0.0),))
            right, right_dps = _add(right, right_dps, walking, walking_rate, sway)
            heading_dps = heading_dps + walking * _oscillation(t_s, ((4.0, STEP_HZ / 2, 1.7),))[1]
        return (forward, forward_dps, forward_acc), (right, right_dps, right_acc), heading_dps, walking


def _oscillation(t_s: Signal, sines: tuple[tuple[float, float, float], ...]) -> tuple[Signal, Signal]:
    """A sum of (amplitude, frequency [Hz], phase) and its derivative."""
    value, rate = np.zeros_like(t_s), np.zeros_like(t_s)
    for amplitude, frequency_hz, phase in sines:
        omega = 2 * math.pi * frequency_hz
        angle = omega * t_s + phase
        value += amplitude * np.sin(angle)
        rate += amplitude * omega * np.cos(angle)
    return value, rate


def _add(
    value: Signal, rate: Signal, envelope: Signal, envelope_rate: Signal, sway: tuple[Signal, Signal]
) -> tuple[Signal, Signal]:
    """Adds envelope × sway to a curve and, by the product rule, to its rate."""
    return value + envelope * sway[0], rate + envelope * sway[1] + envelope_rate * sway[0]


def _rotation(about_x: float, about_y: float, about_z: float) -> Signal:
    """Rx Ry Rz [rad]; a row vector of body coordinates times it gives sensor coordinates."""
    cx, sx, cy, sy, cz, sz = (f(a) for a in (about_x, about_y, about_z) for f in (math.cos, math.sin))
    rx = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    ry = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    rz = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return np.asarray(rx @ ry @ rz, dtype=float64)


_OPEN_CIRCUIT: Final = ((0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 1.0), (3200, 3500, 3680, 3760, 3870, 4000, 4180))
"""Charge against the voltage [mV] of a typical lithium polymer cell."""


def _battery_charge(segments: list[Segment]) -> tuple[list[float], list[float]]:
    """Times and charge (0…1): a full cell lasts 60 h in log mode, and 4 h charge it at 0.25 C."""
    times_s, levels = [0.0], [0.9]
    for segment in segments:
        per_hour = 0.25 if segment.kind is Kind.CHARGING else -1 / 60
        times_s.append(segment.end_s)
        levels.append(max(0.0, min(1.0, levels[-1] + per_hour * segment.duration_s / 3600)))
    return times_s, levels


def _around_degC(segment: Segment) -> float:
    return SKIN_DEGC if segment.worn else ROOM_DEGC


def _drawn_to(around_degC: float, from_degC: float, seconds: float) -> float:
    return around_degC + (from_degC - around_degC) * math.exp(-seconds / WARMING_S)


def _temperatures_degC(segments: list[Segment]) -> list[float]:
    """The chip's temperature when each segment begins; it has been worn for long when the first does."""
    starts_degC = [SKIN_DEGC]
    for segment in segments[:-1]:
        starts_degC.append(_drawn_to(_around_degC(segment), starts_degC[-1], segment.duration_s))
    return starts_degC
