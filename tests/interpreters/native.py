"""Makes sense/native.py, the arithmetic of samples as machine code, out of its plain source.

Plain Python stays the one source: constants become numbers, the functions that another one calls are put in the call's
place, and what is left gets the decorator that MicroPython's compiler looks for. `make native` runs it; a test holds
that it has been run.
"""

import ast
import subprocess
import sys
from pathlib import Path

SENSE = Path(__file__).resolve().parents[2] / "firmware" / "unslouch_device" / "sense"
PLAIN = (SENSE / "gravity_step.py", SENSE / "activity_step.py")
NATIVE = SENSE / "native.py"
POINTERS = ("ptr16", "ptr32")  # types of machine code, for which the plain source has a stand-in
HEAD = '''"""gravity_step.py and activity_step.py as machine code: made from them by `make native`, never edited."""

import sys

import micropython

if sys.maxsize > 0x7FFFFFFF:
    raise ImportError("only words of 32 bits are read back with their sign")
'''


class NotInlinable(Exception):
    """A call in the plain source that can't be replaced by the body of what it calls."""


class _Numbers(ast.NodeTransformer):
    """Puts numbers in place of the module's constants, and of sums of them."""

    def __init__(self, constants: dict[str, int]) -> None:
        self._constants = constants

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Constant(self._constants[node.id]) if node.id in self._constants else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.BinOp(ast.Constant(int(left)), ast.Add(), ast.Constant(int(right))):
                return ast.Constant(left + right)
            case ast.BinOp(ast.Constant(int(left)), ast.Sub(), ast.Constant(int(right))):
                return ast.Constant(left - right)
        return node


class _Bodies(ast.NodeTransformer):
    """Puts the bodies of functions in place of statements that call them."""

    def __init__(self, functions: dict[str, ast.FunctionDef]) -> None:
        self._functions = functions
        self.used: set[str] = set()

    def visit_Expr(self, node: ast.Expr) -> ast.AST | list[ast.stmt]:
        match node.value:
            case ast.Call(ast.Name(name), arguments, []) if name in self._functions:
                self.used.add(name)
                return self._body(self._functions[name], [ast.unparse(argument) for argument in arguments])
        return node

    def _body(self, function: ast.FunctionDef, arguments: list[str]) -> list[ast.stmt]:
        parameters = [argument.arg for argument in function.args.args]
        if arguments != parameters:
            raise NotInlinable(f"{function.name}({', '.join(arguments)}): name the arguments {', '.join(parameters)}")
        for node in ast.walk(function):
            if isinstance(node, ast.Return):
                raise NotInlinable(f"{function.name} returns")
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in parameters:
                raise NotInlinable(f"{function.name} changes {node.id}, which its caller may still need")
        return function.body


def native_source() -> str:
    """Return what sense/native.py has to contain, in the project's format. Raises NotInlinable."""
    return _formatted("\n\n\n".join([HEAD, *(made for plain in PLAIN for made in functions_made_from(plain))]) + "\n")


def _plain_functions(path: Path) -> dict[str, ast.FunctionDef]:
    """Return the functions of a plain source by name, without their docstrings and the pointers' stand-ins."""
    functions = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name not in POINTERS:
            if ast.get_docstring(node) is not None:
                node.body.pop(0)
            functions[node.name] = node
    return functions


def functions_made_from(path: Path) -> list[str]:
    """Return the source of each function of machine code that a plain source makes. Raises NotInlinable."""
    constants: dict[str, int] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign([ast.Name(name)], ast.Constant(int(value))):
                constants[name] = value
    functions = _plain_functions(path)
    bodies = _Bodies(functions)
    whole = {name: bodies.visit(function) for name, function in functions.items()}
    made = []
    for name, function in whole.items():
        if name not in bodies.used:
            numbered = _Numbers(constants).visit(function)
            numbered.decorator_list = [ast.parse("micropython.viper", mode="eval").body]
            made.append(ast.unparse(ast.fix_missing_locations(numbered)))
    return made


def _formatted(source: str) -> str:
    ruff = Path(sys.executable).with_name("ruff")
    command = [str(ruff), "format", "--quiet", "--stdin-filename", str(NATIVE), "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, encoding="utf-8", check=True).stdout


if __name__ == "__main__":
    NATIVE.write_text(native_source(), encoding="utf-8")
