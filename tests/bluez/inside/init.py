"""The virtual machine's first process: mounts, modules, D-Bus and BlueZ, and then the flows."""

import subprocess
import sys
from pathlib import Path

from bluez.inside.report import BLUETOOTHD_LOG, BUSYBOX, tell

BLUETOOTHD = ("/usr/libexec/bluetooth/bluetoothd", "/usr/lib/bluetooth/bluetoothd")


def main() -> None:
    """Never returns: the machine is switched off, whatever happened."""
    try:
        for kind, where in (("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev"), ("tmpfs", "/run")):
            busybox("mount", "-t", kind, kind, where)
        tell(phase="the kernel and Python")
        for module in sorted(Path("/modules").glob("*.ko")):
            busybox("insmod", str(module))
        tell(phase="kernel modules")
        busybox("ip", "link", "set", "lo", "up")
        Path("/run/dbus").mkdir()
        subprocess.run(["dbus-daemon", "--system", "--fork", "--nopidfile"], check=True)
        tell(phase="D-Bus")
        program = next(path for path in BLUETOOTHD if Path(path).exists())
        with BLUETOOTHD_LOG.open("wb") as log:
            subprocess.Popen([program, "-n"], stdout=log, stderr=log)
        subprocess.run([sys.executable, "-X", "faulthandler", "-m", "bluez.inside.play"], check=False)
    finally:
        busybox("poweroff", "-f")


def busybox(*words: str) -> None:
    subprocess.run([BUSYBOX, *words], check=True)


if __name__ == "__main__":
    main()
