"""The keys of the Day mode that store the wearer's own words: marks on alerts, and notes to moments."""

from typing import TYPE_CHECKING

from .day_reading import DayReader

if TYPE_CHECKING:
    from unslouch.store import MomentNote


class DayWords(DayReader):
    """Marks an alert as wrong, and writes, changes and deletes notes."""

    def action_mark_wrong(self) -> None:
        """Mark an alert as wrong, or take the mark away."""
        from unslouch.store.words import WRONG_ALARM, AlertMark

        reading, alerts = self._reading, self._tables["alerts"]
        if reading is None:
            return
        chosen_ms = alerts.chosen_ms if alerts.has_focus else self._timeline.cursor_ms
        alert = min(reading.day.alerts, key=lambda alert: abs(alert.utc_ms - (chosen_ms or 0)), default=None)
        if alert is None:
            self.notify("There was no alert on this day.", markup=False)
            return
        named = alert.journal, alert.sequence
        is_marked = any((mark.journal, mark.sequence) == named for mark in reading.day.alert_marks)

        async def mark() -> str:
            if is_marked:
                await self.shared.change_store(lambda store: store.words.unmark_alert(*named))
            else:
                wrong = AlertMark(*named, alert.utc_ms, WRONG_ALARM)
                await self.shared.change_store(lambda store: store.words.mark_alert(wrong))
            await self._read(self._wanted)
            at = self._clock(alert.utc_ms)
            return f"The alert of {at} counts again." if is_marked else f"The alert of {at} is marked as a wrong alarm."

        self.run_in_turn(mark)

    def action_note(self) -> None:
        """Ask for a note to the cursor's moment, or for another text of the note that is chosen."""
        from .ask_text import AskTextScreen

        reading, notes, at_ms = self._reading, self._tables["notes"], self._timeline.cursor_ms
        if reading is None or at_ms is None:
            return
        chosen_ms = notes.chosen_ms if notes.has_focus else at_ms
        note = next((note for note in reading.day.moment_notes if note.utc_ms == chosen_ms), None)

        def answer(text: str | None) -> None:
            if text is not None and (text.strip() or note is not None):
                self.run_in_turn(self._write_note, at_ms, text.strip(), note)

        when = self._clock(note.utc_ms if note is not None else at_ms)
        explanation = "An empty text deletes the note." if note is not None else "What was at that moment?"
        self.app.push_screen(
            AskTextScreen(f"Note to {when}", explanation, note.text if note is not None else ""), answer
        )

    async def _write_note(self, utc_ms: int, text: str, note: "MomentNote | None") -> str:
        if note is None:
            await self.shared.change_store(lambda store: store.words.add_note(utc_ms, text))
        elif text:
            changed = note._replace(text=text)
            await self.shared.change_store(lambda store: store.words.change_note(changed))
        else:
            await self.shared.change_store(lambda store: store.words.delete_note(note.note_id))
        await self._read(self._wanted)
        return "The note is stored." if text else "The note is deleted."
