"""The parts table, and the bill of materials that is made from it."""

import csv
import io
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

HARDWARE = Path(__file__).parents[1]
PARTS = HARDWARE / "parts.toml"
BOM = HARDWARE / "bom.csv"
HEADER = (
    "id",
    "part",
    "boards",
    "quantity",
    "why",
    "package",
    "for example",
    "price (EUR)",
    "alternatives",
    "don't order yet",
)


@dataclass(frozen=True)
class Part:
    """One row of parts.toml."""

    id: str
    name: str
    boards: tuple[str, ...]
    """The board files whose build needs it."""
    quantity: int
    """For one sensor; 0: optional."""
    why: str
    package: str
    example: str
    price_eur: float
    alternatives: str
    wait: str = ""
    """Why not to order it yet; empty: order it."""
    size_mm: tuple[float, ...] = field(default=())
    """Length, width, height."""
    source: str = ""


def read_parts(path: Path = PARTS) -> dict[str, Part]:
    """Return the parts by id, in the file's order; raises TypeError for a field that is missing or unknown."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["part"]
    parts = [
        Part(**{key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}) for row in rows
    ]
    return {part.id: part for part in parts}


def bill_of_materials(parts: dict[str, Part]) -> str:
    """Return the bill of materials as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for part in parts.values():
        writer.writerow(
            (
                part.id,
                part.name,
                " ".join(part.boards),
                part.quantity,
                part.why,
                part.package,
                part.example,
                f"{part.price_eur:.2f}",
                part.alternatives,
                part.wait,
            )
        )
    return text.getvalue()


def price_eur(parts: dict[str, Part], board: str) -> float:
    """Return what the parts of one build cost together, without the optional ones."""
    return sum(part.price_eur * part.quantity for part in parts.values() if board in part.boards)
