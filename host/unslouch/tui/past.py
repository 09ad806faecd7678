"""Past: the sensor as it was at a moment of a recorded day, for the Live mode to draw as if it were now.

What the journal does not hold is not made up: there is one tilt for each second, and settings other than the delay are
those that the sensor has now.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from unslouch.analysis.day import Day
from unslouch.analysis.metrics.registry import summarise
from unslouch.analysis.model import Episode, Epochs, Event
from unslouch.analysis.zones import to_local, to_utc_ms
from unslouch.link.model import BoardStatus, LinkState, LiveSample, SensorInfo
from unslouch.store import Sensor
from unslouch_device.contract import records, states
from unslouch_device.contract.records import EPOCH_MS, SECONDS_PER_EPOCH, TILT_UNKNOWN

from .moments import delay_s_at, epoch_at, state_at
from .sensor_state import ALERT_SHOWN_FOR_S, SensorState, default_settings

PLOTTED_S = 600
"""So much tilt before the moment is shown."""
VIBRATES_S = 1.0
"""How long after an alert the motor is shown as vibrating."""
_UPTIME_OF_MOMENT_MS = PLOTTED_S * 1000
"""The samples' uptime is counted from where the plot may begin."""


@dataclass(frozen=True)
class PastState:
    """What is known of a moment."""

    utc_ms: int
    title: str
    sensor: SensorState
    samples: list[LiveSample]
    """One for each second of the ten minutes before, as far as it was measured; the last is that of the moment."""
    day: Day
    """The day up to the moment."""
    whole_day: Day | None = None
    """The day with what comes after the moment; None where there is no other moment to go to."""
    sensors: Sequence[Sensor] = ()


def past_state(
    day: Day, utc_ms: int, settings: dict[str, int] | None = None, sensors: Sequence[Sensor] = ()
) -> PastState:
    """Return the state at a moment of a day.

    settings: by key, those that hold; sensors: of the database, to name the one that was worn.
    """
    settings = dict(settings or default_settings())
    delay_s = delay_s_at(day, utc_ms, settings["delay"])
    samples = list(_samples(day.epochs, utc_ms, settings["threshold"]))
    now = _sample_now(day, utc_ms, samples, state_at(day, utc_ms, settings))
    samples = [sample for sample in samples if sample.uptime_ms < now.uptime_ms] + [now]
    before = [event for event in day.events if event.utc_ms <= utc_ms]
    sensor = SensorState(lambda: 0.0, state=LinkState.LIVE, settings=settings)
    sensor.info = _info(day.epochs, before, sensors)
    sensor.status = _status(before, day.epochs, utc_ms, delay_s)
    sensor.sample = now
    alerted_ms = _last_alert_ms(before)
    if alerted_ms is not None and utc_ms - alerted_ms <= ALERT_SHOWN_FOR_S * 1000:
        sensor.alerted_at_s = -(utc_ms - alerted_ms) / 1000
    return PastState(utc_ms, moment_title(day, utc_ms), sensor, samples, day_until(day, utc_ms), day, sensors)


def state_at_other_moment(past: PastState, utc_ms: int) -> PastState:
    """Return the state at another moment of the same day, the nearest one that it has records up to."""
    day = past.whole_day
    if day is None:
        return past
    utc_ms = max(to_utc_ms(day.start), min(utc_ms, day.until_utc_ms))
    return past if utc_ms == past.utc_ms else past_state(day, utc_ms, past.sensor.settings, past.sensors)


def moment_title(day: Day, utc_ms: int) -> str:
    """Return when a moment was, like "Mon 2 March 2026, 10:42:05"."""
    assert day.start.tzinfo is not None
    local = to_local(utc_ms, day.start.tzinfo)
    return f"{local:%a} {local.day} {local:%B %Y, %H:%M:%S}"


def day_until(day: Day, utc_ms: int) -> Day:
    """Return a day as it was read at a moment; a slouch under way has no end yet."""
    end_ms = max(to_utc_ms(day.start) + 1, min(day.until_utc_ms, utc_ms))
    rows = np.flatnonzero(day.epochs.utc_ms < end_ms)
    cut = replace(
        day,
        until_utc_ms=end_ms,
        epochs=Epochs(**{name: column[rows] for name, column in vars(day.epochs).items()}),
        events=[event for event in day.events if event.utc_ms <= end_ms],
        spans=[
            replace(span, end_utc_ms=min(span.end_utc_ms, end_ms)) for span in day.spans if span.start_utc_ms < end_ms
        ],
        episodes=[
            episode if episode.end_utc_ms is not None and episode.end_utc_ms <= end_ms else _still_going(episode)
            for episode in day.episodes
            if episode.start_utc_ms < end_ms
        ],
        alerts=[alert for alert in day.alerts if alert.utc_ms <= end_ms],
    )
    return replace(cut, summary=summarise(cut.observations))


def _still_going(episode: Episode) -> Episode:
    return replace(episode, end_utc_ms=None, peak_deg=None, mean_deg=None, correction_latency_s=None)


def _samples(epochs: Epochs, utc_ms: int, threshold_deg: int) -> Iterator[LiveSample]:
    """Yield a sample for each measured second of the time before a moment."""
    begin_ms = utc_ms - _UPTIME_OF_MOMENT_MS
    rows = np.flatnonzero((epochs.utc_ms > begin_ms - EPOCH_MS) & (epochs.utc_ms <= utc_ms))
    rows = rows[np.argsort(epochs.utc_ms[rows], kind="stable")]
    above_s = last_ms = 0
    for row in rows.tolist():
        for second in range(SECONDS_PER_EPOCH):
            at_ms = int(epochs.utc_ms[row]) + second * 1000
            if at_ms > utc_ms or at_ms <= last_ms:
                continue
            last_ms = at_ms
            forward = int(epochs.second_cdeg[row, second])
            is_known = int(epochs.forward_cdeg[row]) != TILT_UNKNOWN
            above_s = above_s + 1 if is_known and forward > threshold_deg * 100 else 0
            if at_ms >= begin_ms:
                flags = int(epochs.flags[row])
                yield LiveSample(
                    uptime_ms=at_ms - begin_ms,
                    forward_deg=forward / 100 if is_known else None,
                    lateral_deg=int(epochs.lateral_cdeg[row]) / 100 if is_known else None,
                    state=int(epochs.state[row]),
                    activity=int(epochs.activity[row]),
                    alerting=False,
                    snoozed=bool(flags & records.EPOCH_SNOOZED),
                    tracking_only=bool(flags & records.EPOCH_TRACKING_ONLY),
                    above_threshold_s=above_s,
                )


def _sample_now(day: Day, utc_ms: int, samples: list[LiveSample], state: int) -> LiveSample:
    """Return the sample of the moment itself: of its second, or without a tilt where none was measured."""
    if samples and samples[-1].uptime_ms > _UPTIME_OF_MOMENT_MS - 1000:
        alerted = any(
            event.code == records.ALERT and 0 <= utc_ms - event.utc_ms < VIBRATES_S * 1000 for event in day.events
        )
        above_s = samples[-1].above_threshold_s if state in (states.LEANING, states.SLOUCHING) else 0
        return replace(
            samples[-1], uptime_ms=_UPTIME_OF_MOMENT_MS, state=state, alerting=alerted, above_threshold_s=above_s
        )
    return LiveSample(_UPTIME_OF_MOMENT_MS, None, None, state, states.ACTIVITY_UNKNOWN, False, False, False, 0)


def _last_alert_ms(before: list[Event]) -> int | None:
    """Return when the last alert of a slouch that had not ended was given."""
    for event in sorted(before, key=lambda event: event.utc_ms, reverse=True):
        if event.code == records.SLOUCH_ENDED:
            return None
        if event.code == records.ALERT:
            return event.utc_ms
    return None


def _info(epochs: Epochs, before: list[Event], sensors: Sequence[Sensor]) -> SensorInfo | None:
    journal = before[-1].journal if before else int(epochs.journal[0]) if len(epochs) else None
    sensor = next((sensor for sensor in sensors if sensor.journal == journal), None)
    if journal is None or sensor is None:
        return None
    return SensorInfo(
        device_id=sensor.device_id,
        board=sensor.board,
        firmware_version=sensor.firmware_version,
        protocol_version=0,
        journal=journal,
        boot=before[-1].boot if before else 0,
        oldest_sequence=0,
        next_sequence=0,
        uptime_ms=0,
        settings_revision=0,
        calibration_id=0,
        simulated=False,
        own_clock=False,
        window_period_s=0,
    )


def _status(before: list[Event], epochs: Epochs, utc_ms: int, delay_s: int) -> BoardStatus:
    battery = next((event.fields for event in reversed(before) if event.code == records.BATTERY), None)
    row = epoch_at(epochs, utc_ms)
    return BoardStatus(
        uptime_ms=_UPTIME_OF_MOMENT_MS,
        battery_mV=battery["battery_mV"] if battery else 0,
        battery_percent=battery["battery_percent"] if battery else None,
        external_power=False,
        snooze_left_s=0,
        oldest_sequence=0,
        next_sequence=0,
        alerts=sum(event.code == records.ALERT for event in before),
        samples_lost=0,
        settings_revision=0 if row is None else int(epochs.settings_revision[row]),
        calibration_id=1 if row is None else int(epochs.calibration_id[row]),
        profile=0,
        sensor_moved=False,
        delay_s=delay_s,
    )
