"""The JSON Schema of the settings file, for editors that complete and check TOML."""

from typing import Any

from .model import SECTIONS, section_keys


def json_schema() -> dict[str, Any]:
    """Return the schema: a section is an object, and no other keys are allowed."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "unslouch's settings",
        "type": "object",
        "additionalProperties": False,
        "properties": {section: _section(section) for section in SECTIONS},
    }


def _section(section: str) -> dict[str, Any]:
    properties = {}
    for key in section_keys(section).values():
        described = key.kind.json_schema() | {"description": key.text}
        if not key.is_optional:
            described["default"] = key.kind.write(key.default)
        properties[key.name] = described
    return {
        "type": "object",
        "description": SECTIONS[section].__doc__,
        "additionalProperties": False,
        "properties": properties,
    }
