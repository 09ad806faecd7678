"""Days of epochs made from columns, without a database: for tests of what is computed from them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.metrics.observations import Observations
from unslouch.analysis.model import Calibration, Epochs, Span, TimeQuality
from unslouch_device.contract import states
from unslouch_device.contract.records import EPOCH_MS

START_MS = int(datetime(2025, 3, 14, tzinfo=UTC).timestamp() * 1000)
DAY_MS = 86_400_000
JOURNAL = 7


def epochs_of(
    second_cdeg: NDArray[Any],
    state: NDArray[Any],
    *,
    utc_ms: NDArray[Any] | None = None,
    calibration_id: NDArray[Any] | int = 1,
    lateral_cdeg: NDArray[Any] | int = 0,
    speed_cdeg_s: NDArray[Any] | int = 75,
    boot: NDArray[Any] | int = 1,
    journal: int = JOURNAL,
) -> Epochs:
    """Epochs of (n, 5) tilts and n states, one after the other from 8:00 on unless their times are given."""
    second_cdeg = np.asarray(second_cdeg, np.int32).reshape(-1, 5)
    length = len(second_cdeg)
    if utc_ms is None:
        utc_ms = START_MS + 8 * 3_600_000 + np.arange(length) * EPOCH_MS

    def column(values: Any, dtype: Any) -> NDArray[Any]:
        return np.broadcast_to(np.asarray(values, dtype), length).copy()

    return Epochs(
        journal=column(journal, np.uint32),
        sequence=np.arange(length, dtype=np.uint32),
        boot=column(boot, np.uint16),
        uptime_ms=np.asarray(utc_ms, np.int64) - START_MS,
        utc_ms=np.asarray(utc_ms, np.int64),
        utc_error_ms=column(500, np.int64),
        time_quality=column(list(TimeQuality).index(TimeQuality.FIRM), np.uint8),
        state=column(state, np.uint8),
        activity=column(states.ACTIVITY_STILL, np.uint8),
        flags=column(0, np.uint8),
        forward_cdeg=second_cdeg.mean(axis=1).astype(np.int16),
        lateral_cdeg=column(lateral_cdeg, np.int16),
        second_cdeg=second_cdeg,
        speed_cdeg_s=column(speed_cdeg_s, np.uint16),
        settings_revision=column(1, np.uint16),
        calibration_id=column(calibration_id, np.uint16),
    )


def tilts(degrees: Sequence[float], state: int = states.UPRIGHT) -> Epochs:
    """Epochs of one state with these forward tilts, one for each second; the last epoch is filled up with the last."""
    cdeg = [round(each * 100) for each in degrees]
    cdeg += cdeg[-1:] * (-len(cdeg) % 5)
    return epochs_of(np.array(cdeg), np.full(len(cdeg) // 5, state))


def joined(*parts: Epochs) -> Epochs:
    """The epochs of all parts, each part following the one before without a gap."""
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])}
    length = len(columns["state"])
    columns["utc_ms"] = parts[0].utc_ms[0] + np.arange(length) * EPOCH_MS
    columns["uptime_ms"] = columns["utc_ms"] - START_MS
    columns["sequence"] = np.arange(length, dtype=np.uint32)
    return Epochs(**columns)


def spans_of(epochs: Epochs) -> list[Span]:
    """The spans of epochs in order of time; nothing is known before, between and after."""
    spans: list[Span] = []
    at_ms = START_MS
    for state, utc_ms in zip(epochs.state.tolist(), epochs.utc_ms.tolist(), strict=True):
        if utc_ms > at_ms:
            spans.append(Span(states.UNKNOWN, at_ms, utc_ms))
        if spans and spans[-1].state == state:
            spans[-1] = Span(state, spans[-1].start_utc_ms, utc_ms + EPOCH_MS)
        else:
            spans.append(Span(state, utc_ms, utc_ms + EPOCH_MS))
        at_ms = utc_ms + EPOCH_MS
    return spans


def observed(epochs: Epochs, calibrations: Sequence[Calibration] = (), **more: Any) -> Observations:
    """Observations of a UTC day that holds these epochs."""
    return Observations(
        start_utc_ms=START_MS,
        end_utc_ms=START_MS + DAY_MS,
        epochs=epochs,
        **{
            "spans": spans_of(epochs),
            "episodes": [],
            "alerts": [],
            "events": [],
            "sensor_moved": [],
            "calibrations": list(calibrations),
            **more,
        },
    )


def by_hand(forward_deg: float, lateral_deg: float = 0.0, calibration_id: int = 1) -> Calibration:
    """A calibration with a standing zero."""
    return Calibration(JOURNAL, calibration_id, 0, "desk", "upright", START_MS, forward_deg, lateral_deg, START_MS)
