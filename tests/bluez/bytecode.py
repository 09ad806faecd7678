"""Compiled Python for a filesystem without times: bytecode checked by hash instead of time (PEP 552)."""

import importlib.util
import marshal
import struct
from pathlib import Path, PurePosixPath

UNCHECKED = 1


def compiled(path: Path) -> tuple[PurePosixPath, bytes] | None:
    """Where a source's bytecode belongs, and what it is; None if the source doesn't compile.

    Bytecode that lies there already is taken over, since compiling takes longer than anything else.
    """
    cache = Path(importlib.util.cache_from_source(str(path)))
    source = path.read_bytes()
    header = importlib.util.MAGIC_NUMBER + UNCHECKED.to_bytes(4, "little") + importlib.util.source_hash(source)
    if cache.exists() and _is_of(cache, path):
        return PurePosixPath(cache), header + cache.read_bytes()[16:]
    try:
        code = compile(source, str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None  # templates and the like
    return PurePosixPath(cache), header + marshal.dumps(code)


def _is_of(cache: Path, path: Path) -> bool:
    """Whether bytecode is of this source as it is now, going by its time and length."""
    head = cache.read_bytes()[:16]
    known = path.stat()
    times = struct.pack("<II", int(known.st_mtime) & 0xFFFFFFFF, known.st_size & 0xFFFFFFFF)
    return head == importlib.util.MAGIC_NUMBER + bytes(4) + times
