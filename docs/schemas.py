"""Writes the JSON schemas of docs/schema/ out of the definitions of the log.

python docs/schemas.py
"""

import json
from pathlib import Path

from unslouch.export.schema import Schema, schemas

FOLDER = Path(__file__).with_name("schema")


def text_of(schema: Schema) -> str:
    """A schema as it stands in its file."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name, schema in schemas().items():
        (FOLDER / name).write_text(text_of(schema), encoding="utf-8")
