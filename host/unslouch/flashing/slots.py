"""Slots: which of the board's two packs is written next, and what `slot` holds meanwhile (see root/main.py)."""

from dataclasses import dataclass

TRIALS = 3
NONE = "-"


@dataclass(frozen=True)
class Slots:
    """A change from the current pack (None: there is none) to the target."""

    current: str | None
    target: str
    safe_state: str | None
    """What to write into `slot` before the target's pack is changed; None: nothing."""

    @property
    def trial_state(self) -> str:
        """What to write into `slot` to start the target on trial."""
        return f"{self.target}{self.current or NONE}{TRIALS}"


def slots_from(state: str, present: set[str]) -> Slots:
    """Return the change, given the content of `slot` and the packs that exist.

    A pack on trial is overwritten rather than the proven one.
    """
    packs = [letter for letter in state[:2] if letter in present]
    if not packs:
        return Slots(None, "a", None)
    current = packs[-1]  # the proven pack, or the only one
    return Slots(current, "b" if current == "a" else "a", current if state[0] != current else None)
