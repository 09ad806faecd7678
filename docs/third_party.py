"""Writes THIRD_PARTY.md: every package that unslouch needs at run time, with its version and licence."""

import re
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "THIRD_PARTY.md"
HEAD = """\
# Third-party notices

<!-- made by docs/third_party.py from requirements/run.txt: run it after `make lock` -->

unslouch carries no code of others: its wheel and the firmware hold its own code alone. To run, it needs the packages
below, which come with their licence texts. Extras (`parquet`, `xlsx`, `study`, `spark`, `serve`, `desktop`) add those
that pyproject.toml names. MicroPython, which the board runs, is under the MIT licence and is not part of unslouch.

| package | version | licence |
|---|---|---|
"""


def pinned() -> dict[str, str]:
    """Return the version of each package that is pinned for running, those for other systems too."""
    text = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", text, re.MULTILINE))


def licence(package: str) -> str:
    """Return the licence that a package names; where it isn't installed here, where to look."""
    try:
        about = metadata.metadata(package)
    except metadata.PackageNotFoundError:
        return "see its page (for another system)"
    expression = about.get("License-Expression") or ""
    classifiers = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or () if "License ::" in line]
    return expression or ", ".join(classifiers) or (about.get("License") or "see its page").splitlines()[0]


def page() -> str:
    """Return the page."""
    return HEAD + "".join(f"| {name} | {version} | {licence(name)} |\n" for name, version in pinned().items())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
