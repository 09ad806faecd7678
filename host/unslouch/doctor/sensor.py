"""Looks at a sensor that is connected: its firmware, its motion sensor, its memory, its journal and its battery."""

from collections.abc import Iterator

from unslouch.link.diagnostics import Diagnostics
from unslouch.link.model import BoardStatus, LiveSample, SensorInfo
from unslouch.sensor.health import LEAST_DAYS_LEFT, LEAST_HEAP_BYTES, OWN_FIRMWARE
from unslouch_device.contract import states

from .finding import Finding, Good, Result

LOW_BATTERY_PERCENT = 15
BUS_ERRORS = 5
"""So many failed transfers since the start are more than chance (ours)."""


def check_sensor(info: SensorInfo, status: BoardStatus, live: LiveSample, figures: Diagnostics) -> Iterator[Result]:
    """Yield what is wrong with a sensor, or that it is well."""
    findings: list[Result] = [
        *_check_versions(info),
        *_check_measuring(status, live, figures),
        *_check_running(status, figures),
        *_check_journal(figures),
    ]
    yield from findings or [Good(f"The sensor {info.device_id} is well.")]


def _check_versions(info: SensorInfo) -> Iterator[Finding]:
    if info.firmware_version != OWN_FIRMWARE:
        yield Finding("old-firmware", f"The sensor runs {info.firmware_version}, this computer has {OWN_FIRMWARE}.")


def _check_measuring(status: BoardStatus, live: LiveSample, figures: Diagnostics) -> Iterator[Finding]:
    if live.state == states.UNKNOWN:
        yield Finding("imu-silent")
    if figures.bus_errors >= BUS_ERRORS:
        yield Finding("imu-bus", f"{figures.bus_errors} transfers failed since the sensor started.")
    if not status.calibration_id:
        yield Finding("uncalibrated")
    if status.sensor_moved:
        yield Finding("moved")


def _check_running(status: BoardStatus, figures: Diagnostics) -> Iterator[Finding]:
    if figures.crashes_in_a_row:
        yield Finding("crashes", f"{figures.crashes_in_a_row} crashes in a row.")
    if figures.least_free_heap_bytes is not None and figures.least_free_heap_bytes < LEAST_HEAP_BYTES:
        yield Finding("memory", f"{figures.least_free_heap_bytes // 1024} KiB were free at the least.")
    if status.samples_lost:
        yield Finding("samples-lost", f"{status.samples_lost} samples were lost since the sensor started.")
    if (
        status.battery_percent is not None
        and status.battery_percent <= LOW_BATTERY_PERCENT
        and not status.external_power
    ):
        yield Finding("battery-low", f"{status.battery_percent} % are left.")


def _check_journal(figures: Diagnostics) -> Iterator[Finding]:
    if figures.flash_errors:
        yield Finding("flash-errors", f"{figures.flash_errors} writes failed since the sensor started.")
    if figures.days_left < LEAST_DAYS_LEFT:
        yield Finding("journal-full", f"{figures.days_left:.1f} days of wear fit until the oldest are dropped.")


def check_self_test(passed: dict[str, bool]) -> Iterator[Result]:
    """Judge the motion sensor's own test; passed: by axis."""
    failed = [axis for axis, is_good in passed.items() if not is_good]
    if failed:
        yield Finding("imu-faulty", f"Failed: {', '.join(failed)}.")
    else:
        yield Good("The motion sensor passes its own test.")
