"""Tracebacks from a board, with the names that `unslouch flash` had shortened.

The short names differ from one firmware to the next. So each installation keeps its names in the user's data folder, a
file per sensor and version, and a traceback is read with those of the firmware that the sensor runs.
"""

import json
from pathlib import Path

from unslouch.files import make_folder, replace_file

from .compile import firmware_folder
from .install import firmware_version
from .shrink.program import names_of, translated

VERSIONS_KEPT = 20


def names_folder() -> Path:
    """Return the folder of the kept names; it may not exist yet."""
    from platformdirs import user_data_dir

    return Path(user_data_dir("unslouch", appauthor=False)) / "firmware-names"


def keep_names(device_id: str, version: str, firmware: Path | None = None) -> None:
    """Keep the names of the firmware that was installed on a sensor; raises OSError if they can't be written.

    Of more than VERSIONS_KEPT files the oldest go.
    """
    folder = names_folder()
    make_folder(folder)
    names = names_of(firmware or firmware_folder())
    replace_file(_path(device_id, version), json.dumps(names, sort_keys=True).encode(), durable=False)
    by_age = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    for path in by_age[:-VERSIONS_KEPT]:
        path.unlink(missing_ok=True)


def with_full_names(traceback: str, device_id: str, version: str) -> tuple[str, str | None]:
    """Return a traceback with the firmware's own names, and None; without them, and what to do to see them."""
    names = _kept_names(device_id, version)
    if names is None and version == firmware_version(firmware_folder()):
        names = names_of(firmware_folder())
    if names is None:
        return traceback, (
            f"Names are short, since another computer installed the firmware {version}. Run this there, or with "
            f"`pip install unslouch=={version}`; or bring the sensor up to date with `unslouch flash`."
        )
    return translated(traceback, names), None


def _kept_names(device_id: str, version: str) -> dict[str, str] | None:
    try:
        names = json.loads(_path(device_id, version).read_bytes())
    except (OSError, ValueError):
        return None
    return names if isinstance(names, dict) else None


def _path(device_id: str, version: str) -> Path:
    """Return the file of a sensor's names; a sensor could claim any id, so only letters and digits of it count."""
    parts = ["".join(c for c in text if c.isascii() and (c.isalnum() or c == ".")) for text in (device_id, version)]
    return names_folder() / f"{parts[0]}-{parts[1]}.json"
