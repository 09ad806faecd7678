"""Day: one local day, put together from the pages in a store."""

from dataclasses import dataclass
from datetime import date, tzinfo

import numpy as np
from numpy.typing import NDArray

from unslouch.store import Store
from unslouch_device.contract import states

from . import caveats, configuration
from .alerts import boot_alerts
from .decode import RawEvent, Records, decode
from .episodes import boot_episodes
from .metrics.observations import Observations
from .metrics.registry import summarise
from .model import Alert, Day, Episode, Epochs, Event, TimeQuality
from .spans import StateInterval, boot_state_intervals, overlap_ms, tile
from .timebase import STEP_MS, BootTimebase, Timestamps, boot_timebases
from .wear import HINDSIGHT_MS, happened_off_body, not_worn_intervals, noticed_late, states_in_hindsight, unbroken_runs
from .zones import local_day, to_local, to_utc_ms


@dataclass(frozen=True)
class _BootDay:
    """What one boot adds to a day; `epochs` and `events` are of the day, `stretches` may reach beyond it."""

    epochs: Epochs
    events: list[Event]
    worn_events: list[Event]
    """Without those that happened while the sensor lay off the body, as was noticed later."""
    episodes: list[Episode]
    alerts: list[Alert]
    stretches: list[StateInterval]
    jumps_ms: list[int]


def day(store: Store, which: date, tz: tzinfo) -> Day:
    """Return a local day of all that a store holds; without spans if all records are earlier.

    The same pages give the same day. Raises StoreError if the store can't be read, BadInput for a day out of range.
    """
    start, end = local_day(which, tz)
    start_ms, end_ms = to_utc_ms(start), to_utc_ms(end)
    with store.snapshot():
        times = boot_times(store)
        found = _load(store, times, start_ms, end_ms)
        setup = configuration.setup_events(store, found)
        last_ms = last_record_utc_ms(store, times)
        undated = _undated(store, times)
    until_ms = max(start_ms, min(end_ms, start_ms if last_ms is None else last_ms))
    boots = [_boot_day(found, boot, times[boot], start_ms, end_ms) for boot in found.boots()]
    epochs = _join([boot.epochs for boot in boots])
    events = [event for boot in boots for event in boot.events]
    worn_events = [event for boot in boots for event in boot.worn_events]
    alerts = sorted((alert for boot in boots for alert in boot.alerts), key=lambda alert: alert.utc_ms)
    of = configuration.sequence_ranges(epochs, events)
    moved = configuration.sensor_moved(worn_events, configuration.profile_names(setup, of))
    episodes = sorted(
        (episode for boot in boots for episode in boot.episodes), key=lambda episode: episode.start_utc_ms
    )
    stretches = [stretch for boot in boots for stretch in boot.stretches]
    spans = tile(stretches, start_ms, until_ms)
    hours = (end_ms - start_ms) / 3_600_000
    within = [
        stretch._replace(start_utc_ms=max(stretch.start_utc_ms, start_ms), end_utc_ms=min(stretch.end_utc_ms, until_ms))
        for stretch in stretches
    ]
    return Day(
        day=which,
        timezone=str(tz),
        start=start,
        end=end,
        hours=hours,
        until_utc_ms=until_ms,
        epochs=epochs,
        events=events,
        spans=spans,
        episodes=episodes,
        summary=summarise(Observations(hours, epochs, spans, episodes, alerts, worn_events, moved)),
        caveats=[
            *caveats.clock_change_caveats(start, end, to_local(until_ms, tz) if start_ms < until_ms < end_ms else None),
            *caveats.time_quality_caveats(epochs, {boot for boot in times if times[boot].jumps_ms}),
            *caveats.wrong_clock_caveats(events, tz),
            *caveats.clock_set_caveats([jump_ms for boot in boots for jump_ms in boot.jumps_ms]),
            *caveats.loss_caveats(found, epochs, events),
            *caveats.overlap_caveats(overlap_ms(within)),
            *caveats.undated_caveats(undated),
            *caveats.sensor_moved_caveats(moved, tz),
        ],
        alerts=alerts,
        calibrations=configuration.calibrations(setup, epochs, events, of, times),
        delays=configuration.delays(setup, events, of, times),
        sensor_moved=moved,
    )


def boot_times(store: Store) -> dict[tuple[int, int], BootTimebase]:
    """Return the time of every (journal, boot) that can be dated."""
    return boot_timebases(store.boots(), decode(store.clock_pages()).events)


def last_record_utc_ms(store: Store, times: dict[tuple[int, int], BootTimebase]) -> int | None:
    """Return where the last record of all ends, None if none can be dated."""
    ends = (times[at[:2]].timestamp(at.last_uptime_ms)[0] for at in store.boots() if at[:2] in times)
    return max(ends, default=None)


def _undated(store: Store, times: dict[tuple[int, int], BootTimebase]) -> dict[int, int]:
    dated = {journal for journal, _ in times}
    return {journal: store.records(journal) for journal in store.journals() if journal not in dated}


def _load(store: Store, times: dict[tuple[int, int], BootTimebase], start_ms: int, end_ms: int) -> Records:
    """Return the records of every boot that was on in a stretch of UTC, and those around it that tell about it."""
    pages: list[bytes] = []
    for extent in store.boots():
        time = times.get(extent[:2])
        uptimes = time.uptime_range(start_ms, end_ms) if time else None
        if uptimes and uptimes[0] <= extent.last_uptime_ms and uptimes[1] >= 0:
            pages += store.pages_around(extent.journal, extent.boot, uptimes[0], uptimes[1] + HINDSIGHT_MS)
    return decode(pages)


def _boot_day(found: Records, boot: tuple[int, int], time: BootTimebase, start_ms: int, end_ms: int) -> _BootDay:
    of_boot = np.flatnonzero((found.journal == boot[0]) & (found.boot == boot[1]))
    uptime_ms = found.uptime_ms[of_boot]
    events = [event for event in found.events if (event.journal, event.boot) == boot]
    late = noticed_late(events)
    state = states_in_hindsight(uptime_ms, found.state[of_boot], late)
    runs = unbroken_runs(uptime_ms, found.sequence[of_boot], events)
    away = not_worn_intervals(uptime_ms, found.sequence[of_boot], events, runs)

    def utc_ms(uptime_ms: int) -> int:
        return time.timestamp(uptime_ms)[0]

    events_of_day = [event for event in _dated_events(events, time) if start_ms <= event.utc_ms < end_ms]
    return _BootDay(
        epochs=_dated_epochs(found, of_boot, state, time.timestamps(uptime_ms), start_ms, end_ms),
        events=events_of_day,
        worn_events=[event for event in events_of_day if not happened_off_body(event, late)],
        episodes=[
            episode
            for episode in boot_episodes(events, late, runs, utc_ms)
            if start_ms <= episode.start_utc_ms < end_ms
        ],
        alerts=[alert for alert in boot_alerts(events, late, runs, utc_ms) if start_ms <= alert.utc_ms < end_ms],
        stretches=boot_state_intervals(time, uptime_ms, state, [*away, *late]),
        jumps_ms=[
            jump_ms
            for at_ms, jump_ms in time.jumps_ms.items()
            if abs(jump_ms) > STEP_MS and start_ms <= time.timestamp(at_ms)[0] < end_ms
        ],
    )


def _dated_epochs(
    found: Records,
    of_boot: NDArray[np.int64],
    state: NDArray[np.uint8],
    dated: Timestamps,
    start_ms: int,
    end_ms: int,
) -> Epochs:
    here = (dated.utc_ms >= start_ms) & (dated.utc_ms < end_ms)
    at = of_boot[here]
    return Epochs(
        journal=found.journal[at],
        sequence=found.sequence[at],
        boot=found.boot[at],
        uptime_ms=found.uptime_ms[at],
        utc_ms=dated.utc_ms[here],
        utc_error_ms=dated.error_ms[here],
        time_quality=dated.quality[here],
        state=state[here],
        activity=found.activity[at],
        flags=found.flags[at],
        forward_cdeg=found.forward_cdeg[at],
        lateral_cdeg=found.lateral_cdeg[at],
        second_cdeg=found.second_cdeg[at],
        speed_cdeg_s=found.speed_cdeg_s[at],
        settings_revision=found.settings_revision[at],
        calibration_id=found.calibration_id[at],
    )


def _dated_events(events: list[RawEvent], time: BootTimebase) -> list[Event]:
    dated = time.timestamps(np.array([event.uptime_ms for event in events], np.int64))
    qualities = list(TimeQuality)
    return [
        Event(
            journal=event.journal,
            sequence=event.sequence,
            boot=event.boot,
            uptime_ms=event.uptime_ms,
            utc_ms=int(utc_ms),
            utc_error_ms=int(error_ms),
            time_quality=qualities[quality],
            code=event.code,
            name=event.name,
            fields=event.fields,
        )
        for event, utc_ms, error_ms, quality in zip(events, dated.utc_ms, dated.error_ms, dated.quality, strict=True)
    ]


def _join(parts: list[Epochs]) -> Epochs:
    nothing = np.zeros(0, np.int64)
    dated = Timestamps(nothing, nothing, nothing.astype(np.uint8))
    parts = [_dated_epochs(decode([]), nothing, nothing.astype(np.uint8), dated, 0, 0), *parts]
    return Epochs(*(np.concatenate([getattr(part, name) for part in parts]) for name in Epochs.__dataclass_fields__))


def has_data(of: Day) -> bool:
    """Tell a day of which anything is known."""
    return bool(len(of.epochs) or of.events or any(span.state != states.UNKNOWN for span in of.spans))
