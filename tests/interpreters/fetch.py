"""Fetches the MicroPythons that the firmware is tested under into .cache/micropython: `make interpreters`.

Nothing is installed on the system, and everything comes from the sources that this machine already uses. What can't be
had is reported; with CI set it is an error.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from debian import fetch_native
from interpreters import AXE_CORE, CACHE, HERE, MICROPYTHON_AMD64, MICROPYTHON_I386, MICROPYTHON_WASM, Interpreter, node

Fetch = Callable[[], None]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lock", action="store_true", help="only write package-lock.json anew")
    if parser.parse_args().lock:
        npm("install", "--package-lock-only", "--omit-lockfile-registry-resolved", cwd=HERE)
        return 0
    wanted: list[tuple[Interpreter, Fetch]] = [
        (MICROPYTHON_I386, lambda: fetch_native("i386", CACHE / "i386")),
        (MICROPYTHON_AMD64, lambda: fetch_native("amd64", CACHE / "amd64")),
        (MICROPYTHON_WASM, fetch_wasm),
    ]
    if MICROPYTHON_WASM.missing() is None and not AXE_CORE.exists():
        MICROPYTHON_WASM.executable.unlink()  # fetched before axe-core was listed beside it
    problems = [problem for interpreter, fetch in wanted if (problem := ensure(interpreter, fetch))]
    for problem in problems:
        print(f"WARNING: the firmware will NOT be tested under {problem}", file=sys.stderr)
    return 1 if problems and os.environ.get("CI") else 0


def ensure(interpreter: Interpreter, fetch: Fetch) -> str | None:
    """Fetch an interpreter if it is missing, and check that it runs; return what failed as a sentence, or None."""
    if interpreter.missing() is None:
        return None
    try:
        fetch()
        answer = interpreter.run(HERE / "hello.py", timeout_s=30)
    except subprocess.CalledProcessError as error:
        reason = ((error.stderr or "").strip().splitlines() or ["no message"])[-1]
        return f"{interpreter.name}: {Path(error.cmd[0]).name} failed: {reason}"
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        return f"{interpreter.name}: {error}"
    if answer.returncode != 0:
        interpreter.executable.unlink()
        return f"{interpreter.name}: it was fetched but doesn't run: {(answer.stdout + answer.stderr).strip()}"
    print(f"{interpreter.name}: MicroPython {answer.stdout.strip()}")
    return None


def fetch_wasm() -> None:
    directory = CACHE / "wasm"
    directory.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, directory)
    npm("ci", "--ignore-scripts", cwd=directory)


def npm(*words: str, cwd: Path) -> None:
    """Run npm; raises FileNotFoundError where there is none, CalledProcessError where it fails."""
    command = [*npm_command(), *words, "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True, timeout=300)


def npm_command() -> Sequence[str]:
    executable = node()
    if executable is None:
        raise FileNotFoundError("there is no Node to run npm with: `make setup` installs one into .venv")
    for library in (executable.parents[1] / "lib", executable.parent):
        script = library / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if script.exists():
            return [str(executable), str(script)]
    system = shutil.which("npm")
    if system is None:
        raise FileNotFoundError(f"{executable} came without npm")
    return [system]


if __name__ == "__main__":
    sys.exit(main())
