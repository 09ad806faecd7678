"""Small files that are whole or absent: written beside the old one, then renamed over it, with a CRC-32 at the end."""

import os
import struct
from binascii import crc32

from .port import rename


def save(path: str, data: bytes) -> None:
    """Replace the file; after a power cut it holds the old content or the new."""
    beside = path + ".new"
    with open(beside, "wb") as file:
        file.write(data + struct.pack("<I", crc32(data)))
    rename(beside, path)


def load(path: str) -> "bytes | None":
    """Return the content, or None where there is none or it is damaged."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return None
    data = content[:-4]
    if len(content) < 4 or struct.unpack("<I", content[-4:])[0] != crc32(data):
        return None
    return data


def make_folder(path: str) -> None:
    """Make the folder unless it is there."""
    try:
        os.stat(path)
    except OSError:
        os.mkdir(path)


def remove(path: str) -> None:
    """Remove the file if it is there; one that flash can't remove stays."""
    try:
        os.remove(path)
    except OSError:
        pass


def remove_folder(path: str) -> None:
    """Remove the folder, if it is there, and the files in it; what flash can't remove stays."""
    try:
        names = os.listdir(path)
        for name in names:
            remove(path + "/" + name)
        os.rmdir(path)
    except OSError:
        pass
