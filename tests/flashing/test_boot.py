"""Functions that only the start of the firmware needs are found, and nothing else is."""

import pytest

from unslouch.flashing.shrink.boot import BootFunction, boot_functions, dropping

ROOT = """
def start():
    from .part1 import App, made
    app = App(made())
    _run(app)
def _run(app):
    app.run()
"""
PART0 = """
class Part:
    def __init__(self, pin):
        self.level = self._first(pin)
    def _first(self, pin):
        return pin
    def read(self):
        return self.level
def count():
    return 1
"""
PART1 = """
from .part0 import Part, count
class App:
    def __init__(self, pin):
        self.part = Part(count())
        self.show = self.draw
        start = 0
    def run(self):
        start = self.part.read
        start()
    def draw(self):
        pass
def made():
    return 2
"""
MADE_ONCE = {
    BootFunction("part0", "Part", "__init__"),
    BootFunction("part0", "Part", "_first"),
    BootFunction("part0", "", "count"),
    BootFunction("part1", "", "count"),
    BootFunction("part1", "App", "__init__"),
    BootFunction("part1", "", "made"),
}


def boot_of(part0: str = PART0, part1: str = PART1, **others: str) -> set[BootFunction]:
    texts = {"p/part0.py": part0, "p/part1.py": part1, "p/start.py": ROOT}
    texts |= {f"p/{name}.py": text for name, text in others.items()}
    return set(boot_functions(texts, ["p/part0.py", "p/part1.py"], "p/start.py", "_run", "start"))


def test_what_only_the_start_calls_is_found_in_each_module_that_knows_it() -> None:
    assert boot_of() == MADE_ONCE


def test_a_function_that_runs_later_is_kept_by_its_name_whatever_object_it_belongs_to() -> None:
    later = PART1.replace("        start()", "        start()\n        self.other._first()")
    assert BootFunction("part0", "Part", "_first") not in boot_of(part1=later)


def test_a_class_of_which_more_is_made_later_keeps_its_constructor_and_that_of_its_base() -> None:
    family = PART0 + "class Special(Part):\n    pass\n"
    later = PART1.replace("import Part, count", "import Part, Special, count").replace("start()", "start(Special(2))")
    assert BootFunction("part0", "Part", "__init__") not in boot_of(part0=family, part1=later)


def test_what_the_start_hands_on_is_kept() -> None:
    handed = ROOT.replace("App(made())", "App(made)")
    assert BootFunction("part1", "", "made") not in boot_of(start=handed)


def test_what_a_module_on_demand_names_is_kept() -> None:
    assert BootFunction("part0", "", "count") not in boot_of(rare="from .part0 import count\ndef f():\n    count()\n")


@pytest.mark.parametrize(
    "more",
    [
        "class Table:\n    def first(self):\n        pass\n    all = {1: first}\n",
        "class Table:\n    @property\n    def first(self):\n        pass\n",
        "class Table:\n    def __len__(self):\n        pass\n",
        "def first():\n    pass\nTABLE = (first,)\n",
        "def first():\n    pass\nNAME = 'first'\n",
    ],
)
def test_what_is_in_a_table_a_property_special_or_named_by_a_string_is_kept(more: str) -> None:
    assert boot_of(part0=PART0 + more) == MADE_ONCE


def test_dropping_frees_functions_in_the_module_and_in_the_class() -> None:
    assert dropping([BootFunction("part0", "", "count"), BootFunction("part0", "Part", "_first")]) == (
        "def drop():\n    from .. import part0\n    part0.count = None\n    part0.Part._first = None\ndrop()\n"
    )
