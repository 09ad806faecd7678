"""Texts: the values of a column as a writer puts them down. Up to here a column is a numpy array."""

import json
from collections.abc import Callable
from typing import Any

from .columns import Values


def csv_texts(values: Values) -> list[str]:
    """Return the text of every value; an empty one for a value that is not known."""
    return _texts(values, str, unknown="")


def json_texts(values: Values) -> list[str]:
    """Return every value in JSON; null for a value that is not known."""
    return _texts(values, _json_text if values.array.dtype.kind == "U" else str, unknown="null")


_json_text = json.JSONEncoder().encode  # for a text several times faster than json.dumps


def _texts(values: Values, text_of: Callable[[Any], str], unknown: str) -> list[str]:
    plain = values.array.tolist()
    # Most columns repeat few values, and to look a text up is faster than to format it again.
    texts = {value: text_of(value) for value in set(plain)}
    if values.known is None:
        return [texts[value] for value in plain]
    return [texts[value] if known else unknown for value, known in zip(plain, values.known.tolist(), strict=True)]
