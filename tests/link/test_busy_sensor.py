"""What a sensor refuses for want of buffers is tried again, and only that."""

import asyncio

import pytest
from bleak.exc import BleakGATTProtocolError

from unslouch.link.ble.busy import INSUFFICIENT_RESOURCES, RETRY_S, while_busy


def tried(answers: list[int], patience_s: float) -> int:
    """Do something that is refused with one code after the other, and then done; returns how often it was tried."""
    calls = 0

    async def action() -> None:
        nonlocal calls
        calls += 1
        if calls <= len(answers):
            raise BleakGATTProtocolError(answers[calls - 1])

    asyncio.run(while_busy(action, patience_s))
    return calls


def test_a_refusal_for_want_of_buffers_is_tried_again() -> None:
    assert tried([INSUFFICIENT_RESOURCES] * 2, 10) == 3


def test_another_refusal_is_raised_at_once() -> None:
    with pytest.raises(BleakGATTProtocolError):
        tried([0x05], 10)


def test_a_sensor_that_stays_busy_is_given_up() -> None:
    with pytest.raises(BleakGATTProtocolError):
        tried([INSUFFICIENT_RESOURCES] * 1000, 2 * RETRY_S)
