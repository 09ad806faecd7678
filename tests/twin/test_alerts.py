"""Alerts as a wearer lives through them: what the motor does, and what the journal says of it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from twin.world import TestWorld, in_world
from unslouch.twin.wearer.script import Kind, Segment
from unslouch.twin.wearer.scripted import ScriptedWearer
from unslouch_device.contract import messages as m
from unslouch_device.contract import records as r
from unslouch_device.contract.settings import (
    ALERT_GAP_S,
    ALERT_MODE,
    BUDGET_MODE,
    CORRECTED_PULSE,
    DELAY_MODE,
    DELAY_S,
    FADING,
    HOURLY_CAP,
    THRESHOLD_DEG,
)
from unslouch_device.parts.motor import ALERT_PATTERNS, PULSE_PATTERN

Doing = tuple[Kind, float, float, float]
"""What, for how many seconds, of them moving, and the forward tilt that is reached."""

Events = list[tuple[float, int, tuple[int, ...]]]
"""Uptime in s, code and fields of each."""

SITS_DOWN: list[Doing] = [(Kind.UPRIGHT, 12, 0, 0)]
NOTED = (r.SLOUCH_STARTED, r.SLOUCH_ENDED, r.ALERT, r.ALERT_MISSED, r.CORRECTED, r.DELAY_ADAPTED, r.SENSOR_MOVED)


def live(
    flash: Path,
    doings: list[Doing],
    check: Callable[[TestWorld, Events], Awaitable[None]],
    settings: dict[int, int] | None = None,
) -> None:
    """Let a wearer sit down, calibrate, set things and do all this; then check the events of alerts."""
    wearer = who_does(SITS_DOWN + doings + [(Kind.UPRIGHT, 20, 2, 0)])

    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        for revision, (id, value) in enumerate((settings or {}).items()):
            assert (await world.ask(m.SET_SETTING, revision, id, value))[0] == m.OK
        await asyncio.sleep(wearer.duration_s - 1 - world.world.clock.now_s)
        await check(world, await noted(world))

    in_world(wearer, flash, story)


def who_does(doings: list[Doing]) -> ScriptedWearer:
    segments: list[Segment] = []
    now_s = 0.0
    for kind, duration_s, transition_s, forward_deg in doings:
        segments.append(Segment(kind, now_s, duration_s, transition_s, forward_deg))
        now_s += duration_s
    with patch("unslouch.twin.wearer.scripted.write_day", return_value=segments):
        return ScriptedWearer()


async def noted(world: TestWorld) -> Events:
    found = []
    for page in await world.pages():
        for at in range(0, len(page.records), r.RECORD_BYTES):
            record = page.records[at : at + r.RECORD_BYTES]
            if r.is_event(record):
                code, uptime_ms, fields = r.unpack_event(record)
                if code in NOTED or code == r.TAKEN_OFF:
                    found.append((uptime_ms / 1000, code, fields))
    return found


def codes(events: Events) -> list[int]:
    return [code for _, code, _ in events]


def fields_of(events: Events, wanted: int) -> list[tuple[int, ...]]:
    return [fields for _, code, fields in events if code == wanted]


def felt_ms(world: TestWorld) -> list[int]:
    """How long each pulse of the motor was, but for those of the calibration."""
    return [round(pulse.duration_us / 1000) for pulse in world.hardware.motor.pulses()][2:]


def on_ms(pattern: tuple[int, ...]) -> list[int]:
    return list(pattern[::2])


def test_a_slouch_that_goes_on_brings_three_alerts_each_firmer_and_then_none(tmp_path: Path) -> None:
    async def check(world: TestWorld, events: Events) -> None:
        assert codes(events) == [
            *(r.SLOUCH_STARTED, r.ALERT, r.ALERT_MISSED, r.ALERT, r.ALERT_MISSED, r.ALERT, r.ALERT_MISSED),
            *(r.CORRECTED, r.SLOUCH_ENDED),
        ]
        assert [fields[1:] for fields in fields_of(events, r.ALERT)] == [(n, DELAY_MODE) for n in (1, 2, 3)]
        assert fields_of(events, r.ALERT_MISSED) == [(n, r.MISSED_LATE) for n in (1, 2, 3)]
        ((latency_ms,),) = fields_of(events, r.CORRECTED)
        first_s = next(at_s for at_s, code, _ in events if code == r.ALERT)
        corrected_s = next(at_s for at_s, code, _ in events if code == r.CORRECTED)
        assert latency_ms == round(1000 * (corrected_s - first_s))
        assert fields_of(events, r.SLOUCH_ENDED)[0][3] == 3
        assert felt_ms(world) == [ms for pattern in ALERT_PATTERNS for ms in on_ms(pattern)]

    live(tmp_path, [(Kind.SLOUCH, 420, 4, 24)], check, {ALERT_GAP_S: 60})


def test_sitting_up_after_an_alert_is_answered_gently_if_so_wished(tmp_path: Path) -> None:
    async def check(world: TestWorld, events: Events) -> None:
        assert codes(events) == [
            *(r.SLOUCH_STARTED, r.ALERT, r.CORRECTED, r.SLOUCH_ENDED),
            *(r.SLOUCH_STARTED, r.SLOUCH_ENDED),
        ]
        assert felt_ms(world) == on_ms(ALERT_PATTERNS[0]) + on_ms(PULSE_PATTERN)

    doings: list[Doing] = [(Kind.SLOUCH, 45, 4, 24), (Kind.UPRIGHT, 60, 2, 0), (Kind.SLOUCH, 60, 4, 24)]
    live(tmp_path, doings, check, {CORRECTED_PULSE: 1})  # the second slouch falls into the quiet after the correction


def test_who_gets_up_after_an_alert_has_not_corrected_it(tmp_path: Path) -> None:
    async def check(world: TestWorld, events: Events) -> None:
        assert codes(events) == [r.SLOUCH_STARTED, r.ALERT, r.ALERT_MISSED, r.SLOUCH_ENDED]
        assert fields_of(events, r.ALERT_MISSED) == [(1, r.MISSED_INTERRUPTED)]

    live(tmp_path, [(Kind.SLOUCH, 45, 4, 24), (Kind.WALK, 40, 1.5, 20)], check)


def test_by_budget_a_steep_lean_brings_an_alert_sooner_than_a_slight_one(tmp_path: Path) -> None:
    async def check(world: TestWorld, events: Events) -> None:
        alerts = [(at_s, *fields[1:]) for at_s, code, fields in events if code == r.ALERT]
        assert [alert[1:] for alert in alerts] == [(1, BUDGET_MODE), (1, BUDGET_MODE)]
        assert abs(alerts[0][0] - (12 + 2 + 150)) < 6  # 40°: 150 s
        assert abs(alerts[1][0] - (12 + 170 + 250 + 2 + 82.5)) < 6  # 55°: 82.5 s
        assert codes(events).count(r.CORRECTED) == 2

    doings: list[Doing] = [(Kind.SLOUCH, 170, 2, 40), (Kind.UPRIGHT, 250, 2, 0), (Kind.SLOUCH, 100, 2, 55)]
    live(tmp_path, doings, check, {ALERT_MODE: BUDGET_MODE})


def test_by_budget_an_alert_without_a_confirmed_slouch_has_its_outcome_too(tmp_path: Path) -> None:
    async def check(world: TestWorld, events: Events) -> None:
        assert codes(events) == [r.ALERT, r.CORRECTED]

    live(tmp_path, [(Kind.SLOUCH, 10, 2, 75)], check, {ALERT_MODE: BUDGET_MODE})


def test_the_hour_has_its_share_of_alerts(tmp_path: Path) -> None:
    async def check(world: TestWorld, events: Events) -> None:
        alerts_s = [at_s for at_s, code, _ in events if code == r.ALERT]
        assert len(alerts_s) == 4
        assert alerts_s[1] - alerts_s[0] < 300
        assert alerts_s[2] - alerts_s[0] > 3600 * 0.99

    doings: list[Doing] = []
    for _ in range(38):
        doings += [(Kind.SLOUCH, 60, 3, 24), (Kind.UPRIGHT, 40, 2, 0)]
    live(tmp_path, doings, check, {HOURLY_CAP: 2, FADING: 0, ALERT_GAP_S: 60})


def test_who_sits_up_unaided_is_given_more_time_and_that_is_kept_over_a_power_cut(tmp_path: Path) -> None:
    async def check(world: TestWorld, events: Events) -> None:
        assert codes(events) == [r.DELAY_ADAPTED]
        assert fields_of(events, r.DELAY_ADAPTED) == [(45, r.ADAPTED_LONGER)]
        await world.firmware.cut_power()
        world.power_on()
        assert world.app.pipeline.alerter.delay_s == 45
        assert (await world.ask(m.SET_SETTING, 0, DELAY_S, 20))[0] == m.OK
        await asyncio.sleep(2)
        assert fields_of(await noted(world), r.DELAY_ADAPTED)[1:] == [(20, r.ADAPTED_RESET)]
        assert world.app.config.fading == 0

    live(tmp_path, [(Kind.SLOUCH, 12, 1, 24), (Kind.UPRIGHT, 10, 1, 0)] * 5, check)


def test_a_sensor_that_walks_otherwise_than_usual_may_have_moved(tmp_path: Path) -> None:
    async def check(world: TestWorld, events: Events) -> None:
        ((walking_cdeg, usual_cdeg, profile),) = fields_of(events, r.SENSOR_MOVED)
        assert abs(walking_cdeg - 1800) < 300
        assert abs(usual_cdeg - 200) < 300
        assert profile == 0
        assert world.app.config.profiles.active.walked_s >= 60

    live(tmp_path, [(Kind.WALK, 120, 2, 2), (Kind.UPRIGHT, 10, 2, 0), (Kind.WALK, 80, 2, 18)], check)


def test_taken_off_is_journaled_with_its_cue(tmp_path: Path) -> None:
    async def check(world: TestWorld, events: Events) -> None:
        ((onset_ms, cue),) = fields_of(events, r.TAKEN_OFF)
        assert cue == r.TAKEN_OFF_COLD
        assert 300 < onset_ms / 1000 < 330

    live(tmp_path, [(Kind.UPRIGHT, 300, 0, 0), (Kind.OFF_BODY, 200, 6, 84)], check)


def test_a_new_threshold_ends_a_slouch_and_what_follows_is_another(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        await asyncio.sleep(70 - world.world.clock.now_s)
        assert (await world.ask(m.SET_SETTING, 0, THRESHOLD_DEG, 15))[0] == m.OK
        await asyncio.sleep(50)
        events = await noted(world)
        assert codes(events)[:4] == [r.SLOUCH_STARTED, r.ALERT, r.ALERT_MISSED, r.SLOUCH_ENDED]
        ended_s = next(at_s for at_s, code, _ in events if code == r.SLOUCH_ENDED)
        ((peak_cdeg, mean_cdeg, duration_s, alerts),) = fields_of(events, r.SLOUCH_ENDED)
        assert abs(peak_cdeg - 2450) < 150
        assert abs(mean_cdeg - 2350) < 150
        assert abs(duration_s - 54) < 4
        assert alerts == 1
        (first_onset_ms, _), (second_onset_ms, _) = fields_of(events, r.SLOUCH_STARTED)
        assert first_onset_ms / 1000 < ended_s - 50
        assert 0 < second_onset_ms / 1000 - ended_s < 0.1

    in_world(who_does([*SITS_DOWN, (Kind.SLOUCH, 200, 6, 24)]), tmp_path, story)


@pytest.mark.parametrize(
    ("settings", "lean_s", "lean_deg"),
    [
        ({DELAY_S: 5, ALERT_GAP_S: 30, HOURLY_CAP: 20}, 9, 25),
        # below the threshold, so that nothing but the holding time that is spent announces the alert
        ({ALERT_MODE: BUDGET_MODE, THRESHOLD_DEG: 45, ALERT_GAP_S: 30, HOURLY_CAP: 20}, 155, 42),
    ],
)
def test_the_motor_runs_within_half_a_second_of_when_the_alert_was_due_however_long_the_batch_before(
    tmp_path: Path, settings: dict[int, int], lean_s: float, lean_deg: float
) -> None:
    async def check(world: TestWorld, events: Events) -> None:
        due_s = [at_s for at_s, code, _ in events if code == r.ALERT]
        begun_s = [pulse.start_us / 1e6 for pulse in world.hardware.motor.pulses()]
        assert len(due_s) == len(doings) // 2
        for each_s in due_s:
            late_s = min(begin_s - each_s for begin_s in begun_s if begin_s > each_s - 0.1)
            assert late_s < 0.55, late_s  # and some ms of the simulated board's own
        assert world.app.uptime.slept_ms > 0.9 * 1000 * sum(duration_s for _, duration_s, _, _ in doings[::2])

    doings: list[Doing] = []
    for tenths in range(0, 40, 7):  # of a second: the lean begins anywhere in a batch
        doings += [(Kind.UPRIGHT, 45 + tenths / 10, 1, 0), (Kind.SLOUCH, lean_s, 1, lean_deg)]
    live(tmp_path, doings, check, settings)
