"""The firmware's machine code has been generated from its plain source."""

import ast
from pathlib import Path

import pytest

import native


def test_machine_code_has_been_made_from_the_plain_source() -> None:
    assert native.NATIVE.read_text(encoding="utf-8") == native.native_source(), "run `make native`"


def test_only_what_the_firmware_calls_is_a_function_of_machine_code() -> None:
    made = {node.name for node in ast.parse(native.NATIVE.read_text()).body if isinstance(node, ast.FunctionDef)}
    assert made == {"filter_samples", "measure_samples"}


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("halve(s, y)", "halve(s, y): name the arguments s, x"),
        ("halve_and_return(s, x)", "halve_and_return returns"),
        ("halve_it(s, x)", "halve_it changes x, which its caller may still need"),
    ],
)
def test_a_call_that_its_body_can_not_replace_is_refused(tmp_path: Path, body: str, complaint: str) -> None:
    source = tmp_path / "step.py"
    source.write_text(
        "def whole(s, x: int, y: int):\n    " + body + "\n\n\n"
        "def halve(s, x: int):\n    s[0] = x >> 1\n\n\n"
        "def halve_and_return(s, x: int):\n    s[0] = x >> 1\n    return\n\n\n"
        "def halve_it(s, x: int):\n    x >>= 1\n    s[0] = x\n",
        encoding="utf-8",
    )
    with pytest.raises(native.NotInlinable) as refused:
        native.functions_made_from(source)
    assert str(refused.value) == complaint
