"""Progress: a bar that grows on a terminal, by rich, and nothing where there is none."""

import sys
from typing import TYPE_CHECKING, TextIO, cast

from . import console

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID


class Progress:
    """One bar on stderr, from show() to the next sentence or end()."""

    def __init__(self) -> None:
        self._bar: RichProgress | None = None

    def show(self, done: int, total: int) -> None:
        """Draw how much of a total is done."""
        if not console.is_terminal("stderr"):
            return
        if self._bar is None:
            self._bar = _new_bar()
            self._task: TaskID = self._bar.add_task("", total=total)
            self._bar.start()
        self._bar.update(self._task, completed=done, total=total)
        self._bar.refresh()

    def end(self) -> None:
        """Leave the bar as it is and go to the next line."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def say(self, sentence: str) -> None:
        """Print a sentence below the bar, which ends."""
        self.end()
        console.log_line(sentence)


def _new_bar() -> "RichProgress":
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn
    from rich.progress import Progress as RichProgress

    stderr = cast(TextIO, _Stderr())
    return RichProgress(
        BarColumn(),
        TaskProgressColumn(),
        console=Console(file=stderr, force_terminal=True),
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
    )


class _Stderr:
    """stderr as a file, for rich: it never makes the program wait."""

    @property
    def encoding(self) -> str:
        return sys.stderr.encoding or "utf-8"

    def write(self, text: str) -> int:
        console.write_stderr(text)
        return len(text)

    def flush(self) -> None:
        """Do nothing: write() has handed everything on."""

    def isatty(self) -> bool:
        return console.is_terminal("stderr")
