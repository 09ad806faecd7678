"""The firmware's Bluetooth: who is served, when it can be heard, and what a host can do over it."""

import asyncio
import contextlib
from itertools import pairwise
from pathlib import Path

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError, BleakGATTProtocolError

from link.fake_board import MemorySink
from twin.poses import Poses
from twin.radio.firmware import ATTENTION_S, PATIENCE_S, OnAirWorld, backends_of, on_air, synced, until
from twin.test_dozing import LAID_S, Laid, rate_hz
from twin.world import codes, events
from unslouch.errors import Refused
from unslouch.link.ble.failures import OutOfReach
from unslouch.link.client import Client
from unslouch.link.diagnostics import board_test, diagnostics
from unslouch.link.hosts import forget_host, known_hosts
from unslouch.link.transport import LinkLost
from unslouch.twin.radio.central import Central
from unslouch_device import VERSION
from unslouch_device.contract import gatt
from unslouch_device.contract import messages as m
from unslouch_device.contract import records as r
from unslouch_device.contract.board_test import TEST_FAILED, TEST_PASSED
from unslouch_device.contract.gatt import FIRST_GAP_S
from unslouch_device.contract.pages import unpack_page
from unslouch_device.contract.payloads import unpack_hosts
from unslouch_device.link.radio import WINDOW_MS
from unslouch_device.link.server import _WATCHED_MS
from unslouch_device.on_demand import button_actions

PHONE = "C0:00:00:00:00:02"
WINDOW_S = WINDOW_MS / 1000
WATCHED_S = _WATCHED_MS / 1000


async def answers(client: Client) -> bool:
    return (await client.connection.request(m.PING)).status == m.OK


def test_a_host_pairs_in_the_window_and_comes_back_with_its_bond(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        async with world.linked() as client:
            assert await answers(client)
            assert (await client.hello()).window_period_s == FIRST_GAP_S
            assert world.posture_was_heard()
        assert r.HOST_REFUSED not in codes(await world.pages())

    on_air(tmp_path, story)


def test_the_interval_that_the_computer_chose_is_reported_and_its_cost_measured(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        async with world.linked() as client:
            assert (await diagnostics(client)).connection_interval_ms is None  # no update has come yet
            (connection,) = world.laptop.device.connections.values()
            await connection.update_parameters(60, 60, 0, 6000)
            await until(lambda: world.firmware.app.served.links[-1].link_channel.interval)
            found = await diagnostics(client)
            assert found.connection_interval_ms == 60
            assert 60 <= found.round_trip_ms <= 240

    on_air(tmp_path, story)


def test_the_window_shuts_after_one_pairing_and_a_second_host_needs_its_own(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        phone = await world.computer("phone", PHONE)
        world.app.pairing_window.open()
        async with world.linked(pair=True) as laptop:
            with pytest.raises(Exception, match="accepts no new computer"):
                async with world.linked(phone, pair=True):
                    pass
            world.app.pairing_window.open()
            async with world.linked(phone, pair=True) as other:
                assert await answers(laptop)
                assert await answers(other)
        paired = [fields for code, fields in events(await world.pages()) if code == r.HOST_PAIRED]
        assert paired == [(1, r.PAIRED_SECURE), (2, r.PAIRED_SECURE)]

    on_air(tmp_path, story)


def test_a_recorder_that_leaves_cuts_no_other_host_off(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        phone = await world.computer("phone", PHONE)
        await world.pair()
        await world.pair(phone)
        async with world.linked() as laptop:
            async with world.linked(phone):
                await laptop.hello()
            await world.wait(ATTENTION_S - 2)
            assert await answers(laptop)
        await until(lambda: not world.app.radio.on, 2 * WINDOW_S + 2)

    on_air(tmp_path, story)


def test_the_bond_outlives_a_power_cut(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        await world.firmware.cut_power()
        world.power_on()
        async with world.linked() as client:
            assert await answers(client)

    on_air(tmp_path, story)


def test_hosts_on_the_cable_and_over_the_air_are_served_side_by_side(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        phone = await world.computer("phone", PHONE)
        await world.pair()
        await world.pair(phone)
        heard: dict[str, list[int]] = {"laptop": [], "phone": []}
        async with world.linked() as laptop, world.linked(phone) as other:
            laptop.connection.on_frame = lambda kind, _: heard["laptop"].append(kind)
            other.connection.on_frame = lambda kind, _: heard["phone"].append(kind)
            await laptop.subscribe(10)
            await other.subscribe(2)
            assert await world.ask(m.SUBSCRIBE, 5) == (m.OK, b"")
            await world.wait(4)
            await other.buzz()
            await world.wait(1)
        assert 40 <= heard["laptop"].count(m.LIVE) <= 60
        assert 8 <= heard["phone"].count(m.LIVE) <= 13
        assert heard["laptop"].count(m.EVENT) == heard["phone"].count(m.EVENT) == 1
        await world.ask(m.PING)
        wired = [kind for kind, _ in world.seen]
        assert wired.count(m.EVENT) == 1
        assert 20 <= wired.count(m.LIVE) <= 30

    on_air(tmp_path, story)


def test_who_pairs_outside_the_window_is_refused_and_journaled(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        with pytest.raises(Exception, match="accepts no new computer"):
            async with world.transport(pair=True):
                pass
        await world.wait(2)
        refusals = [fields for code, fields in events(await world.pages()) if code == r.HOST_REFUSED]
        assert [why for why, _ in refusals] == [r.REFUSED_UNKNOWN]
        assert not world.posture_was_heard()

    on_air(tmp_path, story)


def test_hosts_are_listed_and_forgotten_one_by_one_and_the_journal_stays(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        phone = await world.computer("phone", PHONE)
        await world.pair()
        await world.pair(phone)
        journal = world.app.journal.id
        async with world.linked() as laptop:
            listed = {host.address: host for host in await known_hosts(laptop)}
            assert set(listed) == {"C0:C1:C2:C3:C4:C5", PHONE}
            assert all(host.is_secure for host in listed.values())
            assert [host.address for host in listed.values() if host.is_this_computer] == ["C0:C1:C2:C3:C4:C5"]
            await forget_host(laptop, listed[PHONE])
            with pytest.raises(Refused, match="knows no such computer"):
                await forget_host(laptop, listed[PHONE])
            assert await answers(laptop)
        with pytest.raises(Exception, match="no longer knows this computer"):
            async with world.linked(phone):
                pass
        status, data = await world.ask(m.GET_HOSTS)
        assert (status, [entry.key for entry in unpack_hosts(data)]) == (m.OK, [listed["C0:C1:C2:C3:C4:C5"].key])
        async with world.linked() as laptop:
            await forget_host(laptop, listed["C0:C1:C2:C3:C4:C5"])  # itself, and is answered
            await until(lambda: not world.app.radio.hosts.links, 5)
        assert await world.ask(m.GET_HOSTS) == (m.OK, b"")
        forgotten = [fields for code, fields in events(await world.pages()) if code == r.HOST_FORGOTTEN]
        assert forgotten == [(1,), (0,)]
        assert world.app.journal.id == journal

    on_air(tmp_path, story)


def test_a_host_on_the_cable_opens_the_window_and_one_over_the_air_may_not(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        assert await world.ask(m.PAIR) == (m.OK, (120).to_bytes(2, "little"))
        async with world.linked(pair=True) as client:
            for kind in (m.PAIR, m.REPL):
                assert (await client.connection.request(kind)).status == m.CABLE_ONLY
            assert await answers(client)
        assert r.PAIRING in codes(await world.pages())

    on_air(tmp_path, story)


def test_holding_the_button_for_ten_seconds_forgets_all_hosts_and_ends_their_links(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        async with world.linked() as client:
            button_actions.erase(world.app)
            with pytest.raises(LinkLost):
                await answers(client)
        with pytest.raises(Exception, match=r"bond|pair|accepts|key"):
            async with world.linked():
                pass

    on_air(tmp_path, story)


def test_its_advertisement_says_no_more_than_what_it_is(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        async with BleakScanner(backend=backends_of(world.laptop).scanner) as scanner:
            await until(lambda: scanner.discovered_devices_and_advertisement_data)
            ((device, said),) = scanner.discovered_devices_and_advertisement_data.values()
        assert said.local_name == "unslouch"
        assert said.service_uuids == [gatt.SERVICE]
        assert not said.manufacturer_data
        assert not said.service_data
        assert device.address != "74:4D:BD:00:00:01"  # nor its own address
        raw = bytes(said.platform_data[0].data)
        assert b"\x05\x12\x18\x00\x28\x00" in raw

    on_air(tmp_path, story)


def test_battery_and_kind_of_device_are_read_by_admitted_hosts_only(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        values = {"2a19": bytes((world.app.power.battery_percent,)), "2a29": b"unslouch"}
        values |= {"2a24": world.app.name.encode(), "2a26": ".".join(map(str, VERSION)).encode()}
        uuids = {f"0000{short}-0000-1000-8000-00805f9b34fb": value for short, value in values.items()}
        address = await world.address()
        stranger = BleakClient(address, backend=backends_of(world.laptop).client)
        world.laptop.agent = False
        world.app.pairing_window.open()
        await world.wait(1)
        async with stranger:
            for uuid in uuids:
                with pytest.raises(BleakGATTProtocolError) as refused:
                    await stranger.read_gatt_char(uuid)
                assert refused.value.code == 8
        world.laptop.agent = True
        await world.pair()
        await world.wait(1.5)
        async with BleakClient(await world.address(), backend=backends_of(world.laptop).client) as client:
            await until(lambda: any(map(world.app.radio.hosts.admission.admits, range(4))))
            for uuid, value in uuids.items():
                assert await client.read_gatt_char(uuid) == value
            assert not any("serial" in char.description.lower() for char in client.services.characteristics.values())

    on_air(tmp_path, story)


@pytest.mark.parametrize("mtu", [23, 50, 247])
def test_frames_fit_into_any_mtu(tmp_path: Path, mtu: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unslouch.twin.radio.bleak_client.ASKED_MTU", mtu)

    async def story(world: OnAirWorld) -> None:
        await world.pair()
        world.write_epochs(200)
        writer = MemorySink()
        async with world.linked() as client:
            await synced(client, writer)
            await client.subscribe(25)
            await world.wait(1)
            assert client.connection.frame_errors == 0
        assert writer.pages == world.journal_pages()

    on_air(tmp_path, story)


# When it can be heard


async def heard_times(world: OnAirWorld, duration_s: float) -> list[float]:
    """The seconds from now in which the board advertises, without sleep being disturbed by who listens."""
    began_s = world.world.clock.now_s
    found = []
    while world.world.clock.now_s - began_s < duration_s:
        if world.app.radio.on:
            found.append(world.world.clock.now_s - began_s)
        await asyncio.sleep(0.25)
    return found


def test_at_rest_it_advertises_for_some_seconds_less_and_less_often_and_sleeps_between(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.to_rest()
        slept_ms = world.app.uptime.slept_ms
        times = await heard_times(world, 7.2 * FIRST_GAP_S + 2000)
        begun = [later for earlier, later in zip([-100.0, *times], times, strict=False) if later - earlier > 10]
        gaps_s = [later - earlier for earlier, later in pairwise(begun)]
        assert gaps_s == pytest.approx([FIRST_GAP_S, 2 * FIRST_GAP_S, 4 * FIRST_GAP_S, 900, 900], abs=3)
        assert 4.5 * WINDOW_S < len(times) * 0.25 < 6 * (WINDOW_S + 3)
        assert world.app.uptime.slept_ms - slept_ms > 0.9 * (7.2 * FIRST_GAP_S + 2000) * 1000

    on_air(tmp_path, story)


def test_a_host_is_met_in_the_window_one_period_after_its_link_ended(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        async with world.linked() as client:
            world.calm()
            await client.subscribe(1)
        ended_s = world.world.clock.now_s
        await until(lambda: not world.app.radio.on)
        assert world.world.clock.now_s - ended_s < 2 * WINDOW_S + 2
        await until(lambda: world.app.radio.on, FIRST_GAP_S + 5)
        assert world.world.clock.now_s - ended_s == pytest.approx(FIRST_GAP_S, abs=3)
        async with world.linked():
            pass

    on_air(tmp_path, story)


def test_visits_come_less_and_less_often_until_somebody_watches(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        world.calm()
        told_s = []
        for _ in range(5):
            await until(lambda: not world.app.radio.on)
            await until(lambda: world.app.radio.on, 900 + 10)
            async with world.linked() as client:
                told_s.append((await client.hello()).window_period_s)
        assert told_s == [360, 720, 900, 900, 900]
        await until(lambda: not world.app.radio.on)
        await until(lambda: world.app.radio.on, 900 + 10)
        async with world.linked() as client:
            await client.subscribe(10)
            await world.wait(2)
            assert (await client.hello()).window_period_s == FIRST_GAP_S

    on_air(tmp_path, story)


def test_a_host_that_only_records_is_hung_up_on_and_one_that_looks_is_not(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        async with world.linked() as client:
            await client.subscribe(10)
            for _ in range(5):
                await world.wait(50)
                assert await answers(client)
            await client.subscribe(1)
            await until(lambda: not world.app.radio.on)
            with pytest.raises(LinkLost):
                await answers(client)
        assert not world.app.served.links[1:]

    on_air(tmp_path, story)


def test_a_host_that_died_while_it_looked_and_whose_link_its_system_keeps_is_hung_up_on(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        async with world.linked() as client:
            await client.subscribe(25)
            await world.wait(WATCHED_S - 2)
            assert world.app.served.watch()
            await until(lambda: not world.app.radio.on, 5)

    on_air(tmp_path, story)


def test_after_the_cable_is_pulled_the_windows_are_counted_from_then(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.wait(70)
        world.calm()
        world.app._unplugged()
        pulled_s = world.world.clock.now_s
        await until(lambda: not world.app.radio.on)
        await until(lambda: world.app.radio.on, FIRST_GAP_S + 5)
        assert world.world.clock.now_s - pulled_s == pytest.approx(FIRST_GAP_S, abs=3)

    on_air(tmp_path, story)


@pytest.mark.soak
def test_a_recorder_in_reach_lets_a_sensor_doze_that_was_laid_down(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        await world.to_rest()
        await until(lambda: not rate_hz(world), LAID_S + 600)
        dozing = visits = 0
        for _ in range(1000):
            await world.wait(1)
            dozing += not rate_hz(world)
            if world.app.radio.on:
                with contextlib.suppress(OutOfReach):  # the window was about to close
                    async with world.linked():
                        visits += 1
        assert visits >= 4
        assert dozing > 0.8 * 1000

    on_air(tmp_path, story, Laid(3))


def test_a_press_of_the_button_and_a_slouch_open_a_window(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        world.port.inject(b"")
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        world.app.radio.count_windows()  # as if a host's link had ended
        await world.to_rest()
        await until(lambda: r.SLOUCH_STARTED in codes_so_far(world), 200)
        await until(lambda: world.app.radio.on, 3)
        await until(lambda: not world.app.radio.on, 200)
        world.hardware.button.press()
        await until(lambda: world.app.radio.on, 5)

    on_air(tmp_path, story, Poses((40, 30, 0), (130, 0, 0)))


def codes_so_far(world: OnAirWorld) -> list[int]:
    world.app.journal.flush()
    return [code for code, _ in events([unpack_page(data) for data in world.journal_pages()])]


def test_a_stranger_who_keeps_coming_does_not_keep_the_window_open(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.to_rest()
        task = asyncio.create_task(come_again(world, world.laptop))
        await until(lambda: world.app.radio.on, FIRST_GAP_S + 5)
        opened_s = world.world.clock.now_s
        await until(lambda: not world.app.radio.on)
        assert world.world.clock.now_s - opened_s < WINDOW_S + 12
        task.cancel()
        await asyncio.wait([task])

    on_air(tmp_path, story)


async def come_again(world: OnAirWorld, central: Central) -> None:
    """Connect, and again as soon as one is disconnected."""
    address = await world.address(central) if world.app.radio.on else None
    while True:
        try:
            address = address or await world.address(central)
            async with BleakClient(address, backend=backends_of(central).client) as client:
                await until(lambda: not client.is_connected, PATIENCE_S)
        except (TimeoutError, BleakError):
            await asyncio.sleep(0.1)


def test_a_radio_that_finds_no_memory_is_tried_again_and_posture_recorded_meanwhile(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        await world.to_rest()
        ble = world.firmware.bluetooth.ble
        ble.memory_short = True
        world.app.event_log.flush()
        before = world.app.journal.next_sequence
        world.app.radio.open_window()
        await world.wait(30)
        assert not world.app.radio.on
        world.app.event_log.flush()
        assert world.app.journal.next_sequence >= before + 5
        ble.memory_short = False
        world.hardware.button.press()
        async with world.linked() as client:
            assert await answers(client)

    on_air(tmp_path, story)


def test_the_self_test_switches_the_radio_on_and_says_if_that_fails(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        await world.to_rest()
        assert not world.app.radio.on
        assert await world.app.radio.test() == TEST_PASSED
        async with world.linked() as client:
            found = await board_test(client)
            assert found is not None
            assert found.radio == TEST_PASSED
        await world.to_rest()
        world.firmware.bluetooth.ble.memory_short = True
        assert await world.app.radio.test() == TEST_FAILED

    on_air(tmp_path, story)
