"""Makes sense/native.py, the gravity filter's arithmetic as machine code, out of its plain source.

Plain Python stays the one source: constants become numbers, and each function gets the decorator that MicroPython's
compiler looks for. `make native` runs it; a test holds that it has been run.
"""

import ast
import subprocess
import sys
from pathlib import Path

SENSE = Path(__file__).resolve().parents[2] / "firmware" / "unslouch_device" / "sense"
PLAIN = SENSE / "gravity_step.py"
NATIVE = SENSE / "native.py"
HEAD = '''"""gravity_step.py as machine code: made from it by `make native`, never edited."""

import sys

import micropython

if sys.maxsize > 0x7FFFFFFF:
    raise ImportError("only words of 32 bits are read back with their sign")
'''


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


def native_source() -> str:
    """Return what sense/native.py has to contain, in the project's format."""
    constants: dict[str, int] = {}
    functions: list[str] = []
    for node in ast.parse(PLAIN.read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign([ast.Name(name)], ast.Constant(int(value))):
                constants[name] = value
            case ast.FunctionDef(name) if name != "ptr32":
                function = _Numbers(constants).visit(node)
                if ast.get_docstring(function) is not None:
                    function.body.pop(0)
                function.decorator_list = [ast.parse("micropython.viper", mode="eval").body]
                functions.append(ast.unparse(ast.fix_missing_locations(function)))
    return _formatted("\n\n\n".join([HEAD, *functions]) + "\n")


def _formatted(source: str) -> str:
    ruff = Path(sys.executable).with_name("ruff")
    command = [str(ruff), "format", "--quiet", "--stdin-filename", str(NATIVE), "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, encoding="utf-8", check=True).stdout


if __name__ == "__main__":
    NATIVE.write_text(native_source(), encoding="utf-8")
