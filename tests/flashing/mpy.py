"""Measures the parts of an .mpy file, in version 6 of the format (docs.micropython.org: reference/mpyfiles.html)."""

from collections import Counter

_TUPLE = 10  # kinds of objects in MicroPython's py/persistentcode.c
_STRING, _BYTES = 5, 6
_LAST_WITHOUT_SIZE = 4


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 4  # after magic, version, flags and bits of a small integer

    def byte(self) -> int:
        self.at += 1
        return self._data[self.at - 1]

    def number(self) -> int:
        value = 0
        while True:
            byte = self.byte()
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                return value

    def skip_name(self) -> None:
        size = self.number()
        if not size & 1:  # odd: one of those that every MicroPython has
            self.at += (size >> 1) + 1

    def skip_object(self) -> None:
        kind = self.byte()
        if kind <= _LAST_WITHOUT_SIZE:
            return
        size = self.number()
        if kind == _TUPLE:
            for _ in range(size):
                self.skip_object()
        else:
            self.at += size + (kind in (_STRING, _BYTES))


def anatomy(data: bytes) -> Counter[str]:
    """Return how many bytes are identifiers, constants, bytecode (or machine code with it) and headers."""
    reader = _Reader(data)
    names, objects = reader.number(), reader.number()
    begin = reader.at
    for _ in range(names):
        reader.skip_name()
    sizes = Counter({"identifiers": reader.at - begin})
    begin = reader.at
    for _ in range(objects):
        reader.skip_object()
    sizes["constants"] = reader.at - begin
    kind = "machine code" if data[2] >> 2 else "bytecode"
    sizes[kind] = len(data) - reader.at
    sizes["headers"] = begin - sizes["identifiers"]
    return sizes
