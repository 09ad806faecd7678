"""`make hardware`: writes the bill of materials, the drawings and the boards' pages anew from their sources."""

from .boards import read_boards
from .pages import write_pages
from .parts import BOM, HARDWARE, bill_of_materials, read_parts
from .placement import write_placement

DRAWINGS = HARDWARE / "drawings"


def main() -> None:
    """Write everything; needs the packages of the group `hardware`, and Graphviz."""
    from .schematic import write_schematic
    from .wiring import write_wiring

    parts, boards = read_parts(), read_boards()
    DRAWINGS.mkdir(exist_ok=True)
    BOM.write_text(bill_of_materials(parts), encoding="utf-8")
    for board in boards.values():
        write_wiring(board, parts, DRAWINGS)
        if any(wire.part == "driver" for wire in board.wires):
            write_schematic(board, DRAWINGS)
    write_placement(DRAWINGS)
    write_pages(parts, boards)


if __name__ == "__main__":
    main()
