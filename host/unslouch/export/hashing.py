"""Hashing: SHA-256 of a log, in a manifest beside it or inside of it.

A log that carries its own hash has it once, at its end: in JSON as the member `"sha256": "…"`, in FHIR as the
identifier of the bundle. The hash is that of the whole file with 64 zeros in the place of its 64 digits, so that
anybody can check it.
"""

import re
from hashlib import sha256
from pathlib import Path
from typing import IO

ZEROS = "0" * 64
JSON_MEMBER = '"sha256": "'
FHIR_MEMBER = '"identifier": {"system": "urn:unslouch:sha256", "value": "'
"""What stands before the digits of the hash."""
_MEMBERS = "|".join(map(re.escape, (JSON_MEMBER, FHIR_MEMBER)))
_CARRIED = re.compile(f'(?:{_MEMBERS})([0-9a-f]{{64}})"'.encode())
_TAIL_BYTES = 4096
"""The member of the hash stands within so many bytes of the end."""
_READ_BYTES = 1 << 20


class HashingFile:
    """A file that is written from begin to end, and knows the hash of what was written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = sha256()

    def write(self, data: bytes) -> None:
        """Write data; raises OSError."""
        self._file.write(data)
        self._hash.update(data)

    def end_with_hash(self, before: str, after: str, member: str = JSON_MEMBER) -> None:
        """Write the end of a log that carries its hash: what comes before the member, the member, and what follows."""
        begin = f"{before}{member}".encode()
        end = f'"{after}'.encode()
        self._hash.update(begin + ZEROS.encode() + end)
        self._file.write(begin + self._hash.hexdigest().encode() + end)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file; raises OSError."""
    digest = sha256()
    with path.open("rb") as file:
        while data := file.read(_READ_BYTES):
            digest.update(data)
    return digest.hexdigest()


def carried_and_actual(path: Path) -> tuple[str, str] | None:
    """Return the hash that a log carries and the one that it has; None if it carries none. Raises OSError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _TAIL_BYTES))
        tail = file.read()
        members = list(_CARRIED.finditer(tail))
        if not members:
            return None
        digits_at = max(0, size - _TAIL_BYTES) + members[-1].start(1)
        file.seek(0)
        digest = sha256()
        left = digits_at
        while left:
            data = file.read(min(left, _READ_BYTES))
            digest.update(data)
            left -= len(data)
        file.seek(digits_at + len(ZEROS))
        digest.update(ZEROS.encode() + file.read())
    return members[-1][1].decode(), digest.hexdigest()
