"""Joins a program and the modules that it imports into one module, or a few, which store each string once.

A definition gets its module's name as prefix, so that names don't clash; imports among the modules are removed. Imports
from elsewhere stay under their names. A `try` that begins by importing what every board has, such as a module of the
pack, is reduced to its body. Arguments that no call passes by name are named by their position.

A board needs the most memory while it imports: besides the code, each function of the module has a record until the
module has run. So the program can be made in parts of equal size, to be imported one after the other. Modules that are
loaded on demand stay files of their own, each together with what only it imports.
"""

import ast
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from .edits import Definition, Edit, Span, edited, name_span
from .inline import Source, imported_from

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_MICROPYTHON = "asyncio"  # the firmware has a substitute for where it is missing
_PART = "part"
_MODULE = "module "  # prefix of a meaning that is a module of the bundle


class NotBundled(ValueError):
    """The source uses something that can't be bundled; the message says where."""


@dataclass
class _Module(Source):
    imports: list[str] = field(default_factory=list)
    """Modules of the bundle that have to run before this one."""
    later: list[str] = field(default_factory=list)
    """Modules of the bundle that its functions import."""
    meanings: dict[str, str] = field(default_factory=dict)
    """The names that it defines or imports, and their names in the bundle."""
    edits: list[Edit] = field(default_factory=list)


def bundled(
    texts: dict[str, str], root: str, apart: frozenset[str], parts: int = 0, on_demand: tuple[str, ...] = ()
) -> dict[str, str]:
    """Return the sources with all that root imports joined into it; those in `apart` stay as they are. All are paths.

    The names that root itself and modules in on_demand define stay, so that others can use them. parts: how many
    modules (part_path()) to make beside root; root then imports in functions only. linked() is to follow. on_demand:
    modules that nothing imports, since the program loads them by name. Raises NotBundled.
    """
    modules = {
        _dotted(path): _Module(_dotted(path), _is_package(path), text, ast.parse(text)) for path, text in texts.items()
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
    shared = _Shared(inside, set(modules), _keywords(modules), number, places)
    joined = ["\n".join(_Rewriter(inside[name], shared).text() for name in group) for group in groups]
    paths = [*(part_path(root, place) for place in range(parts)), root, *on_demand]
    around = {parent for path in {root, *apart, *on_demand} for parent in PurePosixPath(path).parents}
    packages = {path: "" for path in texts if _is_package(path) and PurePosixPath(path).parent in around}
    return {path: texts[path] for path in apart} | packages | dict(zip(paths, joined, strict=True))


def _divided(inside: dict[str, _Module], root: str, on_demand: list[str]) -> tuple[list[str], list[list[str]]]:
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
    return str(PurePosixPath(root).parent / f"{_PART}{place}.py")


def linked(texts: dict[str, str], root: str, parts: int, on_demand: tuple[str, ...] = ()) -> dict[str, str]:
    """Let each part of a bundle import what it needs of those before it, and modules on demand what they need."""
    done: dict[str, str] = {}  # names, and the parts that define them
    changed = dict(texts)
    folder = len(PurePosixPath(root).parent.parts)
    for path in [*(part_path(root, place) for place in range(parts)), *on_demand]:
        tree = ast.parse(texts[path])
        own = {name for node in _of_module(tree.body) for name in [*_defined_by(node), *_imported_by(node)]}
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


def _groups(order: list[str], inside: dict[str, _Module], count: int) -> list[list[str]]:
    """Cut the order of modules into groups of about equal size."""
    sizes = [sum(1 for _ in ast.walk(inside[name].tree)) for name in order]
    groups: list[list[str]] = [[] for _ in range(count)]
    passed = 0
    for name, size in zip(order, sizes, strict=True):
        groups[min(count - 1, (passed + size // 2) * count // max(1, sum(sizes)))].append(name)
        passed += size
    return groups


def _own_names(module: _Module) -> list[str]:
    """Return the bundle's names for what a module defines itself."""
    return [module.meanings[name] for node in _of_module(module.tree.body) for name in _defined_by(node)]


def _defined_by(node: ast.AST) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Name(id=name, ctx=ast.Store()):
            return [name]
    return []


@dataclass(frozen=True)
class _Shared:
    """What rewriting one module has to know about the others."""

    inside: dict[str, _Module]
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


def _keywords(modules: dict[str, _Module]) -> set[str]:
    nodes = (node for module in modules.values() for node in ast.walk(module.tree))
    return {node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg is not None}


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _is_package(path: str) -> bool:
    return path.endswith("/__init__.py")


class _Imports(ast.NodeVisitor):
    """Finds which modules of the bundle a module imports."""

    def __init__(self, module: _Module, inside: dict[str, _Module]) -> None:
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


def _unwrap_safe_tries(module: _Module, pack: set[str]) -> None:
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


def _order(inside: dict[str, _Module], roots: list[str]) -> list[str]:
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


def _find_meanings(module: _Module, inside: dict[str, _Module], keep_names: bool) -> None:
    prefix = "" if keep_names else "_".join(module.name.split(".")[1:]) + "__"
    meanings = module.meanings
    for node in _of_module(module.tree.body):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                meanings[name] = prefix + name
            case ast.Name(id=name, ctx=ast.Store()):
                meanings[name] = prefix + name
    for node in _of_module(module.tree.body):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found = _imported(inside, imported_from(module, node), alias.name)
                name = alias.asname or alias.name
                if found is not None:
                    meanings[name] = found
                else:
                    meanings.setdefault(name, name)


def _imported(inside: dict[str, _Module], base: str, name: str) -> str | None:
    """Return the bundle's name for an import from one of its modules; None for an import from elsewhere."""
    if f"{base}.{name}" in inside:
        return f"{_MODULE}{base}.{name}"
    if base not in inside:
        return None
    if name not in inside[base].meanings:
        raise NotBundled(f"{base} has no {name}")
    return inside[base].meanings[name]


def _of_module(body: list[ast.stmt]) -> list[ast.AST]:
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
    for inner in _of_module(node.body) if not isinstance(node, ast.Lambda) else []:
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


class _Rewriter(ast.NodeVisitor):
    """Rewrites a module's names to those of the bundle."""

    def __init__(self, module: _Module, shared: _Shared) -> None:
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
        if meaning.startswith(_MODULE):
            raise NotBundled(
                f"{self._module.name}, line {node.lineno}: {node.id} is a module that is used as an object"
            )
        if meaning != node.id:
            self._edits.append((node, meaning))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        meaning = self._meanings.get(node.value.id, "") if isinstance(node.value, ast.Name) else ""
        if not meaning.startswith(_MODULE):
            self.visit(node.value)
            return
        found = _imported(self._inside, meaning.removeprefix(_MODULE), node.attr)
        if found is None or found.startswith(_MODULE):
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
        found = {name: _imported(self._inside, base, imported) for imported, name in names}
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
        return "; ".join(f"from .{_PART}{place} import {', '.join(names)}" for place, names in places.items()) or "pass"

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._visit_all([node.target, node.value])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._rename(node)
        self._visit_all([*node.decorator_list, *node.bases, *node.keywords])
        stored = (inner for inner in _of_module(node.body) if isinstance(inner, ast.Name))
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


def _without(meanings: dict[str, str], names: set[str]) -> dict[str, str]:
    return {name: meaning for name, meaning in meanings.items() if name not in names}


def _as(name: str, other: str) -> str:
    return name if name == other else f"{name} as {other}"
