"""Beginning a guided session from any mode: at the wearer's own steps, and after the rules before the first one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from unslouch.coach.catalogue import Exercise
from unslouch.coach.progress import Progress, read_progress
from unslouch.coach.session_plan import SessionItem
from unslouch.errors import NoData, UnslouchError

from .mode_screen import ModeScreen

if TYPE_CHECKING:
    from unslouch.analysis.history import History
    from unslouch.tui.shared import Shared


@dataclass(frozen=True)
class DoneExercises:
    """What the wearer did, and where they are with each exercise."""

    progress: Progress = field(default_factory=Progress)
    last_done_utc_ms: dict[str, int] = field(default_factory=dict)


async def read_done(shared: "Shared") -> DoneExercises:
    """Read what the wearer did from the sensor's database, nothing while there is none; raises StoreError."""
    try:
        return await shared.read_history(_read)
    except NoData:
        return DoneExercises()


def _read(history: "History") -> DoneExercises:
    store = history.store
    done = {session.exercise: session.end_utc_ms for session in store.words.sessions(0, 1 << 62)}
    return DoneExercises(read_progress(store), done)


async def begin_session(
    screen: ModeScreen,
    exercises: Sequence[Exercise],
    *,
    is_short: bool = False,
    on_begin: Callable[[], object] | None = None,
    on_end: Callable[[], object] | None = None,
) -> None:
    """Lead through exercises, after the rules if it is the first session.

    on_begin is called once the wearer has agreed to the rules, now or earlier; on_end when the session is over.
    """
    shared = screen.shared
    try:
        done = await read_done(shared)
    except UnslouchError as error:
        screen.notify_error(error)
        done = DoneExercises()
    items = [SessionItem(exercise, done.progress.step_of(exercise)) for exercise in exercises]

    def ended(_: None) -> None:
        if on_end is not None:
            on_end()

    def begin(agreed: bool | None = True) -> None:
        from .guided_session import GuidedSessionScreen

        if agreed:
            shared.has_read_rules = True
            if on_begin is not None:
                on_begin()
            screen.app.push_screen(GuidedSessionScreen(shared, items, is_short=is_short), ended)

    if shared.has_read_rules or done.last_done_utc_ms:
        begin()
        return
    from .confirm import ConfirmScreen

    screen.app.push_screen(ConfirmScreen("Before your first session", rules(), "y begins, Esc doesn't."), begin)


def rules() -> str:
    """Return what has to be known before the first session."""
    from unslouch.safety import Before, safety_rules

    shown = [rule for rule in safety_rules() if rule.before is Before.EXERCISING or rule.id == "not-medical"]
    return "\n\n".join(f"{rule.title}. {rule.text}" for rule in shown)
