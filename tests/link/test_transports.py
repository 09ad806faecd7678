"""Serial and TCP transports: opening, unplugging, stuck and foreign ports, and what they say."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from socket import gaierror
from types import SimpleNamespace

import pytest

from unslouch.errors import BadInput, SensorBusy
from unslouch.link import serial
from unslouch.link.discovery import likely_ports, transport_for
from unslouch.link.serial import SerialTransport
from unslouch.link.tcp import TcpTransport
from unslouch.link.transport import LinkLost, LinkUnavailable, Transport
from unslouch.link.usb import ESPRESSIF_JTAG, UsbPort, is_native_usb

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="there are no ptys")


class Pty:
    """A serial port whose board's end is a file descriptor."""

    def __init__(self) -> None:
        import tty

        self.master, slave = os.openpty()
        tty.setraw(slave)
        self.name = os.ttyname(slave)
        self._slave = slave

    def unplug(self) -> None:
        for descriptor in (self.master, self._slave):
            os.close(descriptor)
        self.master = -1


@pytest.fixture
def pty() -> Iterator[Pty]:
    port = Pty()
    yield port
    if port.master >= 0:
        port.unplug()


async def test_a_serial_port_carries_bytes_both_ways(pty: Pty) -> None:
    transport = SerialTransport(pty.name)
    await transport.open()
    await transport.write(b"\0\3hello\0")
    assert os.read(pty.master, 100) == b"\0\3hello\0"
    os.write(pty.master, b"\r\n\0\3\4")
    received = b""
    while len(received) < 5:
        received += await asyncio.wait_for(transport.read(), 5)
    assert received == b"\r\n\0\3\4"
    await transport.close()


async def test_unplugging_ends_a_read_under_way_and_every_later_call(pty: Pty) -> None:
    transport = SerialTransport(pty.name)
    await transport.open()
    reading = asyncio.create_task(transport.read())
    await asyncio.sleep(0)
    pty.unplug()
    with pytest.raises(LinkLost, match="unplugged"):
        await asyncio.wait_for(reading, 5)
    with pytest.raises(LinkLost, match="unplugged"):
        await transport.write(b"x")
    await transport.close()
    with pytest.raises(LinkLost):
        await transport.read()


async def test_closing_ends_a_read_under_way_and_leaves_no_thread(pty: Pty) -> None:
    before = set(threading.enumerate())
    transport = SerialTransport(pty.name)
    await transport.open()
    reading = asyncio.create_task(transport.read())
    await asyncio.sleep(0)
    await asyncio.wait_for(transport.close(), 5)
    with pytest.raises(LinkLost):
        await reading
    await transport.close()
    assert not [t.name for t in set(threading.enumerate()) - before if pty.name in t.name]


async def test_a_port_that_takes_nothing_more_is_given_up(pty: Pty) -> None:
    transport = SerialTransport(pty.name, write_timeout_s=0.2)
    await transport.open()
    with pytest.raises(LinkLost, match="takes no more data"):
        await asyncio.wait_for(transport.write(bytes(1 << 20)), 60)
    await transport.close()


async def test_a_port_that_another_program_holds_is_busy(pty: Pty) -> None:
    holder = "import serial, sys; p = serial.Serial(sys.argv[1], exclusive=True); print('held', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holder, pty.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            transport = SerialTransport(pty.name)
            with pytest.raises(SensorBusy, match="in use by another program"):
                await transport.open()
            await transport.close()
        finally:
            process.communicate("\n")


@pytest.mark.parametrize(
    ("sensor", "sentence"),
    [("/dev/nothing-here", "There is no port /dev/nothing-here"), (os.devnull, "can't be opened as a serial port")],
)
async def test_a_port_that_is_none_is_named_with_what_to_do(sensor: str, sentence: str) -> None:
    transport = SerialTransport(sensor)
    with pytest.raises(LinkUnavailable, match=sentence):
        await transport.open()
    await transport.close()


async def test_a_forbidden_port_names_the_group(monkeypatch: pytest.MonkeyPatch, pty: Pty) -> None:
    def forbidden(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("serial.serialposix.os", SimpleNamespace(**vars(os) | {"open": forbidden}))
    transport = SerialTransport(pty.name)
    with pytest.raises(LinkUnavailable, match="dialout"):
        await transport.open()
    await transport.close()


@pytest.mark.parametrize(
    ("host", "failure", "reason"),
    [
        ("127.0.0.1", None, "connection refused"),
        ("127.0.0.1", OSError("Multiple exceptions: [Errno 111] …, [Errno 111] …"), "none of its addresses answers"),
        ("nowhere", gaierror(-2, "Name or service not known"), "no such host"),
        ("127.0.0.1", TimeoutError(), "no answer"),
    ],
)
async def test_an_address_where_nothing_listens_is_named_with_the_reason_in_words(
    host: str, failure: OSError | None, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        assert failure is not None
        raise failure

    if failure is not None:
        monkeypatch.setattr("unslouch.link.tcp.asyncio.open_connection", fail)
    transport = TcpTransport(f"socket://{host}:1")
    with pytest.raises(LinkUnavailable) as caught:
        await transport.open()
    assert str(caught.value) == (
        f"Nothing listens at socket://{host}:1 ({reason}); check the address, or start the sensor there."
    )
    await transport.close()


async def test_a_tcp_peer_that_closes_is_a_lost_link() -> None:
    async def leave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(leave, "127.0.0.1", 0) as server:
        transport = TcpTransport(f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await transport.open()
        with pytest.raises(LinkLost, match="closed the connection"):
            await transport.read()
        await transport.close()


@pytest.mark.parametrize(
    ("sensor", "kind"),
    [("socket://localhost:5", TcpTransport), ("/dev/ttyACM0", SerialTransport), ("COM3", SerialTransport)],
)
def test_the_name_decides_the_transport(sensor: str, kind: type[Transport]) -> None:
    assert type(transport_for(sensor)) is kind


@pytest.mark.parametrize("sensor", ["socket://", "socket://host", "socket://h:99999", "gopher://x", "", "  "])
def test_a_name_that_can_be_no_sensor_is_bad_input(sensor: str) -> None:
    with pytest.raises(BadInput, match="HOST:PORT"):
        transport_for(sensor)


def test_ports_are_chosen_by_usb_ids_native_ones_first(monkeypatch: pytest.MonkeyPatch) -> None:
    ports = [
        UsbPort("/dev/ttyUSB0", 0x10C4, 0xEA60, "CP2104"),
        UsbPort("/dev/ttyACM3", 0x1D50, 0x6018, "Black Magic Probe"),
        UsbPort("/dev/ttyACM0", 0x303A, 0x4001, "Espressif Device"),
    ]
    monkeypatch.setattr(serial, "usb_ports", lambda: ports)
    assert likely_ports() == ["/dev/ttyACM0", "/dev/ttyUSB0"]


def test_the_lines_of_a_bridge_and_of_the_chip_itself_are_left_alone() -> None:
    assert is_native_usb(UsbPort("a", 0x303A, 0x4001, "MicroPython's own port"))
    assert not is_native_usb(UsbPort("b", *ESPRESSIF_JTAG, "USB JTAG/serial debug unit"))
    assert not is_native_usb(UsbPort("c", 0x1A86, 0x55D4, "CH9102"))


@pytest.mark.parametrize("native", [False, True])
async def test_modem_lines_are_set_before_the_port_opens(
    pty: Pty, monkeypatch: pytest.MonkeyPatch, native: bool
) -> None:
    import serial as pyserial

    seen = []
    really_open = pyserial.Serial.open
    monkeypatch.setattr(pyserial.Serial, "open", lambda self: (seen.append((self.dtr, self.rts)), really_open(self))[1])
    monkeypatch.setattr(serial, "usb_ports", lambda: [UsbPort(pty.name, 0x303A, 0x4001 if native else 0x1001, "")])
    transport = SerialTransport(pty.name)
    await transport.open()
    await transport.close()
    assert seen == [(native, False)]
