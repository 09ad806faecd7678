"""The dialog that exports days: in which format, which table, and into which file."""

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Button, Input, Label, OptionList, Select, Static
from textual.widgets.option_list import Option

from unslouch.errors import BadInput
from unslouch.export.export_log import default_path
from unslouch.export.formats import FORMATS, Format
from unslouch.export.tables import EPOCHS, TABLES
from unslouch.export.writer import Contents
from unslouch.tui.bindings import binding
from unslouch.tui.widgets.paged_list import PagedList

from .dialog import Dialog, DialogKeys, dialog_css

MEANINGS = {
    "csv": "CSV: one table, for spreadsheets and statistics",
    "json": "JSON: the whole day in one document",
    "jsonl": "JSON Lines: one record a line",
    "parquet": "Parquet: one table, for data frames",
    "xlsx": "XLSX: a workbook with every table",
    "fhir": "FHIR R4B: a bundle for health records",
}


@dataclass(frozen=True)
class ExportOrder:
    """What the wearer wants exported."""

    contents: Contents
    format: Format
    path: Path


class _Folder(Option):
    """A line of the list, which knows its folder: of two clicks, the second may come when the list has others."""

    def __init__(self, text: str, path: Path) -> None:
        super().__init__(text)
        self.path = path


class FolderList(PagedList):
    """The folders within one, and the one above it."""

    HELP = """## Folders

The file goes into the folder whose path stands above the list. Enter opens the chosen one; `..` is the one above.
"""

    def __init__(self, folder: Path) -> None:
        super().__init__(id="folder", compact=True, markup=False)
        self.folder = folder

    def on_mount(self) -> None:
        self.open(self.folder)

    def open(self, folder: Path) -> None:
        """List the folders within a folder."""
        self.folder = folder
        self.clear_options()
        self.add_options(
            [_Folder("..", folder.parent), *(_Folder(f"{each.name}/", each) for each in _folders_in(folder))]
        )


def _folders_in(folder: Path) -> list[Path]:
    """Return the folders within one by name, without those that begin with a dot or can't be looked into."""
    try:
        inside = [each for each in folder.iterdir() if not each.name.startswith(".") and each.is_dir()]
    except OSError:
        return []
    return sorted(inside, key=lambda each: each.name.lower())


class ExportScreen(Dialog[ExportOrder | None]):
    """Answers with an order, None if the wearer changes their mind."""

    HELP = """## Export

Choose a format, the table if the format holds one alone, and the folder and name of the file. The file and, where the
format has none inside, its manifest are readable by you alone. A file of that name is replaced once the new one is
written whole.
"""
    DEFAULT_CSS = (
        dialog_css("ExportScreen")
        + """
    ExportScreen > VerticalScroll { width: 76; }
    ExportScreen.-medium > VerticalScroll { padding: 0 2; }
    ExportScreen Select:nocolor:focus { text-style: bold underline; }
    ExportScreen Label { color: $text-muted; }
    ExportScreen Select, ExportScreen FolderList, ExportScreen Input { margin-bottom: 1; }
    ExportScreen FolderList { height: auto; max-height: 5; background: $surface; }
    ExportScreen #result { display: none; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("export", "escape", "cancel", "Cancel", "Write nothing."),
        binding("export", "ctrl+s", "write", "Write", "Write the file."),
    ]

    def __init__(self, title: str, contents: Contents, folder: Path) -> None:
        super().__init__()
        self._title = title
        self._contents = contents
        self._folder = folder
        self._suggested = ""

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False) as box:
            box.border_title = self._title
            yield Label("Format")
            yield Select(
                [(MEANINGS[name], name) for name in FORMATS], value="csv", allow_blank=False, id="format", compact=True
            )
            yield Label("Table", id="table-label")
            yield Select(
                [(name, name) for name in TABLES], value=EPOCHS.name, allow_blank=False, id="table", compact=True
            )
            yield Label("", id="folder-label", markup=False)
            yield FolderList(self._folder)
            yield Label("File")
            yield Input(id="path", compact=True)
            yield Static("", id="result", classes="result", markup=False)
            yield Button("Write", id="write", variant="primary", compact=True)
            yield DialogKeys("Ctrl+S writes it, Esc writes nothing.", "Ctrl+S writes it, Esc cancels")

    def on_mount(self) -> None:
        self._suggest()
        self.query_one("#format").focus()

    @property
    def format(self) -> Format:
        """The format that is chosen."""
        return FORMATS[str(self.query_one("#format", Select).value)]

    @property
    def contents(self) -> Contents:
        """The contents with the table that is chosen, where the format takes one."""
        name = str(self.query_one("#table", Select).value)
        return replace(self._contents, table=TABLES[name] if self.format.takes_table else None)

    def on_select_changed(self, event: Select.Changed) -> None:
        """Offer a table where the format takes one, and suggest a name that goes with them."""
        for id in ("#table", "#table-label"):
            self.query_one(id).display = self.format.takes_table
        self._suggest()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open a folder, and take it for the file."""
        if isinstance(event.option, _Folder):
            self._folder = event.option.path
            self.query_one(FolderList).open(self._folder)
            self._suggest()

    def _suggest(self) -> None:
        """Suggest a file in the folder, unless the wearer has written a name; then only the folder changes."""
        self.query_one("#folder-label", Label).update(f"Folder {self._folder}")
        written = self.query_one("#path", Input)
        name = default_path(self.contents, self.format).name
        if written.value and written.value != self._suggested:
            name = Path(written.value).name
        self._suggested = str(self._folder / default_path(self.contents, self.format).name)
        written.value = str(self._folder / name)

    def on_input_submitted(self) -> None:
        """Write the file."""
        self.action_write()

    def on_button_pressed(self) -> None:
        """Write the file."""
        self.action_write()

    def action_write(self) -> None:
        """Answer with what is chosen, or say what is missing."""
        try:
            path = path_of(self.query_one("#path", Input).value.strip(), self.format)
        except BadInput as error:
            shown = self.query_one("#result", Static)
            shown.update(str(error))
            shown.display = True
        else:
            self.dismiss(ExportOrder(self.contents, self.format, path))

    def action_cancel(self) -> None:
        self.dismiss(None)


def path_of(text: str, format: Format) -> Path:
    """Return the path that was typed; raises BadInput where nothing of the format can be written there."""
    try:
        path = Path(text).expanduser()
        with suppress(FileNotFoundError):
            path.stat()
    except RuntimeError:
        raise BadInput(f"There is no user as in {text}: write the whole path.") from None
    except (OSError, ValueError) as error:  # a name that is too long, a folder of somebody else
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput(f"The file can't be written ({reason.lower()}): choose another name or folder.") from None
    if not path.name or (path.is_dir() and not format.folder_for_range):
        raise BadInput("Write the name of a file, not only a folder.")
    if not path.parent.is_dir():
        raise BadInput(f"There is no folder {path.parent}: choose one that exists.")
    return path
