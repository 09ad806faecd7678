"""The firmware's machine code has been generated from its plain source."""

import ast

import native


def test_machine_code_has_been_made_from_the_plain_source() -> None:
    assert native.NATIVE.read_text(encoding="utf-8") == native.native_source(), "run `make native`"


def test_every_step_of_the_plain_source_is_in_it() -> None:
    plain = {node.name for node in ast.parse(native.PLAIN.read_text()).body if isinstance(node, ast.FunctionDef)}
    made = {node.name for node in ast.parse(native.NATIVE.read_text()).body if isinstance(node, ast.FunctionDef)}
    assert made == plain - {"ptr32"}
