"""What the tests of links share."""

from collections.abc import Iterator

import pytest

from link.both_links import Usb
from unslouch.sensor import locator as locator
from unslouch.sensor import paired


@pytest.fixture
def usb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Usb]:
    """The laptop's ports, with nothing plugged in yet; and nothing paired_sensors."""
    usb = Usb()
    monkeypatch.setattr(locator, "likely_ports", usb.ports)
    monkeypatch.setattr(locator, "transport_for", usb.transport_for)
    yield usb
    paired.sensors_file().unlink(missing_ok=True)
