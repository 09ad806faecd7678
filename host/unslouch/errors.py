"""Errors that a user can meet, and the exit codes of the command line."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the `unslouch` command returns to the shell."""

    OK = 0
    """It did what was asked."""
    FAILED = 1
    """Something unforeseen went wrong; a log file that it names holds the traceback."""
    USAGE = 2
    """The command line was wrong."""
    NO_SENSOR = 3
    """No sensor was found, or it went away."""
    NOT_OURS = 4
    """What answers is not an unslouch sensor, or speaks another protocol version."""
    SENSOR_BUSY = 5
    """Another program has the port."""
    REFUSED = 6
    """The sensor understood and refused, and says why."""
    STORE = 7
    """The database can't be used: locked, read-only, corrupt, full, or from a newer version."""
    NO_DATA = 8
    """There is nothing recorded for what was asked."""
    BAD_INPUT = 9
    """A file or value that was given can't be used."""
    OUTPUT = 10
    """The result can't be written where it should go."""
    NOT_PAIRED = 11
    """The sensor and this computer aren't paired, or one of them has forgotten it."""
    INTERRUPTED = 130
    """Ended by Ctrl+C or another signal."""


class UnslouchError(Exception):
    """Base of every error a user can meet: one sentence of what happened, to what, and what to do next."""

    exit_code = ExitCode.FAILED


class NoSensor(UnslouchError):
    """No sensor answers, or the one in use went away."""

    exit_code = ExitCode.NO_SENSOR


class NotOurs(UnslouchError):
    """The device on the port does not speak our protocol, or another version of it."""

    exit_code = ExitCode.NOT_OURS


class SensorBusy(UnslouchError):
    """Another program holds the port."""

    exit_code = ExitCode.SENSOR_BUSY


class Refused(UnslouchError):
    """The sensor refused a request; `status` is the code of contract.messages."""

    exit_code = ExitCode.REFUSED

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class StoreError(UnslouchError):
    """The database can't be used as it is."""

    exit_code = ExitCode.STORE


class NoData(UnslouchError):
    """Nothing is recorded for what was asked."""

    exit_code = ExitCode.NO_DATA


class BadInput(UnslouchError):
    """A file or value given by the user can't be used."""

    exit_code = ExitCode.BAD_INPUT


class OutputError(UnslouchError):
    """The result can't be written where it should go."""

    exit_code = ExitCode.OUTPUT
