"""The drawn map shows the packages that there are, the tables beside it every module, and imports run down in it."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import grimp
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def drawn_map() -> ModuleType:
    spec = spec_from_file_location("drawn_map", ROOT / "docs" / "map.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def packages(folder: Path) -> set[str]:
    return {path.parent.name for path in folder.glob("*/__init__.py")}


def test_the_picture_is_the_one_that_the_script_draws(drawn_map: ModuleType) -> None:
    assert (ROOT / "docs" / "map.svg").read_text(encoding="utf-8") == drawn_map.drawing(), "run python docs/map.py"


def test_every_package_of_both_halves_is_a_room(drawn_map: ModuleType) -> None:
    assert {room.name for row in drawn_map.HOST_ROWS for room in row} == packages(ROOT / "host" / "unslouch")
    board_rooms = {room.name for room in (*drawn_map.BOARD_ROOMS, drawn_map.CONTRACT)}
    assert board_rooms == packages(ROOT / "firmware" / "unslouch_device")


@pytest.mark.parametrize("half", ["firmware/unslouch_device", "host/unslouch"])
def test_the_tables_of_the_architecture_name_every_module_outside_of_the_rooms(half: str) -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    _, _, table = text.partition(f"| {half} | |")
    named = set(re.findall(r"`(\w+\.py)`", table.partition("\n\n")[0]))
    modules = {path.name for path in (ROOT / half).glob("*.py") if not path.name.startswith("__")}
    assert named == modules


def test_imports_run_down(drawn_map: ModuleType) -> None:
    row_of = {room.name: number for number, row in enumerate(drawn_map.HOST_ROWS) for room in row}
    graph = grimp.build_graph("unslouch", cache_dir=None)
    upward = set()
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            importer_room, imported_room = module.split(".")[1:2], imported.split(".")[1:2]
            if importer_room != imported_room and {*importer_room, *imported_room} <= row_of.keys() and imported_room:
                pair = importer_room[0], imported_room[0]
                if row_of[pair[0]] >= row_of[pair[1]] and pair not in drawn_map.IN_ROW:
                    upward.add(pair)
    assert upward == set()
