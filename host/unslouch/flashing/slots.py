"""Slots: which of the board's two packs is filled next, and what its `slot` file says meanwhile (see root/main.py)."""

from dataclasses import dataclass

TRIALS = 3
NONE = "-"


@dataclass(frozen=True)
class Slots:
    """A change from the pack that starts now (None: none does) to another one."""

    current: str | None
    target: str
    safe_state: str | None
    """What `slot` has to say before the target's pack may be touched; None: what it says."""

    @property
    def trial_state(self) -> str:
        """What switches over."""
        return f"{self.target}{self.current or NONE}{TRIALS}"


def slots_from(state: str, present: set[str]) -> Slots:
    """Return the change, given the content of `slot` and the packs that are there.

    A pack that is only on trial gives way to the next one, so that the one that has proved itself stays.
    """
    packs = [letter for letter in state[:2] if letter in present]
    if not packs:
        return Slots(None, "a", None)
    current = packs[-1]  # the one to go back to, or the only one
    return Slots(current, "b" if current == "a" else "a", current if state[0] != current else None)
