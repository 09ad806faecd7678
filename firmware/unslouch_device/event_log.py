"""Events: appended to the journal, made durable, and shown to the listeners."""


class EventLog:
    """Appends events of contract.records to a journal."""

    def __init__(self, journal, uptime) -> None:
        self._journal = journal
        self._uptime = uptime
        self.flash_errors = 0
        self._listener = None

    def listen(self, listener) -> None:
        """Have a function called with the code and record of each event from now on."""
        self._listener = listener

    def note(self, code: int, uptime_ms: int, *fields: int) -> None:
        """Append an event of a given uptime."""
        record = self._journal.append_event(code, uptime_ms, *fields)
        if self._listener is not None:
            self._listener(code, record)

    def note_now(self, code: int, *fields: int) -> None:
        """Append an event of now."""
        self.note(code, self._uptime.now_ms(), *fields)

    def flush(self) -> None:
        """Make the journal durable; where flash fails now, the next flush tries again."""
        try:
            self._journal.flush()
        except OSError:
            self.flash_errors += 1
