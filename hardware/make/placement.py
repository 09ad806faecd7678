"""The picture of where to wear the sensor: a back with its spine, the shoulder blades and the sensor, as SVG."""

from pathlib import Path

SKIN, LINE, BONE, ACCENT = "#f3e3d3", "#6b5a4b", "#c9b7a4", "#d9822b"
C7_Y, SPACING = 118.0, 17.0
"""Where the bump at the base of the neck is, and the distance from one vertebra to the next."""
MIDDLE = 230.0
WORN = ("T3", "T6")

OUTLINE = (
    "M 192 20 C 192 -14, 268 -14, 268 20 C 270 52, 258 74, 254 84 C 254 104, 262 112, 296 122 C 350 134, "
    "384 150, 396 196 "
    "C 404 236, 410 290, 412 352 L 366 352 C 364 300, 358 262, 350 238 C 346 290, 342 330, 344 400 L 116 "
    "400 C 118 330, 114 290, "
    "110 238 C 102 262, 96 300, 94 352 L 48 352 C 50 290, 56 236, 64 196 C 76 150, 110 134, 164 122 C "
    "198 112, 206 104, 206 84 "
    "C 202 74, 190 52, 192 20 Z"
)
BLADE = "M {0} 168 C {1} 160, {2} 172, {3} 186 C {4} 222, {5} 246, {6} 262 C {7} 236, {8} 200, {0} 168 Z"


def placement() -> str:
    """Return the picture."""
    return "\n".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -14 700 414" role="img" '
            'aria-labelledby="title" font-family="sans-serif">',
            '<title id="title">Back view: the sensor lies on the spine between the shoulder blades, over '
            "T3 to T6</title>",
            '<rect y="-14" width="700" height="414" fill="#ffffff"/>',
            f'<path d="{OUTLINE}" fill="{SKIN}" stroke="{LINE}" stroke-width="2"/>',
            *(_blade(side) for side in (-1, 1)),
            *_spine(),
            *_sensor(),
            *_labels(),
            "</svg>\n",
        ]
    )


def write_placement(folder: Path) -> None:
    """Write it."""
    (folder / "placement.svg").write_text(placement(), encoding="utf-8")


def vertebra_y(name: str) -> float:
    """Return the height of a vertebra in the picture: C7, or T1 to T12 below it."""
    return C7_Y + SPACING * (0 if name == "C7" else int(name[1:]))


def _blade(side: int) -> str:
    xs = [MIDDLE + side * dx for dx in (34, 70, 108, 112, 104, 78, 62, 44, 36)]
    return f'<path d="{BLADE.format(*xs)}" fill="none" stroke="{BONE}" stroke-width="3"/>'


def _spine() -> list[str]:
    names = ["C7", *(f"T{number}" for number in range(1, 13))]
    return [
        f'<rect x="{MIDDLE - 7}" y="{vertebra_y(name) - 5:.0f}" width="14" height="10" rx="4" fill="{BONE}"/>'
        for name in names
    ]


def _sensor() -> list[str]:
    top, bottom = vertebra_y(WORN[0]) - 8, vertebra_y(WORN[1]) + 8
    return [
        f'<rect x="{MIDDLE - 19}" y="{top:.0f}" width="38" height="{bottom - top:.0f}" rx="6" '
        f'fill="{ACCENT}" stroke="{LINE}" stroke-width="2"/>',
        f'<path d="M {MIDDLE} {top + 26:.0f} v -16 m -5 6 l 5 -6 l 5 6" fill="none" stroke="#ffffff" '
        'stroke-width="2.5"/>',
    ]


def _labels() -> list[str]:
    rows = [
        (C7_Y, MIDDLE + 9, "the bump at the base of the neck (C7)"),
        (vertebra_y("T3"), MIDDLE + 21, "T3"),
        ((vertebra_y("T3") + vertebra_y("T6")) / 2, MIDDLE + 21, "the sensor, its arrow to the head"),
        (vertebra_y("T6"), MIDDLE + 21, "T6: a hand's breadth below the bump"),
        (252.0, MIDDLE + 80, "shoulder blade"),
    ]
    drawn = []
    for y, x, text in rows:
        drawn.append(f'<path d="M {x} {y:.0f} H 428" stroke="{LINE}" stroke-width="1"/>')
        drawn.append(f'<text x="434" y="{y + 5:.0f}" font-size="13" fill="#222222">{text}</text>')
    return drawn
