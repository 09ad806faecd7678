"""Numbers replace the firmware's constants, and it still does the same."""

from pathlib import Path

import pytest

from interpreters import MICROPYTHON_I386, ROOT
from requirement import require
from unslouch.flashing.compile import PACKAGE, firmware_folder
from unslouch.flashing.shrink.inline import inlined

FIRMWARE = firmware_folder()
FIRMWARE_TESTS = sorted((ROOT / "tests" / "firmware").glob("test_*.py"))


def alone(text: str) -> str:
    return without_empty_lines(inlined({"p/m.py": text})["p/m.py"])


def without_empty_lines(text: str) -> str:
    return "".join(line + "\n" for line in text.splitlines() if line)


def test_a_constant_is_replaced_by_its_number_and_removed() -> None:
    assert alone("RATE = 52\ndef f():\n    return RATE * 2\n") == "def f():\n    return 52 * 2\n"


def test_a_constant_made_of_constants_is_one_too() -> None:
    assert alone("A = 3\nB = A << 2 | 1\nC = -(B // 2) * 2 + A - (A >> 1)\nprint(B, C)\n") == "print(13, (-10))\n"


def test_a_negative_number_keeps_its_meaning_beside_any_operator() -> None:
    assert eval(alone("A = -3\nA ** 2\n")) == 9


def test_constants_of_another_module_are_found_by_name_and_through_the_module() -> None:
    texts = {
        "p/__init__.py": "",
        "p/c.py": "A = 1\nB = 2\nNAMES = ('x',)\n",
        "p/q/__init__.py": "",
        "p/q/m.py": "from .. import c\nfrom ..c import A as X, NAMES\nprint(X, c.B, c.NAMES, NAMES)\n",
    }
    made = {path: without_empty_lines(text) for path, text in inlined(texts).items()}
    assert made["p/q/m.py"] == "from .. import c\nfrom ..c import NAMES\nprint(1, 2, c.NAMES, NAMES)\n"
    assert made["p/c.py"] == "NAMES = ('x',)\n"


def test_every_other_line_stays_as_it_is_and_where_it_is() -> None:
    text = "B = 3\nLONG = (\n    B + 1\n)\ndef f(x, y):\n    x, y = y, x + LONG  # “swap”\n    return 'ß', B, LONG\n"
    expected = "\n\n\n\ndef f(x, y):\n    x, y = y, x + 4  # “swap”\n    return 'ß', 3, 4\n"
    assert inlined({"p/m.py": text})["p/m.py"] == expected


def test_an_f_string_keeps_its_names() -> None:
    text = "A = 1\nprint(f'{A}')\n"
    assert alone(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "A = 1\ndef f():\n    global A\n    A = 2\nprint(A)\n",
        "A = 1\nA = 2\nprint(A)\n",
        "a = 1\nprint(a)\n",
        "A = True\nprint(A)\n",
        "A = 1.5\nprint(A)\n",
        "for A in (1, 2):\n    print(A)\n",
    ],
)
def test_a_name_that_may_change_or_is_no_integer_stays(text: str) -> None:
    assert alone(text) == text


@pytest.mark.parametrize("use", ["getattr(board, 'PIN')", "board.PIN"])
def test_a_name_that_may_be_meant_elsewhere_stays(use: str) -> None:
    assert "PIN = 3" in alone(f"PIN = 3\ndef f(board):\n    return {use}\n")


def test_boards_keep_their_names() -> None:
    text = "I2C_SDA = 5\nFORWARD = (0, 0, 1)\n"
    assert inlined({"unslouch_device/boards/x.py": text}) == {"unslouch_device/boards/x.py": text}


@pytest.fixture(scope="module")
def inlined_firmware(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole firmware with numbers in it; its tests still find the names they import."""
    folder = tmp_path_factory.mktemp("inlined")
    texts = {
        f"{PACKAGE}/{path.relative_to(FIRMWARE).as_posix()}": path.read_text(encoding="utf-8")
        for path in FIRMWARE.rglob("*.py")
        if path.relative_to(FIRMWARE).parts[0] != "root"
    }
    for path, text in inlined(texts, keep_names=True).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("firmware_test", FIRMWARE_TESTS, ids=lambda path: path.stem)
def test_inlined_firmware_passes_its_own_tests(firmware_test: Path, inlined_firmware: Path) -> None:
    require(MICROPYTHON_I386.missing())
    path = (inlined_firmware, ROOT / "tests" / "firmware")
    minitest = ROOT / "tests" / "interpreters" / "minitest.py"
    run = MICROPYTHON_I386.run(minitest, str(firmware_test), path=path)
    assert run.returncode == 0, run.stdout + run.stderr
