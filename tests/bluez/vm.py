"""The virtual machine: boots without KVM and without root, and reports what happens in it, line by line."""

import json
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import Any

import pytest

from bluez import python_layer, qemu, system
from bluez.cpio import Archive

CONSOLE = system.CACHE / "console.log"
INITRD = system.CACHE / "initrd.cpio"
PHASES = pytest.StashKey[list[tuple[str, float]]]()
"""The seconds that each phase took, for the end of pytest's report."""
MEMORY_MIB = 1024
INIT = """#!/bin/busybox sh
export PATH=/usr/bin:/usr/sbin HOME=/root PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH={searched}
exec {python} -m bluez.inside.init
"""
COMMAND_LINE = (
    "console=ttyS0 quiet panic=-1 mitigations=off "
    "tsc=unstable clocksource=hpet no_timer_check "  # under TCG with two processors the TSC is no clock
    "random.trust_cpu=on"  # entropy at once, since `-cpu max` has RDRAND
)


class MachineError(Exception):
    """The machine went down before the expected report came."""


class Machine:
    """A machine that plays flows; `phases` holds the time of each phase, building the machine included."""

    def __init__(self, flows: Sequence[str]) -> None:
        """Fetch and pack what is needed, and boot; raises what private_apt.fetch() raises."""
        self.phases: list[tuple[str, float]] = []
        self.played: dict[str, dict[str, Any]] = {}
        began_s = time.monotonic()
        for what, make in (("fetching and packing Debian", system.make), ("fetching QEMU", qemu.make)):
            make()
            began_s = self._note(what, began_s)
        layers = [python_layer.make(), python_layer.make_checkout(), system.LAYER, _start_layer(flows)]
        with INITRD.open("wb") as out:
            for layer in layers:
                with layer.open("rb") as packed:
                    shutil.copyfileobj(packed, out)
        self._note("packing Python and the checkout", began_s)
        self._uptime_s = 0.0
        self._process = Popen(
            [*qemu.command(), *_options()], stdin=DEVNULL, stdout=PIPE, env={**os.environ, **qemu.environment()}
        )

    def _note(self, what: str, began_s: float) -> float:
        now_s = time.monotonic()
        self.phases.append((what, now_s - began_s))
        return now_s

    def result(self, flow: str) -> dict[str, Any]:
        """Wait until a flow was played: `lasted_s`, and its `failure`, if it failed, as a traceback."""
        while flow not in self.played:
            report = self._listen()
            if "phase" in report:
                self.phases.append((f"VM: {report['phase']}", report["uptime_s"] - self._uptime_s))
            if "flow" in report:
                self.played[report["flow"]] = report
            self._uptime_s = report["uptime_s"]
        return self.played[flow]

    def _listen(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(b"{"):
                report: dict[str, Any] = json.loads(line)
                return report
        raise MachineError(f"the virtual machine went down; its console ended so:\n{console_end()}")

    def switch_off(self) -> None:
        """End it, however far it is."""
        self._process.kill()
        self._process.communicate()


def console_end(lines: int = 60) -> str:
    """Return the last lines of the console."""
    return "\n".join(CONSOLE.read_text(errors="replace").splitlines()[-lines:])


def _options() -> list[str]:
    return [
        *("-M", "q35", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", str(MEMORY_MIB)),
        *("-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"),
        *("-serial", f"file:{CONSOLE}", "-serial", "stdio"),
        *("-kernel", str(system.KERNEL), "-initrd", str(INITRD), "-append", COMMAND_LINE),
    ]


def _start_layer(flows: Sequence[str]) -> Path:
    """Return the part of the machine that differs between runs."""
    layer = system.CACHE / "start.cpio"
    init = INIT.format(searched=":".join(python_layer.SEARCHED + python_layer.PACKAGES), python=python_layer.EXECUTABLE)
    with layer.open("wb") as out:
        archive = Archive(out)
        archive.data("init", init.encode(), 0o755)
        archive.data("flows", " ".join(flows).encode())
        archive.close()
    return layer
