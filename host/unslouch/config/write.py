"""Writes settings: some keys of a file, whose comments and order stay, or a new file with all of them explained.

A file is replaced whole or not at all. One that can't be read is never written over.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unslouch.errors import BadInput, OutputError
from unslouch.files import PRIVATE_FILE_MODE, make_folder, replace_file

from .kinds import BadValue
from .model import SECTIONS, Config, Key, section_keys

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

HEAD = """\
# unslouch's settings on this computer. `unslouch config schema` describes them, `unslouch config validate` checks them.
"""


def change_config(path: Path, changes: Mapping[str, Any]) -> None:
    """Write some values, by names such as "coach.place"; None removes a key from the file, so that its default counts.

    Creates the file if there is none. Raises BadInput for a name or value that no settings file can have, and for a
    file that isn't valid TOML; OutputError if it can't be written.
    """
    checked = {name: _checked(name, value) for name, value in changes.items()}
    document = _read_document(path)
    for key, value in checked.values():
        _put(document, key, value)
    write_file(path, document.as_string())


def write_file(path: Path, text: str) -> None:
    """Replace the file, through a symbolic link if it is one, and keep its mode; raises OutputError.

    A new file is for the user alone, as it may say what a wearer suffers from.
    """
    try:
        target = path.resolve()
        make_folder(target.parent)
        mode = target.stat().st_mode & 0o777 if target.exists() else PRIVATE_FILE_MODE
        replace_file(target, text.encode(), mode)
    except OSError as error:
        raise OutputError(f"The settings can't be written to {path} ({error.strerror or error}).") from error


def _checked(name: str, value: Any) -> tuple[Key, Any]:
    """Return the key and the value as TOML has it; None stays None."""
    section, _, rest = name.partition(".")
    key = section_keys(section).get(rest) if section in SECTIONS else None
    if key is None:
        raise BadInput(f"There is no setting {name!r}; `unslouch config show` lists them.")
    if value is None:
        return key, None
    try:
        return key, key.kind.write(key.kind.read(value))
    except BadValue as error:
        raise BadInput(f"{name} {error}.") from error


def _read_document(path: Path) -> "TOMLDocument":
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return tomlkit.parse(HEAD)
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} isn't valid TOML ({error}); `unslouch config edit` opens it.") from error
    except OSError as error:
        raise BadInput(f"{path} can't be read ({error.strerror}): make it readable.") from error


def _put(document: "TOMLDocument", key: Key, value: Any) -> None:
    import tomlkit

    section = document.get(key.section)
    if value is None:
        if isinstance(section, dict):
            section.pop(key.name, None)
        return
    if not isinstance(section, dict):
        section = document[key.section] = tomlkit.table()
    section[key.name] = value


def template() -> str:
    """Return a file with every key explained and none set, to begin with."""
    return HEAD + "# Take away the # before a key to set it.\n" + _text(Config(), frozenset(), comments_out=True)


def as_toml(config: Config, given: frozenset[tuple[str, str]]) -> str:
    """Return all settings as TOML, each explained; those that the file doesn't set are marked as defaults."""
    return _text(config, given, comments_out=False).lstrip("\n")


def as_json(config: Config) -> dict[str, dict[str, Any]]:
    """Return all settings as an object for JSON; null is a key that may be left out, and is."""
    values: dict[str, dict[str, Any]] = {}
    for section in SECTIONS:
        values[section] = {}
        for key in section_keys(section).values():
            value = getattr(getattr(config, section), key.name)
            values[section][key.name] = None if value is None else key.kind.write(value)
    return values


def _text(config: Config, given: frozenset[tuple[str, str]], comments_out: bool) -> str:
    import tomlkit

    lines: list[str] = []
    for section in SECTIONS:
        doc = (SECTIONS[section].__doc__ or "").strip()
        lines += ["", f"# {doc}", f"[{section}]"]
        for key in section_keys(section).values():
            value = getattr(getattr(config, section), key.name)
            is_shown = value is not None and not comments_out
            written = key.kind.write(value if is_shown else key.example)
            if isinstance(written, dict):
                item: Any = tomlkit.inline_table()
                item.update(written)
            else:
                item = tomlkit.item(written)
            default = "" if key.path in given or comments_out else "  # default"
            mark = "" if is_shown else "# "
            lines += [f"# {key.text}", f"{mark}{key.name} = {item.as_string()}{default if is_shown else ''}"]
    return "\n".join(lines) + "\n"
