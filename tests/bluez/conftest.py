"""Shows how long the virtual machine's phases took."""

import pytest

from bluez.vm import PHASES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    phases = config.stash.get(PHASES, [])
    if phases:
        terminalreporter.section("phases")
    for what, lasted_s in phases:
        terminalreporter.write_line(f"{lasted_s:7.1f} s  {what}")
