"""Looks at a sensor that is connected: what its health rows call concerning, and what only live data shows."""

from collections.abc import Iterator

from unslouch.link.diagnostics import Diagnostics
from unslouch.link.model import BoardStatus, LiveSample, SensorInfo
from unslouch.sensor.health import figure_rows, status_rows, version_rows
from unslouch_device.contract import states

from .finding import Finding, Good, Result

LOW_BATTERY_PERCENT = 15
CAUSE_OF_ROW = {
    "firmware": "old-firmware",
    "samples": "samples-lost",
    "started": "watchdog",
    "crashes": "crashes",
    "memory": "memory",
    "bus errors": "imu-bus",
    "flash errors": "flash-errors",
    "journal": "journal-full",
}
"""What a row of sensor/health.py that is concerning means, by its label. What a sensor refuses is no fault of it."""


def check_sensor(info: SensorInfo, status: BoardStatus, live: LiveSample, figures: Diagnostics) -> Iterator[Result]:
    """Yield what is wrong with a sensor, or that it is well."""
    findings: list[Result] = [*_check_rows(info, status, figures), *_check_now(status, live)]
    yield from findings or [Good(f"The sensor {info.device_id} is well.")]


def _check_rows(info: SensorInfo, status: BoardStatus, figures: Diagnostics) -> Iterator[Finding]:
    for row in (*version_rows(info), *status_rows(status), *figure_rows(figures)):
        if row.is_concerning and row.label in CAUSE_OF_ROW:
            yield Finding(CAUSE_OF_ROW[row.label], f"{row.label}: {row.text}.")


def _check_now(status: BoardStatus, live: LiveSample) -> Iterator[Finding]:
    if live.state == states.UNKNOWN:
        yield Finding("imu-silent")
    if not status.calibration_id:
        yield Finding("uncalibrated")
    if status.sensor_moved:
        yield Finding("moved")
    percent = status.battery_percent
    if percent is not None and percent <= LOW_BATTERY_PERCENT and not status.external_power:
        yield Finding("battery-low", f"{percent} % are left.")


def check_self_test(passed: dict[str, bool]) -> Iterator[Result]:
    """Judge the motion sensor's own test; passed: by axis."""
    failed = [axis for axis, is_good in passed.items() if not is_good]
    if failed:
        yield Finding("imu-faulty", f"Failed: {', '.join(failed)}.")
    else:
        yield Good("The motion sensor passes its own test.")
