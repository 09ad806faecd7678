"""`unslouch status`: shows the sensor's state."""

import argparse
from typing import TYPE_CHECKING, Any

from unslouch.errors import ExitCode

from .arguments import add_sensor_arguments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from unslouch.link.model import BoardStatus
    from unslouch.sensor.snapshot import Snapshot

UNCALIBRATED = "none: run `unslouch calibrate`"
MOVED_NOTICE = (
    "The sensor may have moved: you walk differently from usual. "
    "Sit upright and run `unslouch rezero`, or `unslouch calibrate` again."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_sensor_arguments(parser)
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def run(args: argparse.Namespace) -> ExitCode:
    from .running import run_cleanly

    return run_cleanly(_status(args))


async def _status(args: argparse.Namespace) -> ExitCode:
    import json

    from unslouch.sensor.snapshot import FirstTelemetry, read_snapshot

    from .console import emit
    from .running import connected

    telemetry = FirstTelemetry()
    async with connected(args, telemetry.on_frame) as (client, info):
        snapshot = await read_snapshot(client, info, telemetry)
    emit(json.dumps(status_object(snapshot)) if args.json else status_text(snapshot))
    return ExitCode.OK


def status_object(snapshot: "Snapshot") -> dict[str, Any]:
    """Return a snapshot as an object for JSON."""
    from dataclasses import asdict

    from unslouch_device.contract.states import ACTIVITY_NAMES, STATE_NAMES

    live = snapshot.live
    return {
        "sensor": asdict(snapshot.info),
        "status": asdict(snapshot.status),
        "live": asdict(live) | {"state": STATE_NAMES[live.state], "activity": ACTIVITY_NAMES[live.activity]},
        "profiles": [asdict(profile) for profile in snapshot.profiles],
    }


def status_text(snapshot: "Snapshot") -> str:
    """Return a snapshot for reading, a line for each thing."""
    from unslouch.link.descriptions import describe_live
    from unslouch.sensor.profiles import describe_calibration

    info, status, profile = snapshot.info, snapshot.status, snapshot.profile
    percent = "unknown" if status.battery_percent is None else f"{status.battery_percent} %"
    power = ", on external power" if status.external_power else ""
    is_calibrated = profile is not None and profile.calibration_id
    lines = [
        f"sensor       {info.device_id}{' (simulated)' if info.simulated else ''}",
        f"board        {info.board}, firmware {info.firmware_version}",
        f"posture      {describe_live(snapshot.live)}",
        f"battery      {percent} ({status.battery_mV} mV){power}",
        f"profile      {status.profile + 1 if profile is None else profile.title}",
        f"calibration  {describe_calibration(profile) if profile is not None and is_calibrated else UNCALIBRATED}",
        f"snooze       {f'{status.snooze_left_s} s left' if status.snooze_left_s else 'no'}",
        f"alerts       {status.alerts} since it started; {describe_alerting(status, snapshot.settings)}",
        f"up           {status.uptime_ms // 1000} s",
        f"journal      {status.next_sequence - status.oldest_sequence} records",
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
