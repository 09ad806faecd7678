"""Collects the tilt of live samples while somebody asks for it."""

import asyncio
from contextlib import suppress

from unslouch.link.telemetry import TelemetryError, decode_live
from unslouch_device.contract import messages


class Tilts:
    """`on_frame` is to be given to connect_sensor()."""

    def __init__(self) -> None:
        self._forward_deg: list[float] = []
        self._lateral_deg: list[float] = []

    def on_frame(self, kind: int, payload: bytes) -> None:
        """Take a frame; samples without a tilt, and all other frames, are left out."""
        if kind != messages.LIVE:
            return
        with suppress(TelemetryError):
            sample = decode_live(payload, 0)
            if sample.forward_deg is not None and sample.lateral_deg is not None:
                self._forward_deg.append(sample.forward_deg)
                self._lateral_deg.append(sample.lateral_deg)

    async def during(self, duration_s: float) -> tuple[list[float], list[float]]:
        """Return forward and lateral tilt in degrees of the next seconds."""
        self._forward_deg, self._lateral_deg = [], []
        await asyncio.sleep(duration_s)
        return self._forward_deg, self._lateral_deg
