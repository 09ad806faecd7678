"""Pages of the reference that follow from the code: every command with its options, every setting, every metric."""

import argparse
from pathlib import Path

from unslouch.cli.commands import COMMANDS
from unslouch.cli.parsing import parser
from unslouch_device.contract.settings import SETTINGS


def write(folder: Path) -> None:
    """Write the pages into a folder."""
    folder.mkdir(exist_ok=True)
    (folder / "commands.md").write_text(commands_page(), encoding="utf-8")
    (folder / "settings.md").write_text(settings_page(), encoding="utf-8")
    (folder / "api.md").write_text(API, encoding="utf-8")


def commands_page() -> str:
    """Return every command as `--help` shows it."""
    (action,) = (each for each in parser()._actions if isinstance(each, argparse._SubParsersAction))
    sections = ["# Every command", "As `unslouch COMMAND --help` prints it.", "## unslouch", _block(parser())]
    for name in COMMANDS:
        sections += [f"## unslouch {name}", _block(action.choices[name])]
    return "\n\n".join(sections) + "\n"


def _block(command: argparse.ArgumentParser) -> str:
    command.formatter_class = _formatter
    return f"```text\n{command.format_help().rstrip()}\n```"


def _formatter(prog: str) -> argparse.HelpFormatter:
    return argparse.RawDescriptionHelpFormatter(prog, width=100)


def settings_page() -> str:
    """Return every setting of the sensor."""
    rows = ["| setting | from | to | usually | unit | what it does |", "|---|---|---|---|---|---|"]
    rows += [
        f"| `{each.key}` | {each.least} | {each.greatest} | {each.default} | {each.unit or '–'} | {each.meaning} |"
        for each in SETTINGS
    ]
    head = "`unslouch settings KEY VALUE` changes one; `unslouch tune` says what it would have brought."
    return f"# Settings of the sensor\n\n{head}\n\n" + "\n".join(rows) + "\n"


API = """\
# API

What a program of your own may use. Everything else may change without notice.

```{eval-rst}
.. automodule:: unslouch.store.store
   :members: Store
   :exclude-members: __init__

.. automodule:: unslouch.analysis.history
   :members: History

.. automodule:: unslouch.analysis.metrics.registry
   :members:
```

A day as numbers:

```python
from datetime import date

from unslouch.analysis.history import History
from unslouch.store import Store, default_path

with Store.open(default_path(False), simulated=None, readonly=True) as store:
    day = History(store).day(date(2026, 11, 30))
    print(day.summary)
```
"""
