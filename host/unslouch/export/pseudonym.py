"""Pseudonyms: keyed hashes in the place of what names a wearer or a sensor.

The key is 32 random bytes in a private file of the wearer's. Who has a log but not the key can neither compute the
pseudonym of a sensor nor tell that two studies have the same wearer.
"""

import hmac
import re
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from unslouch.analysis.day import Day
from unslouch.analysis.model import Epochs
from unslouch.errors import OutputError
from unslouch.files import make_folder, replace_file
from unslouch_device.contract.records import PROFILE_NAMED

KEY_BYTES = 32
_WEARER_DIGITS = 16
_JOURNAL_IN_CAVEAT = re.compile(r"(?<=Journal )[0-9a-f]{8}\b")

OfDay = TypeVar("OfDay", bound=Any)


def key_path() -> Path:
    """Return where the wearer's key is."""
    from platformdirs import user_data_dir

    return Path(user_data_dir("unslouch", appauthor=False)) / "pseudonym.key"


def own_key(path: Path | None = None) -> bytes:
    """Return the wearer's key, which is made when it is first needed; raises OutputError if that is not possible."""
    path = path or key_path()
    try:
        try:
            key = bytes.fromhex(path.read_text(encoding="ascii"))
        except FileNotFoundError:
            make_folder(path.parent)
            key = secrets.token_bytes(KEY_BYTES)
            replace_file(path, key.hex().encode())
    except OSError as error:
        raise OutputError(
            f"The key of your pseudonyms, {path}, can't be used ({(error.strerror or str(error)).lower()}): export "
            "without --pseudonym, or make it readable and writable."
        ) from error
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise OutputError(
            f"{path} is no key of pseudonyms: restore it from a copy, or remove it to get new pseudonyms from now on."
        )
    return key


class Pseudonym:
    """The pseudonyms of one wearer in one study."""

    def __init__(self, key: bytes, study: str = "") -> None:
        self._key = key
        self._study = study
        self.wearer = self._digest("wearer")[:_WEARER_DIGITS]
        """The wearer's pseudonym, 16 hexadecimal digits."""

    def _digest(self, name: str) -> str:
        return hmac.digest(self._key, f"{self._study}\0{name}".encode(), "sha256").hex()

    def journal(self, number: int) -> int:
        """Return the number that stands for a journal's, which is as good as a sensor's."""
        return int(self._digest(f"journal {number}")[:8], 16)

    def applied_to(self, day: OfDay) -> OfDay:
        """Return a day without the ids of sensors, without names and notes; anything else is as it was."""
        epochs = self._epochs(day.epochs)
        calibrations = [self._row(calibration, profile_name=None) for calibration in day.calibrations]
        if not isinstance(day, Day):
            return replace(day, epochs=epochs, calibrations=calibrations)
        return replace(
            day,
            epochs=epochs,
            calibrations=calibrations,
            events=[self._row(event) for event in day.events if event.code != PROFILE_NAMED],
            alerts=[self._row(alert) for alert in day.alerts],
            delays=[self._row(step) for step in day.delays],
            sensor_moved=[self._row(notice, profile_name=None) for notice in day.sensor_moved],
            alert_marks=[mark._replace(journal=self.journal(mark.journal)) for mark in day.alert_marks],
            sessions=[
                session._replace(session_id=self._digest(f"session {session.session_id}")[:_WEARER_DIGITS])
                for session in day.sessions
            ],
            coach_answers=[
                answer._replace(answer_id=self._digest(f"answer {answer.answer_id}")[:_WEARER_DIGITS])
                for answer in day.coach_answers
            ],
            moment_notes=[],
            caveats=[_JOURNAL_IN_CAVEAT.sub(self._journal_text, caveat) for caveat in day.caveats],
        )

    def _row(self, row: Any, **changes: None) -> Any:
        return replace(row, journal=self.journal(row.journal), **changes)

    def _epochs(self, epochs: Epochs) -> Epochs:
        numbers, index = np.unique(epochs.journal, return_inverse=True)
        shown = np.array([self.journal(number) for number in numbers.tolist()], np.uint32)
        return replace(epochs, journal=shown[index])

    def _journal_text(self, match: "re.Match[str]") -> str:
        return f"{self.journal(int(match[0], 16)):08x}"
