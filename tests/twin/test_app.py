"""The app on simulated hardware: what a host gets for its requests, and what the journal says of a day."""

import asyncio
import random
from pathlib import Path

import pytest

from twin.world import TestWorld, codes, events, in_world
from unslouch.twin.calibrate import calibrate_when_upright
from unslouch.twin.wearer.scripted import ScriptedWearer
from unslouch_device.contract import messages as m
from unslouch_device.contract import payloads as p
from unslouch_device.contract import records as r
from unslouch_device.contract import states
from unslouch_device.contract.frames import to_wire
from unslouch_device.contract.settings import (
    DELAY_S,
    HYSTERESIS_DEG,
    SETTINGS,
    THRESHOLD_DEG,
    TRACKING_ONLY,
    unpack_settings,
)


def test_hello_names_the_board_its_journal_and_that_it_is_simulated(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        status, data = await world.ask(m.HELLO, m.PROTOCOL_VERSION)
        assert status == m.OK
        hello = p.HelloReply(data)
        assert hello.protocol_version == m.PROTOCOL_VERSION
        assert hello.flags == p.HELLO_SIMULATED | p.HELLO_OWN_CLOCK | p.HELLO_BUTTON_WAKES
        assert hello.journal == world.app.journal.id
        assert hello.boot == 1
        assert hello.next_sequence == 3  # boot, clock and battery are durable before a host can see the boot's number
        assert hello.board.decode() == "XIAO ESP32-S3"

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_an_unknown_protocol_version_is_refused_and_the_own_one_named(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert await world.ask(m.HELLO, 99) == (m.UNKNOWN_PROTOCOL, bytes((m.PROTOCOL_VERSION,)))

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_a_request_that_is_not_understood_is_refused_and_the_next_one_answered(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask_raw(to_wire(0x3F, b"\x01"), 1))[0] == m.UNKNOWN_REQUEST
        assert (await world.ask_raw(to_wire(m.SNOOZE, b"\x02"), 2))[0] == m.BAD_PAYLOAD
        assert (await world.ask(m.PING))[0] == m.OK

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_garbage_on_the_line_neither_stops_the_board_nor_the_sampling(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        noise = random.Random(5)
        for _ in range(2000):
            world.port.inject(noise.randbytes(noise.randrange(1, 300)))
        await asyncio.sleep(60)
        assert (await world.ask(m.PING))[0] == m.OK
        assert world.app.sampler.lost_samples == 0
        assert r.SAMPLES_LOST not in codes(await world.pages())

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_frames_of_random_content_are_answered_or_dropped(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        noise = random.Random(6)
        for _ in range(3000):
            kind = noise.randrange(256)
            if kind != m.REPL:
                world.port.inject(to_wire(kind, noise.randbytes(noise.randrange(0, 24))))
        await asyncio.sleep(30)
        while not world.port.frames.empty():
            world.port.frames.get_nowait()
        assert (await world.ask(m.PING))[0] == m.OK

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_the_demo_opening_is_calibrated_and_brings_one_alert_within_a_minute(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        await asyncio.sleep(60 - world.world.clock.now_s)
        pulses = world.hardware.motor.pulses()
        pages = await world.pages()
        assert codes(pages).count(r.ALERT) == 1
        onset_ms = next(fields[0] for code, fields in events(pages) if code == r.SLOUCH_STARTED)
        assert 13_000 < onset_ms < 15_500
        done, alert = pulses[:2], pulses[2:]
        assert [round(pulse.duration_us / 1e3) for pulse in done] == [80, 80]
        assert [round(pulse.duration_us / 1e3) for pulse in alert] == [300, 300]
        assert 43 < alert[0].start_us / 1e6 < 46

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_tracking_only_journals_the_slouch_and_leaves_the_motor_alone(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.SET_SETTING, 0, TRACKING_ONLY, 1))[0] == m.OK
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        felt = len(world.hardware.motor.pulses())
        await asyncio.sleep(90)
        happened = codes(await world.pages())
        assert r.SLOUCH_STARTED in happened
        assert r.ALERT not in happened
        assert len(world.hardware.motor.pulses()) <= felt + 2  # what may still be playing is the calibration's answer

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_a_snooze_keeps_the_motor_quiet_and_ends_by_itself(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        assert await world.ask(m.SNOOZE, 1) == (m.OK, p.pack_number(1))
        await asyncio.sleep(50)
        assert r.ALERT not in codes(await world.pages())
        await asyncio.sleep(20)
        assert r.ALERT in codes(await world.pages())  # the slouch outlasts the snooze

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_a_setting_is_kept_over_a_power_cut_and_a_stale_revision_is_refused(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert await world.ask(m.SET_SETTING, 0, DELAY_S, 45) == (m.OK, b"\x01\0")
        assert await world.ask(m.SET_SETTING, 0, DELAY_S, 50) == (m.STALE_REVISION, b"\x01\0")
        await world.firmware.cut_power()
        world.power_on()
        status, data = await world.ask(m.GET_SETTINGS)
        assert status == m.OK
        _, values = unpack_settings(data)
        assert values == {setting.id: setting.default for setting in SETTINGS} | {DELAY_S: 45}

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_values_out_of_range_and_unknown_settings_are_refused(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        for setting in SETTINGS:
            assert (await world.ask(m.SET_SETTING, 0, setting.id, setting.least - 1))[0] == m.OUT_OF_RANGE
            assert (await world.ask(m.SET_SETTING, 0, setting.id, setting.greatest + 1))[0] == m.OUT_OF_RANGE
        assert (await world.ask(m.SET_SETTING, 0, 250, 1))[0] == m.UNKNOWN_SETTING
        assert (await world.ask(m.SET_SETTING, 0, HYSTERESIS_DEG, 12))[0] == m.OUT_OF_RANGE
        assert (await world.ask(m.SET_SETTING, 0, THRESHOLD_DEG, 13))[0] == m.OK

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_calibrating_is_refused_while_the_wearer_moves_and_rezero_needs_a_calibration(tmp_path: Path) -> None:
    wearer = ScriptedWearer(1, 2)
    walk = next(segment for segment in wearer.segments if segment.kind == "walk" and segment.duration_s > 40)

    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.REZERO))[0] == m.NOT_CALIBRATED
        await asyncio.sleep(walk.start_s + 5 - world.world.clock.now_s)
        assert (await world.ask(m.CALIBRATE))[0] == m.MOVED
        assert world.app.config.calibration_id == 0

    in_world(wearer, tmp_path, story)


def test_a_second_calibration_meanwhile_is_refused_as_busy(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        world.port.inject(to_wire(m.CALIBRATE, m.pack_request(m.CALIBRATE, 201)))
        await asyncio.sleep(0.5)
        assert (await world.ask(m.CALIBRATE))[0] == m.BUSY

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_fetching_from_another_journal_is_refused(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.FETCH, world.app.journal.id ^ 1, 0, 10))[0] == m.WRONG_JOURNAL

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_a_subscribed_host_sees_live_samples_status_and_events_until_it_ends_that(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.SUBSCRIBE, m.MAX_LIVE_HZ))[0] == m.OK
        await asyncio.sleep(10)
        assert (await world.ask(m.BUZZ))[0] == m.OK
        kinds = [kind for kind, _ in world.seen]
        assert 240 <= kinds.count(m.LIVE) <= 255
        assert 10 <= kinds.count(m.STATUS) <= 11
        assert [record[0] for kind, record in world.seen if kind == m.EVENT] == [r.EVENT_MARK | r.BUZZED]
        assert (await world.ask(m.SUBSCRIBE, 0))[0] == m.OK
        world.seen.clear()
        await asyncio.sleep(10)
        assert (await world.ask(m.PING))[0] == m.OK
        assert len(world.seen) <= 1  # one may have been under way

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_a_host_sets_the_clock_unless_the_board_has_its_own(tmp_path: Path) -> None:
    async def with_host_clock(world: TestWorld) -> None:
        assert (await world.ask(m.CLOCK, 1_800_000_000_000, -14))[0] == m.OK
        assert (r.HOST_CLOCK, (1_800_000_000_000 & 0xFFFFFFFF, 1_800_000_000_000 >> 32, -14)) in events(
            await world.pages()
        )

    async def with_own_clock(world: TestWorld) -> None:
        assert (await world.ask(m.CLOCK, 1_800_000_000_000, 0))[0] == m.CLOCK_REFUSED
        assert r.HOST_CLOCK in codes(await world.pages())

    in_world(ScriptedWearer(1, 1), tmp_path / "a", with_host_clock, own_clock=False)
    in_world(ScriptedWearer(1, 1), tmp_path / "b", with_own_clock)


def test_the_way_back_to_the_repl_ends_the_app(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.REPL))[0] == m.OK
        async with asyncio.timeout(5):
            await world.firmware.wait()

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_each_boot_counts_up_and_uptime_survives_the_wrap_of_the_ticks(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await world.firmware.cut_power()
        world.firmware.power_on(first_tick=(1 << 30) - 5000)
        assert world.app.journal.boot == 2
        await asyncio.sleep(60)
        assert 59_900 <= world.app.uptime.now_ms() <= 64_000  # light sleep lets nobody act in between
        page = (await world.pages())[-1]
        assert page.boot == 2
        assert page.base_uptime_ms < 60_000

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_a_broken_wire_is_a_gap_in_the_epochs_and_not_the_end(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(20)
        chips = dict(world.hardware.chips)
        world.hardware.chips.clear()
        await asyncio.sleep(30)
        world.hardware.chips.update(chips)
        await asyncio.sleep(30)
        assert world.app.sampler.bus_errors > 10
        begins = [
            page.base_uptime_ms
            for page in await world.pages()
            if not all(r.is_event(page.records[at : at + 12]) for at in range(0, len(page.records), 12))
        ]
        assert len(begins) >= 2
        assert begins[-1] >= 50_000

    in_world(ScriptedWearer(1, 1), tmp_path, story)


@pytest.mark.soak
def test_the_day_on_the_journal_is_the_day_of_the_script(tmp_path: Path) -> None:
    wearer = ScriptedWearer(3, 2)

    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        await asyncio.sleep(2 * 3600 - world.world.clock.now_s)
        pages = await world.pages()
        seen: dict[str, list[int]] = {}
        away = set()
        for page in pages:
            n = 0
            for at in range(0, len(page.records), r.RECORD_BYTES):
                record = page.records[at : at + r.RECORD_BYTES]
                if r.is_event(record):
                    away.add(r.unpack_event(record)[0])
                    continue
                middle_s = page.base_uptime_ms / 1000 + 5 * n + 2.5
                n += 1
                segment = wearer.segment_at(middle_s)
                if segment.start_s + segment.transition_s + 8 < middle_s < segment.end_s - 8:
                    seen.setdefault(segment.kind, []).append(r.EpochRecord(record).state)
        assert set(seen["upright"]) <= {states.UPRIGHT, states.UNCALIBRATED}
        assert seen["walk"].count(states.MOVING) > 0.95 * len(seen["walk"])
        assert seen["slouch"].count(states.SLOUCHING) + seen["slouch"].count(states.LEANING) == len(seen["slouch"])
        assert states.LYING in seen["lie down"]
        assert states.SLOUCHING not in seen["lie down"] + seen["walk"] + seen["upright"]
        assert {r.TAKEN_OFF, r.PUT_ON, r.CHARGING_STARTED, r.CHARGING_ENDED} <= away

    in_world(wearer, tmp_path, story)


def test_a_flash_that_fails_for_a_while_costs_no_record_and_no_boot(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        flash = tmp_path / "flash"
        away = tmp_path / "away"
        await asyncio.sleep(20)
        flash.rename(away)
        assert (await world.ask(m.SET_SETTING, 0, DELAY_S, 45))[0] == m.FLASH_FAILED
        await asyncio.sleep(900)
        assert world.app.event_log.flash_errors > 0
        away.rename(flash)
        assert (await world.ask(m.SET_SETTING, 0, DELAY_S, 45))[0] == m.OK
        pages = await world.pages()
        sequences = [page.first_sequence for page in pages] + [pages[-1].next_sequence]
        assert sequences[0] == 0
        assert [page.next_sequence for page in pages] == sequences[1:]
        assert sequences[-1] == world.app.journal.next_sequence > 100
        assert world.app.journal.refused == 0
        assert world.app.journal.boot == 1

    in_world(ScriptedWearer(1, 1), tmp_path / "flash", story)


@pytest.mark.soak
def test_a_flash_that_never_recovers_does_not_fill_the_memory(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        (tmp_path / "flash").rename(tmp_path / "away")
        await asyncio.sleep(3 * 3600)
        assert world.app.journal.refused > 0
        assert (await world.ask(m.PING))[0] == m.OK

    in_world(ScriptedWearer(1, 3), tmp_path / "flash", story)


def test_a_board_without_its_imu_answers_and_finds_it_when_it_is_there(tmp_path: Path) -> None:
    async def without_imu(world: TestWorld) -> None:
        chips = dict(world.hardware.chips)
        world.hardware.chips.clear()
        await world.firmware.cut_power()
        world.power_on()
        world.hardware.chips.clear()
        assert (await world.ask(m.PING))[0] == m.OK
        await asyncio.sleep(10)
        assert world.app.sampler.bus_errors > 5
        world.hardware.chips.update(chips)
        await asyncio.sleep(20)
        assert world.app.pipeline.epoch.samples > 0

    in_world(ScriptedWearer(1, 1), tmp_path, without_imu)


def test_the_status_has_the_longest_snooze_in_full_and_a_longer_one_is_refused(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.SNOOZE, m.MAX_SNOOZE_MIN + 1))[0] == m.OUT_OF_RANGE
        assert (await world.ask(m.SNOOZE, m.MAX_SNOOZE_MIN))[0] == m.OK
        assert (await world.ask(m.SUBSCRIBE, 1))[0] == m.OK
        await asyncio.sleep(3)
        assert (await world.ask(m.PING))[0] == m.OK
        left_s = [p.Status(payload).snooze_left_s for kind, payload in world.seen if kind == m.STATUS]
        assert left_s[0] == pytest.approx(m.MAX_SNOOZE_MIN * 60, abs=5)

    in_world(ScriptedWearer(1, 1), tmp_path, story)


@pytest.mark.parametrize("odr_error", [-0.05, 0.05])
def test_times_of_a_slouch_are_the_boards_even_where_the_imus_clock_is_wrong(tmp_path: Path, odr_error: float) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        await asyncio.sleep(100 - world.world.clock.now_s)
        found = events(await world.pages())
        onset_ms = next(fields[0] for code, fields in found if code == r.SLOUCH_STARTED)
        duration_s = next(fields[2] for code, fields in found if code == r.SLOUCH_ENDED)
        assert onset_ms / 1000 == pytest.approx(14, abs=1.5)
        assert onset_ms / 1000 + duration_s == pytest.approx(78, abs=2)
        assert world.app.sampler.lost_samples == 0

    in_world(ScriptedWearer(1, 1), tmp_path, story, odr_error=odr_error)


def test_a_silent_imu_shows_no_posture_and_is_started_again(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        assert (await world.ask(m.SUBSCRIBE, 5))[0] == m.OK
        chips = dict(world.hardware.chips)
        world.hardware.chips.clear()
        await asyncio.sleep(10)
        assert (await world.ask(m.PING))[0] == m.OK
        lives = [p.Live(payload) for kind, payload in world.seen if kind == m.LIVE]
        assert (lives[-1].forward_cdeg, lives[-1].lateral_cdeg) == (r.TILT_UNKNOWN, r.TILT_UNKNOWN)
        assert lives[-1].state == states.UNKNOWN
        assert (await world.ask(m.CALIBRATE))[0] == m.MOVED  # given up, though no sample ever came
        world.hardware.chips.update(chips)
        await asyncio.sleep(10)
        world.seen.clear()
        assert (await world.ask(m.PING))[0] == m.OK
        lives = [p.Live(payload) for kind, payload in world.seen if kind == m.LIVE]
        assert world.app.pipeline.posture.state != states.UNKNOWN
        assert world.app.sampler.silent() is False

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_an_imu_that_lost_its_settings_is_set_up_again(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(10)
        i2c = world.hardware.machine.I2C(0, scl=world.hardware.machine.Pin(6), sda=world.hardware.machine.Pin(5))
        i2c.writeto_mem(0x6A, 0x12, b"\x01")  # a reset, as a dip of the supply makes one
        await asyncio.sleep(10)
        assert not world.app.sampler.silent()
        assert r.SAMPLES_LOST in codes(await world.pages())

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_a_slouch_does_not_run_across_a_gap_nor_across_a_calibration(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        await asyncio.sleep(24 - world.world.clock.now_s)  # leaning for 10 s
        chips = dict(world.hardware.chips)
        world.hardware.chips.clear()
        await asyncio.sleep(10)
        world.hardware.chips.update(chips)
        await asyncio.sleep(15)  # leaning again for 14 s: 24 s in all, and 10 s unknown between
        assert r.SLOUCH_STARTED not in codes(await world.pages())
        await asyncio.sleep(20)
        assert r.ALERT in codes(await world.pages())
        assert (await world.ask(m.REZERO))[0] == m.OK
        await asyncio.sleep(1)
        happened = codes(await world.pages())
        assert r.SLOUCH_ENDED in happened
        assert r.CORRECTED not in happened

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_what_settings_and_calibration_a_page_names_is_explained_even_after_a_power_cut(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.SET_SETTING, 0, DELAY_S, 45))[0] == m.OK
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        await world.firmware.cut_power()
        world.power_on()
        happened = codes(await world.pages())
        assert r.SETTING_CHANGED in happened
        assert r.CALIBRATED in happened

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_a_reply_that_comes_late_does_not_reach_the_next_host(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        world.port.inject(to_wire(m.CALIBRATE, m.pack_request(m.CALIBRATE, 201)))
        await asyncio.sleep(0.5)
        assert (await world.ask(m.HELLO, m.PROTOCOL_VERSION))[0] == m.OK
        await asyncio.sleep(10)
        assert world.app.config.calibration_id == 1
        late = [world.port.frames.get_nowait() for _ in range(world.port.frames.qsize())]
        assert not [payload for kind, payload in late if kind == m.REPLY]

    in_world(ScriptedWearer(1, 1), tmp_path, story)


def test_a_sensor_that_is_plugged_in_off_the_body_was_not_put_on(tmp_path: Path) -> None:
    wearer = ScriptedWearer(3, 2)
    off = next(segment for segment in wearer.segments if segment.kind == "off body")

    class PluggedIn(ScriptedWearer):
        def usb_present(self, t_s: float) -> bool:
            return off.start_s + 200 < t_s < off.start_s + 300

    async def story(world: TestWorld) -> None:
        await asyncio.sleep(off.end_s + 60)
        away = [code for code in codes(await world.pages()) if code in (r.TAKEN_OFF, r.PUT_ON, 9, 10)]
        assert away[:5] == [r.TAKEN_OFF, r.CHARGING_STARTED, r.CHARGING_ENDED, r.TAKEN_OFF, r.PUT_ON]

    in_world(PluggedIn(3, 2), tmp_path, story)


def test_a_host_that_connects_while_a_twin_calibrates_itself_gets_no_replies_but_its_own(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        calibrating = asyncio.create_task(
            calibrate_when_upright(world.world, world.port, world.world.motion.upright_at_s)
        )
        await asyncio.sleep(1.5)
        assert (await world.ask(m.HELLO, m.PROTOCOL_VERSION))[0] == m.OK
        assert await calibrating is False  # the answer was due to nobody any more
        assert world.app.config.calibration_id == 1
        assert world.port.taps == []

    in_world(ScriptedWearer(1, 1), tmp_path, story)
