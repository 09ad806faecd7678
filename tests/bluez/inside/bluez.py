"""What the virtual machine's operating system does for a user: power, a pairing agent, forgetting devices."""

import asyncio
from contextlib import suppress
from typing import Any

from dbus_fast import BusType, Message, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, method

AGENT_PATH = "/unslouch/agent"
ADAPTER_PATH = "/org/bluez/hci0"
PROPERTIES = "org.freedesktop.DBus.Properties"
POWERED = "org.bluez.Adapter1", "Powered"
PATIENCE_S = 30.0
POLL_S = 0.1  # who isn't there yet, or any more, can't say so


class Agent(ServiceInterface):
    """Says yes to all pairing, as a desktop's agent does after a click. The annotations are D-Bus signatures."""

    def __init__(self) -> None:
        super().__init__("org.bluez.Agent1")

    @method()
    def Release(self) -> None:
        pass

    @method()
    def RequestConfirmation(self, device: "o", passkey: "u") -> None:  # noqa: F821
        pass

    @method()
    def RequestAuthorization(self, device: "o") -> None:  # noqa: F821
        pass

    @method()
    def AuthorizeService(self, device: "o", uuid: "s") -> None:  # noqa: F821
        pass

    @method()
    def Cancel(self) -> None:
        pass


class BlueZError(Exception):
    """bluetoothd didn't answer, or refused."""


class BlueZ:
    """A connection to bluetoothd over the system's bus, while its context lasts."""

    async def __aenter__(self) -> "BlueZ":
        self._bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
        self._bus.export(AGENT_PATH, Agent())
        self._has_agent = False
        return self

    async def __aexit__(self, *_: object) -> None:
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()

    async def power_on(self) -> None:
        """Wait for an adapter, and switch it on."""
        async with asyncio.timeout(PATIENCE_S):
            while not await self._powered():
                await asyncio.sleep(POLL_S)

    async def _powered(self) -> bool:
        try:
            await self._call(ADAPTER_PATH, PROPERTIES, "Set", "ssv", *POWERED, Variant("b", True))
            (powered,) = await self._call(ADAPTER_PATH, PROPERTIES, "Get", "ss", *POWERED)
        except BlueZError:
            return False
        return bool(powered.value)

    async def without_adapter(self) -> None:
        """Wait until there is none any more."""
        async with asyncio.timeout(PATIENCE_S):
            with suppress(BlueZError):
                while True:
                    await self._call(ADAPTER_PATH, PROPERTIES, "Get", "ss", *POWERED)
                    await asyncio.sleep(POLL_S)

    async def have_agent(self, wanted: bool) -> None:
        """Register a pairing agent, or take it away."""
        if wanted == self._has_agent:
            return
        manager = "org.bluez.AgentManager1"
        if wanted:
            await self._call("/org/bluez", manager, "RegisterAgent", "os", AGENT_PATH, "NoInputNoOutput")
            await self._call("/org/bluez", manager, "RequestDefaultAgent", "o", AGENT_PATH)
        else:
            await self._call("/org/bluez", manager, "UnregisterAgent", "o", AGENT_PATH)
        self._has_agent = wanted

    async def forget_all(self) -> None:
        """Remove all devices, with their bonds."""
        (objects,) = await self._call("/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
        for path, interfaces in objects.items():
            if "org.bluez.Device1" in interfaces:
                await self._call(ADAPTER_PATH, "org.bluez.Adapter1", "RemoveDevice", "o", path)

    async def _call(self, path: str, interface: str, member: str, signature: str = "", *body: Any) -> list[Any]:
        call = Message("org.bluez", path, interface, member, signature=signature, body=list(body))
        reply = await self._bus.call(call)
        if reply is None or reply.error_name:
            raise BlueZError(f"{member}: {reply and (reply.error_name, reply.body)}")
        return reply.body
