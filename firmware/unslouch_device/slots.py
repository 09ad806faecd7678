"""Slots: new firmware is on trial until it has shown that it works; until then the pack before it may come back.

`slot` names the active pack, and the one on trial (see root/main.py, which counts the starts). `slot.air` names a pack
that came over a link instead of MicroPython's prompt, and counts how long it has been awake on trial. Such a pack has
to be reached by a host in that time, since nobody may be near enough to plug a cable in.
"""

from .port import rename

SLOT = "slot"
OVER_LINK = "slot.air"
NOTHING = "-"  # in `slot`: no pack to go back to
AWAKE_STEP_MS = 60_000  # that `slot.air` counts, whole ones of each boot
AWAKE_STEPS = 30  # 30 min awake without a handshake, all boots together: deep sleep is no time awake

_PROMPT = b"prompt"
_SEEN = b"seen"  # which root/main.py makes of it


def read(path: str) -> str:
    """Return what a small file holds, "" if there is none."""
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def write(path: str, text: str) -> None:
    """Replace a small file, which is never half written. Raises OSError if flash fails."""
    with open(path + ".new", "w") as file:
        file.write(text)
    rename(path + ".new", path)


def confirm(folder: str = "/") -> None:
    """Make this firmware the active one, which costs little if it is already. Raises OSError if flash fails."""
    state = read(folder + SLOT)  # empty if main.py didn't start this
    if len(state) > 1:
        write(folder + SLOT, state[0])
    if read(folder + OVER_LINK)[:1] == state[:1] != "":
        write(folder + OVER_LINK, "")


class Trial:
    """The trial of the firmware that runs: `is_over` once it has shown that it works, or can't go back.

    `pack` is the slot that it was started from, "" if from none.
    """

    def __init__(self, folder: "str | None") -> None:
        """folder: where the slots are, with a slash at the end. None: nobody started this from a pack."""
        self._folder = folder or ""
        state = "" if folder is None else read(folder + SLOT)
        mark = "" if folder is None else read(folder + OVER_LINK)
        self.pack = state[:1]
        self._before = state[1:2]
        self.is_over = len(state) < 2
        self.over_link = not self.is_over and mark[:1] == self.pack
        self._steps = int(mark[1:] or 0) if self.over_link else 0  # of AWAKE_STEP_MS
        self._step_at_ms = AWAKE_STEP_MS

    def is_due(self, now_ms: int, proven: bool) -> bool:
        """Return whether step() has something to write."""
        return not self.is_over and (proven or (self.over_link and now_ms >= self._step_at_ms))

    def step(self, now_ms: int, proven: bool) -> bool:
        """Note what is due at an uptime. Return whether the pack before this one has to be started now.

        proven: whether this firmware has shown that it works. Raises OSError if flash fails.
        """
        if proven:
            confirm(self._folder)
            self.is_over = True
            return False
        if self._steps + 1 >= AWAKE_STEPS:
            if self._before == NOTHING:
                self.over_link = False  # from here on, a good run is a proof
                return False
            write(self._folder + SLOT, self._before)
            self.is_over = True
            return True
        write(self._folder + OVER_LINK, self.pack + str(self._steps + 1))
        self._steps += 1
        self._step_at_ms += AWAKE_STEP_MS
        return False


def note_prompt(memory) -> None:
    """Note in tail.rtc_memory(), in place of what it holds, that the next reset is asked for: root/main.py reads it."""
    if memory is not None:
        memory(_PROMPT)


def reset_asked_for(memory) -> bool:
    """Return whether note_prompt() came before the last reset, until the memory keeps something else."""
    return memory is not None and memory() in (_PROMPT, _SEEN)
