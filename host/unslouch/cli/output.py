"""Output: lines of data on stdout, and a sentence where they can't be written."""

import os
import sys

from unslouch.errors import OutputError


def put(text: str) -> None:
    """Print a line of data at once; raises OutputError, or BrokenPipeError if its reader went away."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        silence_stdout()
        raise OutputError(f"The output can't be written to stdout ({error.strerror}): send it elsewhere.") from error


def silence_stdout() -> None:
    """Let what is still to be written vanish, instead of complaining at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
