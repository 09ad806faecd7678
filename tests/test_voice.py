"""Sentences are spoken through the system's speech, one after another, and only the newest one waits."""

import asyncio
import stat
import sys
from pathlib import Path

import pytest

from unslouch.voice import TEXT, Voice, advice, speech_command

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fake program is a shell script")


@pytest.fixture
def spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A spd-say on PATH that writes what it would speak into a file, and speaks for 0.2 s."""
    log, program = tmp_path / "spoken", tmp_path / "bin" / "spd-say"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nfor last; do :; done\nprintf "%s\\n" "$last" >> {log}\nexec sleep 0.2\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    log.touch()
    return log


def test_the_systems_speech_is_found_on_the_path(spoken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert speech_command("linux") == ("spd-say", "--wait", "--", TEXT)
    monkeypatch.setenv("PATH", "")
    assert speech_command("linux") is None
    assert "speech-dispatcher" in advice("linux")


async def test_a_sentence_that_was_not_begun_gives_way_to_a_newer_one(spoken: Path) -> None:
    command = speech_command("linux")
    assert command is not None
    voice = Voice(command)
    for text in ("Ready. 3", "-2", "1", "Hold."):
        voice.say(text)
        if text == "Ready. 3":
            while not spoken.read_text():
                await asyncio.sleep(0.01)
    await voice.wait_silent()
    assert spoken.read_text().splitlines() == ["Ready. 3", "Hold."]
    await voice.close()


async def test_a_voice_that_is_closed_falls_silent_at_once(spoken: Path) -> None:
    voice = Voice(("sh", "-c", "cat > /dev/null; exec sleep 60"))
    voice.say("A long sentence.")
    await asyncio.sleep(0.2)  # it may or may not have begun: both ways it has to end
    await voice.close()
    voice = Voice(("no-such-program",))
    voice.say("Nobody hears it.")
    await voice.wait_silent()
    assert spoken.read_text() == ""


async def test_a_program_that_reads_stdin_gets_the_sentence(tmp_path: Path) -> None:
    voice = Voice(("sh", "-c", f"cat > {tmp_path / 'heard'}"))
    voice.say("Hold the café chair.")
    await voice.wait_silent()
    assert (tmp_path / "heard").read_text(encoding="utf-8") == "Hold the café chair."
