"""Trials: new firmware is in force once it has shown that it works; until then root/main.py may take it back."""

from .port import rename


def on_trial(folder: str = "/") -> bool:
    """Tell whether this firmware still has to prove itself: after installing it, and after a crash."""
    return len(_state(folder)) > 1


def confirm(folder: str = "/") -> None:
    """Put this firmware in force; costs a small file's read if it is already. Raises OSError if flash fails."""
    state = _state(folder)
    if len(state) > 1:
        with open(folder + "slot.new", "w") as file:
            file.write(state[0])
        rename(folder + "slot.new", folder + "slot")


def _state(folder: str) -> str:
    try:
        with open(folder + "slot") as file:
            return file.read()
    except OSError:  # not started by main.py
        return ""
