"""Reports of the virtual machine on its second serial port: JSON objects, each in a line, with the uptime."""

import json
import subprocess
from pathlib import Path

PORT = "/dev/ttyS1"
BUSYBOX = "/bin/busybox"
BLUETOOTHD_LOG = Path("/run/bluetoothd.log")
SHOWN_LINES = 20


def tell(**fields: object) -> None:
    """Tell something, at once."""
    uptime_s = float(Path("/proc/uptime").read_text().split()[0])
    with open(PORT, "w", encoding="utf-8") as port:  # noqa: PTH123 - no file
        port.write(json.dumps({"uptime_s": uptime_s, **fields}) + "\n")


def logs() -> str:
    """Return the last messages of the kernel and bluetoothd."""
    kernel = subprocess.run([BUSYBOX, "dmesg"], capture_output=True, text=True, check=False).stdout
    last = [text.splitlines()[-SHOWN_LINES:] for text in (kernel, BLUETOOTHD_LOG.read_text(errors="replace"))]
    return "\n".join(["The kernel:", *last[0], "bluetoothd:", *last[1]])
