"""Day: one local day, put together from the records of the boots that were on in it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from unslouch.store import AlertMark, CoachAnswer, ExerciseSession, MomentNote, Queries
from unslouch.store.derived import SETUP_CODES
from unslouch_device.contract import states

from . import caveats, configuration
from .alerts import boot_alerts
from .boot_index import BootId
from .decode import RawEvent, Records, decode
from .episodes import boot_episodes, cut_at_midnight
from .imported import IndexWithImports, with_imported_calibrations, with_imported_delays, with_imported_firmware
from .metrics.observations import Observations
from .metrics.registry import summarise
from .metrics.summary import Summary
from .model import Alert, Calibration, DelayStep, Episode, Epochs, Event, Interval, SensorMoved, Span, TimeQuality
from .spans import StateInterval, boot_state_intervals, overlap_ms, tile
from .timebase import STEP_MS, BootTimebase, Timestamps
from .wear import happened_off_body, hindsight_intervals, not_worn_intervals, states_in_hindsight, unbroken_runs
from .zones import local_day, to_local, to_utc_ms

_MARK_SLACK_MS = 86_400_000
"""More than an alert's time changes after it was marked."""


@dataclass(frozen=True)
class Day:
    """One local day of records."""

    day: date
    timezone: str
    start: datetime
    end: datetime
    hours: float
    """Length of the local day: 24, or 23 or 25 where summer time begins or ends."""
    until_utc_ms: int
    """The end of the day, or the last record of a day that is not over."""
    epochs: Epochs
    events: list[Event]
    spans: list[Span]
    episodes: list[Episode]
    summary: Summary
    caveats: list[str] = field(default_factory=list)
    """Sentences on what limits the numbers: summer time, uncertain times, gaps, a sensor that may have moved."""
    alerts: list[Alert] = field(default_factory=list)
    calibrations: list[Calibration] = field(default_factory=list)
    """By journal and id."""
    delays: list[DelayStep] = field(default_factory=list)
    """For each journal the delay that the day begins with, if a record contains it, then every change."""
    sensor_moved: list[SensorMoved] = field(default_factory=list)
    alert_marks: list[AlertMark] = field(default_factory=list)
    """What the wearer said of the day's alerts."""
    moment_notes: list[MomentNote] = field(default_factory=list)
    """The wearer's notes to moments of the day."""
    sessions: list[ExerciseSession] = field(default_factory=list)
    """The exercise sessions that began on the day."""
    coach_answers: list[CoachAnswer] = field(default_factory=list)
    """What the coach suggested on the day, and what the wearer answered."""
    firmware: dict[int, str] = field(default_factory=dict)
    """By journal, the versions of the firmware that wrote the day's records."""
    deleted: list[Interval] = field(default_factory=list)
    """What the wearer deleted of the day; the spans show it as UNKNOWN."""

    @cached_property
    def observations(self) -> Observations:
        """What the day's metrics, distributions and tables are computed from."""
        return Observations(
            start_utc_ms=to_utc_ms(self.start),
            end_utc_ms=to_utc_ms(self.end),
            epochs=self.epochs,
            spans=self.spans,
            episodes=self.episodes,
            alerts=self.alerts,
            events=self.events,
            sensor_moved=self.sensor_moved,
            calibrations=self.calibrations,
            firmware=self.firmware,
            deleted=self.deleted,
            alert_marks=self.alert_marks,
            sessions=self.sessions,
        )


class LocalDay:
    """A date in a zone; raises BadInput for a date that no record can be of."""

    def __init__(self, date: date, tz: tzinfo) -> None:
        self.date = date
        self.tz = tz
        self.start, self.end = local_day(date, tz)
        self.start_ms, self.end_ms = to_utc_ms(self.start), to_utc_ms(self.end)

    def contains(self, utc_ms: int) -> bool:
        """Return whether a moment lies in the day."""
        return self.start_ms <= utc_ms < self.end_ms

    def until_ms(self, last_record_ms: int | None) -> int:
        """Return the end of what can be known of the day, given where the last record of all ends."""
        return max(self.start_ms, min(self.end_ms, self.start_ms if last_record_ms is None else last_record_ms))


@dataclass(frozen=True)
class _BootDay:
    """What one boot adds to a day; `intervals` may reach beyond it."""

    epochs: Epochs
    events: list[Event]
    episodes: list[Episode]
    alerts: list[Alert]
    intervals: list[StateInterval]
    jumps_ms: list[int]


@dataclass(frozen=True)
class _Setup:
    """The configuration under which a day's records were made."""

    calibrations: list[Calibration]
    delays: list[DelayStep]
    firmware: dict[int, str]
    sensor_moved: list[SensorMoved]


def read_day(local: LocalDay, stored: Records, index: IndexWithImports, store: Queries) -> Day:
    """Return a day, given the boots that were on in it, with the records around it that show the states at its edges.

    The index must be that of the day, and the store in the same snapshot.
    """
    until_ms = local.until_ms(index.last_record_utc_ms())
    boots = [_boot_day(stored, boot, index.timebase(boot), local) for boot in stored.boots()]
    epochs = joined((boot.epochs for boot in boots), sum(len(boot.epochs) for boot in boots))
    events = [event for boot in boots for event in boot.events]
    alerts = sorted((alert for boot in boots for alert in boot.alerts), key=lambda alert: alert.utc_ms)
    deleted = [Interval(*times) for times in store.deleted_times(local.start_ms, local.end_ms)]
    episodes = _kept_episodes(boots, deleted)
    setup = _read_setup(local, stored, epochs, events, index, store)
    intervals = [interval for boot in boots for interval in boot.intervals]
    sleeps = index.deep_sleeps(local.start_ms, local.end_ms)
    intervals += [StateInterval(*sleep[:2], states.OFF_BODY) for sleep in sleeps if sleep.is_off_body]
    recalled = store.imports.spans(local.start_ms, local.end_ms) if index.has_imports else []
    spans = tile(intervals, local.start_ms, until_ms, [StateInterval(*span) for span in recalled])
    disputed = {boot for boot in stored.boots() if index.timebase(boot).is_disputed}
    words = words_of_day(local, store)
    named = {(alert.journal, alert.sequence) for alert in alerts}
    day = Day(
        day=local.date,
        timezone=str(local.tz),
        start=local.start,
        end=local.end,
        hours=(local.end_ms - local.start_ms) / 3_600_000,
        until_utc_ms=until_ms,
        epochs=epochs,
        events=events,
        spans=spans,
        episodes=episodes,
        summary=Summary({}),
        caveats=[
            *caveats.clock_change_caveats(local.start, local.end, _known_until(local, until_ms)),
            *caveats.time_quality_caveats(epochs, disputed),
            *caveats.wrong_clock_caveats(events, local.tz),
            *caveats.clock_set_caveats([jump_ms for boot in boots for jump_ms in boot.jumps_ms]),
            *caveats.deep_sleep_caveats(sleeps, local.tz),
            *caveats.loss_caveats(stored, epochs, events),
            *caveats.deleted_caveats(deleted, local.tz),
            *caveats.overlap_caveats(overlap_ms(intervals, local.start_ms, until_ms)),
            *caveats.undated_caveats(index.undated()),
            *caveats.sensor_moved_caveats(setup.sensor_moved, local.tz),
        ],
        alerts=alerts,
        calibrations=setup.calibrations,
        delays=setup.delays,
        sensor_moved=setup.sensor_moved,
        alert_marks=[mark for mark in words.alert_marks if (mark.journal, mark.sequence) in named],
        moment_notes=words.notes,
        sessions=words.sessions,
        coach_answers=store.coach_answers.between(local.start_ms, local.end_ms),
        firmware=setup.firmware,
        deleted=deleted,
    )
    summary = summarise(day.observations)
    return replace(day, summary=summary, caveats=[*day.caveats, *caveats.summary_caveats(summary)])


def _read_setup(
    local: LocalDay, stored: Records, epochs: Epochs, events: list[Event], index: IndexWithImports, store: Queries
) -> _Setup:
    """Return the configuration under which the records of a day were made."""
    ranges = configuration.sequence_ranges(epochs, events)
    setup = configuration.setup_events(store, _setups(stored, events), epochs, ranges)
    calibrations = configuration.calibrations(setup, epochs, events, ranges, index.timebase)
    delays = configuration.delays(setup, events, ranges, index.timebase)
    firmware = configuration.firmware_versions(store, _boots_of(epochs, events))
    if index.has_imports:
        calibrations = list(with_imported_calibrations(calibrations, store))
        delays = with_imported_delays(delays, ranges, local.start_ms, store)
        firmware = with_imported_firmware(firmware, ranges, local.start_ms, local.end_ms, store)
    on_body = [event for event in events if not event.off_body]
    moved = configuration.sensor_moved(on_body, configuration.profile_names(setup, ranges))
    return _Setup(calibrations, delays, firmware, moved)


def _kept_episodes(boots: list[_BootDay], deleted: list[Interval]) -> list[Episode]:
    """Return the episodes of all boots in order, but for those that begin in a deleted range."""
    episodes = (each for boot in boots for each in boot.episodes if not _is_inside(each.start_utc_ms, deleted))
    return sorted(episodes, key=lambda episode: episode.start_utc_ms)


def _is_inside(utc_ms: int, intervals: list[Interval]) -> bool:
    return any(interval.start_utc_ms <= utc_ms < interval.end_utc_ms for interval in intervals)


@dataclass(frozen=True)
class DayWords:
    """What the wearer said about a day."""

    alert_marks: list[AlertMark]
    """Of the day's alerts, and of others near the day."""
    notes: list[MomentNote]
    sessions: list[ExerciseSession]


def words_of_day(local: LocalDay, store: Queries) -> DayWords:
    """Return the wearer's words about a day; without any in the store this costs one query.

    The time of an alert may be better known now than when it was marked, so marks near the day come too.
    """
    if not store.revisions().words:
        return DayWords([], [], [])
    return DayWords(
        store.words.alert_marks(local.start_ms - _MARK_SLACK_MS, local.end_ms + _MARK_SLACK_MS),
        store.words.notes(local.start_ms, local.end_ms),
        store.words.sessions(local.start_ms, local.end_ms),
    )


def _known_until(local: LocalDay, until_ms: int) -> datetime | None:
    """Return where the records end if that is within the day."""
    return to_local(until_ms, local.tz) if local.start_ms < until_ms < local.end_ms else None


def _boots_of(epochs: Epochs, events: list[Event]) -> list[BootId]:
    """Return the boots that the day has records of, ascending."""
    of_epochs = np.unique(epochs.journal.astype(np.int64) << 16 | epochs.boot).tolist()
    return sorted(
        {(name >> 16, name & 0xFFFF) for name in of_epochs} | {(event.journal, event.boot) for event in events}
    )


def _setups(stored: Records, events: list[Event]) -> list[RawEvent]:
    names = {(event.journal, event.sequence) for event in events if event.code in SETUP_CODES}
    return [event for event in stored.events if (event.journal, event.sequence) in names]


def _boot_day(stored: Records, boot: BootId, timebase: BootTimebase, local: LocalDay) -> _BootDay:
    rows = np.flatnonzero((stored.journal == boot[0]) & (stored.boot == boot[1]))
    uptime_ms = stored.uptime_ms[rows]
    events = [event for event in stored.events if (event.journal, event.boot) == boot]
    hindsight = hindsight_intervals(events)
    state = states_in_hindsight(uptime_ms, stored.state[rows], hindsight)
    runs = unbroken_runs(uptime_ms, stored.sequence[rows], events)
    not_worn = not_worn_intervals(uptime_ms, stored.sequence[rows], events, runs)

    def utc_ms(uptime_ms: int) -> int:
        return timebase.timestamp(uptime_ms)[0]

    day_events = [
        replace(event, off_body=True) if happened_off_body(event, hindsight) else event
        for event in _events_with_time(events, timebase)
        if local.contains(event.utc_ms)
    ]
    episodes, alerts = boot_episodes(events, hindsight, runs, utc_ms), boot_alerts(events, hindsight, runs, utc_ms)
    return _BootDay(
        epochs=epochs_with_time(stored, rows, state, timebase.timestamps(uptime_ms), local.start_ms, local.end_ms),
        events=day_events,
        episodes=cut_at_midnight(episodes, alerts, local.start_ms, local.end_ms),
        alerts=[alert for alert in alerts if local.contains(alert.utc_ms)],
        intervals=boot_state_intervals(timebase, uptime_ms, state, [*not_worn, *hindsight]),
        jumps_ms=[
            jump_ms
            for at_ms, jump_ms in timebase.jumps_ms.items()
            if abs(jump_ms) > STEP_MS and local.contains(utc_ms(at_ms))
        ],
    )


def epochs_with_time(
    stored: Records,
    rows: NDArray[np.int64],
    state: NDArray[np.uint8],
    times: Timestamps,
    start_utc_ms: int,
    end_utc_ms: int,
) -> Epochs:
    """Return those of the stored epochs that begin in [start, end); rows, state and times are of one length."""
    inside = (times.utc_ms >= start_utc_ms) & (times.utc_ms < end_utc_ms)
    at = rows[inside]
    return Epochs(
        journal=stored.journal[at],
        sequence=stored.sequence[at],
        boot=stored.boot[at],
        uptime_ms=stored.uptime_ms[at],
        utc_ms=times.utc_ms[inside],
        utc_error_ms=times.error_ms[inside],
        time_quality=times.quality[inside],
        state=state[inside],
        activity=stored.activity[at],
        flags=stored.flags[at],
        forward_cdeg=stored.forward_cdeg[at],
        lateral_cdeg=stored.lateral_cdeg[at],
        second_cdeg=stored.second_cdeg[at],
        speed_cdeg_s=stored.speed_cdeg_s[at],
        settings_revision=stored.settings_revision[at],
        calibration_id=stored.calibration_id[at],
    )


def _events_with_time(events: list[RawEvent], timebase: BootTimebase) -> list[Event]:
    times = timebase.timestamps(np.array([event.uptime_ms for event in events], np.int64))
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
        for event, utc_ms, error_ms, quality in zip(events, times.utc_ms, times.error_ms, times.quality, strict=True)
    ]


def joined(parts: Iterable[Epochs], most: int) -> Epochs:
    """Return the epochs of all parts, at most so many, one part after the other.

    Each part is copied before the next is made, so that the memory is that of the result and of one part.
    """
    nothing = np.zeros(0, np.int64)
    no_times = Timestamps(nothing, nothing, nothing.astype(np.uint8))
    empty = epochs_with_time(decode([]), nothing, nothing.astype(np.uint8), no_times, 0, 0)
    columns = {name: np.empty((most, *column.shape[1:]), column.dtype) for name, column in vars(empty).items()}
    length = 0
    for part in parts:
        for name, column in columns.items():
            column[length : length + len(part)] = getattr(part, name)
        length += len(part)
    return Epochs(**{name: column[:length] for name, column in columns.items()})


def has_data(day: Day) -> bool:
    """Return whether anything is known of a day."""
    return bool(len(day.epochs) or day.events or any(span.state != states.UNKNOWN for span in day.spans))
