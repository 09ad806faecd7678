"""Finds the functions that only the start of the firmware needs, so that the board can drop them once the app is made.

A function is dropped only if nothing that runs later reads its name, whatever object that belongs to. What runs later:
what `later`, a function of the root, calls; all other files, such as modules on demand; special methods, and what has a
decorator, such as a property; and what the start does not call but hands on, such as a callback. A constructor runs
later if its class is named by what does.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

_CONSTRUCTOR = "__init__"
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class BootFunction:
    """A function, or a method of a class, that nothing calls after the start."""

    module: str
    """A module that defines or imports it: the last part of its name."""
    class_name: str
    """Empty for a function."""
    name: str


@dataclass
class _Names:
    """Names that code reads; those after a dot begin with one."""

    called: set[str] = field(default_factory=set)
    handed_on: set[str] = field(default_factory=set)
    """What the code does anything else with than calling it at once, and the words that are strings."""

    @property
    def all(self) -> set[str]:
        return self.called | self.handed_on


@dataclass
class _Program:
    functions: dict[str, list[_Function]] = field(default_factory=dict)
    """By name; that of a method begins with a dot."""
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    handed_on: set[str] = field(default_factory=set)
    """Names that code outside of functions reads, without calling it at once."""

    def add(self, tree: ast.Module) -> None:
        """Add a module."""
        for node in tree.body:
            if isinstance(node, _Function):
                self.functions.setdefault(node.name, []).append(node)
            elif isinstance(node, ast.ClassDef):
                self._add_class(node)
            else:
                self.handed_on |= _names([node]).handed_on

    def _add_class(self, node: ast.ClassDef) -> None:
        self.classes[node.name] = node
        for inner in node.body:
            if isinstance(inner, _Function):
                self.functions.setdefault("." + inner.name, []).append(inner)
            else:
                names = _names([inner]).handed_on
                self.handed_on |= names | {"." + name for name in names}  # a table of the class's methods

    def constructors(self, class_name: str) -> Iterator[_Function]:
        """Yield the constructors of a class and of those that it inherits from."""
        node = self.classes.get(class_name)
        if node is not None:
            yield from (each for each in node.body if isinstance(each, _Function) and each.name == _CONSTRUCTOR)
            for base in node.bases:
                yield from self.constructors(ast.unparse(base))


def boot_functions(
    texts: dict[str, str], parts: Iterable[str], root: str, later: str, start: str
) -> list[BootFunction]:
    """Return the functions of the parts, given by their paths in texts, that only the start needs.

    root: the path of the module with the function start, which makes the app and then calls later, which runs it.
    """
    paths = list(parts)
    trees = {path: ast.parse(text) for path, text in texts.items()}
    program = _Program()
    for path in (*paths, root):
        program.add(trees[path])
    for node in program.functions.pop(start):  # nobody calls it again, whatever else has its name
        program.handed_on |= _names([node]).handed_on
    others = [tree for path, tree in trees.items() if path not in (*paths, root)]
    needed = _needed_later(program, _names(others).all | program.handed_on | {later})
    return [each for path in paths for each in _droppable(trees[path], PurePosixPath(path).stem, program, needed)]


def _needed_later(program: _Program, names: set[str]) -> set[_Function]:
    """Return the functions that may run later, where code that does reads these names."""
    functions = [node for nodes in program.functions.values() for node in nodes]
    read = {node: _names([node]) for node in functions}
    needed = {node for node in functions if _is_special(node.name) or node.decorator_list}
    while True:
        found = names.union(*(read[node].all if node in needed else read[node].handed_on for node in functions))
        found.discard("." + _CONSTRUCTOR)
        more = {node for name in found for node in program.functions.get(name, [])}
        more = needed.union(more, *(program.constructors(name) for name in found))
        if found == names and more == needed:
            return needed
        names, needed = found, more


def _droppable(tree: ast.Module, module: str, program: _Program, needed: set[_Function]) -> Iterator[BootFunction]:
    """Yield what a module defines, or imports, and needs no more."""
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if node not in needed:
                yield BootFunction(module, "", name)
            case ast.ImportFrom(names=aliases):
                for alias in aliases:
                    functions = program.functions.get(alias.name, [])
                    if functions and alias.asname is None and needed.isdisjoint(functions):
                        yield BootFunction(module, "", alias.name)
            case ast.ClassDef(name=class_name, body=body):
                for inner in body:
                    if isinstance(inner, _Function) and inner not in needed:
                        yield BootFunction(module, class_name, inner.name)


def dropping(functions: list[BootFunction]) -> str:
    """Return the source of a module, one folder below the parts, that drops functions when it is imported.

    It has small functions, since memory is short by then. They are replaced, not deleted: a dictionary of MicroPython
    keeps the value of what is deleted (py/map.c).
    """
    lines: list[str] = []
    for module in dict.fromkeys(each.module for each in functions):
        lines += ["def drop():", f"    from .. import {module}"]
        for each in functions:
            if each.module == module:
                owner = f"{module}.{each.class_name}" if each.class_name else module
                lines.append(f"    {owner}.{each.name} = None")
        lines.append("drop()")
    return "\n".join(lines) + "\n"


def _names(nodes: Iterable[ast.AST]) -> _Names:
    names = _Names()
    for root in nodes:
        called = {id(node.func) for node in ast.walk(root) if isinstance(node, ast.Call)}
        for node in ast.walk(root):
            match node:
                case ast.Name(id=name, ctx=ast.Load()):
                    (names.called if id(node) in called else names.handed_on).add(name)
                case ast.Attribute(attr=name, ctx=ast.Load()):
                    (names.called if id(node) in called else names.handed_on).add("." + name)
                case ast.Constant(value=str(name)):
                    names.handed_on |= {name, "." + name}
    return names


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name != _CONSTRUCTOR
