"""What `watch` says of the coach's suggestions, and that it stores what became of them."""

import asyncio
from pathlib import Path

import pytest

from coach.situations import CATALOGUE, ZONE, at, past
from link.fake_board import FakeBoard
from unslouch.cli.suggestion_lines import SuggestionLines, describe
from unslouch.coach.live_coach import LiveCoach
from unslouch.coach.preferences import Preferences
from unslouch.link.model import LiveSample
from unslouch.sensor.quiet import Quiet, QuietKind
from unslouch.sensor.recorder import Recorder
from unslouch.store import Answer, Store
from unslouch_device.contract import states

PATIENCE_S = 60


def slouching_coach() -> tuple[LiveCoach, int]:
    """A coach whose wearer has just slouched, and the time."""
    coach, now_ms = LiveCoach(CATALOGUE, ZONE, Preferences(), coin=lambda: True), at("12:00")
    coach.set_records(None, past(), now_ms)
    for second in range(60):
        state = states.LEANING if second < 30 else states.SLOUCHING
        now_ms += 1000
        coach.observe(now_ms, state, 20.0, 0.0)
        coach.tick(now_ms)
    return coach, now_ms


def test_a_card_is_a_line_with_exercise_dose_reason_and_effort() -> None:
    coach, _ = slouching_coach()
    line = describe(coach)
    assert coach.suggestion is not None
    assert line.startswith(
        f"{coach.suggestion.exercise.name}, {coach.dose(coach.suggestion.exercise)}: Leaning forward"
    )
    assert line.endswith("(about 2 min, no equipment)")


def test_a_walk_is_thanked_for_and_nothing_follows() -> None:
    coach, now_ms = slouching_coach()
    for _ in range(65):
        now_ms += 1000
        coach.observe(now_ms, states.MOVING, 5.0, 0.0)
        coach.tick(now_ms)
    assert "your break" in describe(coach)
    for _ in range(60):
        now_ms += 1000
        coach.tick(now_ms)
    assert describe(coach) == ""


@pytest.mark.skipif("sys.platform == 'win32'", reason="the fake board's port")
async def test_a_slouch_brings_one_line_which_the_database_knows_and_a_meeting_brings_none(tmp_path: Path) -> None:
    board, database = FakeBoard(), tmp_path / "days.db"
    async with board.on_tcp() as sensor, asyncio.timeout(PATIENCE_S):
        recorder = Recorder(sensor, database)
        recording = asyncio.create_task(recorder.run())
        while recorder.settings is None:
            await asyncio.sleep(0.01)
        lines = SuggestionLines(recorder, Preferences())
        reading = asyncio.create_task(lines.keep_reading())
        uptime_ms = 0

        def slouch(seconds: int, quiet: Quiet | None) -> list[str]:
            nonlocal uptime_ms
            said = []
            for _ in range(seconds):
                uptime_ms += 1000
                sample = LiveSample(uptime_ms, 20.0, 0.0, states.SLOUCHING, 1, False, False, False, 60)
                said.append(lines.line(sample, quiet))
            return [line for line in said if line]

        assert slouch(60, None) == [], "before the database was read"
        while not lines.is_ready:
            await asyncio.sleep(0.01)
        assert slouch(60, Quiet(QuietKind.MEETING, None)) == []
        assert len(slouch(60, None)) == 1
        while not stored_answers(database):
            await asyncio.sleep(0.05)
        assert stored_answers(database) == [Answer.SUGGESTED]
        for task in (reading, recording):
            task.cancel()
        await asyncio.wait([reading, recording])


def stored_answers(database: Path) -> list[Answer]:
    with Store.open(database, simulated=None, readonly=True) as store:
        return [answer.answer for answer in store.coach_answers.between(0, 1 << 60)]
