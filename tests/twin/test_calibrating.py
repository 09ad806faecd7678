"""Calibrating and profiles through the real app: what the host gets, what the wearer feels, what the journal keeps."""

import asyncio
import struct
from pathlib import Path

import pytest

from twin.poses import SIDEWAYS, Poses
from twin.world import TestWorld, codes, events, in_world, pulses_ms, tilt_deg
from unslouch_device.contract import messages as m
from unslouch_device.contract import payloads as p
from unslouch_device.contract import records as r
from unslouch_device.contract import states
from unslouch_device.contract.frames import to_wire

PROFILE_BYTES = struct.calcsize(p.PROFILE_FORMAT)


async def until(world: TestWorld, at_s: float) -> None:
    """Let the world go on until it is at_s old."""
    await asyncio.sleep(at_s - world.world.clock.now_s)


async def profiles(world: TestWorld) -> tuple[int, list[tuple[int, int, str]]]:
    """The active profile, and (calibration id, flags, name) of each."""
    status, data = await world.ask(m.GET_PROFILES)
    assert status == m.OK
    active, entries = p.unpack_profiles(data)
    assert [entry.index for entry in entries] == list(range(m.PROFILES))
    return active, [(entry.calibration_id, entry.flags, entry.name.rstrip(b"\0").decode()) for entry in entries]


def identity(number: int) -> tuple[int, bytes]:
    return m.OK, p.pack_number(number)


BOWING = ((8, 40, 0), (10, 0, 0))
STANDING = (14, -6, 2)


@pytest.mark.parametrize("mounting", [((1, 0, 0), (0, 1, 0), (0, 0, 1)), SIDEWAYS], ids=["as meant", "sideways"])
def test_upright_a_bow_and_standing_make_a_whole_calibration_in_any_mounting(tmp_path: Path, mounting: object) -> None:
    async def story(world: TestWorld) -> None:
        assert await world.ask(m.CALIBRATE) == identity(1)
        assert await world.ask(m.BOW) == identity(2)
        await until(world, 16.5)
        status, data = await world.ask(m.STANDING)
        assert status == m.OK
        standing = struct.unpack(p.STANDING_REPLY_FORMAT, data)
        assert standing == pytest.approx((-600, 200), abs=40)
        active, entries = await profiles(world)
        assert (active, entries[0]) == (0, (2, p.PROFILE_BOWED | p.PROFILE_STOOD, "office chair"))
        await until(world, 34)
        assert tilt_deg(world) == pytest.approx((25, 10), abs=1.5)
        journaled = [event for event in events(await world.pages()) if event[0] in (r.CALIBRATED, r.STANDING_ZERO)]
        assert journaled == [
            (r.CALIBRATED, (1, r.CALIBRATED_UPRIGHT, 0)),
            (r.CALIBRATED, (2, r.CALIBRATED_BOW, 0)),
            (r.STANDING_ZERO, (2, *standing)),
        ]
        assert await pulses_ms(world) == [80, 80] * 3

    in_world(Poses(*BOWING, STANDING, (30, 25, 10), mounting=mounting), tmp_path, story)


def test_a_rezero_keeps_the_bow_and_the_standing_zero_and_a_calibration_drops_them(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert await world.ask(m.CALIBRATE) == identity(1)
        assert await world.ask(m.BOW) == identity(2)
        await until(world, 16.5)
        standing = struct.unpack(p.STANDING_REPLY_FORMAT, (await world.ask(m.STANDING))[1])
        await until(world, 32)
        assert await world.ask(m.REZERO) == identity(3)
        assert (await profiles(world))[1][0][:2] == (3, p.PROFILE_BOWED | p.PROFILE_STOOD)
        found = events(await world.pages())
        assert found[-2:] == [(r.CALIBRATED, (3, r.CALIBRATED_REZERO, 0)), (r.STANDING_ZERO, (3, *standing))]
        await until(world, 44)
        assert tilt_deg(world) == pytest.approx((25, 0), abs=1.5)
        await until(world, 54)
        assert await world.ask(m.CALIBRATE) == identity(4)
        assert (await profiles(world))[1][0][:2] == (4, 0)
        assert events(await world.pages())[-1] == (r.CALIBRATED, (4, r.CALIBRATED_UPRIGHT, 0))

    moves = (*BOWING, STANDING, (30, 7, 0), (40, 32, 0), (50, 0, 0))
    in_world(Poses(*moves, mounting=SIDEWAYS), tmp_path, story)


def test_a_rezero_knows_forward_though_the_sensor_has_turned_onto_its_face_or_its_back(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert await world.ask(m.CALIBRATE) == identity(1)
        await until(world, 12)
        assert await world.ask(m.REZERO) == identity(2)
        await until(world, 18)
        assert tilt_deg(world) == pytest.approx((20, 0), abs=1)

    in_world(Poses((8, 85, 0), (14, 105, 0)), tmp_path / "face", story)
    in_world(Poses((8, -85, 0), (14, -65, 0)), tmp_path / "back", story)


def test_a_bow_after_standing_turns_the_standing_zero_along(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert await world.ask(m.CALIBRATE) == identity(1)
        await until(world, 7)
        status, data = await world.ask(m.STANDING)
        wrongly = struct.unpack(p.STANDING_REPLY_FORMAT, data)
        assert status == m.OK
        assert wrongly != pytest.approx((-600, 200), abs=100)  # the nominal axes are wrong for this mounting
        bowing = asyncio.create_task(world.ask(m.BOW))
        assert await bowing == identity(2)
        code, fields = events(await world.pages())[-1]
        assert (code, fields[0]) == (r.STANDING_ZERO, 2)
        assert fields[1:] == pytest.approx((-600, 200), abs=40)

    in_world(Poses((5, -6, 2), (14, 0, 0), (17, 40, 0), (19, 0, 0), mounting=SIDEWAYS), tmp_path, story)


@pytest.mark.parametrize(
    ("moves", "reason"),
    [
        ((), m.BOW_TOO_SMALL),
        (((8, 15, 0), (10, 0, 0)), m.BOW_TOO_SMALL),
        (((8, 2, 14), (10, 40, 0)), m.BOW_NOT_STRAIGHT),
        (((4.5, 15, 15),), m.MOVED),
    ],
    ids=["none", "small", "crooked", "not upright"],
)
def test_a_bow_that_says_nothing_of_forward_is_refused_and_changes_nothing(
    tmp_path: Path, moves: tuple[tuple[float, float, float], ...], reason: int
) -> None:
    async def story(world: TestWorld) -> None:
        assert await world.ask(m.BOW) == (m.NOT_CALIBRATED, b"")
        assert await world.ask(m.CALIBRATE) == identity(1)
        await until(world, 6.5)
        assert await world.ask(m.BOW) == (reason, b"")
        assert (await profiles(world))[1][0][:2] == (1, 0)
        assert codes(await world.pages()).count(r.CALIBRATED) == 1

    in_world(Poses(*moves), tmp_path, story)


def test_standing_needs_a_calibration_and_is_nowhere_near_lying(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert await world.ask(m.STANDING) == (m.NOT_CALIBRATED, b"")
        assert await world.ask(m.CALIBRATE) == identity(1)
        await until(world, 8)
        assert await world.ask(m.STANDING) == (m.OUT_OF_RANGE, b"")
        assert r.STANDING_ZERO not in codes(await world.pages())

    in_world(Poses((6, -40, 0)), tmp_path, story)


def test_each_profile_has_a_calibration_of_its_own_and_the_chosen_one_survives_a_power_cut(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert await world.ask(m.CALIBRATE) == identity(1)
        assert await world.ask(m.SELECT_PROFILE, 1) == identity(0)
        await asyncio.sleep(1)
        assert world.app.pipeline.posture.state == states.UNCALIBRATED
        assert world.app.pipeline.shown_tilt() == (r.TILT_UNKNOWN, r.TILT_UNKNOWN)
        assert await world.ask(m.REZERO) == (m.NOT_CALIBRATED, b"")
        await until(world, 12)
        assert await world.ask(m.CALIBRATE) == identity(2)
        assert abs(tilt_deg(world)[0]) < 1
        assert await world.ask(m.SELECT_PROFILE, 0) == identity(1)
        await asyncio.sleep(1)
        assert tilt_deg(world)[0] == pytest.approx(10, abs=1)
        assert await world.ask(m.SELECT_PROFILE, 1) == identity(2)
        await world.firmware.cut_power()
        world.power_on()
        active, entries = await profiles(world)
        assert (active, [entry[0] for entry in entries]) == (1, [1, 2, 0, 0])
        await asyncio.sleep(8)
        assert abs(tilt_deg(world)[0]) < 1
        pages = await world.pages()
        journaled = [event for event in events(pages) if event[0] in (r.CALIBRATED, r.PROFILE_SELECTED)]
        assert journaled == [
            (r.CALIBRATED, (1, r.CALIBRATED_UPRIGHT, 0)),
            (r.PROFILE_SELECTED, (1, 0)),
            (r.CALIBRATED, (2, r.CALIBRATED_UPRIGHT, 1)),
            (r.PROFILE_SELECTED, (0, 1)),
            (r.PROFILE_SELECTED, (1, 2)),
        ]
        assert pages[-1].calibration_id == 2

    in_world(Poses((8, 10, 0)), tmp_path, story)


def test_the_wearer_feels_the_number_of_the_chosen_profile(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        for profile in range(m.PROFILES):
            felt = len(await pulses_ms(world))
            assert (await world.ask(m.SELECT_PROFILE, profile))[0] == m.OK
            assert (await pulses_ms(world))[felt:] == [100] * (profile + 1)

    in_world(Poses(), tmp_path, story)


def test_profiles_that_are_not_there_and_names_that_are_no_text_are_refused(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert await world.ask(m.SELECT_PROFILE, m.PROFILES) == (m.OUT_OF_RANGE, b"")
        assert await world.ask(m.NAME_PROFILE, m.PROFILES, b"sofa") == (m.OUT_OF_RANGE, b"")
        for name in (b"\xff", b"caf\xc3", b"a\0b", b"line\n"):
            assert await world.ask(m.NAME_PROFILE, 0, name) == (m.BAD_PAYLOAD, b"")
        assert (await profiles(world))[1][0] == (0, 0, "office chair")
        assert r.PROFILE_NAMED not in codes(await world.pages())

    in_world(Poses(), tmp_path, story)


def test_a_profile_is_named_and_its_name_cleared(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert await world.ask(m.NAME_PROFILE, 2, "Küche am Fenster".encode()) == (m.OK, b"")
        assert await world.ask(m.NAME_PROFILE, 0, b"") == (m.OK, b"")
        assert [entry[2] for entry in (await profiles(world))[1]] == ["", "standing desk", "Küche am Fenster", ""]
        parts = [fields for code, fields in events(await world.pages()) if code == r.PROFILE_NAMED]
        assert parts == r.name_parts(2, "Küche am Fenster".encode()) + r.name_parts(0, b"")

    in_world(Poses(), tmp_path, story)


def test_the_profile_stays_the_same_while_it_is_being_calibrated(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        world.port.inject(to_wire(m.CALIBRATE, m.pack_request(m.CALIBRATE, 201)))
        await asyncio.sleep(0.5)
        assert await world.ask(m.SELECT_PROFILE, 1) == (m.BUSY, b"")
        assert await world.ask(m.BOW) == (m.BUSY, b"")
        await asyncio.sleep(5)
        assert await world.ask(m.SELECT_PROFILE, 1) == identity(0)
        assert (await profiles(world))[1][0][0] == 1

    in_world(Poses(), tmp_path, story)


def test_a_flash_that_fails_keeps_profile_name_and_calibration(tmp_path: Path) -> None:
    flash = tmp_path / "flash"

    async def story(world: TestWorld) -> None:
        assert await world.ask(m.CALIBRATE) == identity(1)
        before = await profiles(world)
        flash.rename(tmp_path / "away")
        assert await world.ask(m.SELECT_PROFILE, 1) == (m.FLASH_FAILED, b"")
        assert await world.ask(m.NAME_PROFILE, 0, b"sofa") == (m.FLASH_FAILED, b"")
        for kind in (m.REZERO, m.STANDING, m.CALIBRATE, m.BOW):
            await until(world, 21 if kind == m.BOW else world.world.clock.now_s)
            assert await world.ask(kind) == (m.FLASH_FAILED, b""), kind
        (tmp_path / "away").rename(flash)
        assert await profiles(world) == before
        assert await world.ask(m.REZERO) == identity(2)

    in_world(Poses((24, 40, 0), (26, 0, 0)), flash, story)


def test_ids_go_on_where_the_file_of_the_profiles_is_damaged(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert await world.ask(m.CALIBRATE) == identity(1)
        assert await world.ask(m.REZERO) == identity(2)
        await world.firmware.switch_off()
        (tmp_path / "profiles.bin").write_bytes(b"damaged")
        world.power_on()
        await asyncio.sleep(1)
        assert world.app.config.calibration_id == 0
        assert await world.ask(m.CALIBRATE) == identity(3)

    in_world(Poses(), tmp_path, story)


def test_what_walking_looks_like_and_how_far_alerts_have_faded_survive_a_power_cut(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert await world.ask(m.CALIBRATE) == identity(1)
        walking = world.app.pipeline.walking
        walking.usual_cdeg, walking.walked_s, walking.learned = 450, 120, True
        world.app.pipeline.alerter.fading.steps = 2
        await asyncio.sleep(4)
        assert walking.learned is False
        await world.firmware.cut_power()
        world.power_on()
        walking = world.app.pipeline.walking
        assert (walking.usual_cdeg, walking.walked_s) == (450, 120)
        assert world.app.config.fading == 2
        assert (await world.ask(m.SELECT_PROFILE, 1))[0] == m.OK
        assert walking.walked_s == 0
        assert (await world.ask(m.SELECT_PROFILE, 0))[0] == m.OK
        assert (walking.usual_cdeg, walking.walked_s) == (450, 120)
        await asyncio.sleep(3)
        assert await world.ask(m.REZERO) == identity(2)
        assert walking.walked_s == 0

    in_world(Poses(), tmp_path, story)


def test_status_names_the_profile_the_delay_in_force_and_a_sensor_that_may_have_moved(tmp_path: Path) -> None:
    async def status(world: TestWorld) -> tuple[int, ...]:
        world.seen.clear()
        await asyncio.sleep(2)
        assert (await world.ask(m.PING))[0] == m.OK
        payload = [payload for kind, payload in world.seen if kind == m.STATUS][-1]
        found = p.Status(payload)
        return found.calibration_id, found.profile, found.notices, found.delay_s

    async def story(world: TestWorld) -> None:
        assert await world.ask(m.CALIBRATE) == identity(1)
        assert (await world.ask(m.SUBSCRIBE, 1))[0] == m.OK
        assert await status(world) == (1, 0, 0, 30)
        world.app.pipeline.walking.moved = True
        assert await status(world) == (1, 0, p.NOTICE_SENSOR_MOVED, 30)
        assert (await world.ask(m.SELECT_PROFILE, 2))[0] == m.OK
        assert await status(world) == (0, 2, 0, 30)

    in_world(Poses(), tmp_path, story)
