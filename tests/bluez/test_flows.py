"""The flows on the simulated radio, whose laptop has BlueZ's habits; `make test-bluez` plays them on BlueZ itself."""

import pytest

from bluez.flows import FLOWS
from twin.radio.peripheral import on_air


@pytest.mark.parametrize("name", FLOWS)
def test_on_the_simulated_radio(name: str) -> None:
    on_air(FLOWS[name])
