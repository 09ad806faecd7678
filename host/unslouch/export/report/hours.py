"""Hour profile: how the hours of the day were spent."""

from collections.abc import Sequence

import numpy as np

from unslouch.analysis.day import Day
from unslouch.analysis.zones import to_local, to_utc_ms
from unslouch_device.contract import states
from unslouch_device.contract.states import STATE_NAMES

from .html import DataTable, Figure
from .plot import WIDTH, Tick, line, plot, rectangle
from .timeline import state_class, state_legend

POSTURES = (states.UPRIGHT, states.LEANING, states.SLOUCHING, states.RECLINED, states.MOVING, states.LYING)
_MS_PER_HOUR = 3_600_000


def hour_minutes(days: Sequence[Day]) -> np.ndarray:
    """Return (24, 6): the minutes of each local hour in each of POSTURES, all days together.

    The two hours of the same name on the day when clocks are set back add up.
    """
    found = np.zeros((24, len(POSTURES)))
    for day in days:
        tz = day.start.tzinfo
        assert tz is not None
        edges_ms = list(range(to_utc_ms(day.start), to_utc_ms(day.end), 1_800_000))
        names = [to_local(edge_ms, tz).hour for edge_ms in edges_ms]
        for span in day.spans:
            if span.state in POSTURES:
                column = POSTURES.index(span.state)
                first = (span.start_utc_ms - edges_ms[0]) // 1_800_000
                for at in range(first, min(len(edges_ms), (span.end_utc_ms - 1 - edges_ms[0]) // 1_800_000 + 1)):
                    length_ms = min(span.end_utc_ms, edges_ms[at] + 1_800_000) - max(span.start_utc_ms, edges_ms[at])
                    found[names[at], column] += length_ms / 60_000
    return found


def hour_profile(days: Sequence[Day]) -> Figure | None:
    """Return the mean minutes of every hour in each posture; None if nothing was worn."""
    worn_days = [day for day in days if any(span.state in POSTURES for span in day.spans)]
    if not worn_days:
        return None
    profile = hour_minutes(worn_days) / len(worn_days)
    slot = WIDTH / 24
    shapes = [line(0, height, WIDTH, height, "grid") for height in (0, 30)]
    for hour in range(24):
        top = 60.0
        for at, state in enumerate(POSTURES):
            height = min(profile[hour, at], top)
            if height > 0.05:
                top -= height
                title = f"{hour:02d}:00, {STATE_NAMES[state]}: {height:.0f} min"
                shapes.append(rectangle(hour * slot + 3, top, slot - 6, height, state_class(state), title))
    slouching = profile[:, POSTURES.index(states.SLOUCHING)]
    alt = f"Minutes in each posture by hour; most slouching in the hour from {int(slouching.argmax()):02d}:00"
    if not slouching.any():
        alt = "Minutes in each posture by hour; no slouching"
    rows = [
        (f"{hour:02d}:00", *(f"{value:.0f}" for value in profile[hour])) for hour in range(24) if profile[hour].any()
    ]
    ticks = [Tick(hour / 24, f"{hour:02d}:00", is_minor=hour % 6 != 0) for hour in range(0, 24, 3)]
    return Figure(
        "Hour by hour",
        plot(
            shapes,
            60,
            alt,
            x_ticks=[*ticks, Tick(1.0, "24:00")],
            y_ticks=[Tick(0, "60 min"), Tick(0.5, "30"), Tick(1, "0")],
            shown_height_rem=9,
        )
        + state_legend([state for at, state in enumerate(POSTURES) if profile[:, at].any()]),
        "Minutes of each local hour" + (" (mean of the days worn)." if len(days) > 1 else "."),
        DataTable(("hour", *(f"{STATE_NAMES[state]}, min" for state in POSTURES)), rows),
    )
