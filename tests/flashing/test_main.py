"""main.py starts the right pack, gives each new one a few attempts, and always ends at a reachable prompt."""

import ast
from hashlib import sha256
from pathlib import Path

import pytest

from interpreters import CPYTHON, MICROPYTHON_AMD64, MICROPYTHON_I386, ROOT, Interpreter
from requirement import require
from unslouch.flashing.compile import compiled
from unslouch.flashing.pack import packed
from unslouch.flashing.slots import TRIALS
from unslouch_device import MAIN_EDITION, deep_sleep, tail

HERE = Path(__file__).resolve().parent
MAIN = ROOT / "firmware" / "unslouch_device" / "root" / "main.py"
SLOTS = (ROOT / "firmware" / "unslouch_device" / "slots.py").read_bytes()
PORT = (ROOT / "firmware" / "unslouch_device" / "port.py").read_bytes()
RESET = 42
# `unslouch flash` replaces a board's main.py only by a later edition. Add a line here; never change one.
EDITIONS = {2: "3adba56bb7c16681", 3: "b927e060eb68b120"}
BYTECODE = 6  # sys.implementation._mpy without machine code
POWER_ON, HARD_RESET, WATCHDOG, DEEP_SLEEP = 1, 2, 3, 4  # machine.reset_cause() of the ESP32 port
WORKS = "print('started', NAME)"
CRASHES = "raise ValueError(NAME)"
HANGS_UP = "raise KeyboardInterrupt"
ENDS_AT_THE_PROMPT = "import machine; from .slots import note_prompt; note_prompt(machine.RTC().memory); print('ended')"
PANICS = "import machine; machine.RTC().memory(b'records'); print('started', NAME)"
FALLS_ASLEEP = f"import machine; machine.RTC().memory({deep_sleep.MARK!r} + b'rest'); print('started', NAME)"
PROVES_ITSELF = "from .slots import confirm; confirm(''); confirm(''); print('confirmed')"


class Flash:
    """A folder instead of a board's flash, and the processes that start from it."""

    def __init__(self, folder: Path, interpreter: Interpreter) -> None:
        self.folder = folder
        self.interpreter = interpreter

    def put(self, letter: str, behaviour: str) -> None:
        start = f"NAME = {letter!r}\ndef start():\n    {behaviour}\n"
        files = {
            "unslouch_device/__init__.py": b"",
            "unslouch_device/port.py": PORT,
            "unslouch_device/slots.py": SLOTS,
            "unslouch_device/start.py": start.encode(),
        }
        (self.folder / f"{letter}.pack").write_bytes(packed(files).data)

    @property
    def slot(self) -> str:
        return (self.folder / "slot").read_text()

    @slot.setter
    def slot(self, state: str) -> None:
        (self.folder / "slot").write_text(state)

    def start(self, cause: int = POWER_ON) -> tuple[int, list[str]]:
        path = [HERE / "on_cpython"] if self.interpreter is CPYTHON else []
        script = HERE / "run_main.py"
        run = self.interpreter.run(script, str(MAIN), str(self.folder), str(cause), path=path)
        return run.returncode, (run.stdout + run.stderr).splitlines()


@pytest.fixture(params=[CPYTHON, MICROPYTHON_I386, MICROPYTHON_AMD64], ids=lambda interpreter: interpreter.name)
def flash(request: pytest.FixtureRequest, tmp_path: Path) -> Flash:
    require(request.param.missing())
    return Flash(tmp_path, request.param)


def code_of(source: str) -> str:
    """The source without comments, docstrings and layout."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            del node.body[0]
    return ast.unparse(tree)


def test_a_changed_main_is_a_later_edition() -> None:
    code = code_of(MAIN.read_text(encoding="utf-8"))
    edition = max(EDITIONS)
    assert f"\nEDITION = {edition}\n" in code
    assert sha256(code.encode()).hexdigest()[:16] == EDITIONS[edition], "raise EDITION, and add its hash to EDITIONS"


def test_the_firmware_needs_no_later_main_than_it_comes_with() -> None:
    assert max(EDITIONS) >= MAIN_EDITION


def test_starts_the_active_pack_and_writes_nothing(flash: Flash) -> None:
    flash.put("a", WORKS)
    flash.put("b", CRASHES)
    flash.slot = "a"
    assert flash.start() == (0, ["started a", "prompt"])
    assert flash.slot == "a"


@pytest.mark.parametrize("is_compressed", [True, False])
def test_starts_compiled_modules_whether_or_not_they_are_compressed(
    flash: Flash, is_compressed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if flash.interpreter is CPYTHON:
        pytest.skip("CPython reads no .mpy files")
    text = "NAME = 'a'\ndef start():\n    print('started', NAME)\n" + "".join(
        f"def f{number}(x):\n    return x + {number}\n" for number in range(100)
    )
    data = compiled({"start.py": text}, "", BYTECODE)["start.mpy"]
    if not is_compressed:  # as in packs of earlier versions
        monkeypatch.setattr("unslouch.flashing.pack.COMPILED", ".none")
    pack = packed({"unslouch_device/__init__.py": b"", "unslouch_device/start.mpy": data}).data
    assert (data in pack) != is_compressed
    (flash.folder / "a.pack").write_bytes(pack)
    flash.slot = "a"
    assert flash.start() == (0, ["started a", "prompt"])


def test_an_empty_board_shows_the_prompt_and_says_why(flash: Flash) -> None:
    status, said = flash.start()
    assert status == 0
    assert "unslouch flash" in said[0]
    assert said[1:] == ["prompt"]


def test_a_pack_on_trial_starts_a_few_times_and_then_gives_way(flash: Flash) -> None:
    flash.put("a", WORKS)
    flash.put("b", WORKS)
    flash.slot = f"ba{TRIALS}"
    for _ in range(TRIALS):
        assert flash.start() == (0, ["started b", "prompt"])
    assert flash.start() == (0, ["started a", "prompt"])
    assert flash.slot == "a"


def test_a_pack_that_proves_itself_stays(flash: Flash) -> None:
    flash.put("a", WORKS)
    flash.put("b", PROVES_ITSELF)
    flash.slot = f"ba{TRIALS}"
    assert flash.start() == (0, ["confirmed", "prompt"])
    assert flash.slot == "b"


def test_a_new_pack_that_crashes_is_rolled_back_without_safe_mode(flash: Flash) -> None:
    flash.put("a", WORKS)
    flash.put("b", CRASHES)
    flash.slot = f"ba{TRIALS}"
    for _ in range(TRIALS):
        status, said = flash.start()
        assert status == RESET
        assert said[-1] == "reset"
        assert "ValueError" in "".join(said)
    assert flash.start() == (0, ["started a", "prompt"])


def test_three_crashes_in_a_row_of_the_proven_pack_lead_to_safe_mode_until_the_next_reset(flash: Flash) -> None:
    flash.put("a", CRASHES)
    flash.slot = "a"
    assert [flash.start()[0] for _ in range(3)] == [RESET] * 3
    status, said = flash.start()
    assert status == 0
    assert "safe mode" in said[0]
    flash.put("a", PROVES_ITSELF)
    assert flash.start()[0] == 0
    assert flash.slot == "a"


def test_three_watchdog_resets_in_a_row_lead_to_safe_mode_too(flash: Flash) -> None:
    flash.put("a", WORKS)
    flash.slot = "a"
    for _ in range(3 - 1):
        assert flash.start(WATCHDOG) == (0, ["started a", "prompt"])
    assert "safe mode" in flash.start(WATCHDOG)[1][0]
    assert flash.start() == (0, ["started a", "prompt"])


def test_three_panics_in_a_row_of_the_proven_pack_lead_to_safe_mode(flash: Flash) -> None:
    flash.put("a", PANICS)
    flash.slot = "a"
    assert flash.start() == (0, ["started a", "prompt"])
    for _ in range(3 - 1):
        assert flash.start(HARD_RESET) == (0, ["started a", "prompt"])
    assert "safe mode" in flash.start(HARD_RESET)[1][0]
    assert flash.start() == (0, ["started a", "prompt"])


def test_a_new_pack_that_panics_is_rolled_back(flash: Flash) -> None:
    flash.put("a", WORKS)
    flash.put("b", PANICS)
    flash.slot = f"ba{TRIALS}"
    for _ in range(TRIALS):
        assert flash.start(HARD_RESET) == (0, ["started b", "prompt"])
    assert flash.start(HARD_RESET) == (0, ["started a", "prompt"])
    assert flash.slot == "a"


def test_a_reset_that_was_asked_for_at_the_prompt_is_no_crash(flash: Flash) -> None:
    flash.put("a", ENDS_AT_THE_PROMPT)
    flash.slot = "a"
    assert flash.start() == (0, ["ended", "prompt"])
    for _ in range(5):
        assert flash.start(HARD_RESET) == (0, ["ended", "prompt"])
        assert flash.slot == "a"


def test_having_asked_for_a_reset_excuses_that_one_only(flash: Flash) -> None:
    flash.put("a", ENDS_AT_THE_PROMPT)
    flash.slot = "a"
    flash.start()
    flash.put("a", WORKS)  # panics before it has noted anything
    flash.start(HARD_RESET)
    assert flash.slot == "a"
    flash.start(HARD_RESET)
    assert flash.slot == f"a-{TRIALS - 2}"


def test_power_on_and_brown_out_are_no_crash_of_the_proven_pack(flash: Flash) -> None:
    flash.put("a", WORKS)
    flash.slot = "a"
    for _ in range(5):
        assert flash.start(POWER_ON) == (0, ["started a", "prompt"])
        assert flash.slot == "a"


def test_a_watchdog_reset_between_good_runs_does_not_count(flash: Flash) -> None:
    flash.put("a", PROVES_ITSELF)
    flash.slot = "a"
    for _ in range(5):
        assert flash.start(WATCHDOG)[0] == 0
        assert flash.slot == "a"


def test_a_new_pack_that_hangs_is_rolled_back_without_safe_mode(flash: Flash) -> None:
    flash.put("a", WORKS)
    flash.put("b", WORKS)
    flash.slot = f"ba{TRIALS}"
    assert flash.start() == (0, ["started b", "prompt"])
    for _ in range(TRIALS - 1):
        assert flash.start(WATCHDOG) == (0, ["started b", "prompt"])
    assert flash.start(WATCHDOG) == (0, ["started a", "prompt"])
    assert flash.slot == "a"


def test_a_marked_deep_sleep_uses_up_no_tries(flash: Flash) -> None:
    flash.put("a", WORKS)
    flash.put("b", FALLS_ASLEEP)
    flash.slot = f"ba{TRIALS}"
    assert flash.start() == (0, ["started b", "prompt"])
    for _ in range(5):
        assert flash.start(DEEP_SLEEP) == (0, ["started b", "prompt"])
    assert flash.slot == f"ba{TRIALS - 1}"


def test_a_pack_that_sleeps_deeply_without_a_mark_gives_way(flash: Flash) -> None:
    flash.put("a", WORKS)
    flash.put("b", PANICS)
    flash.slot = f"ba{TRIALS}"
    for cause in [POWER_ON] + [DEEP_SLEEP] * (TRIALS - 1):
        assert flash.start(cause) == (0, ["started b", "prompt"])
    assert flash.start(DEEP_SLEEP) == (0, ["started a", "prompt"])


def test_the_mark_is_that_of_the_firmware() -> None:
    assert deep_sleep.MARK == tail.MARK
    assert deep_sleep.MARK_BYTES == tail.MARK_BYTES
    assert f"ASLEEP = {deep_sleep.MARK!r}".replace("'", '"') in MAIN.read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [b"", b"9999\nunslouch", b"not a pack at all"], ids=["empty", "short", "foreign"])
def test_a_damaged_pack_is_rolled_back(flash: Flash, content: bytes) -> None:
    flash.put("a", WORKS)
    (flash.folder / "b.pack").write_bytes(content)
    flash.slot = f"ba{TRIALS}"
    assert [flash.start()[0] for _ in range(TRIALS)] == [RESET] * TRIALS
    assert flash.start() == (0, ["started a", "prompt"])


def test_interrupting_the_start_leads_to_the_prompt_and_is_no_crash(flash: Flash) -> None:
    flash.put("a", HANGS_UP)
    flash.slot = "a"
    status, said = flash.start()
    assert status != RESET
    assert "KeyboardInterrupt" in said[-1]
    assert flash.slot == "a"


def test_a_state_that_a_power_cut_left_unrenamed_counts_for_nothing(flash: Flash) -> None:
    flash.put("a", WORKS)
    flash.slot = "a"
    (flash.folder / "slot.new").write_text("b")
    assert flash.start() == (0, ["started a", "prompt"])
