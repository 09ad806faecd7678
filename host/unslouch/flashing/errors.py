"""Errors of an installation on a board that is there and free."""

from unslouch.errors import ExitCode, UnslouchError


class NotInstalled(UnslouchError):
    """The firmware can't be installed on the board; the earlier firmware still runs."""

    exit_code = ExitCode.REFUSED


class BoardError(NotInstalled):
    """Code that was sent to the board raised an exception there; `errno` is set if it was an OSError."""

    def __init__(self, message: str, errno: int | None = None) -> None:
        super().__init__(message)
        self.errno = errno
