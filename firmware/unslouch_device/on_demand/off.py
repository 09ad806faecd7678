"""Off: deep sleep that the button asks for, which only the button, held, and the cable end."""

from ..contract import records as r
from ..parts.button import POLL_MS
from ..parts.motor import REFUSED_PATTERN
from ..port import sleep_ms

OFF_PATTERN = (350, 150, 80, 150, 80)  # it switches itself off
ON_MS = 1200  # for which the button has to be held after the start, to switch on
ON_PATTERN = (80, 150, 350)  # it is on: the button can be let go
SETTLE_MS = 500


def switch_off(app) -> None:
    """Sleep until the button or the cable ends that; refused on the cable, and where nothing would end it."""
    can_wake = app.can_span_sleep and (app.button_wakes or app.power.knows_external)
    if app.power.external() or not can_wake:
        app.feedback.play(REFUSED_PATTERN)
    else:
        app.tasks.send_off(_fall_asleep, app)


async def _fall_asleep(app) -> None:
    app.feedback.play(OFF_PATTERN, urgent=True)
    await sleep_ms(sum(OFF_PATTERN) + SETTLE_MS)
    app.fall_asleep(r.ASLEEP_BY_HAND)


async def stay_on_if_held(app) -> None:
    """After a press that woke a board that was off: sleep again unless the button stays down."""
    for _ in range(ON_MS // POLL_MS):
        if not app.button.is_down():
            app.fall_asleep(r.ASLEEP_BY_HAND)
            return
        await sleep_ms(POLL_MS)
    app.feedback.play(ON_PATTERN)
