"""Background tasks: what they raise is logged at once, and reaches what depends on them."""

import asyncio

import pytest

from link.direct_locator import DirectLocator
from link.fake_board import FakeBoard
from unslouch.background import start_in_background
from unslouch.link.client import Client
from unslouch.link.connection import Connection
from unslouch.link.transport import LinkLost


async def fail() -> None:
    raise ZeroDivisionError("nothing to divide by")


async def test_what_a_background_task_raises_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    errors: list[Exception] = []
    task = start_in_background(fail(), "counting", errors.append)
    await asyncio.wait([task])
    await asyncio.sleep(0)
    (entry,) = caplog.records
    assert entry.getMessage() == "counting failed"
    assert "nothing to divide by" in caplog.text
    assert "Traceback" in caplog.text
    assert [type(error) for error in errors] == [ZeroDivisionError]


async def test_a_background_task_that_is_cancelled_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    task = start_in_background(asyncio.sleep(3600), "sleeping")
    task.cancel()
    await asyncio.wait([task])
    await asyncio.sleep(0)
    assert caplog.records == []


async def test_an_error_of_this_program_while_reading_is_not_blamed_on_the_sensor(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def take(kind: int, payload: bytes) -> None:
        raise ZeroDivisionError("nothing to divide by")

    board = FakeBoard()
    async with board.on_tcp() as sensor, Connection(await DirectLocator(sensor).open(sensor), take) as connection:
        client = Client(connection)
        await client.hello()
        await client.subscribe(1)
        with pytest.raises(LinkLost, match="An error in unslouch itself ended the link"):
            while True:
                await client.ping()
    assert "nothing to divide by" in caplog.text
    assert "Traceback" in caplog.text
