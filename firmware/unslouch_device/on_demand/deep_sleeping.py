"""The app's part in deep sleep: falling asleep once its tasks have ended, and going on in the boot that follows."""

from ..contract import records as r
from ..deep_sleep import EMPTY_NAP_S, INSTANT_REST_MS, INSTANT_S, MOST_INSTANTS, fall_asleep, unpack_mark
from ..resting import DEEP_AGAIN_MS


def sleep(app, why: int, since_s: int) -> None:
    """Sleep until something is to be done; the board starts again afterwards.

    why: ASLEEP_…. since_s: App.time_s() at the journal's last record.
    """
    if why != r.ASLEEP_OFF_BODY:
        app.sampler.stop()  # else the motion sensor watches for motion
    if not app.can_span_sleep:
        app.machine.deepsleep(EMPTY_NAP_S * 1000)
    since = app.journal.id, app.journal.boot, since_s
    fall_asleep(app.machine, app.esp32, app.rtc_memory, app.board, why, since, app.resting.instants)


def go_on(app, mark: bytes) -> None:
    """Note how long the deep sleep was that a mark tells of, and go on as before: what lay off the body still does."""
    fields = unpack_mark(mark)
    if fields is None:
        return
    why, journal, boot, since_s, instants = fields[:5]
    slept_s = app.time_s() - since_s - app.uptime.now_ms() // 1000
    if (journal, boot + 1) != (app.journal.id, app.journal.boot) or not 0 <= slept_s < 1 << 32:
        return
    woken_by = _woken_by(app)
    app.event_log.note_now(r.DEEP_SLEEP_ENDED, slept_s, woken_by, why)
    app.touched_while_off = why == r.ASLEEP_BY_HAND and woken_by == r.WOKEN_BY_BUTTON
    if why != r.ASLEEP_OFF_BODY:
        return
    is_instant = woken_by != r.WOKEN_BY_TIMER and slept_s < INSTANT_S
    instants = instants + 1 if is_instant else 0
    app.resting.expect_deep_sleep(INSTANT_REST_MS if instants >= MOST_INSTANTS else DEEP_AGAIN_MS, instants)
    app.sampler.begin_off_body()


def _woken_by(app) -> int:
    """Return WOKEN_BY_…."""
    reason = app.machine.wake_reason()
    if reason == app.machine.EXT0_WAKE:
        return r.WOKEN_BY_BUTTON
    if app.power.external():
        return r.WOKEN_BY_CABLE
    return r.WOKEN_BY_TIMER if reason == app.machine.TIMER_WAKE else r.WOKEN_BY_MOTION
