"""Edits of Python source by position. Every line keeps its number."""

import ast
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """A range of source as ast counts it: lines from 1, columns in UTF-8 bytes from 0."""

    lineno: int
    col_offset: int
    end_lineno: int
    end_col_offset: int


Place = Span | ast.expr | ast.stmt | ast.alias
Edit = tuple[Place, str]
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def edited(source: str, edits: list[Edit]) -> str:
    """Return source with each place replaced by its new text; places must not overlap."""
    lines = [line.encode() for line in source.split("\n")]
    for place, new in sorted(edits, key=lambda edit: (edit[0].lineno, edit[0].col_offset), reverse=True):
        first, last = place.lineno - 1, (place.end_lineno or place.lineno) - 1
        rest = lines[last][place.end_col_offset :]
        lines[first] = lines[first][: place.col_offset] + new.encode() + (rest if last == first else b"")
        for between in range(first + 1, last + 1):
            lines[between] = b"" if between < last else rest
    return b"\n".join(lines).decode()


def name_span(node: Definition, source_lines: list[str]) -> Span:
    """Return the span of a definition's name."""
    line = source_lines[node.lineno - 1]
    found = re.compile(r"(?:async\s+def|def|class)\s+(\w+)").search(line, node.col_offset)
    if found is None:
        raise ValueError(f"no definition in {line!r}")
    start, end = (len(line[:at].encode()) for at in found.span(1))
    return Span(node.lineno, start, node.lineno, end)


def whole_span(node: ast.stmt) -> Span:
    """Return the span of a statement, its decorators included."""
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(each.lineno for each in decorators)])
    return Span(first, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0)
