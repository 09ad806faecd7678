"""Sensors that fall silent, restart or never stream, with the session's real timeouts in a world without waiting."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from link.ble_board import BleScene, on_air
from link.both_links import PORT, Usb, running
from link.fake_board import FakeBoard, MemorySink, ReceivedEvents
from unslouch.link.model import LinkState
from unslouch.sensor.session import Session
from unslouch.sensor.timing import Timing
from unslouch_device.contract import messages, states

Play = Callable[[Session, ReceivedEvents, MemorySink, FakeBoard], Awaitable[None]]
OnCable = Callable[..., None]


@pytest.fixture
def on_cable(tmp_path: Path, usb: Usb) -> OnCable:
    """Plays a session with a board at a port, which `prepare` has made misbehave."""

    def run(play: Play, prepare: Callable[[FakeBoard], None] = lambda board: None) -> None:
        async def story(scene: BleScene) -> None:
            board = usb.plugged[PORT] = scene.board.board
            prepare(board)
            async with running(scene, PORT) as (session, received, writer):
                await play(session, received, writer, board)

        on_air(tmp_path, story)

    return run


def test_a_board_that_falls_silent_is_asked_and_then_left_until_it_answers_again(on_cable: OnCable) -> None:
    async def play(session: Session, received: ReceivedEvents, writer: MemorySink, board: FakeBoard) -> None:
        await received.until(lambda: received.statuses)
        board.silent = True
        reason = await received.until_state(LinkState.WAITING)
        assert messages.PING in board.requests
        assert "has fallen silent" in reason
        board.silent = False
        await received.until_state(LinkState.LIVE)

    on_cable(play)


def test_a_board_that_answers_but_never_streams_does_not_stay_live(on_cable: OnCable) -> None:
    async def play(session: Session, received: ReceivedEvents, writer: MemorySink, board: FakeBoard) -> None:
        reason = await received.until_state(LinkState.WAITING)
        assert "keeps restarting" in reason

    def never_stream(board: FakeBoard) -> None:
        board.streaming = False

    on_cable(play, never_stream)


def test_a_restarted_board_is_connected_again_over_the_same_link(on_cable: OnCable) -> None:
    async def play(session: Session, received: ReceivedEvents, writer: MemorySink, board: FakeBoard) -> None:
        await received.until(lambda: received.statuses)
        board.restart()
        board.builder.epochs(states.UPRIGHT, 20)
        await received.until(lambda: len(received.infos) == 2)
        assert received.infos[-1].boot == 2
        await received.until(lambda: received.state is LinkState.LIVE and writer.at[0xABCD] == board.end)
        assert LinkState.WAITING not in [state for state, _ in received.states]

    on_cable(play)


def test_a_silent_port_is_tried_again_since_a_board_may_be_starting(on_cable: OnCable) -> None:
    async def play(session: Session, received: ReceivedEvents, writer: MemorySink, board: FakeBoard) -> None:
        assert "is silent" in await received.until_state(LinkState.WAITING)
        board.silent = False
        await received.until_state(LinkState.LIVE)

    def fall_silent(board: FakeBoard) -> None:
        board.silent = True

    on_cable(play, fall_silent)


def test_a_sensor_that_sends_garbage_for_long_after_a_restart_is_waited_for(on_cable: OnCable) -> None:
    async def play(session: Session, received: ReceivedEvents, writer: MemorySink, board: FakeBoard) -> None:
        await received.until_state(LinkState.LIVE)
        board.silent, board.noise = True, b"rst:0x1 (POWERON),boot:0x8\r\n"
        board.unplug()
        await received.until(lambda: any("answers, but not as" in reason for _, reason in received.states))
        assert LinkState.REFUSED not in [state for state, _ in received.states]
        board.silent, board.noise = False, b""
        await received.until_state(LinkState.LIVE)

    on_cable(play)


def test_the_sensor_is_given_the_time_again_every_hour(on_cable: OnCable) -> None:
    async def play(session: Session, received: ReceivedEvents, writer: MemorySink, board: FakeBoard) -> None:
        await received.until(lambda: len(board.clocks) >= 3, 2.1 * Timing().clock_mark_s)
        assert messages.PING not in board.requests

    def stream_slowly(board: FakeBoard) -> None:
        board.stream_every_s = 1.0

    on_cable(play, stream_slowly)
