"""Voice: speaks sentences through the speech that the system has, if it has one.

    Linux    spd-say (speech-dispatcher)
    macOS    say
    Windows  PowerShell, with the speech of .NET

A sentence never waits for an older one that was not begun: only the newest is spoken next.
"""

import asyncio
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress

from unslouch.background import start_in_background

LONGEST_S = 60.0
"""After it a program that still speaks is ended."""
_POWERSHELL = (
    "Add-Type -AssemblyName System.Speech; "
    "(New-Object System.Speech.Synthesis.SpeechSynthesizer).Speak([Console]::In.ReadToEnd())"
)
TEXT = "TEXT"
"""In a command: the place of the sentence. Without it the command reads the sentence from stdin."""
PROGRAMS = {
    "linux": ("spd-say", "--wait", "--", TEXT),
    "darwin": ("say", "-f", "-"),
    "win32": ("powershell", "-NoProfile", "-NonInteractive", "-Command", _POWERSHELL),
}
"""By platform, a command that speaks a sentence and ends when it is spoken."""
ADVICE = {
    "linux": "Install speech-dispatcher, which brings spd-say, to hear the session.",
    "darwin": "macOS brings it as `say`: check the PATH.",
    "win32": "Windows brings it with PowerShell: check the PATH.",
}


def speech_command(platform: str = sys.platform) -> tuple[str, ...] | None:
    """Return the command that speaks a sentence, None if this computer has none."""
    command = PROGRAMS.get(platform, PROGRAMS["linux"])
    return command if shutil.which(command[0]) else None


def advice(platform: str = sys.platform) -> str:
    """Return a sentence on what to do where there is no speech."""
    return f"No program that speaks was found. {ADVICE.get(platform, ADVICE['linux'])}"


class Voice:
    """Speaks one sentence after another; use it within a running event loop, and close it."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self._next: str | None = None
        self._worker: asyncio.Task[None] | None = None

    def say(self, text: str) -> None:
        """Speak a sentence next, instead of any other that was not begun."""
        self._next = text
        if self._worker is None or self._worker.done():
            self._worker = start_in_background(self._speak_all(), "the voice")

    async def wait_silent(self) -> None:
        """Wait until everything is spoken."""
        if self._worker is not None:
            await asyncio.wait([self._worker])

    async def close(self) -> None:
        """Stop speaking."""
        self._next = None
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.wait([self._worker])

    async def _speak_all(self) -> None:
        while (text := self._next) is not None:
            self._next = None
            await self._speak(text)

    async def _speak(self, text: str) -> None:
        null, takes_argument = asyncio.subprocess.DEVNULL, TEXT in self._command
        stdin = null if takes_argument else asyncio.subprocess.PIPE
        command = [text if part == TEXT else part for part in self._command]
        try:
            process = await asyncio.create_subprocess_exec(*command, stdin=stdin, stdout=null, stderr=null)
        except OSError:  # it was removed meanwhile: the session goes on in silence
            return
        try:
            async with asyncio.timeout(LONGEST_S):
                await process.communicate(None if takes_argument else text.encode())
        except TimeoutError:
            pass
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
