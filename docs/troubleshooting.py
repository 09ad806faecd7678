"""Writes docs/troubleshooting.md from the doctor's causes."""

from itertools import groupby
from pathlib import Path

from unslouch.doctor.causes import CAUSES

PAGE = Path(__file__).with_name("troubleshooting.md")
HEAD = """\
# Troubleshooting

<!-- made by docs/troubleshooting.py from host/unslouch/doctor/causes.py: change those -->

`unslouch doctor` looks for these causes by itself, from the cable to the database, and names those that it finds;
what goes wrong during an installation is named by `unslouch flash`. Below they are sorted by symptom. `unslouch
doctor --still` measures the noise of a sensor that lies on a table, and lets it test itself; `unslouch doctor --lean`
checks the signs of its axes while you wear it.
"""


def page() -> str:
    """Return the page: a heading per symptom, and below it each cause with its cure."""
    causes = sorted(CAUSES.values(), key=lambda cause: cause.symptom.strip("`").lower())
    sections = [HEAD]
    for symptom, group in groupby(causes, key=lambda cause: cause.symptom):
        rows = ["| cause | cure |", "|---|---|"]
        rows += [f'| <a id="{cause.id}"></a>{cause.explanation} | {_cell(cause.cure)} |' for cause in group]
        sections.append(f"## {symptom}\n\n" + "\n".join(rows) + "\n")
    return "\n".join(sections)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
