"""Health: what a sensor says of its versions, its journal and its own troubles, as rows that every face can show."""

from collections.abc import Mapping
from dataclasses import dataclass

from unslouch import __version__
from unslouch.link.diagnostics import Diagnostics
from unslouch.link.model import BoardStatus, SensorInfo
from unslouch_device import VERSION
from unslouch_device.contract.board_test import TEST_FAILED, TEST_IMPOSSIBLE, TEST_PASSED, TEST_SILENT, BoardTestReply

OWN_FIRMWARE = ".".join(map(str, VERSION))
"""The version of the firmware that this computer would install."""
LEAST_HEAP_BYTES = 16 * 1024
"""With less free memory a garbage collection may fail where memory is fragmented (ours)."""
LEAST_DAYS_LEFT = 3.0
CELL_MV = 2500, 4400
"""Beyond these the firmware takes no voltage for that of a cell (parts/gauge.py)."""


@dataclass(frozen=True)
class HealthRow:
    """One fact; `is_concerning` if the wearer should know of it."""

    label: str
    text: str
    is_concerning: bool = False


def version_rows(info: SensorInfo) -> list[HealthRow]:
    """Return which sensor it is, and the versions on both sides."""
    is_other = info.firmware_version != OWN_FIRMWARE
    remark = f"; this computer has {OWN_FIRMWARE}: `unslouch flash` installs it" if is_other else ""
    return [
        HealthRow("sensor", f"{info.device_id}{' (simulated)' if info.simulated else ''}"),
        HealthRow("board", info.board),
        HealthRow("firmware", f"{info.firmware_version}{remark}", is_other),
        HealthRow("protocol", str(info.protocol_version)),
        HealthRow("unslouch", __version__),
    ]


def status_rows(status: BoardStatus) -> list[HealthRow]:
    """Return what the sensor's status says about its battery, its samples and how long it has run."""
    percent = "unknown" if status.battery_percent is None else f"{status.battery_percent} %"
    power = ", on external power" if status.external_power else ""
    lost = status.samples_lost
    return [
        HealthRow("battery", f"{percent} ({status.battery_mV} mV){power}"),
        HealthRow("up", describe_length(status.uptime_ms // 1000)),
        HealthRow("samples", "none lost" if not lost else f"{lost} lost since it started", bool(lost)),
    ]


def figure_rows(now: Diagnostics) -> list[HealthRow]:
    """Return the figures that the sensor keeps about itself."""
    crashes = f"{now.crashes_in_a_row} in a row" if now.crashes_in_a_row else "none lately"
    interval = now.connection_interval_ms
    between = "" if interval is None else f", with {interval:g} ms between connection events"
    rows = [
        HealthRow("started", now.boot_cause, now.boot_cause == "watchdog"),
        HealthRow("crashes", crashes, bool(now.crashes_in_a_row)),
        HealthRow("memory", _heap(now), (now.least_free_heap_bytes or LEAST_HEAP_BYTES) < LEAST_HEAP_BYTES),
    ]
    if now.idf_free_bytes is not None and now.idf_largest_block_bytes is not None:
        largest_kib = now.idf_largest_block_bytes // 1024
        rows.append(HealthRow("IDF memory", f"{now.idf_free_bytes // 1024} KiB free, {largest_kib} in one piece"))
    return [
        *rows,
        HealthRow("late", f"{now.late_ms} ms at most"),
        HealthRow("light sleep", f"{now.slept_s} s"),
        HealthRow("bus errors", str(now.bus_errors), bool(now.bus_errors)),
        HealthRow("flash errors", str(now.flash_errors), bool(now.flash_errors)),
        HealthRow("link", f"{now.round_trip_ms:g} ms for a question and its answer{between}"),
        HealthRow("link errors", str(now.frame_errors)),
        HealthRow(
            "journal",
            f"{now.days_left:.1f} days of wear left until the oldest is dropped, {now.days_held:.1f} held",
            now.days_left < LEAST_DAYS_LEFT,
        ),
        HealthRow("refused", f"{now.records_refused} records", bool(now.records_refused)),
    ]


AXIS_FAILED = "The sensor must lie still with its motor off; if an axis fails again, the chip is faulty."


def axis_rows(passed: Mapping[str, bool]) -> list[HealthRow]:
    """Return the result of the motion sensor's self-test, a row for each axis."""
    return [HealthRow(axis, "passed" if good else "failed", not good) for axis, good in passed.items()]


def self_test_text(passed: Mapping[str, bool]) -> str:
    """Return the result of a self-test, a line for each axis, and what to do if one failed."""
    lines = [f"{row.label:15} {row.text}" for row in axis_rows(passed)]
    return "\n".join([*lines, *([] if all(passed.values()) else [AXIS_FAILED])])


def board_test_rows(found: BoardTestReply, powers_board: bool) -> list[HealthRow]:
    """Return what the sensor's test of its own parts has found.

    powers_board: whether this host is on a cable that feeds the sensor.
    """
    radio = {
        TEST_PASSED: "can be switched on",
        TEST_FAILED: "can't be switched on; restart the sensor, and if that doesn't help install a build with PSRAM",
        TEST_IMPOSSIBLE: "none",
    }
    flash = {TEST_PASSED: "reads what it writes", TEST_FAILED: "doesn't read what it writes: it is full, or worn"}
    memory = {TEST_PASSED: "2 KiB free in one piece", TEST_FAILED: "no 2 KiB free in one piece; please report it"}
    return [
        HealthRow("motor", *_finding(_MOTOR, found.motor)),
        _supply_row(found.external, powers_board),
        _cell_row(found.battery_mV),
        HealthRow("radio", *_finding(radio, found.radio)),
        HealthRow("flash", *_finding(flash, found.flash)),
        HealthRow("heap", *_finding(memory, found.heap)),
    ]


_MOTOR = {
    TEST_PASSED: "its driver has found it",
    TEST_FAILED: "its driver finds none, or one of another kind; check its wires, and MOTOR in the board file",
    TEST_IMPOSSIBLE: "on a pin, which can't tell whether it turns: feel it with `unslouch buzz`",
    TEST_SILENT: "its driver doesn't answer; check the wires of the I2C bus",
}


def _finding(texts: dict[int, str], found: int) -> tuple[str, bool]:
    text = texts.get(found, f"result {found}, which this computer doesn't know")
    return text, found in (TEST_FAILED, TEST_SILENT)


def _supply_row(external: int, powers_board: bool) -> HealthRow:
    if external == TEST_IMPOSSIBLE:
        return HealthRow("5 V sense", "this board has no pin for it")
    if external or not powers_board:
        return HealthRow("5 V sense", "external power" if external else "no external power")
    return HealthRow("5 V sense", "sees nothing of this cable's 5 V; check the divider from 5 V to its pin", True)


def _cell_row(battery_mV: int) -> HealthRow:
    low_mV, high_mV = CELL_MV
    if battery_mV < low_mV:
        text = f"{battery_mV} mV: there is no cell, or the divider to its pin isn't connected"
        return HealthRow("cell", text, True)
    if battery_mV > high_mV:
        return HealthRow("cell", f"{battery_mV} mV, which no cell has; check the divider's resistors", True)
    return HealthRow("cell", f"{battery_mV} mV")


def describe_length(seconds: int) -> str:
    """Return a length of time in its two largest units: "3 d 4 h", "2 h 5 min", "40 s"."""
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min" if minutes else f"{seconds} s"


def _heap(now: Diagnostics) -> str:
    if now.free_heap_bytes is None or now.least_free_heap_bytes is None:
        return "unknown"
    return f"{now.free_heap_bytes // 1024} KiB free, {now.least_free_heap_bytes // 1024} at its least"
