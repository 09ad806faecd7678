"""The deep sleep that each sensor's last link announced, kept in a file so that a program that starts later knows it.

The file sleeping.json lies beside the list of sensors. It has an entry for each sensor that is expected to sleep; the
next link with the sensor removes it. A file that can't be read or written costs only this knowledge.
"""

import json
import logging
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from unslouch.files import make_folder, replace_file
from unslouch.store import default_path
from unslouch_device.contract.records import ASLEEP_BY_HAND, ASLEEP_EMPTY, ASLEEP_OFF_BODY

from .deep_sleep import DeepSleep, ExpectedSleep

log = logging.getLogger(__name__)

OFF_BODY_AFTER_S = 1800.0
"""A sensor that was taken off goes on with its windows for so long."""


def sleep_file() -> Path:
    """Return the path of the file."""
    return default_path(simulated=False).with_name("sleeping.json")


def keep_expected_sleep(address: str, expected: ExpectedSleep | None, silent_in_s: float = 0.0) -> None:
    """Keep what a link that ends now announced; None removes what was kept before.

    silent_in_s: time after which a sensor that isn't heard has missed a window, unless its sleep has begun already.
    """
    entries = _read()
    before = entries.pop(address.upper(), None)
    if expected is None and before is None:
        return
    if expected is not None:
        if expected.has_begun:
            silent_in_s = 0.0
        elif expected.why == ASLEEP_OFF_BODY:
            silent_in_s = max(silent_in_s, OFF_BODY_AFTER_S)
        entries[address.upper()] = {**asdict(expected), "silent_from_utc_s": int(time.time() + silent_in_s)}
    path = sleep_file()
    try:
        make_folder(path.parent)
        replace_file(path, json.dumps(entries, indent=2).encode(), durable=False)
    except OSError as error:
        log.debug("%s can't be written: %s", path, error)


def last_known_sleep(address: str) -> DeepSleep | None:
    """Return the deep sleep of a sensor that isn't heard, or None if nothing is known of one."""
    entry = _read().get(address.upper())
    try:
        if entry is None or time.time() < float(entry["silent_from_utc_s"]):
            return None
        why, button_wakes, has_begun = int(entry["why"]), bool(entry["button_wakes"]), bool(entry["has_begun"])
    except (KeyError, TypeError, ValueError):
        return None
    if why not in (ASLEEP_OFF_BODY, ASLEEP_EMPTY, ASLEEP_BY_HAND):
        return None
    return ExpectedSleep(why, button_wakes, has_begun).deep_sleep


def _read() -> dict[str, Any]:
    try:
        entries = json.loads(sleep_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return entries if isinstance(entries, dict) else {}
