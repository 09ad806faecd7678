"""Replaces the firmware's named constants by numbers, since names cost memory on the board.

A constant is a name in capitals that a module sets once, to an integer. Every use that is certain becomes the number:
in its own module, imported by name, or through a module's name. If no other use is left, the name is removed.
"""

import ast
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from .edits import Edit, Place, edited

KEPT = ("unslouch_device/boards/", "unslouch_board.py")  # the app receives these as objects


@dataclass
class Source:
    """A module's source, by the module's dotted name."""

    name: str
    is_package: bool
    source: str
    tree: ast.Module


@dataclass
class _Module(Source):
    constants: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    """Its own constants and those that it imports by name, keyed by their name here."""
    aliases: dict[str, "_Module"] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    """Replacements of expressions and statements; they never overlap."""
    replaced: set[int] = field(default_factory=set)
    """The ids of the replaced nodes that were uses of a constant."""

    def text(self) -> str:
        """Return the source after the edits."""
        return edited(self.source, self.edits)


def inlined(texts: dict[str, str], keep_names: bool = False) -> dict[str, str]:
    """Return sources by path with constants inlined; keep_names leaves the constants in their modules.

    Nothing else changes, not even a line number: how code is written decides whether MicroPython allocates.
    """
    modules = {path: _parsed(path, text) for path, text in texts.items()}
    by_name = {module.name: module for module in modules.values()}
    resolved: set[str] = set()
    for path, module in modules.items():
        _resolve(module, by_name, resolved, path.startswith(KEPT))
    changed = [module for path, module in modules.items() if not path.startswith(KEPT)]
    for module in changed:
        _Inliner(module).visit(module.tree)
    if not keep_names:
        used = {name for module in modules.values() for name in _names_used(module)}
        for module in changed:
            _drop(module, used)
    return {path: module.text() for path, module in modules.items()}


def _parsed(path: str, text: str) -> _Module:
    parts = PurePosixPath(path).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    return _Module(".".join(parts[:-1] if is_package else parts), is_package, text, ast.parse(text))


def _resolve(module: _Module, by_name: dict[str, _Module], resolved: set[str], kept: bool) -> None:
    """Find a module's constants; the modules that it imports from come first."""
    if module.name in resolved:
        return
    resolved.add(module.name)
    set_here = [node.id for node in ast.walk(module.tree) if isinstance(node, ast.Name) and _is_set(node)]
    for node in module.tree.body:
        match node:
            case ast.ImportFrom():
                base = imported_from(module, node)
                for alias in node.names:
                    name = alias.asname or alias.name
                    if (whole := by_name.get(f"{base}.{alias.name}")) is not None:
                        _resolve(whole, by_name, resolved, kept=False)
                        module.aliases[name] = whole
                    elif (source := by_name.get(base)) is not None:
                        _resolve(source, by_name, resolved, kept=False)
                        if alias.name in source.constants and name not in set_here:
                            module.numbers[name] = source.constants[alias.name]
            case ast.Assign(targets=[ast.Name(id=name)]) if not kept and name.isupper() and set_here.count(name) == 1:
                number = _number(node.value, module.numbers)
                if number is not None:
                    module.constants[name] = module.numbers[name] = number


def _is_set(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Load)


def imported_from(module: Source, node: ast.ImportFrom) -> str:
    """Return the absolute name of the module that an import statement names."""
    if not node.level:
        return node.module or ""
    package = module.name.split(".")
    package = package[: len(package) - node.level + module.is_package]
    return ".".join([*package, *([node.module] if node.module else [])])


def _number(node: ast.expr, numbers: dict[str, int]) -> int | None:
    """Return the value of a constant expression of integers, None for anything else."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int(value)):
            return value
        case ast.Name(id=name):
            return numbers.get(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            positive = _number(operand, numbers)
            return None if positive is None else -positive
        case ast.BinOp(left=left, op=operation, right=right):
            first, second = _number(left, numbers), _number(right, numbers)
            if first is None or second is None:
                return None
            return _combined(first, operation, second)
    return None


def _combined(first: int, operation: ast.operator, second: int) -> int | None:
    match operation:
        case ast.Add():
            return first + second
        case ast.Sub():
            return first - second
        case ast.Mult():
            return first * second
        case ast.FloorDiv() if second:
            return first // second
        case ast.LShift() if second >= 0:
            return first << second
        case ast.RShift() if second >= 0:
            return first >> second
        case ast.BitOr():
            return first | second
    return None


class _Inliner(ast.NodeVisitor):
    """Replaces a module's uses of constants by numbers."""

    def __init__(self, module: _Module) -> None:
        self._module = module

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Leave f-strings alone: before Python 3.12 their parts have no position."""

    def visit_Name(self, node: ast.Name) -> None:
        if not _is_set(node) and node.id in self._module.numbers:
            self._replace(node, self._module.numbers[node.id])

    def visit_Attribute(self, node: ast.Attribute) -> None:
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute, ctx=ast.Load()) if name in self._module.aliases:
                constants = self._module.aliases[name].constants
                if attribute in constants:
                    self._replace(node, constants[attribute])
            case _:
                self.generic_visit(node)

    def _replace(self, node: ast.expr, value: int) -> None:
        self._module.edits.append((node, str(value) if value >= 0 else f"({value})"))
        self._module.replaced.add(id(node))


def _names_used(module: _Module) -> set[str]:
    """Return every name that a module still reads, or has in a string."""
    used: set[str] = set()
    for node in ast.walk(module.tree):
        if id(node) in module.replaced:
            continue
        match node:
            case ast.Attribute(attr=name) | ast.Constant(value=str(name)) | ast.Name(id=name, ctx=ast.Load()):
                used.add(name)
    return used


def _drop(module: _Module, used: set[str]) -> None:
    """Remove constants that no code reads by name any more, and their imports."""
    for node in module.tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) if name in module.constants and name not in used:
                module.edits = [edit for edit in module.edits if not _within(edit[0], node)]
                module.edits.append((node, ""))
            case ast.ImportFrom(names=names):
                kept = [each for each in names if (each.asname or each.name) not in module.numbers or each.name in used]
                if len(kept) < len(names):
                    text = ast.unparse(ast.ImportFrom(node.module, kept, node.level)) if kept else ""
                    module.edits.append((node, text))


def _within(inner: Place, outer: Place) -> bool:
    return outer.lineno <= inner.lineno and (inner.end_lineno or 0) <= (outer.end_lineno or 0)
