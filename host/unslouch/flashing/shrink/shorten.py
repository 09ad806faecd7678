"""Shortens the firmware's own names to one or two letters, the same in the whole program.

A name that the firmware defines is replaced everywhere, whatever it refers to there; so scopes and types don't matter.
Some names share a short form (see sharing). A function's and a method's never does with another function's.
Names that others use stay: those of MicroPython's and Python's modules and types, and every word in a string.
"""

import ast
import builtins
import itertools
import keyword
import string
import tokenize
from collections import Counter
from collections.abc import Iterator

from .edits import Edit, Span, edited
from .sharing import shared

_LETTERS = string.ascii_letters + "_"
_NOBODY = "__"
_NUMBERS_OF_ONE_BYTE = 126  # a few of the 128 are used already
# Names of Python's modules and types that the firmware also uses, or may use some day, for its own things. They are
# listed, since a newer Python has more of them, and all must give the same names.
_PYTHON = """
_state add all buffer clear count degrees difference error errors flags flush get index keys link name pack path
release rename run set sleep start step tasks tell times unpack update values version
append args cancel close copy decode discard done drain encode endswith errno extend find format from_bytes
fromkeys hex insert intersection is_set issubset items join lower lstrip modules partition pop popitem popleft
read readexactly readinto readline readlines remove replace reverse rfind rindex rpartition rsplit rstrip seek send
setdefault sort split splitlines startswith strip symmetric_difference throw to_bytes truncate union upper wait_closed
"""
# Names of MicroPython's modules and types that Python doesn't have.
_MICROPYTHON = """
ADC ATTN_11DB I2C IN IRQ_FALLING IRQ_RISING OPEN_DRAIN OUT PULL_DOWN PULL_UP PWM Pin RTC ThreadSafeFlag
WAKEUP_ALL_LOW WAKEUP_ANY_HIGH WAKE_HIGH WAKE_LOW WDT _path active alloc_emergency_exception_buf atten bin
block block_size board config const deepsleep duty duty_ns duty_u16 esp32 feed freq handler hard heap_lock heap_unlock
id ilistdir init ioctl irq kbd_intr lightsleep machine mem_alloc mem_free memory micropython mkfs mode mount native
off on print_exception ptr16 ptr32 ptr8 pull read read_u16 read_uv readblocks readfrom readfrom_into readfrom_mem
readfrom_mem_into reset reset_cause scan schedule scl sda shift sleep_ms start_new_thread state stop threshold
ticks_add ticks_diff ticks_ms ticks_us timeout toggle trigger umount unique_id value vfs viper wait wait_for_ms
wake wake_on_ext0 wake_on_ext1 wake_reason write writeblocks writeto writeto_mem
"""


def short_names(texts: dict[str, str]) -> dict[str, str]:
    """Return the short form of each name that these sources define; frequent names get the shortest."""
    trees = [ast.parse(text) for text in texts.values()]
    modules = {part for path in texts for part in path.removesuffix(".py").split("/")}
    taken = set(keyword.kwlist).union(_PYTHON.split(), _MICROPYTHON.split(), modules)
    taken |= {name for tree in trees for name in _foreign(tree)}
    taken |= {name for tree in trees for name in _built_in(tree)}
    taken |= _attributes(trees) - {name for tree in trees for name in _members(tree)}
    own = {name for tree in trees for name in _defined(tree) if not _is_special(name)} - taken
    found = Counter(token.string for text in texts.values() for token in _names(text))
    free = (name for name in _shortest() if name not in taken and (name in own or name not in found))
    groups = sorted(shared(trees, own, found), key=lambda names: (-sum(found[name] for name in names), names[0]))
    return {name: short for names, short in zip(groups, free, strict=False) for name in names}


def shortened(texts: dict[str, str], names: dict[str, str]) -> dict[str, str]:
    """Return sources by path with their names replaced."""
    return {path: edited(text, list(_edits(text, names))) for path, text in texts.items()}


def clashing(texts: dict[str, str], names: dict[str, str]) -> str | None:
    """Return a name in the sources that equals the short form of another name; None if there is none."""
    used = {token.string for text in texts.values() for token in _names(text)} - names.keys()
    return next(iter(sorted(used & set(names.values()))), None)


def _edits(text: str, names: dict[str, str]) -> Iterator[Edit]:
    for token in _names(text):
        if token.string in names:
            (line, start), (_, end) = token.start, token.end
            before = token.line[:start]
            shift = len(before.encode()) - len(before)
            yield Span(line, start + shift, line, end + shift), names[token.string]


def _names(text: str) -> list[tokenize.TokenInfo]:
    tokens = tokenize.generate_tokens(iter(text.splitlines(keepends=True)).__next__)
    return [token for token in tokens if token.type == tokenize.NAME]


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def _foreign(tree: ast.Module) -> Iterator[str]:
    """Yield the names that are looked up by a string, and those imported from other packages."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name(id="getattr" | "hasattr" | "setattr"), args=[_, ast.Constant(value=str(name)), *_]
            ):
                yield name
            case ast.Import(names=aliases):
                yield from (part for alias in aliases for part in alias.name.split("."))
            case ast.ImportFrom(names=aliases, level=0):
                yield from (alias.name for alias in aliases)


def _built_in(tree: ast.Module) -> Iterator[str]:
    """Yield the names of built-in functions and types that are used as such, perhaps beside a method of that name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and hasattr(builtins, node.id):
            yield node.id


def _attributes(trees: list[ast.Module]) -> set[str]:
    """Return the names after a dot."""
    return {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def _members(tree: ast.Module) -> Iterator[str]:
    """Yield the names that objects of this module may have after a dot; a parameter or a local variable is none.

    An attribute without a member of its name belongs to an object of somebody else, such as a poll's `register`.
    """
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.Module(body=body) | ast.ClassDef(body=body):
                for statement in body:
                    yield from _bound(statement)


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _shortest() -> Iterator[str]:
    for length in itertools.count(1):
        for letters in itertools.product(_LETTERS, repeat=length):
            yield "".join(letters)


def frequent_first(text: str) -> str:
    """Return a module's source after a line that only mentions its most frequent names.

    MicroPython numbers a module's names in order of appearance, and a number below 128 takes one byte.
    """
    found: Counter[str] = Counter()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                arguments = node.args
                found.update(each.arg for each in [*arguments.args, *arguments.kwonlyargs])
                found.update([node.name, node.name])
                found.subtract(_names_in(*(each.annotation for each in arguments.args), node.returns))
                own = {each.arg for each in arguments.args} | {
                    each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
                }
                found.subtract(name for name in _names_in(*node.body) if name in own)
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                found[name] += 1
    mentioned = ".".join(name for name, _ in found.most_common(_NUMBERS_OF_ONE_BYTE))
    return f"try:\n    {_NOBODY}.{mentioned}\nexcept NameError:\n    pass\n{text}"


def _names_in(*nodes: ast.AST | None) -> Iterator[str]:
    for node in nodes:
        for inner in ast.walk(node) if node is not None else ():
            if isinstance(inner, ast.Name):
                yield inner.id
