"""Asking: the commands that greet the sensor, ask it one thing and end."""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any

from unslouch.errors import BadInput, ExitCode, NoSensor
from unslouch.link.client import Client
from unslouch.link.model import BoardStatus, LiveSample, Profile, SensorInfo
from unslouch.link.telemetry import TelemetryError, decode_live, decode_status
from unslouch.sensor.handshake import open_sensor
from unslouch.sensor.locator import SharedLocator
from unslouch.sensor.settings import change_setting, parse_value, setting_by_key, with_unit
from unslouch_device.contract import messages
from unslouch_device.contract.settings import BUDGET_MODE, SETTINGS
from unslouch_device.contract.states import ACTIVITY_NAMES, STATE_NAMES, UNKNOWN

from . import calibrating
from .output import put
from .running import chosen_sensor, log_line, run_cleanly

STATUS_TIMEOUT_S = 5.0
UNCALIBRATED = "none: run `unslouch calibrate`"
MOVED_NOTICE = (
    "The sensor may have moved: you walk differently from usual. "
    "Sit upright and run `unslouch rezero`, or `unslouch calibrate` anew."
)
Command = Callable[[Client, argparse.Namespace], Awaitable[None]]


@asynccontextmanager
async def _linked(
    args: argparse.Namespace, on_frame: Callable[[int, bytes], None] | None = None
) -> AsyncIterator[tuple[Client, SensorInfo]]:
    async with chosen_sensor(args) as sensor, open_sensor(SharedLocator(sensor), on_frame) as (client, info):
        if sensor is None:
            log_line(f"Using the sensor {info.device_id}{' (simulated)' if info.simulated else ''} at {client.name}.")
        yield client, info


def ask(name: str, args: argparse.Namespace) -> ExitCode:
    """Run the command of a name."""
    if name == "settings":
        _check_setting(args.key, args.value)
    return run_cleanly(_status(args) if name == "status" else _ask(COMMANDS[name], args))


async def _ask(command: Command, args: argparse.Namespace) -> ExitCode:
    async with _linked(args) as (client, _):
        await command(client, args)
    return ExitCode.OK


async def _snooze(client: Client, args: argparse.Namespace) -> None:
    minutes = await client.snooze(args.minutes)
    log_line(f"No vibration for {minutes} minutes." if minutes else "The snooze has ended.")


async def _buzz(client: Client, args: argparse.Namespace) -> None:
    await client.buzz()
    log_line("It vibrates.")


async def _settings(client: Client, args: argparse.Namespace) -> None:
    if args.value is not None:
        await _change_setting(client, args.key, args.value)
        return
    _, values = await client.settings()
    if args.key is not None:
        if args.key not in values:
            raise BadInput(f"The sensor's firmware has no setting {args.key!r}; bring it up to date.")
        put(str(values[args.key]))
    else:
        put(settings_table(values))


def settings_table(values: dict[str, int]) -> str:
    """Return a line for each setting: key, value, unit, range, meaning."""
    lines = [f"{'key':15} {'value':>6} {'unit':4} {'range':10} meaning"]
    for setting in SETTINGS:
        if setting.key in values:
            span = f"{setting.least}..{setting.greatest}"
            lines.append(
                f"{setting.key:15} {values[setting.key]:6} {setting.unit or '-':4} {span:10} {setting.meaning}"
            )
    return "\n".join(lines)


def _check_setting(key: str | None, text: str | None) -> None:
    """Raise BadInput for what no sensor can be set to."""
    if key is None:
        return
    setting = setting_by_key(key)
    if text is not None:
        parse_value(setting, text)


async def _change_setting(client: Client, key: str, text: str) -> None:
    setting = setting_by_key(key)
    value = parse_value(setting, text)
    await change_setting(client, setting, value)
    log_line(f"{key} is {with_unit(setting, value)} now.")


async def _status(args: argparse.Namespace) -> ExitCode:
    got: dict[int, bytes] = {}
    complete = asyncio.Event()

    def on_frame(kind: int, payload: bytes) -> None:
        got[kind] = payload
        if messages.LIVE in got and messages.STATUS in got:
            complete.set()

    async with _linked(args, on_frame) as (client, info):
        await client.subscribe(1 if info.own_clock else messages.MAX_LIVE_HZ)
        try:
            async with asyncio.timeout(STATUS_TIMEOUT_S):
                await complete.wait()
            status = decode_status(got[messages.STATUS])
            live = decode_live(got[messages.LIVE], status.uptime_ms)
        except (TimeoutError, TelemetryError) as error:
            raise NoSensor(
                f"The sensor at {client.name} answers, but sends no status; unplug it, plug it in again and repeat."
            ) from error
        await client.subscribe(0)
        _, values = await client.settings()
        sensor = Sensor(info, status, live, await client.profiles(), values)
        put(json.dumps(status_object(sensor)) if args.json else status_text(sensor))
    return ExitCode.OK


@dataclass(frozen=True)
class Sensor:
    """All that a sensor tells of itself."""

    info: SensorInfo
    status: BoardStatus
    live: LiveSample
    profiles: list[Profile]
    settings: dict[str, int]


def status_object(sensor: Sensor) -> dict[str, Any]:
    """Return all that is known of a sensor now, for JSON."""
    live = sensor.live
    picture = asdict(live) | {"state": STATE_NAMES[live.state], "activity": ACTIVITY_NAMES[live.activity]}
    profiles = [asdict(profile) for profile in sensor.profiles]
    return {"sensor": asdict(sensor.info), "status": asdict(sensor.status), "live": picture, "profiles": profiles}


def status_text(sensor: Sensor) -> str:
    """Return the same for reading, a line each."""
    info, status = sensor.info, sensor.status
    percent = "unknown" if status.battery_percent is None else f"{status.battery_percent} %"
    power = ", on external power" if status.external_power else ""
    snooze = f"{status.snooze_left_s} s left" if status.snooze_left_s else "no"
    profile = next((profile for profile in sensor.profiles if profile.index == status.profile), None)
    calibration = calibrating.calibration(profile) if profile is not None and profile.calibration_id else UNCALIBRATED
    lines = [
        f"sensor       {info.device_id}{' (simulated)' if info.simulated else ''}",
        f"board        {info.board}, firmware {info.firmware_version}",
        f"posture      {live_line(sensor.live)}",
        f"battery      {percent} ({status.battery_mV} mV){power}",
        f"profile      {profile.title if profile is not None else status.profile + 1}",
        f"calibration  {calibration}",
        f"snooze       {snooze}",
        f"alerts       {status.alerts} since it started; {_alerting(status, sensor.settings)}",
        f"up           {status.uptime_ms // 1000} s",
        f"journal      {status.next_sequence - status.oldest_sequence} records",
    ]
    if status.sensor_moved:
        lines.append(f"notice       {MOVED_NOTICE}")
    return "\n".join(lines)


def _alerting(status: BoardStatus, settings: dict[str, int]) -> str:
    """Return what brings an alert."""
    if settings.get("tracking-only"):
        return "none come while tracking-only is 1"
    if settings.get("alert-mode") == BUDGET_MODE:
        return "they come by holding time"
    set_s = settings.get("delay", status.delay_s)
    longer = f" (you set {set_s} s; it is longer because you correct yourself)" if status.delay_s > set_s else ""
    return f"they come after {status.delay_s} s of leaning{longer}"


def live_line(sample: LiveSample) -> str:
    """Return a live sample as plain words."""
    words = [STATE_NAMES[sample.state]]
    if sample.state == UNKNOWN:
        words.append("no data from the motion sensor")
    if sample.forward_deg is not None and sample.lateral_deg is not None:
        words.append(f"forward {sample.forward_deg:.0f} lateral {sample.lateral_deg:.0f} degrees")
    if sample.above_threshold_s:
        words.append(f"above threshold for {sample.above_threshold_s} s")
    for word, is_so in (("vibrating", sample.alerting), ("snoozed", sample.snoozed)):
        if is_so:
            words.append(word)
    return ", ".join(words).replace("-0 ", "0 ")


COMMANDS: dict[str, Command] = {
    "calibrate": calibrating.calibrate,
    "rezero": calibrating.rezero,
    "profiles": calibrating.profiles,
    "snooze": _snooze,
    "buzz": _buzz,
    "settings": _settings,
}
