"""The terminal under Windows: a console takes no output while its text is being selected."""

import sys

from textual.drivers.windows_driver import WindowsDriver

from .frame_driver import FrameDriver
from .frame_writer import Output, StreamOutput


class ConsoleDriver(FrameDriver, WindowsDriver):
    """Textual's driver with a writer that nobody waits for."""

    def _open_output(self) -> Output:
        assert sys.__stdout__ is not None
        return StreamOutput(sys.__stdout__)
