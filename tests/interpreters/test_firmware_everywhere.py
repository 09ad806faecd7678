"""Every firmware test passes under every MicroPython too, not only under the Python that runs pytest."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from interpreters import HERE, MICROPYTHONS, ROOT, Interpreter
from requirement import require

RUN_TIMEOUT_S = 400
"""For one file; under WebAssembly on a busy machine 100 s have been too few."""
FIRMWARE_TESTS = sorted((ROOT / "tests" / "firmware").glob("test_*.py"))


LONG_UNDER_WASM = (
    "test_activity",
    "test_alert",
    "test_budget",
    "test_calibration",
    "test_decision_rate",
    "test_journal",
    "test_pipeline",
)
"""They take long under WebAssembly, which runs no machine code; 32-bit MicroPython is their shorter brother."""


def runs() -> Iterator[object]:
    """Every file under every interpreter; `make soak` has those that take long, and 64 bits, which no board has."""
    for interpreter in MICROPYTHONS:
        for path in FIRMWARE_TESTS:
            is_long = "amd64" in interpreter.name or ("wasm" in interpreter.name and path.stem in LONG_UNDER_WASM)
            marks = [pytest.mark.soak] if is_long else []
            yield pytest.param(interpreter, path, id=f"{path.stem}-{interpreter.name}", marks=marks)


@pytest.mark.timeout(RUN_TIMEOUT_S + 20)
@pytest.mark.parametrize(("interpreter", "firmware_test"), runs())
def test_firmware_passes_under(interpreter: Interpreter, firmware_test: Path) -> None:
    require(interpreter.missing())
    run = interpreter.run(HERE / "minitest.py", str(firmware_test), timeout_s=RUN_TIMEOUT_S)
    assert run.returncode == 0, f"{firmware_test.name} under {interpreter.name}:\n{run.stdout}{run.stderr}"


def test_a_failing_firmware_test_fails_the_run(tmp_path: Path, micropython: Interpreter) -> None:
    run = _run_minitest(micropython, tmp_path, "def test_wrong():\n    assert 1 == 2\n")
    assert run.returncode == 1
    assert "FAIL test_wrong" in run.stdout
    assert "AssertionError" in run.stdout


def test_a_file_without_tests_fails_the_run(tmp_path: Path, micropython: Interpreter) -> None:
    run = _run_minitest(micropython, tmp_path, "answer = 42\n")
    assert run.returncode == 1
    assert "0 passed, 0 failed, 0 skipped" in run.stdout


def test_a_skipped_firmware_test_says_why(tmp_path: Path, micropython: Interpreter) -> None:
    run = _run_minitest(micropython, tmp_path, "from expect import skip\ndef test_it():\n    skip('no viper')\n")
    assert run.returncode == 0
    assert "skip test_it: no viper" in run.stdout


def test_a_file_that_cannot_be_imported_fails_the_run(tmp_path: Path, micropython: Interpreter) -> None:
    run = _run_minitest(micropython, tmp_path, "import nothing_of_that_name\n")
    assert run.returncode != 0
    assert "ImportError" in run.stdout + run.stderr


@pytest.fixture(params=MICROPYTHONS, ids=lambda interpreter: interpreter.name)
def micropython(request: pytest.FixtureRequest) -> Interpreter:
    require(request.param.missing())
    return request.param


def _run_minitest(micropython: Interpreter, directory: Path, source: str):
    script = directory / "test_sample.py"
    script.write_text(source)
    return micropython.run(HERE / "minitest.py", str(script), copy=[script])
