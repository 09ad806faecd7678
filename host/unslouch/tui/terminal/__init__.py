"""The dashboard's terminal, which may stall, go away, be suspended, or show ASCII alone."""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.driver import Driver


def driver_class() -> "type[Driver] | None":
    """Return the driver for this system; None where TEXTUAL_DRIVER names one."""
    if os.environ.get("TEXTUAL_DRIVER"):
        return None
    if sys.platform == "win32":
        from .windows_driver import ConsoleDriver

        return ConsoleDriver
    from .posix_driver import PosixDriver

    return PosixDriver
