"""Rewrites a module of a bundle: its names become those of the bundle, and imports among the modules go.

A definition gets its module's name as prefix, so that names don't clash. Imports from elsewhere stay under their names.
Arguments that no call passes by name are named by their position.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from .edits import Definition, Edit, Span, edited, name_span
from .inline import Source, imported_from

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
PART = "part"
"""What the name of a part begins with, before its number."""
MODULE = "module "
"""Prefix of a meaning that is a module of the bundle."""


class NotBundled(ValueError):
    """The source uses something that can't be bundled; the message says where."""


@dataclass
class BundledModule(Source):
    """A module, and what becomes of it in the bundle."""

    imports: list[str] = field(default_factory=list)
    """Modules of the bundle that have to run before this one."""
    later: list[str] = field(default_factory=list)
    """Modules of the bundle that its functions import."""
    meanings: dict[str, str] = field(default_factory=dict)
    """The names that it defines or imports, and their names in the bundle."""
    edits: list[Edit] = field(default_factory=list)


@dataclass(frozen=True)
class Bundle:
    """What rewriting one module has to know about the others."""

    inside: dict[str, BundledModule]
    pack: set[str]
    """All modules, including those that stay apart."""
    keywords: set[str]
    """Names of arguments that some call passes by name."""
    parts: dict[str, int]
    """The part in which each module goes."""
    places: dict[str, int]
    """The part that defines each name of the bundle."""
    imported: set[tuple[int, str]] = field(default_factory=set)
    """Statements importing from elsewhere, and the parts that already have them."""


class Rewriter(ast.NodeVisitor):
    """Rewrites a module's names to those of the bundle."""

    def __init__(self, module: BundledModule, shared: Bundle) -> None:
        self._module = module
        self._inside = shared.inside
        self._pack = shared.pack
        self._keywords = shared.keywords
        self._imported = shared.imported
        self._part = shared.parts[module.name]
        self._places = shared.places
        self._lines = module.source.split("\n")
        self._edits = module.edits
        self._meanings = module.meanings  # of names that are not local to a function
        self._depth = 0  # nesting of functions and classes
        self._outer_arguments = 0  # of the functions around the current place

    def text(self) -> str:
        """Return the module's source in the bundle."""
        for statement in self._module.tree.body:
            if isinstance(statement, ast.Import | ast.ImportFrom) and self._again(statement):
                self._edits.append((statement, ""))
            else:
                self.visit(statement)
        return edited(self._module.source, self._edits)

    def _again(self, node: ast.Import | ast.ImportFrom) -> bool:
        """Return whether the bundle already has this import from elsewhere."""
        text = ast.unparse(node)
        if isinstance(node, ast.ImportFrom) and imported_from(self._module, node) in self._pack:
            return False
        again = (self._part, text) in self._imported
        self._imported.add((self._part, text))
        return again

    def visit_Name(self, node: ast.Name) -> None:
        meaning = self._meanings.get(node.id, node.id)
        if meaning.startswith(MODULE):
            raise NotBundled(
                f"{self._module.name}, line {node.lineno}: {node.id} is a module that is used as an object"
            )
        if meaning != node.id:
            self._edits.append((node, meaning))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        meaning = self._meanings.get(node.value.id, "") if isinstance(node.value, ast.Name) else ""
        if not meaning.startswith(MODULE):
            self.visit(node.value)
            return
        found = imported_meaning(self._inside, meaning.removeprefix(MODULE), node.attr)
        if found is None or found.startswith(MODULE):
            raise NotBundled(
                f"{self._module.name}, line {node.lineno}: {ast.unparse(node)} is not defined in that module"
            )
        self._edits.append((node, found))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        raise NotBundled(f"{self._module.name}, line {node.lineno}: names in an f-string can't be renamed")

    def visit_Global(self, node: ast.Global) -> None:
        self._edits.append((node, "global " + ", ".join(self._module.meanings.get(name, name) for name in node.names)))

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        raise NotBundled(f"{self._module.name}, line {node.lineno}: nonlocal")

    def visit_Import(self, node: ast.Import) -> None:
        """Keep imports from elsewhere."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        base = imported_from(self._module, node)
        names = [(alias.name, alias.asname or alias.name) for alias in node.names]
        found = {name: imported_meaning(self._inside, base, imported) for imported, name in names}
        if None not in found.values():
            self._meanings = self._meanings | {name: meaning for name, meaning in found.items() if meaning}
            self._edits.append((node, self._from_later(node, [meaning for meaning in found.values() if meaning])))
        elif node.level and base not in self._pack:  # not in the pack
            self._edits.append((node, f'raise ImportError("{node.module}")'))
        else:
            kept = ", ".join(_as(imported, self._meanings.get(name, name)) for imported, name in names)
            self._edits.append((node, f"from {base} import {kept}"))

    def _from_later(self, node: ast.ImportFrom, meanings: list[str]) -> str:
        """Return the statement that imports what parts define which run after this one; mostly nothing."""
        places: dict[int, list[str]] = {}
        for meaning in meanings:
            if self._places.get(meaning, self._part) > self._part:
                places.setdefault(self._places[meaning], []).append(meaning)
        if places and not self._depth:
            raise NotBundled(f"{self._module.name}, line {node.lineno}: an import outside of functions of a later part")
        return "; ".join(f"from .{PART}{place} import {', '.join(names)}" for place, names in places.items()) or "pass"

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._visit_all([node.target, node.value])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._rename(node)
        self._visit_all([*node.decorator_list, *node.bases, *node.keywords])
        stored = (inner for inner in nodes_of_module(node.body) if isinstance(inner, ast.Name))
        own = {inner.id for inner in stored if isinstance(inner.ctx, ast.Store)}
        outside, self._depth = self._meanings, self._depth + 1
        for statement in node.body:
            self._meanings = outside if isinstance(statement, Definition) else _without(outside, own)
            self.visit(statement)
        self._meanings, self._depth = outside, self._depth - 1

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._rename(node)
        self._visit_all(node.decorator_list)
        self._visit_function(node, node.body)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._rename(node)
        self._visit_all(node.decorator_list)
        self._visit_function(node, node.body)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_function(node, [node.body])

    def _visit_function(self, node: _Function, body: Sequence[ast.AST]) -> None:
        self._visit_all([*node.args.defaults, *node.args.kw_defaults])
        outside, self._depth = self._meanings, self._depth + 1
        self._meanings = _without(outside, _locals(node)) | self._rename_arguments(node)
        arguments = len(node.args.posonlyargs) + len(node.args.args)
        self._outer_arguments += arguments
        self._visit_all(body)
        self._outer_arguments -= arguments
        self._meanings, self._depth = outside, self._depth - 1

    def _rename_arguments(self, node: _Function) -> dict[str, str]:
        """Rename a function's arguments by position, after those of the functions around it; return the new names."""
        handled = {inner.name for inner in ast.walk(node) if isinstance(inner, ast.ExceptHandler)}
        placed = {}
        for place, argument in enumerate([*node.args.posonlyargs, *node.args.args], self._outer_arguments):
            name = argument.arg
            if name not in self._keywords | handled:
                placed[name] = f"argument_{place}"
                end = argument.col_offset + len(name.encode())
                self._edits.append((Span(argument.lineno, argument.col_offset, argument.lineno, end), placed[name]))
        return placed

    def _visit_all(self, nodes: Sequence[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def _rename(self, node: Definition) -> None:
        if not self._depth:
            self._edits.append((name_span(node, self._lines), self._module.meanings[node.name]))


def imported_meaning(inside: dict[str, BundledModule], base: str, name: str) -> str | None:
    """Return the bundle's name for an import from one of its modules; None for an import from elsewhere."""
    if f"{base}.{name}" in inside:
        return f"{MODULE}{base}.{name}"
    if base not in inside:
        return None
    if name not in inside[base].meanings:
        raise NotBundled(f"{base} has no {name}")
    return inside[base].meanings[name]


def nodes_of_module(body: list[ast.stmt]) -> list[ast.AST]:
    """Return the nodes that run when a module is imported: all outside of definitions."""
    found: list[ast.AST] = []
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop(0)
        found.append(node)
        if not isinstance(node, Definition | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
    return found


def _locals(node: _Function) -> set[str]:
    """Return the names that are local to a function."""
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    names = {argument.arg for argument in every if argument is not None}
    shared: set[str] = set()
    for inner in nodes_of_module(node.body) if not isinstance(node, ast.Lambda) else []:
        match inner:
            case ast.Global(names=others) | ast.Nonlocal(names=others):
                shared |= set(others)
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.ExceptHandler(name=str(name)):
                names.add(name)
    return names - shared


def _without(meanings: dict[str, str], names: set[str]) -> dict[str, str]:
    return {name: meaning for name, meaning in meanings.items() if name not in names}


def _as(name: str, other: str) -> str:
    return name if name == other else f"{name} as {other}"
