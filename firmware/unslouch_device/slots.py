"""Trials: new firmware is active once it has shown that it works; until then root/main.py may go back."""

from .port import rename

_PROMPT = b"prompt"
_SEEN = b"seen"  # which root/main.py makes of it


def confirm(folder: str = "/") -> None:
    """Make this firmware the active one, which costs little if it is already. Raises OSError if flash fails."""
    try:
        with open(folder + "slot") as file:
            state = file.read()
    except OSError:  # not started by main.py
        return
    if len(state) > 1:
        with open(folder + "slot.new", "w") as file:
            file.write(state[0])
        rename(folder + "slot.new", folder + "slot")


def note_prompt(memory) -> None:
    """Note in tail.rtc_memory(), in place of what it holds, that the next reset is asked for: root/main.py reads it."""
    if memory is not None:
        memory(_PROMPT)


def reset_asked_for(memory) -> bool:
    """Return whether note_prompt() came before the last reset, until the memory keeps something else."""
    return memory is not None and memory() in (_PROMPT, _SEEN)
