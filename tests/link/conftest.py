"""What the tests of links share."""

from collections.abc import Iterator

import pytest

from link.both_links import Usb
from unslouch.recorder import dialer, remembered


@pytest.fixture
def usb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Usb]:
    """The laptop's ports, with nothing plugged in yet; and nothing remembered."""
    usb = Usb()
    monkeypatch.setattr(dialer, "likely_ports", usb.ports)
    monkeypatch.setattr(dialer, "transport_for", usb.transport_for)
    yield usb
    remembered.sensors_file().unlink(missing_ok=True)
