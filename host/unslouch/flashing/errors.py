"""What can keep firmware from being installed, beyond a board that isn't there or is busy."""

from unslouch.errors import ExitCode, UnslouchError


class NotInstalled(UnslouchError):
    """The board is there, and the firmware can't be put on it; what ran on it before still does."""

    exit_code = ExitCode.REFUSED


class BoardError(NotInstalled):
    """Code that was sent to the board ended in an exception there; `errno` is that of an OSError."""

    def __init__(self, message: str, errno: int | None = None) -> None:
        super().__init__(message)
        self.errno = errno
