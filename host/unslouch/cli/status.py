"""`unslouch status`: shows the sensor's state."""

import argparse
import asyncio
from typing import TYPE_CHECKING, Any

from unslouch.errors import ExitCode

from .arguments import add_config_argument, add_database_argument, add_sensor_arguments

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from unslouch.analysis.metrics.summary import Summary
    from unslouch.link.model import BoardStatus
    from unslouch.sensor.quiet import Quiet
    from unslouch.sensor.silence import Silence
    from unslouch.sensor.snapshot import Snapshot

UNCALIBRATED = "none: run `unslouch calibrate`"
MOVED_NOTICE = (
    "The sensor may have moved: you walk differently from usual. "
    "Sit upright and run `unslouch rezero`, or `unslouch calibrate` again."
)

EPILOG = """\
Today's totals come from the database, which the program that records keeps up to date; this command stores nothing.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    add_sensor_arguments(parser)
    add_database_argument(parser)
    add_config_argument(parser)
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def run(args: argparse.Namespace) -> ExitCode:
    from .running import run_cleanly

    return run_cleanly(_status(args))


async def _status(args: argparse.Namespace) -> ExitCode:
    import json

    from unslouch.sensor.snapshot import FirstTelemetry, read_snapshot

    from .configured import load_reported, quiet_keeper
    from .console import emit
    from .running import connected

    quiet = quiet_keeper(load_reported(args)).current

    telemetry = FirstTelemetry()
    async with connected(args, telemetry.on_frame) as (client, info):
        snapshot = await read_snapshot(client, info, telemetry)
    silence = silence_of(snapshot, quiet)
    today = await asyncio.to_thread(_read_today, args.db, info.simulated)
    if args.json:
        emit(json.dumps(status_object(snapshot, silence, today)))
    else:
        emit(status_text(snapshot, silence, today))
    return ExitCode.OK


def _read_today(db: "Path | None", is_simulated: bool) -> "Summary | None":
    """Read today out of the database for this kind of sensor; one that can't be read is reported."""
    from unslouch.errors import StoreError
    from unslouch.store import default_path

    from .console import log_line
    from .today_facts import read_today

    try:
        return read_today(db or default_path(is_simulated))
    except StoreError as error:
        log_line(str(error))
        return None


def silence_of(snapshot: "Snapshot", quiet: "Quiet | None") -> "Silence | None":
    """Return why the motor would not run at the moment of a snapshot."""
    from unslouch.sensor.events import SensorConnected
    from unslouch.sensor.silence import SilenceWatch

    watch = SilenceWatch()
    watch.handle(SensorConnected(snapshot.info))
    watch.handle(snapshot.live)
    watch.handle(snapshot.status)
    return watch.why(snapshot.settings, quiet)


def status_object(snapshot: "Snapshot", silence: "Silence | None", today: "Summary | None") -> dict[str, Any]:
    """Return a snapshot, why the motor would be silent and today's metrics, as an object for JSON."""
    from dataclasses import asdict

    from unslouch.export.summary_rows import summary_rows
    from unslouch_device.contract.states import ACTIVITY_NAMES, STATE_NAMES

    live = snapshot.live
    return {
        "sensor": asdict(snapshot.info),
        "status": asdict(snapshot.status),
        "live": asdict(live) | {"state": STATE_NAMES[live.state], "activity": ACTIVITY_NAMES[live.activity]},
        "profiles": [asdict(profile) for profile in snapshot.profiles],
        "settings": snapshot.settings,
        "silence": None if silence is None else asdict(silence),
        "today": None if today is None else {row.metric: row.value for row in summary_rows(today)},
    }


def status_text(snapshot: "Snapshot", silence: "Silence | None", today: "Summary | None") -> str:
    """Return the same for reading, a line for each thing."""
    from unslouch.link.descriptions import describe_live
    from unslouch.sensor.profiles import describe_calibration

    from .today_facts import describe_today

    info, status, profile = snapshot.info, snapshot.status, snapshot.profile
    percent = "unknown" if status.battery_percent is None else f"{status.battery_percent} %"
    power = ", on external power" if status.external_power else ""
    is_calibrated = profile is not None and profile.calibration_id
    lines = [
        f"sensor       {info.device_id}{' (simulated)' if info.simulated else ''}",
        f"board        {info.board}, firmware {info.firmware_version}",
        f"posture      {describe_live(snapshot.live)}",
        f"motor        {'ready' if silence is None else f'silent, {silence}'}",
        f"battery      {percent} ({status.battery_mV} mV){power}",
        f"profile      {status.profile + 1 if profile is None else profile.title}",
        f"calibration  {describe_calibration(profile) if profile is not None and is_calibrated else UNCALIBRATED}",
        f"snooze       {f'{status.snooze_left_s} s left' if status.snooze_left_s else 'no'}",
        f"alerts       {status.alerts} since it started; {describe_alerting(status, snapshot.settings)}",
        f"up           {status.uptime_ms // 1000} s",
        f"journal      {status.next_sequence - status.oldest_sequence} records",
        f"today        {describe_today(today)}",
    ]
    if status.sensor_moved:
        lines.append(f"notice       {MOVED_NOTICE}")
    return "\n".join(lines)


def describe_alerting(status: "BoardStatus", settings: "Mapping[str, int]") -> str:
    """Return what brings an alert now."""
    from unslouch_device.contract.settings import BUDGET_MODE

    if settings.get("tracking-only"):
        return "none come while tracking-only is 1"
    if settings.get("alert-mode") == BUDGET_MODE:
        return "they come by holding time"
    set_s = settings.get("delay", status.delay_s)
    longer = f" (you set {set_s} s; it is longer because you correct yourself)" if status.delay_s > set_s else ""
    return f"they come after {status.delay_s} s of leaning{longer}"
