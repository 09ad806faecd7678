"""The flows on the simulated radio, whose laptop has BlueZ's habits; `make test-bluez` plays them on BlueZ itself."""

from pathlib import Path

import pytest

from bluez import firmware_flows, flows
from twin.radio import firmware, peripheral
from twin.updates import slots_in


@pytest.mark.parametrize("name", flows.FLOWS)
def test_with_a_peripheral(name: str) -> None:
    peripheral.on_air(flows.FLOWS[name])


@pytest.mark.parametrize("name", firmware_flows.FLOWS)
def test_with_the_firmware(name: str, tmp_path: Path) -> None:
    firmware.on_air(tmp_path, firmware_flows.FLOWS[name], slots=slots_in(tmp_path / "slots"))
