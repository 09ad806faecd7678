"""The systemd user service that runs `unslouch record`: its unit file, and what systemctl is asked.

The unit runs this very Python, so a service that was installed from a virtual environment keeps to it.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from unslouch.errors import BadInput, OutputError
from unslouch.files import make_folder, replace_file

NAME = "unslouch.service"
MARK = "# Written by `unslouch service install`, which replaces it each time."
TIMEOUT_S = 60.0
UNIT_MODE = 0o644
UNIT = """\
{mark}
[Unit]
Description=Store what the slouch sensor records
Documentation=https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart={command}
Restart=on-failure
RestartSec=10
RestartPreventExitStatus=2
TimeoutStopSec=15
UMask=0077
NoNewPrivileges=yes

[Install]
WantedBy=default.target
"""
"""Exit code 2 is a wrong command line, which no restart mends."""


@dataclass(frozen=True)
class ServiceState:
    """What systemd says of the service."""

    is_installed: bool
    is_enabled: bool
    """Whether it starts when the user logs in."""
    state: str
    """Such as "active (running)"."""
    pid: int
    """0 while it doesn't run."""
    restarts: int
    exit_code: int
    """Of its last run, once that has ended."""


def unit_path() -> Path:
    """Return where the unit file lies, or would lie."""
    folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(folder) / "systemd" / "user" / NAME


def unit_text(arguments: Sequence[str]) -> str:
    """Return the unit file for `unslouch record` with some arguments."""
    command = [sys.executable, "-m", "unslouch", "record", "--wait", *arguments]
    return UNIT.format(mark=MARK, command=" ".join(map(quoted, command)))


def quoted(word: str) -> str:
    """Return a word of a command line as a unit file has it; % and $ would be replaced by systemd."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$").replace("\n", "\\n")
    return f'"{escaped}"' if not escaped or set(escaped) & set(" \t'\"\\;") or escaped != word else escaped


def install(arguments: Sequence[str]) -> None:
    """Write the unit, enable it and start it, again if it runs; raises BadInput or OutputError."""
    path = unit_path()
    require_ours(path)
    try:
        make_folder(path.parent)
        replace_file(path, unit_text(arguments).encode(), UNIT_MODE)
    except OSError as error:
        raise OutputError(
            f"The service can't be written to {path} ({error.strerror or error}): make its folder writable."
        ) from error
    systemctl("daemon-reload")
    systemctl("enable", NAME)
    systemctl("restart", NAME)


def remove() -> bool:
    """Stop the service and remove its unit; return whether there was one. Raises BadInput or OutputError."""
    path = unit_path()
    if not path.exists():
        return False
    require_ours(path)
    systemctl("disable", "--now", NAME)
    try:
        path.unlink()
    except OSError as error:
        raise OutputError(
            f"{path} can't be removed ({error.strerror or error}): remove it yourself, and repeat."
        ) from error
    systemctl("daemon-reload")
    return True


def read_state() -> ServiceState:
    """Ask systemd for the service's state; raises OutputError."""
    names = ("LoadState", "UnitFileState", "ActiveState", "SubState", "MainPID", "NRestarts", "ExecMainStatus")
    answer = systemctl("show", NAME, f"--property={','.join(names)}")
    values = dict(line.partition("=")[::2] for line in answer.splitlines() if "=" in line)
    return ServiceState(
        is_installed=unit_path().exists(),
        is_enabled=values.get("UnitFileState") == "enabled",
        state=f"{values.get('ActiveState', 'unknown')} ({values.get('SubState', 'unknown')})",
        pid=_number(values.get("MainPID")),
        restarts=_number(values.get("NRestarts")),
        exit_code=_number(values.get("ExecMainStatus")),
    )


def require_ours(path: Path) -> None:
    """Raise BadInput if there is a unit of this name that somebody else wrote."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it isn't UTF-8 text"
        raise BadInput(f"{path} can't be read ({why}): look at it, and remove it yourself.") from error
    if not text.startswith(MARK):
        raise BadInput(f"{path} wasn't written by unslouch; move it away, then repeat.")


def systemctl(*words: str) -> str:
    """Run systemctl for this user and return what it prints; raises OutputError with its reason."""
    command = ["systemctl", "--user", "--no-pager", *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except FileNotFoundError as error:
        raise OutputError(
            "There is no systemd on this system, so nothing was started; docs/cli.md says how to run "
            "`unslouch record` in the background without it."
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        why = error.strerror if isinstance(error, OSError) else f"no answer in {TIMEOUT_S:g} s"
        raise OutputError(f"`{' '.join(command)}` doesn't work ({why}): run it yourself to see why.") from error
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        hint = "; it needs a session that you logged in to, which `su` doesn't make" if "bus" in reason[0] else ""
        shown = " ".join(("systemctl", "--user", *(word for word in words if not word.startswith("--property"))))
        raise OutputError(f"`{shown}` failed: {reason[0].rstrip('.')}{hint}.")
    return done.stdout


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0
