"""The client: every request as a typed call, every refusal as a sentence."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from unslouch.errors import BadInput, NotOurs, Refused
from unslouch_device.contract import messages, payloads
from unslouch_device.contract.settings import Setting, setting_by_id, unpack_settings

from .connection import REPLY_TIMEOUT_S, Connection, NoReply, Reply
from .model import Profile, SensorInfo
from .refusals import refusal

_Payload = TypeVar("_Payload", bound=payloads.Payload)

HELLO_TRY_S = 1.0  # a board that has just been plugged in is still starting, and hears nothing
HELLO_TIMEOUT_S = 6.0
CALIBRATE_TIMEOUT_S = 40.0  # the board itself gives up after 27 s at most, on a bow
FETCH_TIMEOUT_S = 30.0


class Unrecognised(NotOurs):
    """Something came from the port, but no hello."""


class Unanswered(NotOurs):
    """Nothing at all came from the port: perhaps no sensor, perhaps one that is starting or hangs."""


class OtherVersion(NotOurs):
    """An unslouch sensor, but of another protocol version."""


class WrongJournal(Refused):
    """The sensor has begun another journal since it was open_sensor."""


@dataclass(frozen=True)
class Fetched:
    """Pages of the journal, as they came, and where it begins and ends by now."""

    pages: list[bytes]
    oldest_sequence: int
    next_sequence: int


class Client:
    """The requests of contract.messages over a connection.

    Every call raises LinkLost if the link breaks or no answer comes in time, and Refused if the sensor says no.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @property
    def name(self) -> str:
        """The port or address."""
        return self.connection.name

    async def hello(self, timeout_s: float = HELLO_TIMEOUT_S, try_s: float = HELLO_TRY_S) -> SensorInfo:
        """Greet the sensor, repeatedly until it answers.

        Raises NotOurs if what answers is no unslouch sensor or speaks another protocol version, Unanswered (a NotOurs)
        if nothing comes at all, or what the transport knows to be the cause.
        """
        try:
            async with asyncio.timeout(timeout_s):
                return self._sensor_info(await self._hello_reply(try_s))
        except TimeoutError as error:
            raise (await self.connection.transport.explain_silence() or self._no_hello()) from error

    async def _hello_reply(self, try_s: float) -> Reply:
        while True:
            with suppress(NoReply):
                return await self.connection.request(messages.HELLO, messages.PROTOCOL_VERSION, timeout_s=try_s)

    def _no_hello(self) -> NotOurs:
        if self.connection.bytes_heard:
            return Unrecognised(
                f"{self.name} answers, but not as an unslouch sensor; choose another port, or install the firmware."
            )
        return Unanswered(
            f"{self.name} is silent, which no running unslouch sensor is; press its reset button, choose another port, "
            "or install the firmware."
        )

    def _sensor_info(self, reply: Reply) -> SensorInfo:
        version = reply.data[0] if reply.data else None
        if version is not None and version != messages.PROTOCOL_VERSION:
            older = "the sensor's firmware" if version < messages.PROTOCOL_VERSION else "unslouch on this computer"
            raise OtherVersion(
                f"The sensor at {self.name} speaks version {version} of the protocol and this computer version "
                f"{messages.PROTOCOL_VERSION}; bring {older} up to date."
            )
        if reply.status != messages.OK:
            raise refusal("greet", self.name, reply.status)
        try:
            hello = payloads.HelloReply(reply.data)
            board = hello.board.decode()
        except ValueError as error:
            raise self._garbled("hello") from error
        return SensorInfo(
            device_id=hello.device_id.hex(),
            board="".join(c for c in board if c.isprintable()),
            firmware_version=".".join(str(part) for part in hello.firmware_version),
            protocol_version=hello.protocol_version,
            journal=hello.journal,
            boot=hello.boot,
            oldest_sequence=hello.oldest_sequence,
            next_sequence=hello.next_sequence,
            uptime_ms=hello.uptime_ms,
            settings_revision=hello.settings_revision,
            calibration_id=hello.calibration_id,
            simulated=bool(hello.flags & payloads.HELLO_SIMULATED),
            # A wearer's sensor that claims it could fill the store at any speed.
            own_clock=not ~hello.flags & (payloads.HELLO_SIMULATED | payloads.HELLO_OWN_CLOCK),
            window_period_s=hello.window_period_s,
        )

    async def set_clock(self, utc_ms: int, zone_quarter_h: int) -> None:
        """Tell UTC in ms since 1970 and the zone, east of UTC in quarters of an hour; it becomes an event."""
        await self._do("take the time", messages.CLOCK, utc_ms, zone_quarter_h)

    async def subscribe(self, rate_hz: int) -> None:
        """Ask for live samples (0 to MAX_LIVE_HZ per second), status and events; 0 ends all three."""
        await self._do("stream", messages.SUBSCRIBE, rate_hz)

    async def fetch(
        self, journal: int, sequence: int, max_pages: int, *, timeout_s: float = FETCH_TIMEOUT_S
    ) -> Fetched:
        """Fetch up to max_pages pages, beginning with the one that holds a sequence, or at the oldest if it is gone.

        Raises WrongJournal if the sensor has begun another one.
        """
        reply = await self.connection.request(
            messages.FETCH, journal, sequence, max_pages, timeout_s=timeout_s, max_pages=max_pages
        )
        if reply.status == messages.WRONG_JOURNAL:
            raise WrongJournal(str(refusal("send its journal", self.name, reply.status)), reply.status)
        if reply.status != messages.OK:
            raise refusal("send its journal", self.name, reply.status)
        ends = self._unpacked(payloads.FetchReply, reply.data, "fetch")
        return Fetched(reply.pages, ends.oldest_sequence, ends.next_sequence)

    async def settings(self) -> tuple[int, dict[str, int]]:
        """Return (revision, value by key); settings that this host doesn't know are left out."""
        data = await self._do("list its settings", messages.GET_SETTINGS)
        try:
            revision, by_id = unpack_settings(data)
        except ValueError as error:
            raise self._garbled("settings") from error
        settings = {setting_by_id(id): value for id, value in by_id.items()}
        return revision, {setting.key: value for setting, value in settings.items() if setting is not None}

    async def set_setting(self, revision: int, setting: Setting, value: int) -> int:
        """Change a setting, given the revision last read; return the new one.

        Refused with STALE_REVISION if another write came first; sensor.settings checks the value and tries again.
        """
        data = await self._do(f"set {setting.key} to {value}", messages.SET_SETTING, revision, setting.id, value)
        return self._unpacked(payloads.Number, data, "settings").number

    async def calibrate(self) -> int:
        """Take the wearer's posture as upright, once they have sat still for 3 s; return the calibration id.

        It begins the active profile anew: which way is forward is the board's guess until a bow shows it.
        """
        data = await self._do("calibrate", messages.CALIBRATE, timeout_s=CALIBRATE_TIMEOUT_S)
        return self._unpacked(payloads.Number, data, "calibration").number

    async def rezero(self) -> int:
        """Take the present tilt as zero, keeping the axes; return the calibration id."""
        data = await self._do("re-zero", messages.REZERO, timeout_s=CALIBRATE_TIMEOUT_S)
        return self._unpacked(payloads.Number, data, "calibration").number

    async def bow(self) -> int:
        """Learn from a hip hinge of 20° or more, which the wearer makes now, which way is forward; return the id."""
        data = await self._do("learn from the bow", messages.BOW, timeout_s=CALIBRATE_TIMEOUT_S)
        return self._unpacked(payloads.Number, data, "calibration").number

    async def stand(self) -> tuple[float, float]:
        """Take the standing zero, once the wearer has stood still for 5 s; return its (forward, lateral) tilt in °."""
        data = await self._do("take the standing zero", messages.STANDING, timeout_s=CALIBRATE_TIMEOUT_S)
        standing = self._unpacked(payloads.StandingReply, data, "standing zero")
        return standing.forward_cdeg / 100, standing.lateral_cdeg / 100

    async def profiles(self) -> list[Profile]:
        """Return the sensor's profiles, in order."""
        data = await self._do("list its profiles", messages.GET_PROFILES)
        try:
            active, entries = payloads.unpack_profiles(data)
            return [
                Profile(
                    index=entry.index,
                    name="".join(c for c in entry.name.rstrip(b"\0").decode() if c.isprintable()),
                    calibration_id=entry.calibration_id,
                    bowed=bool(entry.flags & payloads.PROFILE_BOWED),
                    stood=bool(entry.flags & payloads.PROFILE_STOOD),
                    active=entry.index == active,
                )
                for entry in entries
            ]
        except ValueError as error:
            raise self._garbled("profiles") from error

    async def select_profile(self, index: int) -> int:
        """Put a profile, counted from 0, in force; return its calibration id, 0 if it has none."""
        data = await self._do("change the profile", messages.SELECT_PROFILE, index)
        return self._unpacked(payloads.Number, data, "profile").number

    async def name_profile(self, index: int, name: str) -> None:
        """Name a profile, an empty name clears it; sensor.profiles checks the name."""
        await self._do("rename a profile", messages.NAME_PROFILE, index, name.encode())

    async def snooze(self, minutes: int | None = None) -> int:
        """Keep the motor quiet for some minutes (None: as the setting says, 0: end a snooze); return the minutes."""
        if minutes is not None and not 0 <= minutes < messages.SNOOZE_AS_SET:
            raise BadInput(f"A snooze of {minutes} minutes is out of range; give 0 to {messages.SNOOZE_AS_SET - 1}.")
        data = await self._do("snooze", messages.SNOOZE, messages.SNOOZE_AS_SET if minutes is None else minutes)
        return self._unpacked(payloads.Number, data, "snooze").number

    async def open_pairing(self) -> int:
        """Have the sensor, which must be on a cable, let a new computer pair over Bluetooth; return for how many s."""
        data = await self._do("let a computer pair", messages.PAIR)
        return self._unpacked(payloads.Number, data, "pairing").number

    async def buzz(self) -> None:
        """Let the motor vibrate once."""
        await self._do("buzz", messages.BUZZ)

    async def ping(self, timeout_s: float = REPLY_TIMEOUT_S) -> None:
        """Ask for a sign of life."""
        await self._do("answer", messages.PING, timeout_s=timeout_s)

    async def _do(self, action: str, kind: int, *fields: int | bytes, timeout_s: float = REPLY_TIMEOUT_S) -> bytes:
        reply = await self.connection.request(kind, *fields, timeout_s=timeout_s)
        if reply.status != messages.OK:
            raise refusal(action, self.name, reply.status, kind)
        return reply.data

    def _unpacked(self, payload: type[_Payload], data: bytes, what: str) -> _Payload:
        try:
            return payload(data)
        except payloads.PayloadError as error:
            raise self._garbled(what) from error

    def _garbled(self, what: str) -> NotOurs:
        return NotOurs(
            f"The sensor at {self.name} answers {what} in a way this computer can't read; "
            "bring firmware and host to the same version."
        )
