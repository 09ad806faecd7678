"""Reads .npz files that a user names, and says in one sentence why one can't be read."""

import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unslouch.errors import BadInput


def read_npz(path: Path) -> dict[str, NDArray]:
    """Return all arrays of a file; raises BadInput where it is missing, unreadable, or no such file."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise BadInput(f"There is no file {path}; check the path.") from None
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror or error}.") from None
    except (ValueError, EOFError, TypeError, AttributeError, RuntimeError, zipfile.BadZipFile, zlib.error):
        raise BadInput(f"{path} is no readable .npz file of numbers; it may be damaged or something else.") from None
