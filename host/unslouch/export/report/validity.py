"""Validity: how much of the day was measured, under which calibration and versions, and what limits the numbers."""

from collections.abc import Sequence
from datetime import timedelta

from unslouch.analysis.day import Day
from unslouch.analysis.metrics.minutes import COVERAGE
from unslouch.analysis.metrics.registry import ALGORITHM_VERSION
from unslouch.analysis.zones import to_local
from unslouch_device.contract import records
from unslouch_device.contract.states import STATE_NAMES

from .bars import Bar, bars
from .html import Cells, DataTable, Markup, bullets, element, section, table
from .timeline import SHOWN_STATES, state_class, state_minutes
from .times import decimal, minutes


def validity(days: Sequence[Day], extra: Sequence[tuple[str, str]] = ()) -> Markup:
    """Return what a reader needs to judge the numbers. extra: (what, value) rows that the caller knows."""
    by_state: dict[int, float] = {}
    for day in days:
        for state, length_min in state_minutes(day.spans).items():
            by_state[state] = by_state.get(state, 0) + length_min
    entries = [
        Bar(STATE_NAMES[state], by_state[state], state_class(state), minutes(by_state[state]))
        for state in SHOWN_STATES
        if by_state.get(state)
    ]
    rows = [
        ("how the log was made", f"algorithm version {ALGORITHM_VERSION}"),
        *_firmware(days),
        *_calibrations(days),
        *extra,
    ]
    if len(days) == 1:
        coverage = days[0].summary[COVERAGE]
        covered = "nothing was worn" if coverage is None else f"{coverage * 100:.0f} %"
        rows.insert(0, ("coverage of the worn span", covered))
    caveats = [f"{day.day}: {caveat}" if len(days) > 1 else caveat for day in days for caveat in day.caveats]
    facts = table(DataTable(("what", "value"), rows, cells=Cells.SENTENCES), "Versions and calibrations")
    return section(
        "How far the numbers can be trusted",
        element("div", bars(entries), element("div", facts), class_="pair"),
        bullets(caveats[:20]) + (element("p", f"… and {len(caveats) - 20} more.") if len(caveats) > 20 else ""),
        lead="Only time worn, calibrated and measured is valid and counts as posture. All other time is shown as "
        "what it was.",
    )


def _firmware(days: Sequence[Day]) -> list[tuple[str, str]]:
    found = sorted(
        {
            (event.fields["major"], event.fields["minor"], event.fields["patch"])
            for day in days
            for event in day.events
            if event.code == records.BOOT and event.fields
        }
    )
    return [("firmware", ", ".join(".".join(map(str, version)) for version in found))] if found else []


def _calibrations(days: Sequence[Day]) -> list[tuple[str, str]]:
    rows: dict[tuple[int, int], tuple[str, str]] = {}
    for day in days:
        for made in day.calibrations:
            words = [made.how or "origin not recorded"]
            if made.made_utc_ms is not None:
                tz = day.start.tzinfo
                assert tz is not None
                age = timedelta(milliseconds=day.until_utc_ms - made.made_utc_ms)
                words.append(f"{to_local(made.made_utc_ms, tz):%Y-%m-%d %H:%M}, {max(0, age.days)} d old")
            if made.profile_name:
                words.append(f"profile {made.profile_name}")
            words.append(
                "no standing zero set by hand"
                if made.standing_forward_deg is None
                else f"standing zero set by hand at {decimal(made.standing_forward_deg, 1)}°"
            )
            rows[made.journal, made.calibration_id] = (f"calibration {made.calibration_id}", "; ".join(words))
    return list(rows.values())
