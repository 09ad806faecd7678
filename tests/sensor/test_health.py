"""The rows that say how a sensor is, and which of them are a concern."""

from dataclasses import replace

import pytest

from tui.fake_feed import INFO
from unslouch.link.diagnostics import Diagnostics
from unslouch.link.model import BoardStatus
from unslouch.sensor.health import OWN_FIRMWARE, describe_length, figure_rows, status_rows, version_rows

HEALTHY = Diagnostics(
    boot_cause="power on",
    crashes_in_a_row=0,
    free_heap_bytes=80_000,
    least_free_heap_bytes=70_000,
    idf_free_bytes=None,
    idf_largest_block_bytes=None,
    late_ms=12,
    slept_s=0,
    bus_errors=0,
    flash_errors=0,
    frame_errors=0,
    records_refused=0,
    records_left=100_000,
    records_held=20_000,
    connection_interval_ms=None,
    round_trip_ms=2.5,
)
STATUS = BoardStatus(
    uptime_ms=7_500_000,
    battery_mV=3974,
    battery_percent=83,
    external_power=False,
    snooze_left_s=0,
    oldest_sequence=0,
    next_sequence=100,
    alerts=0,
    samples_lost=0,
    settings_revision=1,
    calibration_id=1,
    profile=0,
    sensor_moved=False,
    delay_s=30,
)


def test_nothing_about_a_healthy_sensor_is_a_concern() -> None:
    rows = [*version_rows(replace(INFO, firmware_version=OWN_FIRMWARE)), *status_rows(STATUS), *figure_rows(HEALTHY)]
    assert [row for row in rows if row.is_concerning] == []


@pytest.mark.parametrize(
    ("change", "label"),
    [
        ({"boot_cause": "watchdog"}, "started"),
        ({"crashes_in_a_row": 2}, "crashes"),
        ({"least_free_heap_bytes": 9_000}, "memory"),
        ({"bus_errors": 3}, "bus errors"),
        ({"flash_errors": 1}, "flash errors"),
        ({"records_left": 5_000}, "journal"),
        ({"records_refused": 1}, "refused"),
    ],
)
def test_a_trouble_is_a_concern(change: dict[str, int], label: str) -> None:
    assert [row.label for row in figure_rows(replace(HEALTHY, **change)) if row.is_concerning] == [label]  # type: ignore[arg-type]


def test_lost_samples_and_another_firmware_are_concerns() -> None:
    assert [row.label for row in status_rows(replace(STATUS, samples_lost=4)) if row.is_concerning] == ["samples"]
    (row,) = [row for row in version_rows(replace(INFO, firmware_version="0.0.1")) if row.is_concerning]
    assert row.label == "firmware"
    assert OWN_FIRMWARE in row.text
    assert "unslouch flash" in row.text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7500, "2 h 5 min"), (273_600, "3 d 4 h")]
)
def test_a_length_of_time_has_its_two_largest_units(seconds: int, text: str) -> None:
    assert describe_length(seconds) == text
