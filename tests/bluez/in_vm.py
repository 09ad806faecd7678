"""The flows on real BlueZ: `make test-bluez`. This file's name keeps it out of `make test`."""

from collections.abc import Iterator
from subprocess import CalledProcessError

import pytest

from bluez import firmware_flows, flows, system
from bluez.vm import PHASES, Machine
from requirement import require

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def machine(request: pytest.FixtureRequest) -> Iterator[Machine]:
    """A machine that plays every flow that was asked for, in order."""
    require(system.missing())
    asked = [item.callspec.params["flow"] for item in request.session.items if item.module is request.module]
    try:
        machine = Machine(asked)
    except CalledProcessError as error:
        reason = ((error.stderr or "").strip().splitlines() or ["no message"])[-1]
        require(f"the virtual machine's packages couldn't be fetched: {reason}")
    except FileNotFoundError as error:
        require(f"there can be no virtual machine: {error}")
    request.config.stash[PHASES] = machine.phases
    yield machine
    machine.switch_off()


@pytest.mark.parametrize("flow", [*flows.FLOWS, *firmware_flows.FLOWS])
def test_on_bluez(machine: Machine, flow: str) -> None:
    result = machine.result(flow)
    machine.phases.append((f"VM: {flow.replace('_', ' ')}", result["lasted_s"]))
    if result["failure"]:
        pytest.fail(result["failure"], pytrace=False)
