"""The program for a board is small, and behaves like its sources."""

import array
import ast
import asyncio
import binascii
import builtins
import gc
import io
import math
import os
import struct
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from interpreters import MICROPYTHON_I386
from requirement import require
from unslouch.flashing.compile import firmware_folder, sources
from unslouch.flashing.errors import NotInstalled
from unslouch.flashing.shrink import program
from unslouch.flashing.shrink.bundle import bundled, linked
from unslouch.flashing.shrink.program import names_of, shrunk, translated
from unslouch.flashing.shrink.rewriting import NotBundled
from unslouch.flashing.shrink.shake import shaken
from unslouch.flashing.shrink.shorten import frequent_first, short_names, shortened

from .worn import Worn, wear

FIRMWARE = firmware_folder()
MOST_HEAP_BYTES = 60 * 1024
NOTHING: frozenset[str] = frozenset()


@pytest.fixture(scope="module")
def worn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Worn, Worn]:
    """Half an hour and a deep sleep with the plain firmware, and with the shrunk one."""
    require(MICROPYTHON_I386.missing())
    plain, small = (wear(tmp_path_factory.mktemp("worn"), 0.5, shrink, night=True) for shrink in (False, True))
    return plain, small


def test_shrunk_firmware_writes_the_same_journal_byte_for_byte_and_answers_a_host_alike(
    worn: tuple[Worn, Worn],
) -> None:
    plain, small = worn
    assert any(path.startswith("journal/") and len(data) > 4000 for path, data in plain.journal.items())
    assert small.journal == plain.journal
    assert b"\xa4" in b"".join(small.journal.values()), "the event of a deep sleep that ended"
    assert small.sent_bytes == plain.sent_bytes > 100_000


def test_with_a_watching_host_the_heap_stays_below_60_kib_beyond_the_code(
    worn: tuple[Worn, Worn], capsys: pytest.CaptureFixture[str]
) -> None:
    plain, small = worn
    with capsys.disabled():
        print(
            f"\nimported in {small.import_ms} ms; {small.code_bytes} bytes of loaded code ({plain.code_bytes} if not "
            f"shrunk), at most {small.heap_bytes} bytes of heap beyond it"
        )
    assert 1000 < small.heap_bytes <= MOST_HEAP_BYTES
    assert 1000 < plain.heap_bytes <= MOST_HEAP_BYTES
    assert small.code_bytes < plain.code_bytes


# Bundling


def joined(**modules: str) -> dict[str, object]:
    """Return what modules define after they were bundled and run; `main` is the root."""
    texts = {"p/__init__.py": "VERSION = 3\n"} | {f"p/{name}.py": text for name, text in modules.items()}
    scope: dict[str, object] = {}
    exec(bundled(texts, "p/main.py", NOTHING)["p/main.py"], scope)
    return scope


def test_names_of_several_modules_do_not_clash() -> None:
    scope = joined(
        a="_K = 1\ndef get():\n    return _K\n",
        b="_K = 2\ndef get(_K=_K):\n    return _K\n",
        main="from . import VERSION, a\nfrom .b import get as g\n_K = 5\nfound = [a.get(), g(), _K, VERSION]\n",
    )
    assert scope["found"] == [1, 2, 5, 3]


def test_a_local_name_hides_a_module_s_only_where_it_is_local() -> None:
    scope = joined(
        a="x = 1\ndef f(y):\n    x = y\n    return x\ndef g():\n    return [x for _ in (1,)], (lambda x: x)(7)\n",
        main="from .a import f, g, x\nfound = f(4), g(), x\n",
    )
    assert scope["found"] == (4, ([1], 7), 1)


def test_a_class_s_own_names_are_not_the_module_s() -> None:
    scope = joined(
        a="n = 1\nclass C:\n    n = 2\n    m = n\n    def get(self):\n        return n\n",
        main="from .a import C\nfound = C.n, C.m, C().get()\n",
    )
    assert scope["found"] == (2, 2, 1)


def test_a_global_is_set_where_it_is_meant() -> None:
    scope = joined(
        a="n = 1\ndef up():\n    global n\n    n += 1\n    return n\n", main="from .a import up\nfound = up()\n"
    )
    assert scope["found"] == 2


def test_arguments_are_still_given_by_name_where_a_call_does() -> None:
    scope = joined(main="def f(first, second=2):\n    return first - second\nfound = f(5), f(5, second=1)\n")
    assert scope["found"] == (3, 4)


def test_an_inner_function_still_sees_the_arguments_of_the_outer_one() -> None:
    scope = joined(
        main="def f(a, b):\n    def g(c, d=b):\n        return a, b, c, d, (lambda e: (a, c, e))(5)\n    return g\n"
        "found = f(1, 2)(3)\n"
    )
    assert scope["found"] == (1, 2, 3, 2, (1, 3, 5))


def test_imports_in_functions_work_and_what_is_left_out_is_an_import_error() -> None:
    scope = joined(
        a="def f():\n    return 1\n",
        main="def g():\n    from .a import f\n    return f()\ndef h():\n    from .gone import f\n    return f()\n",
    )
    assert scope["g"]() == 1  # type: ignore[operator]
    with pytest.raises(ImportError):
        scope["h"]()  # type: ignore[operator]


def test_an_import_from_elsewhere_stands_once() -> None:
    texts = {"p/a.py": "from math import pi\n", "p/main.py": "from math import pi\nfrom .a import pi as pie\nx = pie\n"}
    assert bundled(texts, "p/main.py", NOTHING)["p/main.py"].count("from math import pi") == 1


def test_a_substitute_for_a_module_that_is_there_goes() -> None:
    text = "try:\n    from .a import n\nexcept ImportError:\n    n = 2\nfound = n\n"
    assert joined(a="n = 1\n", main=text)["found"] == 1
    assert "ImportError" not in bundled({"p/a.py": "n = 1\n", "p/main.py": text}, "p/main.py", NOTHING)["p/main.py"]


@pytest.mark.parametrize("text", ["n = 1\nprint(f'{n}')\n", "from . import a\nprint(a)\n", "from .a import gone\n"])
def test_source_that_cannot_be_bundled_is_refused(text: str) -> None:
    with pytest.raises(NotBundled):
        bundled({"p/a.py": "", "p/main.py": text}, "p/main.py", NOTHING)


# Shaking


def test_unused_definitions_are_removed_and_then_what_only_they_used() -> None:
    text = "A = 1\ndef f():\n    return A\nclass C:\n    def g(self):\n        return f()\ndef main():\n    pass\n"
    left = shaken({"m.py": text}, NOTHING, frozenset({"main"}))["m.py"]
    assert [word in left for word in ("A", "f()", "C", "main")] == [False, False, False, True]


def test_a_name_in_a_string_and_a_special_name_stay() -> None:
    text = "class C:\n    def __init__(self):\n        pass\n    def f(self):\n        pass\ngetattr(C(), 'f')\n"
    assert shaken({"m.py": text}, NOTHING, NOTHING)["m.py"] == text


# Shortening


def test_own_names_become_short_everywhere_and_others_stay() -> None:
    texts = {
        "m.py": "import time\nclass Thing:\n    def prepare(self, volume=1):\n        self.found = volume, time.time()\n"  # noqa: E501
        "thing = Thing()\nthing.prepare(volume=len('volume'))\noutcome = thing.found[0]\n"
    }
    names = short_names(texts)
    assert all(len(names[name]) == 1 for name in ("Thing", "prepare", "volume", "found"))
    assert not {"time", "len", "__init__"} & names.keys()
    text = shortened(texts, names)["m.py"]
    assert "volume=" not in text
    scope: dict[str, object] = {}
    exec(text, scope)
    assert scope[names["outcome"]] == 6


def test_a_name_that_is_looked_up_by_a_string_stays() -> None:
    names = short_names({"m.py": "class C:\n    def wanted(self):\n        pass\nhasattr(C(), 'wanted')\n"})
    assert "wanted" not in names


def test_an_attribute_of_somebody_else_s_object_stays_though_a_parameter_has_its_name() -> None:
    text = (
        "import select\nclass Chip:\n    def read(self, register):\n        return self.register_count\n"
        "    def _count(self, size):\n        self.register_count = size\nwaiting = select.poll()\n"
        "Chip().read(register=2)\nwaiting.register(0)\n"
    )
    names = short_names({"m.py": text})
    assert "register" not in names
    assert {"Chip", "_count", "register_count", "size", "waiting"} <= names.keys()


def test_a_built_in_function_stays_though_a_method_has_its_name() -> None:
    text = "class Link:\n    def open(self):\n        return open('x')\n    def min(self):\n        return 1\n"
    assert "open" not in (names := short_names({"m.py": text}))
    assert "min" in names


def test_private_attributes_of_unrelated_classes_share_a_name_and_those_of_a_family_do_not() -> None:
    text = (
        "class A:\n    def __init__(self):\n        self._one = 1\n        self._two = 2\n"
        "class B(A):\n    def set_three(self):\n        self._three = 3\n"
        "class C:\n    def __init__(self):\n        self._four = self._five = self._six = 4\n"
    )
    names = short_names({"m.py": text})
    assert len({names[name] for name in ("_one", "_two", "_three")}) == 3
    assert len({names[name] for name in ("_four", "_five", "_six")}) == 3
    assert {names[name] for name in ("_one", "_two", "_three")} == {names[name] for name in ("_four", "_five", "_six")}


def test_a_private_attribute_that_others_read_shares_its_name_with_no_other_attribute() -> None:
    text = (
        "class A:\n    def __init__(self, other):\n        self._one = other._two\n"
        "class B:\n    def __init__(self):\n        self._two = self._three = 4\n"
    )
    names = short_names({"m.py": text})
    assert len({names[name] for name in ("_one", "_two")}) == len({names[name] for name in ("_two", "_three")}) == 2


def test_parts_of_a_program_import_what_they_need_of_those_before_them() -> None:
    texts = {
        "p/__init__.py": "",
        "p/a.py": "import math\ndef f():\n    return math.floor(1.5)\n",
        "p/b.py": "import math\nfrom .a import f\ndef g():\n    return f() + math.floor(2.5)\n",
        "p/main.py": "def start():\n    from .b import g\n    return g()\n",
    }
    parts = linked(bundled(texts, "p/main.py", NOTHING, 2), "p/main.py", 2)
    assert "def a__f" in parts["p/part0.py"]
    assert "from .part0 import a__f" in parts["p/part1.py"]
    assert "import math" in parts["p/part1.py"]
    assert "from .part1 import b__g" in parts["p/main.py"]


def test_a_module_on_demand_stays_a_file_together_with_what_only_it_imports() -> None:
    texts = {
        "p/__init__.py": "",
        "p/a.py": "def f():\n    return 1\n",
        "p/b.py": "from .a import f\ndef g():\n    return f()\n",
        "p/rare/__init__.py": "",
        "p/rare/x.py": "from ..a import f\nfrom ..b import g\ndef serve():\n    return f() + g()\n",
        "p/main.py": "from . import a\ndef start():\n    from .a import f\n    return f()\n",
    }
    on_demand = ("p/rare/x.py",)
    parts = linked(bundled(texts, "p/main.py", NOTHING, 1, on_demand), "p/main.py", 1, on_demand)
    assert "a__f" in parts["p/part0.py"]
    assert "b__g" not in parts["p/part0.py"]
    assert "from ..part0 import a__f" in parts["p/rare/x.py"]
    assert "def b__g" in parts["p/rare/x.py"]
    assert "def serve" in parts["p/rare/x.py"]  # as the program calls it
    assert parts["p/rare/__init__.py"] == ""


def test_what_two_modules_on_demand_import_is_loaded_at_the_start() -> None:
    texts = {
        "p/__init__.py": "",
        "p/a.py": "def f():\n    return 1\n",
        "p/x.py": "from .a import f\ndef serve():\n    return f()\n",
        "p/y.py": "from .a import f\ndef serve():\n    return f() + 1\n",
        "p/main.py": "def start():\n    return 0\n",
    }
    on_demand = ("p/x.py", "p/y.py")
    parts = linked(bundled(texts, "p/main.py", NOTHING, 1, on_demand), "p/main.py", 1, on_demand)
    assert "def a__f" in parts["p/part0.py"]
    assert all("from .part0 import a__f" in parts[path] for path in on_demand)


def test_naming_the_frequent_names_first_changes_nothing() -> None:
    scope: dict[str, object] = {}
    exec(frequent_first("def f(x):\n    return x\nfound = f(f(3))\n"), scope)
    assert scope["found"] == 3


def test_names_of_micropython_s_own_modules_stay() -> None:
    """Asks the stubs for them, and for the arguments that are given there by names which the firmware gives some by."""
    site = Path(sysconfig.get_path("purelib"))
    stubs = [
        path
        for module in ("machine", "esp32", "micropython", "vfs", "bluetooth")
        if (path := site / f"{module}.pyi").exists()
    ]
    if not stubs:
        pytest.skip("micropython-esp32-stubs is not here")
    names = names_of(FIRMWARE).keys()
    trees = [ast.parse(text) for text in sources(FIRMWARE, "xiao_esp32s3", machine_code=True).values()]
    given = {node.arg for tree in trees for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    for path in stubs:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                    assert name not in names, path
                case ast.arg(arg=name):
                    assert name not in given or name not in names, path


# All together


def test_the_same_firmware_always_gets_the_same_names() -> None:
    names = names_of(FIRMWARE)
    assert 500 < len(set(names.values())) < len(names)
    assert names_of.__wrapped__(FIRMWARE) == names


def test_no_two_functions_share_a_short_name() -> None:
    names = names_of(FIRMWARE)
    trees = [ast.parse(text) for text in program._joined(program.firmware_sources(FIRMWARE)).values()]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    found = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)} & names.keys()
    assert len({names[name] for name in found}) == len(found) > 300


@pytest.mark.parametrize("files", [("start", "part0", "attempt"), ("start.py", "part0.py", "on_demand/attempt.py")])
def test_a_traceback_is_translated_to_the_original_names(files: tuple[str, str, str]) -> None:
    start, part, attempt = files  # as this firmware names them, and as earlier ones did
    names = names_of(FIRMWARE)
    text = (
        f'Traceback (most recent call last):\n  File "{start}", line 1, in start\n'
        f'  File "{part}", line 1, in {names["_keep_journal"]}\n'
        f'  File "{attempt}", line 1, in {names["files__save"]}\nOSError: 28'
    )
    assert translated(text, names) == (
        f'Traceback (most recent call last):\n  File "{start}", line 1, in start\n'
        f'  File "{part}", line 1, in _keep_journal\n  File "{attempt}", line 1, in files.save\nOSError: 28'
    )


def test_only_the_chips_of_the_board_are_shipped() -> None:
    texts = sources(FIRMWARE, "xiao_esp32s3", machine_code=True)
    alone, both = ("".join(shrunk(texts, FIRMWARE, sensors).values()) for sensors in ((), ("mpu6050",)))
    names = names_of(FIRMWARE)
    assert f"class {names['parts_lsm6dsox__Lsm6dsox']}" in alone
    assert f"class {names['parts_mpu6050__Mpu6050']}" not in alone
    assert f"class {names['parts_mpu6050__Mpu6050']}" in both


def test_a_board_file_with_a_name_that_another_one_becomes_is_refused(tmp_path: Path) -> None:
    names = names_of(FIRMWARE)
    taken = next(short for short in names.values() if short not in names)
    own = tmp_path / "mine.py"
    own.write_text((FIRMWARE / "boards" / "xiao_esp32s3.py").read_text(encoding="utf-8") + f"{taken} = 1\n", "utf-8")
    with pytest.raises(NotInstalled, match="choose a longer one"):
        shrunk(sources(FIRMWARE, own, machine_code=True), FIRMWARE)


def test_a_traceback_of_firmware_that_was_not_shrunk_stays() -> None:
    names = names_of(FIRMWARE)
    text = f'  File "files.py", line 9, in {names["files__save"]}\nOSError: 28'
    assert translated(text, names) == text


# MicroPython has modules and types with these names too.
PYTHON = (
    array, asyncio, binascii, builtins, gc, io, math, os, struct, sys, time, array.array, asyncio.Event, asyncio.Lock,
    asyncio.StreamReader, asyncio.StreamWriter, asyncio.Task, bytearray, bytes, dict, float, int, io.BytesIO,
    io.FileIO, io.StringIO, io.TextIOWrapper, list, memoryview, OSError, property, range, set, str, tuple,
)  # fmt: skip


def test_a_name_that_python_has_too_stays() -> None:
    theirs = set().union(*(dir(each) for each in PYTHON))
    assert not names_of(FIRMWARE).keys() & theirs
