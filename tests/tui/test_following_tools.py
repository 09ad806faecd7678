"""A dashboard that only follows connects to no sensor itself."""

from typing import Any

import pytest

from unslouch.errors import SensorBusy
from unslouch.tui.sensor_tools import following_tools


async def test_it_neither_pairs_nor_forgets_nor_flashes_and_names_the_commands_that_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def touched(*_: Any, **__: Any) -> None:
        raise AssertionError("it looked for a sensor")

    monkeypatch.setattr("unslouch.sensor.pairing.Pairing", touched)
    monkeypatch.setattr("unslouch.sensor.pairing.remove_pairing", touched)
    monkeypatch.setattr("unslouch.flashing.empty_board.find_empty_boards", touched)
    monkeypatch.setattr("unslouch.flashing.install.install", touched)
    tools = following_tools()
    reporter: Any = None
    with pytest.raises(SensorBusy, match="only follows"):
        await tools.pair(lambda step: None)
    with pytest.raises(SensorBusy, match="only follows"):
        await tools.unpair("my back", lambda step: None)
    with pytest.raises(SensorBusy, match="only follows"):
        tools.flash("/dev/ttyACM0", reporter)
    assert list(tools.empty_boards()) == []
    assert tools.paired() == []
