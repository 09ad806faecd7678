"""Removes unused definitions (tree shaking).

A function, class, method or constant is removed if its name is read nowhere, not even in a string; then the same for
what only it used, and so on. A name counts as used whatever object it belongs to, so nothing needed is removed.
"""

import ast
from collections.abc import Iterator

from .edits import Edit, edited, whole_span


def shaken(texts: dict[str, str], whole: frozenset[str], roots: frozenset[str]) -> dict[str, str]:
    """Return sources by path without unused definitions; files in `whole` and names in `roots` are kept."""
    while True:
        trees = {path: ast.parse(text) for path, text in texts.items()}
        needed = roots.union(*(_read(tree) for tree in trees.values()))
        dead = {path: list(_dead(tree.body, needed)) for path, tree in trees.items() if path not in whole}
        if not any(dead.values()):
            return texts
        texts = texts | {path: edited(texts[path], edits) for path, edits in dead.items()}


def _read(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name) | ast.Constant(value=str(name)):
                found.add(name)
    return found


def _dead(body: list[ast.stmt], needed: frozenset[str], in_class: bool = False) -> Iterator[Edit]:
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name) if _is_dead(
                name, needed
            ):
                yield whole_span(node), "pass"
            case ast.ClassDef():
                yield from _dead(node.body, needed, in_class=True)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if (
                not in_class and _is_dead(name, needed) and _is_harmless(value)
            ):
                yield node, "pass"
            case ast.Expr(value=ast.Constant()) if len(body) > 1:  # a docstring
                yield node, "pass"


def _is_dead(name: str, needed: frozenset[str]) -> bool:
    return name not in needed and not (name.startswith("__") and name.endswith("__"))


def _is_harmless(value: ast.expr) -> bool:
    """Return whether a computation can be removed without a side effect being lost."""
    return not any(isinstance(node, ast.Await | ast.Yield | ast.NamedExpr) for node in ast.walk(value))
