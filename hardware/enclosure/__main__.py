"""`make enclosure`: builds the enclosure, checks it, and writes STL, STEP and pictures anew."""

import hashlib
import sys
from pathlib import Path

from build123d import Part, export_step, export_stl

from . import case
from .checks import check
from .pictures import draw_exploded, draw_open, draw_part

HERE = Path(__file__).parent
MADE = HERE / "made"
SOURCES = ("dimensions.py", "case.py", "checks.py")


def sources_hash() -> str:
    """Return the SHA-256 of what the shape depends on."""
    digest = hashlib.sha256()
    for name in SOURCES:
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()


def main() -> int:
    """Write nothing if a check fails: say what is wrong instead."""
    parts: dict[str, Part] = {name: build() for name, build in case.PRINTED.items()}
    findings = check(parts)
    for finding in findings:
        print(finding, file=sys.stderr)
    if findings:
        return 1
    MADE.mkdir(exist_ok=True)
    for name, part in parts.items():
        printed = case.as_printed(name, part)
        export_stl(printed, str(MADE / f"{name}.stl"), tolerance=0.03, angular_tolerance=0.2)
        export_step(part, str(MADE / f"{name}.step"))
        draw_part(name, part, MADE)
    draw_exploded(parts, "clip-back", MADE)
    draw_open(parts, MADE)
    (MADE / "sources.sha256").write_text(sources_hash() + "\n", encoding="ascii")
    grams = sum(parts[name].volume for name in ("base", "lid", "plunger", "clip-back")) / 1000 * 1.27
    print(f"{len(parts)} parts, all checks passed; base, lid, plunger and clip weigh {grams:.0f} g in PETG")
    return 0


if __name__ == "__main__":
    sys.exit(main())
