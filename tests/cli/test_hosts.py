"""`unslouch hosts` as a process of its own."""

import json

from cli.test_commands import unslouch
from link.fake_board import FakeBoard
from unslouch.errors import ExitCode
from unslouch_device.contract import messages as m
from unslouch_device.contract import payloads as p

LAPTOP = bytes((p.HOST_LINKED | p.HOST_YOURS | p.HOST_SECURE, 1)) + bytes.fromhex("c5c4c3c2c1c0")
PHONE = bytes((0, 0)) + bytes.fromhex("020000bd4d74")


async def test_paired_computers_are_listed_and_one_is_forgotten() -> None:
    board = FakeBoard()
    board.hosts = [LAPTOP, PHONE]
    async with board.on_tcp() as sensor:
        listed = await unslouch("hosts", "--sensor", sensor)
        assert listed.out.splitlines()[:3] == [
            "   address            kind    linked  secure-connections",
            "*  C0:C1:C2:C3:C4:C5  random  yes     yes",
            "   74:4D:BD:00:00:02  public  no      unknown",
        ]
        found = json.loads((await unslouch("hosts", "list", "--json", "--sensor", sensor)).out)
        assert [host["address"] for host in found] == ["C0:C1:C2:C3:C4:C5", "74:4D:BD:00:00:02"]
        stranger = await unslouch("hosts", "forget", "74:4d:bd:00:00:03", "--sensor", sensor)
        assert stranger.code == ExitCode.BAD_INPUT
        assert "name one of C0:C1:C2:C3:C4:C5, 74:4D:BD:00:00:02" in stranger.err
        forgotten = await unslouch("hosts", "forget", "74:4d:bd:00:00:02", "--sensor", sensor)
        assert "has forgotten 74:4D:BD:00:00:02" in forgotten.err
        assert board.hosts == [LAPTOP]
        own = await unslouch("hosts", "forget", "C0:C1:C2:C3:C4:C5", "--sensor", sensor)
        assert "`unslouch forget`" in own.err
        assert "No computer has paired" in (await unslouch("hosts", "--sensor", sensor)).err


async def test_firmware_without_the_request_is_named_with_the_remedy() -> None:
    board = FakeBoard()
    board.refuse[m.GET_HOSTS] = m.UNKNOWN_REQUEST
    async with board.on_tcp() as sensor:
        answer = await unslouch("hosts", "--sensor", sensor)
    assert answer.code == ExitCode.REFUSED
    assert "bring the firmware up to date" in answer.err
