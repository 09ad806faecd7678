"""What the virtual machine's operating system does for a user: power, a pairing agent, forgetting devices."""

import asyncio
from typing import Any

from dbus_fast import BusType, Message, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, method

AGENT_PATH = "/unslouch/agent"
ADAPTER_PATH = "/org/bluez/hci0"
PATIENCE_S = 30.0


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
    """A connection to bluetoothd over the system's bus."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self._has_agent = False
        bus.export(AGENT_PATH, Agent())

    @classmethod
    async def connect(cls) -> "BlueZ":
        """Connect to the bus."""
        return cls(await MessageBus(bus_type=BusType.SYSTEM).connect())

    async def power(self, wanted: bool) -> None:
        """Switch the adapter on or off, as soon as bluetoothd has seen it; off, it forgets all that is under way."""
        async with asyncio.timeout(PATIENCE_S):
            while not await self._powered(wanted):
                await asyncio.sleep(0.1)  # neither bluetoothd nor an adapter announces itself to who isn't there yet

    async def _powered(self, wanted: bool) -> bool:
        """Ask for the adapter's power and return whether it is so."""
        properties, adapter = "org.freedesktop.DBus.Properties", ("org.bluez.Adapter1", "Powered")
        try:
            await self._call(ADAPTER_PATH, properties, "Set", "ssv", *adapter, Variant("b", wanted))
            (powered,) = await self._call(ADAPTER_PATH, properties, "Get", "ss", *adapter)
        except BlueZError:
            return False
        return bool(powered.value == wanted)

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
