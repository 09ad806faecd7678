"""Lays out MicroPython's type stubs as mypy wants them: a standard library of their own in .cache/typings.

Where pip puts them mypy takes CPython's standard library instead, and finds no module that isn't a package's.
"""

import shutil
from importlib import metadata
from pathlib import Path
from typing import Final

STUBS: Final = ("micropython-esp32-stubs", "micropython-stdlib-stubs")
TYPINGS: Final = Path(__file__).parents[2] / ".cache" / "typings"


def lay_out(folder: Path) -> None:
    """Replace the contents of a folder by the installed stubs."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in STUBS:
        for file in metadata.files(name) or ():
            if file.suffix == ".pyi" or file.name == "VERSIONS":
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file.locate(), target)


if __name__ == "__main__":
    lay_out(TYPINGS)
