"""The boards' pages in hardware/boards/: what to buy, how to wire it, and why each value is what it is."""

from unslouch.safety import safety_rules

from .boards import REFERENCE, Board
from .parts import HARDWARE, Part, price_eur
from .values import derive

PAGES = HARDWARE / "boards"
COLOURS = {
    "BK": "black",
    "RD": "red",
    "OG": "orange",
    "YE": "yellow",
    "GN": "green",
    "BU": "blue",
    "VT": "violet",
    "WH": "white",
}
PART_NAMES = {
    "imu": "motion sensor",
    "driver": "motor driver",
    "dividers": "dividers",
    "cell": "cell",
    "vibrator-hat": "hat",
}
NOTE = "<!-- made by `make hardware` from parts.toml, boards.toml and the board file: change those -->"


WEARING = HARDWARE / "wearing.md"
RULES_BEGIN = "<!-- rules: made by `make hardware` from host/unslouch/safety.toml -->"
RULES_END = "<!-- end of rules -->"


def write_pages(parts: dict[str, Part], boards: dict[str, Board]) -> None:
    """Write one page per board, and the safety rules into the page about wearing."""
    WEARING.write_text(with_rules(WEARING.read_text(encoding="utf-8")), encoding="utf-8")
    PAGES.mkdir(exist_ok=True)
    for board in boards.values():
        (PAGES / f"{board.id}.md").write_text(page(parts, board), encoding="utf-8")


def page(parts: dict[str, Part], board: Board) -> str:
    """Return a board's page as Markdown."""
    sections = [
        NOTE,
        f"# {board.name}",
        f"{_role(board)} Its board file is `firmware/unslouch_device/boards/{board.id}.py`. Sources: {board.source}.",
        "## What to buy",
        _parts_table(parts, board),
        f"Together about {price_eur(parts, board.id):.0f} EUR without what is optional (quantity 0). "
        "Prices are typical ones of single "
        "pieces, and differ by shop and country.",
        *_drawings(board),
        "## Pins",
        _wires_table(board),
        _on_board(board),
    ]
    values = derive(board)
    if values:
        sections += ["## Why these values", *(f"- **{value.subject}**: {value.sentence}" for value in values)]
    return "\n\n".join(sections).replace("\n\n- **", "\n- **").replace("values\n- **", "values\n\n- **") + "\n"


def with_rules(text: str) -> str:
    """Return the page about wearing with today's safety rules in their place."""
    before, _, rest = text.partition(RULES_BEGIN)
    after = rest.partition(RULES_END)[2]
    rules = "\n".join(f"- **{rule.title}.** {rule.text}" for rule in safety_rules())
    return f"{before}{RULES_BEGIN}\n\n{rules}\n\n{RULES_END}{after}"


def _role(board: Board) -> str:
    if board.id == REFERENCE:
        return "The reference build: all figures of the project are meant for it."
    return f"An alternate build. Where you are free to choose, take the [reference build]({REFERENCE}.md)."


def _parts_table(parts: dict[str, Part], board: Board) -> str:
    rows = ["| part | quantity | why | package | for example | EUR | instead |", "|---|---|---|---|---|---|---|"]
    waits = []
    for part in parts.values():
        if board.id not in part.boards:
            continue
        rows.append(
            f"| {part.name} | {part.quantity} | {part.why} | {part.package} | {part.example} | "
            f"{part.price_eur:.2f} | {part.alternatives} |"
        )
        if part.wait:
            waits.append(f"- {part.name}: {part.wait}")
    return "\n".join(rows) + ("\n\n**Don't order yet:**\n\n" + "\n".join(waits) if waits else "")


def _drawings(board: Board) -> list[str]:
    sections = [
        "## Wiring",
        f"![Wiring of the {board.name}: {_alt(board)}](../drawings/{board.id}-wiring.svg)",
    ]
    if any(wire.part == "driver" for wire in board.wires):
        sections += [
            "## Schematic",
            "Nets carry the labels of the board's pads; what has the same label is connected.",
            f"![Schematic of the motor driver, the dividers, the motion sensor and the button of the {board.name}]"
            f"(../drawings/{board.id}-schematic.svg)",
        ]
    return sections


def _alt(board: Board) -> str:
    return "; ".join(f"{wire.pad} to {PART_NAMES[wire.part]} {wire.pin}" for wire in board.wires)


def _wires_table(board: Board) -> str:
    rows = ["| pad | GPIO | goes to | wire | board file |", "|---|---|---|---|---|"]
    for wire in board.wires:
        gpio = "–" if wire.gpio is None else wire.gpio
        constant = f"`{wire.constant}`" if wire.constant else "–"
        rows.append(
            f"| {wire.pad} | {gpio} | {PART_NAMES[wire.part]} {wire.pin} | {COLOURS[wire.colour]} | {constant} |"
        )
    return "\n".join(rows)


def _on_board(board: Board) -> str:
    wired = {wire.gpio for wire in board.wires}
    used = [f"{what} at GPIO {gpio}" for gpio, what in board.on_board.items()]
    straps = [f"GPIO {gpio}" for gpio in board.straps if gpio in wired]
    sentence = f"On the board already: {', '.join(used)}. Antenna: {board.antenna}."
    if straps:
        return (
            f"{sentence} {' and '.join(straps)} decide how the chip starts: nothing may hold them at another "
            f"level then."
        )
    return (
        f"{sentence} No wire goes to a pin that decides how the chip starts "
        f"({', '.join(f'GPIO {gpio}' for gpio in board.straps)})."
    )
