"""Permission to use Bluetooth on macOS, which ends a program that uses it without having been allowed to."""

import asyncio
import importlib
import sys

from unslouch.link.ble.failures import Failure

# CBManagerAuthorization, https://developer.apple.com/documentation/corebluetooth/cbmanagerauthorization
_NOT_ASKED, _RESTRICTED, _DENIED = range(3)
_ASK = "import asyncio, bleak; asyncio.run(bleak.BleakScanner.discover(0.1))"
ASKING_TIMEOUT_S = 60.0  # macOS shows a question, and the user has to read it

_allowed = sys.platform != "darwin"


async def check_permission() -> None:
    """Raise BluetoothUnavailable if this program may not use Bluetooth.

    Where the user has not been asked yet, a child process asks: if the terminal program declares no use of Bluetooth,
    macOS aborts the child instead of this program.
    """
    global _allowed
    if _allowed:
        return
    authorization = _authorization()
    if authorization == _NOT_ASKED:
        await _ask()
        authorization = _authorization()
    if authorization in (_RESTRICTED, _DENIED):
        raise Failure.DENIED.as_error("")
    _allowed = True


def _authorization() -> int:
    return int(importlib.import_module("CoreBluetooth").CBManager.authorization())


async def _ask() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _ASK, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(ASKING_TIMEOUT_S):
            status = await process.wait()
    except TimeoutError:
        process.kill()
        status = await process.wait()
    if status < 0:
        raise Failure.DENIED.as_error("")
