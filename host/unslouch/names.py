"""Names that people give, compared as people read them: in any case, and however their accents are encoded.

The same "ü" is one code point from most keyboards and two (u and a diaeresis) from macOS files and some terminals.
"""

import unicodedata


def composed(name: str) -> str:
    """Return a name in the form in which it is stored (Unicode's NFC), without spaces around it."""
    return unicodedata.normalize("NFC", name.strip())


def name_key(name: str) -> str:
    """Return what two names have in common if they are the same to a reader (Unicode's canonical caseless match)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name.strip()).casefold())


def is_same_name(one: str, other: str) -> bool:
    """Whether two names are the same to a reader."""
    return name_key(one) == name_key(other)
