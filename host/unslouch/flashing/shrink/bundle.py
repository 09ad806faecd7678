"""Joins a program and the modules that it imports into one module, or a few, which store each string once.

`rewriting` says what becomes of the names and imports of a module. A `try` that begins by importing what every board
has, such as a module of the pack, is reduced to its body.

A board needs the most memory while it imports: besides the code, each function of the module has a record until the
module has run. So the program can be made in parts of equal size, to be imported one after the other. Modules that are
loaded on demand stay files of their own, each together with what only it imports.
"""

import ast
from collections import Counter
from pathlib import PurePosixPath

from .edits import Span
from .inline import imported_from
from .rewriting import PART, Bundle, BundledModule, Rewriter, imported_meaning, nodes_of_module

_MICROPYTHON = "asyncio"  # the firmware has a substitute for where it is missing


def bundled(
    texts: dict[str, str], root: str, apart: frozenset[str], parts: int = 0, on_demand: tuple[str, ...] = ()
) -> dict[str, str]:
    """Return the sources with all that root imports joined into it; those in `apart` stay as they are. All are paths.

    The names that root itself and modules in on_demand define stay, so that others can use them. parts: how many
    modules (part_path()) to make beside root; root then imports in functions only. linked() is to follow. on_demand:
    modules that nothing imports, since the program loads them by name. Raises NotBundled.
    """
    modules = {
        _dotted(path): BundledModule(_dotted(path), _is_package(path), text, ast.parse(text))
        for path, text in texts.items()
    }
    inside = {name: module for name, module in modules.items() if name not in {_dotted(path) for path in apart}}
    for module in inside.values():
        _unwrap_safe_tries(module, modules.keys() | {_MICROPYTHON})
        _Imports(module, inside).find()
    entries = {_dotted(root), *map(_dotted, on_demand)}
    order, groups_on_demand = _divided(inside, _dotted(root), [_dotted(path) for path in on_demand])
    everything = [*order, *(name for group in groups_on_demand for name in group)]
    for name in everything:
        _find_meanings(inside[name], inside, keep_names=name in entries)
    groups = [order] if not parts else [*_groups(order[:-1], inside, parts), order[-1:]]
    groups += groups_on_demand
    number = {name: place for place, group in enumerate(groups) for name in group}
    if parts:
        number[_dotted(root)] = -1  # it runs first
    places = {own: number[name] for name in everything if name not in entries for own in _own_names(inside[name])}
    shared = Bundle(inside, set(modules), _keywords(modules), number, places)
    joined = ["\n".join(Rewriter(inside[name], shared).text() for name in group) for group in groups]
    paths = [*(part_path(root, place) for place in range(parts)), root, *on_demand]
    around = {parent for path in {root, *apart, *on_demand} for parent in PurePosixPath(path).parents}
    packages = {path: "" for path in texts if _is_package(path) and PurePosixPath(path).parent in around}
    return {path: texts[path] for path in apart} | packages | dict(zip(paths, joined, strict=True))


def _divided(inside: dict[str, BundledModule], root: str, on_demand: list[str]) -> tuple[list[str], list[list[str]]]:
    """Return the modules that are loaded at the start, in order, and those that come with each one on demand.

    What several modules on demand need is loaded at the start.
    """
    needed = {entry: _order(inside, [entry]) for entry in on_demand}
    count = Counter(name for names in needed.values() for name in names)
    order = _order(inside, [root, *(name for name in count if count[name] > 1)])
    order.remove(root)
    order.append(root)
    return order, [[name for name in names if name not in order] for names in needed.values()]


def part_path(root: str, place: int) -> str:
    """Return the path of a part, counted from 0."""
    return str(PurePosixPath(root).parent / f"{PART}{place}.py")


def linked(texts: dict[str, str], root: str, parts: int, on_demand: tuple[str, ...] = ()) -> dict[str, str]:
    """Let each part of a bundle import what it needs of those before it, and modules on demand what they need."""
    done: dict[str, str] = {}  # names, and the parts that define them
    changed = dict(texts)
    folder = len(PurePosixPath(root).parent.parts)
    for path in [*(part_path(root, place) for place in range(parts)), *on_demand]:
        tree = ast.parse(texts[path])
        own = {name for node in nodes_of_module(tree.body) for name in [*_defined_by(node), *_imported_by(node)]}
        read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - own
        dots = "." * (len(PurePosixPath(path).parent.parts) - folder + 1)
        lines = []
        for other in dict.fromkeys(done.values()):
            needed = sorted(name for name in read if done.get(name) == other)
            if needed:
                lines.append(f"from {dots}{other} import {', '.join(needed)}\n")
        changed[path] = "".join(lines) + texts[path]
        if path not in on_demand:
            done |= dict.fromkeys(own - done.keys(), PurePosixPath(path).stem)
    return changed


def _imported_by(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    return []


def _groups(order: list[str], inside: dict[str, BundledModule], count: int) -> list[list[str]]:
    """Cut the order of modules into groups of about equal size."""
    sizes = [sum(1 for _ in ast.walk(inside[name].tree)) for name in order]
    groups: list[list[str]] = [[] for _ in range(count)]
    passed = 0
    for name, size in zip(order, sizes, strict=True):
        groups[min(count - 1, (passed + size // 2) * count // max(1, sum(sizes)))].append(name)
        passed += size
    return groups


def _own_names(module: BundledModule) -> list[str]:
    """Return the bundle's names for what a module defines itself."""
    return [module.meanings[name] for node in nodes_of_module(module.tree.body) for name in _defined_by(node)]


def _defined_by(node: ast.AST) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Name(id=name, ctx=ast.Store()):
            return [name]
    return []


def _keywords(modules: dict[str, BundledModule]) -> set[str]:
    nodes = (node for module in modules.values() for node in ast.walk(module.tree))
    return {node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg is not None}


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _is_package(path: str) -> bool:
    return path.endswith("/__init__.py")


class _Imports(ast.NodeVisitor):
    """Finds which modules of the bundle a module imports."""

    def __init__(self, module: BundledModule, inside: dict[str, BundledModule]) -> None:
        self._module = module
        self._inside = inside
        self._depth = 0

    def find(self) -> None:
        self.visit(self._module.tree)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._depth += 1
        self.generic_visit(node)
        self._depth -= 1

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._depth += 1
        self.generic_visit(node)
        self._depth -= 1

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        base = imported_from(self._module, node)
        wanted = self._module.later if self._depth else self._module.imports
        for alias in node.names:
            for name in (f"{base}.{alias.name}", base):
                if name in self._inside:
                    wanted.append(name)
                    break


def _unwrap_safe_tries(module: BundledModule, pack: set[str]) -> None:
    """Replace each `try` that can't fail by its body."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Try(body=[ast.ImportFrom() as first, *_], handlers=[only]) if imported_from(module, first) in pack:
                start = node.lineno, node.col_offset
                module.edits.append((Span(*start, node.lineno, node.col_offset + len("try")), "if 1"))
                module.edits.append((Span(only.lineno, only.col_offset, *_end(only)), ""))
                node.handlers = []


def _end(node: ast.ExceptHandler) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or 0


def _order(inside: dict[str, BundledModule], roots: list[str]) -> list[str]:
    """Return the modules that the roots need, the roots among them, each after those that it imports at once."""
    order: list[str] = []
    seen: set[str] = set()
    waiting = list(roots)

    def add(name: str) -> None:
        if name in seen:
            return
        seen.add(name)
        for each in inside[name].imports:
            add(each)
        order.append(name)
        waiting.extend(inside[name].later)

    while waiting:
        add(waiting.pop())
    return order


def _find_meanings(module: BundledModule, inside: dict[str, BundledModule], keep_names: bool) -> None:
    prefix = "" if keep_names else "_".join(module.name.split(".")[1:]) + "__"
    meanings = module.meanings
    for node in nodes_of_module(module.tree.body):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                meanings[name] = prefix + name
            case ast.Name(id=name, ctx=ast.Store()):
                meanings[name] = prefix + name
    for node in nodes_of_module(module.tree.body):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found = imported_meaning(inside, imported_from(module, node), alias.name)
                name = alias.asname or alias.name
                if found is not None:
                    meanings[name] = found
                else:
                    meanings.setdefault(name, name)
