"""The client: each request to a sensor as a typed call, each refusal as a sentence."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from unslouch.errors import BadInput, NotOurs, Refused
from unslouch_device.contract import messages, patterns, payloads
from unslouch_device.contract.settings import Setting, setting_by_id, unpack_settings

from .connection import REPLY_TIMEOUT_S, Connection, NoReply, Reply
from .model import Profile, SensorInfo
from .protocols import PROTOCOLS, Protocol
from .refusals import refusal

_Payload = TypeVar("_Payload", bound=payloads.Payload)

HELLO_TRY_S = 1.0  # a board that has just been plugged in is still starting, and reads nothing
HELLO_TIMEOUT_S = 6.0
CALIBRATE_TIMEOUT_S = 40.0  # the board itself gives up after 27 s at most, for a bow
FETCH_TIMEOUT_S = 30.0


class Unrecognised(NotOurs):
    """Bytes came from the port, but no reply to HELLO."""


class Unanswered(NotOurs):
    """Nothing came from the port: there is no sensor, or one that is starting or hangs."""


class OtherVersion(NotOurs):
    """A sensor that speaks a version of the protocol that this host does not."""


class WrongJournal(Refused):
    """The sensor has begun another journal since the handshake."""


@dataclass(frozen=True)
class Fetched:
    """Pages of the journal, as they came, and where the journal begins and ends now."""

    pages: list[bytes]
    oldest_sequence: int
    next_sequence: int


class Client:
    """The requests of contract.messages over a connection.

    Every call raises LinkLost if the link breaks or no answer comes in time, and Refused if the sensor says no.
    """

    def __init__(self, connection: Connection, protocols: Mapping[int, Protocol] = PROTOCOLS) -> None:
        self.connection = connection
        self._protocols = protocols

    @property
    def name(self) -> str:
        """The port or address."""
        return self.connection.name

    async def hello(self, timeout_s: float = HELLO_TIMEOUT_S, try_s: float = HELLO_TRY_S) -> SensorInfo:
        """Do the handshake: say HELLO each try_s until the sensor answers, and return what it says of itself.

        Raises NotOurs if what answers is no unslouch sensor, OtherVersion if it speaks a version of the protocol that
        this host doesn't, Unanswered if nothing comes at all, or what the transport knows to be the cause.
        """
        newest = max(self._protocols)
        try:
            async with asyncio.timeout(timeout_s):
                reply = await self._hello_reply(newest, try_s)
                version = reply.data[0] if reply.data else newest
                if version != newest and version in self._protocols:
                    reply = await self._hello_reply(version, try_s)
        except TimeoutError as error:
            raise (await self.connection.transport.explain_silence() or self._no_hello()) from error
        return self._sensor_info(reply, version)

    async def _hello_reply(self, version: int, try_s: float) -> Reply:
        while True:
            with suppress(NoReply):
                return await self.connection.request(messages.HELLO, version, timeout_s=try_s)

    def _no_hello(self) -> NotOurs:
        if self.connection.bytes_heard:
            return Unrecognised(
                f"{self.name} answers, but not as an unslouch sensor; choose another port, or install the firmware."
            )
        return Unanswered(
            f"{self.name} is silent, which no running unslouch sensor is; press its reset button, choose another port, "
            "or install the firmware."
        )

    def _sensor_info(self, reply: Reply, version: int) -> SensorInfo:
        protocol = self._protocols.get(version)
        if protocol is None:
            newest = max(self._protocols)
            older = "the sensor's firmware" if version < newest else "unslouch on this computer"
            raise OtherVersion(
                f"The sensor at {self.name} speaks version {version} of the protocol and this computer version "
                f"{newest}; bring {older} up to date."
            )
        if reply.status != messages.OK:
            raise refusal("connect", self.name, reply.status)
        try:
            return protocol.read_hello(reply.data)
        except ValueError as error:
            raise self._garbled("HELLO") from error

    async def set_clock(self, utc_ms: int, zone_quarter_h: int) -> None:
        """Give the sensor UTC in ms since 1970 and the zone, east of UTC in quarters of an hour, for a clock mark."""
        await self._do("take the time", messages.CLOCK, utc_ms, zone_quarter_h)

    async def subscribe(self, rate_hz: int) -> None:
        """Ask for live samples (0 to MAX_LIVE_HZ per second), status and events; 0 ends all three."""
        await self._do("stream", messages.SUBSCRIBE, rate_hz)

    async def fetch(
        self, journal: int, sequence: int, max_pages: int, *, timeout_s: float = FETCH_TIMEOUT_S
    ) -> Fetched:
        """Fetch up to max_pages pages, beginning with the one that holds a sequence, or with the oldest that there is.

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

        It starts the active profile again: which way is forward is the board's guess until a bow shows it.
        """
        data = await self._do("calibrate", messages.CALIBRATE, timeout_s=CALIBRATE_TIMEOUT_S)
        return self._unpacked(payloads.Number, data, "calibration").number

    async def rezero(self) -> int:
        """Take the present tilt as zero, keeping the axes; return the calibration id."""
        data = await self._do("re-zero", messages.REZERO, timeout_s=CALIBRATE_TIMEOUT_S)
        return self._unpacked(payloads.Number, data, "calibration").number

    async def undo(self) -> int:
        """Take back the last calibration or re-zero of the last minute; return the id of the one before, 0: none."""
        data = await self._do("take back the last calibration", messages.UNDO)
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
        """Make a profile, counted from 0, the active one; return its calibration id, 0 if it has none."""
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
        """Open the pairing window of a sensor, which must be on its cable; return how long it is open, in s."""
        data = await self._do("let a computer pair", messages.PAIR)
        return self._unpacked(payloads.Number, data, "pairing").number

    async def buzz(self) -> None:
        """Let the motor vibrate once."""
        await self._do("buzz", messages.BUZZ)

    async def play_pattern(self, pattern: int) -> None:
        """Let the motor play a pattern of contract.patterns, as the first alert of a slouch."""
        await self._do("play a pattern", messages.PLAY_PATTERN, pattern)

    async def own_pattern(self) -> tuple[int, ...]:
        """Return the wearer's own pattern: times on, off, on, … in ms; empty if there is none."""
        return patterns.unpack_pattern(await self._do("show your own pattern", messages.GET_OWN_PATTERN))

    async def set_own_pattern(self, times_ms: Sequence[int]) -> None:
        """Keep the wearer's own pattern; sensor.patterns checks the times."""
        await self._do("keep a pattern", messages.SET_OWN_PATTERN, patterns.pack_pattern(list(times_ms)))

    async def ping(self, timeout_s: float = REPLY_TIMEOUT_S) -> None:
        """Ask the sensor to answer, which also keeps a link over the air."""
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
