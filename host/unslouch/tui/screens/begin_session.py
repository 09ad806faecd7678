"""Beginning a guided session from any mode: at the wearer's own steps, and after the rules before the first one."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from unslouch.coach.progress import Progress, read_progress
from unslouch.coach.session_plan import SessionItem
from unslouch.errors import NoData, UnslouchError

from .mode_screen import ModeScreen

if TYPE_CHECKING:
    from unslouch.analysis.history import History
    from unslouch.coach.catalogue import Exercise


async def begin_session(
    screen: ModeScreen,
    choose: Callable[[Progress], Sequence[SessionItem]],
    *,
    is_short: bool,
    on_begin: Callable[[], object] | None = None,
    on_end: Callable[[], object] | None = None,
) -> None:
    """Lead through exercises, after the rules if it is the first session.

    choose returns them, given the wearer's steps. is_short: by the smaller numbers of the doses. on_begin is called
    once the wearer has agreed to the rules, now or earlier; on_end when the session is over.
    """
    shared = screen.shared
    progress, is_first = Progress(), True
    try:
        progress, is_first = await shared.read_history(_read)
    except NoData:
        pass
    except UnslouchError as error:
        screen.notify_error(error)
    items = choose(progress)

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

    if shared.has_read_rules or not is_first:
        begin()
        return
    from .confirm import ConfirmScreen

    asked = ConfirmScreen("Before your first session", rules(), "y begins, Esc doesn't.", is_alone=True)
    screen.app.push_screen(asked, begin)


def one_exercise(exercise: "Exercise") -> Callable[[Progress], Sequence[SessionItem]]:
    """Return the choice of a single exercise."""
    return lambda progress: [SessionItem(exercise, progress.step_of(exercise))]


def _read(history: "History") -> tuple[Progress, bool]:
    store = history.store
    return read_progress(store), not store.words.has_sessions()


def rules() -> str:
    """Return what has to be known before the first session."""
    from unslouch.safety import Before, safety_rules

    shown = [rule for rule in safety_rules() if rule.before is Before.EXERCISING or rule.id == "not-medical"]
    return "\n\n".join(f"{rule.title}. {rule.text}" for rule in shown)
