"""Finds names that may have the same short form, since no place can mean more than one of them.

Each different name costs a board some ten bytes of memory, however short it is. Two kinds of names can be shared:
private attributes of unrelated classes, and an attribute with a name of the module.
"""

import ast
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import zip_longest

_SELF = ("self", "argument_0")  # before and after bundling


@dataclass
class _Uses:
    """How the sources use each name."""

    attributes: set[str] = field(default_factory=set)
    on_others: set[str] = field(default_factory=set)
    """Attributes of something else than `self` in a class."""
    bare: set[str] = field(default_factory=set)
    """Names without a dot, arguments and names in class bodies included."""
    not_global: set[str] = field(default_factory=set)
    """Those of them that are not, or not only, a module's."""
    classes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The classes, by the name of the family's first, whose methods use an attribute of `self`."""


def shared(trees: list[ast.Module], own: set[str], counts: Counter[str]) -> list[list[str]]:
    """Return all of `own` in groups; the names of a group may have one short form."""
    uses = _uses(trees)
    data = {name for name in own & uses.attributes if name not in uses.bare}
    private = {name for name in data if name.startswith("_") and name not in uses.on_others}
    by_count = sorted(own, key=lambda name: (-counts[name], name))
    groups = _of_unrelated([name for name in by_count if name in private], uses)
    public = [name for name in by_count if name in data - private]
    of_modules = [name for name in by_count if name not in data | uses.not_global]
    groups += [[name for name in pair if name] for pair in zip_longest(public, of_modules, fillvalue="")]
    rest = own.difference(*groups)
    return groups + [[name] for name in by_count if name in rest]


def _of_unrelated(names: list[str], uses: _Uses) -> list[list[str]]:
    groups: list[list[str]] = []
    families: list[set[str]] = []
    for name in names:
        wanted = uses.classes[name]
        place = next((place for place, taken in enumerate(families) if not taken & wanted), len(groups))
        if place == len(groups):
            groups.append([])
            families.append(set())
        groups[place].append(name)
        families[place] |= wanted
    return groups


def _uses(trees: list[ast.Module]) -> _Uses:
    uses = _Uses()
    families = _families(trees)
    for tree in trees:
        _Visitor(uses, families).visit(tree)
    return uses


def _families(trees: list[ast.Module]) -> dict[str, str]:
    """Return a name for the family of each class: classes that inherit from one another have the same."""
    family: dict[str, str] = {}

    def first(name: str) -> str:
        while family.get(name, name) != name:
            name = family[name]
        return name

    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                family.setdefault(node.name, node.name)
                for base in node.bases:
                    family[first(ast.unparse(base))] = first(node.name)
    return {name: first(name) for name in family}


class _Visitor(ast.NodeVisitor):
    def __init__(self, uses: _Uses, families: dict[str, str]) -> None:
        self._uses = uses
        self._families = families
        self._class = ""  # around the current place
        self._depth = 0  # of functions and classes

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._define(node.name)
        outside, self._class = self._class, node.name
        self._inside(node)
        self._class = outside

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._define(node.name)
        self._inside(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._define(node.name)
        self._inside(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._inside(node)

    def _inside(self, node: ast.AST) -> None:
        self._depth += 1
        self.generic_visit(node)
        self._depth -= 1

    def visit_Name(self, node: ast.Name) -> None:
        self._uses.bare.add(node.id)
        if self._depth and not isinstance(node.ctx, ast.Load):
            self._uses.not_global.add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        uses = self._uses
        uses.attributes.add(node.attr)
        uses.not_global.add(node.attr)
        if self._class and isinstance(node.value, ast.Name) and node.value.id in _SELF:
            uses.classes[node.attr].add(self._families[self._class])
        else:
            uses.on_others.add(node.attr)
        self.visit(node.value)

    def visit_arg(self, node: ast.arg) -> None:
        self._local(node.arg)
        self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg is not None:
            self._local(node.arg)
        self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name is not None:
            self._local(node.name)
        self.generic_visit(node)

    def visit_Global(self, node: ast.Global) -> None:
        for name in node.names:
            self._local(name)

    def _define(self, name: str) -> None:
        self._uses.bare.add(name)
        if self._depth:
            self._uses.not_global.add(name)

    def _local(self, name: str) -> None:
        self._uses.bare.add(name)
        self._uses.not_global.add(name)
