"""What the dashboard learns of its terminal."""

from textual.message import Message


class TerminalLost(Message):
    """The terminal is gone: its window was closed, or its connection broke."""


class TerminalCaughtUp(Message):
    """The terminal reads again after frames were dropped, or comes back from a suspension: paint the whole screen."""
