"""Progress: a bar that grows on a terminal, and nothing where there is none."""

import shutil
import sys

WIDEST = 40


class Progress:
    """One bar on stderr, from show() to end(); what is told in between goes above it."""

    def __init__(self) -> None:
        self._on_terminal = sys.stderr.isatty()
        self._shown = ""

    def show(self, done: int, total: int) -> None:
        """Draw how much of a total is done."""
        if not self._on_terminal:
            return
        width = max(1, min(WIDEST, shutil.get_terminal_size().columns - 8))
        filled = width * done // max(1, total)
        shown = f"[{'#' * filled}{'.' * (width - filled)}] {100 * done // max(1, total):3}%"
        if shown != self._shown:
            sys.stderr.write("\r" + shown)
            sys.stderr.flush()
            self._shown = shown

    def end(self) -> None:
        """Leave the bar as it is and go to the next line."""
        if self._shown:
            sys.stderr.write("\n")
            self._shown = ""

    def tell(self, text: str) -> None:
        """Print a line of narration."""
        self.end()
        print(text, file=sys.stderr, flush=True)
