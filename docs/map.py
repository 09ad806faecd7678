"""Draws docs/map.svg: the rooms of both halves, and the way of the data through them.

usage: python docs/map.py            write docs/map.svg
tests/docs/test_map.py checks the drawing against the folders and imports in the code.
"""

from dataclasses import dataclass
from html import escape
from pathlib import Path

WIDTH, HEIGHT = 980, 500
STYLE = """
  text { font-family: system-ui, sans-serif; font-size: 12px; fill: #57606a; }
  .name { font-weight: 600; font-size: 14px; fill: #1f2328; }
  .half { fill: #f6f8fa; stroke: #d0d7de; }
  .room { fill: #ffffff; stroke: #8c959f; }
  .data { stroke: #0969da; fill: none; stroke-width: 2.5; marker-end: url(#data); }
  .telemetry { stroke-dasharray: 5 4; }
  .imports { stroke: #8c959f; fill: none; stroke-width: 1.5; marker-end: url(#imports); }
  #data path { fill: #0969da; }
  #imports path { fill: #8c959f; }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1; }
    .name { fill: #e6edf3; }
    .half { fill: #151b23; stroke: #3d444d; }
    .room { fill: #0d1117; stroke: #656c76; }
    .data { stroke: #4493f8; }
    #data path { fill: #4493f8; }
  }
"""


@dataclass(frozen=True)
class Room:
    """A box: its name, what it is for in one line or two, and its place in px."""

    name: str
    purpose: tuple[str, ...]
    left: int
    top: int
    width: int
    height: int = 66


HOST_ROWS: tuple[tuple[Room, ...], ...] = (
    (
        Room("cli", ("the commands",), 330, 56, 122),
        Room("config", ("the settings file",), 460, 56, 116),
        Room("doctor", ("faults, and", "their cures"), 584, 56, 93),
        Room("tui", ("the dashboard",), 685, 56, 235),
    ),
    (
        Room("flashing", ("firmware", "onto a board"), 330, 146, 92),
        Room("coach", ("exercises,", "and when"), 429, 146, 92),
        Room("tuning", ("past days,", "other settings"), 528, 146, 98),
        Room("study", ("many", "wearers"), 633, 146, 60),
        Room("export", ("the daily log", "as files"), 740, 146, 86),
        Room("importing", ("files back", "into days"), 833, 146, 87),
    ),
    (
        Room("twin", ("the firmware on simulated", "chips, and its wearer"), 330, 236, 180),
        Room("sensor", ("keeps one sensor at work:", "session, recorder, sharing"), 530, 236, 182),
        Room("analysis", ("records → times → days", "and their metrics"), 724, 236, 196),
    ),
    (
        Room("link", ("transports; bytes ⇄ messages",), 330, 326, 285),
        Room("store", ("SQLite: pages as they came",), 635, 326, 285),
    ),
)
"""The host's packages. A package imports from rows below it, and from its own row only what IN_ROW names."""
IN_ROW = {
    ("cli", "tui"),
    ("cli", "config"),
    ("cli", "doctor"),
    ("tui", "config"),
    ("study", "export"),
    ("importing", "export"),
}
BOARD_ROOMS = (
    Room("parts", ("chips and pins",), 36, 56, 120),
    Room("boards", ("one file each",), 164, 56, 100),
    Room("sense", ("raw counts → tilt → posture", "→ alert; pure, integers"), 36, 146, 228),
    Room("on_demand", ("code for rare", "requests"), 164, 236, 100),
    Room("link", ("requests, telemetry, pages", "over USB serial or Bluetooth"), 36, 326, 228),
)
"""The firmware's packages."""
BOARD_MODULES = Room("app.py …", ("tasks, and", "the flash journal"), 36, 236, 122)
CONTRACT = Room("contract", ("what both halves speak: frames, messages, records, settings",), 36, 424, 884, 56)
DATA = (
    "M 96 122 V 142",
    "M 150 212 V 232",
    "M 150 302 V 322",
    "M 264 359 H 326",
    "M 560 326 V 306",
    "M 680 302 V 322",
    "M 830 326 V 306",
    "M 792 236 V 216",
    "M 731 236 V 126",
)
"""From the chips over the journal and the link into the database, and from there to the log and the dashboard."""


TELEMETRY = "M 702 236 V 126"
"""What the sensor sends of the moment; the journal is the record."""


def drawing() -> str:
    """Return the picture as SVG, for light and dark pages."""
    rooms = [*BOARD_ROOMS, BOARD_MODULES, CONTRACT, *(room for row in HOST_ROWS for room in row)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t">',
            '<title id="t">The rooms of the board and of the host, and the way of the data through them</title>',
            f"<style>{STYLE}</style>",
            "<defs>",
            _marker("data"),
            _marker("imports"),
            "</defs>",
            _half("the board: firmware/unslouch_device", 20, 260),
            _half("the host: host/unslouch", 314, 622),
            *map(_box, rooms),
            *(f'<path class="data" d="{path}"/>' for path in DATA),
            f'<path class="data telemetry" d="{TELEMETRY}"/>',
            '<path class="imports" d="M 954 60 V 470"/>',
            '<text transform="translate(970 330) rotate(-90)">imports run down</text>',
            "</svg>\n",
        ]
    )


def _marker(name: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 10 10" refX="7" refY="5" markerWidth="9" markerHeight="9" '
        'markerUnits="userSpaceOnUse" orient="auto"><path d="M 0 0 L 10 5 L 0 10 z"/></marker>'
    )


def _half(title: str, left: int, width: int) -> str:
    return (
        f'<rect class="half" x="{left}" y="12" width="{width}" height="476" rx="10"/>'
        f'<text x="{left + 16}" y="36">{escape(title)}</text>'
    )


def _box(room: Room) -> str:
    middle = room.left + room.width / 2
    lines = [f'<text class="name" x="{middle:g}" y="{room.top + 23}" text-anchor="middle">{escape(room.name)}</text>']
    lines += [
        f'<text x="{middle:g}" y="{room.top + 41 + 15 * number}" text-anchor="middle">{escape(line)}</text>'
        for number, line in enumerate(room.purpose)
    ]
    box = f'<rect class="room" x="{room.left}" y="{room.top}" width="{room.width}" height="{room.height}" rx="6"/>'
    return box + "".join(lines)


if __name__ == "__main__":
    Path(__file__).with_suffix(".svg").write_text(drawing(), encoding="utf-8")
