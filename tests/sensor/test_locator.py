"""Which sensors a command tries that names none, when other programs own some."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from link.fake_board import FakeBoard
from sensor.sharing_owner import sharing
from unslouch.errors import NoSensor
from unslouch.sensor.locator import FollowingLocator, SharedLocator
from unslouch.sensor.lock import SensorLock
from unslouch.sensor.owner import owner_of
from unslouch.sensor.paired import PairedSensor, add_paired
from unslouch_device.contract.payloads import HELLO_SIMULATED

DEMO = "socket://127.0.0.1:1"
ADDRESS = "AA:BB:CC:DD:EE:01"
REAL = PairedSensor("mine", "00000001", ADDRESS)
SIMULATED = PairedSensor("toy", "00000002", ADDRESS, simulated=True)


@pytest.fixture(autouse=True)
def nothing_is_plugged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unslouch.sensor.locator.likely_ports", list)


@pytest.fixture
def move_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Go on in another home of the same user, whose folder for locks is shared by all of them."""
    return lambda name: monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: str(tmp_path / name))


@pytest.fixture
def own(move_home: Callable[[str], None]) -> Iterator[Callable[..., None]]:
    """Share a sensor from the first home."""
    move_home("first")
    locks: list[SensorLock] = []

    def take(sensor: str, *, simulated: bool) -> None:
        locks.append(SensorLock(sensor))
        assert locks[-1].take()
        locks[-1].announce(None, simulated)

    yield take
    for lock in locks:
        lock.release()


async def test_a_simulated_sensor_is_used_in_the_home_that_runs_it_and_in_no_other(
    own: Callable[..., None], move_home: Callable[[str], None]
) -> None:
    own(DEMO, simulated=True)
    assert await SharedLocator(None).candidates() == [DEMO]
    assert await FollowingLocator(None).candidates() == [DEMO]
    move_home("second")
    assert await SharedLocator(None).candidates() == []
    with pytest.raises(NoSensor):
        await FollowingLocator(None).candidates()


async def test_a_simulated_sensor_of_another_home_is_used_when_it_is_named(
    own: Callable[..., None], move_home: Callable[[str], None]
) -> None:
    own(DEMO, simulated=True)
    move_home("second")
    assert await SharedLocator(DEMO).candidates() == [DEMO]
    assert await FollowingLocator(DEMO).candidates() == [DEMO]


async def test_a_simulated_sensor_never_stands_in_for_one_that_the_wearer_has_paired(own: Callable[..., None]) -> None:
    own(DEMO, simulated=True)
    add_paired(REAL)
    assert await SharedLocator(None).candidates() == []
    assert await SharedLocator("mine").candidates() == []


async def test_a_simulated_sensor_is_used_by_a_wearer_who_has_paired_only_simulated_ones(
    own: Callable[..., None],
) -> None:
    own(DEMO, simulated=True)
    add_paired(SIMULATED)
    assert await SharedLocator(None).candidates() == [DEMO]


async def test_a_real_sensor_is_used_by_way_of_a_program_in_another_home(
    own: Callable[..., None], move_home: Callable[[str], None]
) -> None:
    own(ADDRESS, simulated=False)
    move_home("second")
    assert await SharedLocator(None).candidates() == [ADDRESS]


@pytest.mark.parametrize("flags", [HELLO_SIMULATED, 0])
async def test_an_owner_says_whether_the_sensor_that_it_shares_is_simulated(flags: int) -> None:
    board = FakeBoard()
    board.flags = flags
    async with board.on_tcp() as sensor, sharing(sensor):
        owner = owner_of(sensor)
        assert owner is not None
        assert owner.simulated == bool(flags)
