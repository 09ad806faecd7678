"""Every threshold that the log shows is one that its standard gives, or says that it is ours."""

import re
from collections.abc import Iterator

import pytest

from unslouch.analysis.metrics.metric import OURS
from unslouch.analysis.metrics.registry import DISTRIBUTIONS, METRICS, TABLES

GIVEN = {
    "EN 1005-4": {"0°", "10°", "20°", "60°"},
    "ISO 11226": {"20°", "60°", "240 s", "60 s", "4 s", "4 min", "1 min", "4.5"},
    "RULA": {"0°", "20°", "60°"},
    "REBA": {"0°", "20°", "60°"},
    "Acti4": {"20°", "30°", "45°", "60°", "90°", "6°", "60 s"},
    "BMC Med Res Methodol 12:36": {"1 h"},
    "Mathiassen & Winkel": set(),
    "doi 10.3390/s21165527": set(),
    "GGIR": set(),
    "doi 10.1016/j.apergo.2024.104374": {"9", "15 min"},
}
"""What each source gives, as its definition states it. "Practice" and "as in" name a way to report, not a threshold."""
RESOLUTION = re.compile(
    r"means of 5 s|\d Hz|in steps of 2°|a median filter of 5 s|6° off either way \(Acti4\)|63\.75°/s at most"
)
"""Numbers that say how finely something was measured, and are no thresholds."""
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:–\d+(?:\.\d+)?)? ?(?:°|s\b|min\b|h\b|%)")


def texts() -> Iterator[tuple[str, str, str]]:
    """(name, text, source) of everything that the data dictionary explains."""
    for metric in METRICS:
        yield metric.name, f"{metric.definition} {metric.formula}", metric.source
    for each in DISTRIBUTIONS:
        yield each.name, f"{each.definition} {each.formula}", each.source
    for table in TABLES:
        yield table.name, " ".join([table.definition, *(column.definition for column in table.columns)]), table.source


def thresholds(text: str) -> set[str]:
    """The angles, times and shares that a text names; a range names both of its ends."""
    found = set()
    for match in NUMBER.findall(RESOLUTION.sub("", text)):
        number, unit = re.fullmatch(r"(.*?) ?(°|s|min|h|%)", match).groups()  # type: ignore[union-attr]
        found |= {f"{end}{'' if unit == '°' else ' '}{unit}" for end in number.split("–")}
    return found


@pytest.mark.parametrize(("name", "text", "source"), texts(), ids=[name for name, *_ in texts()])
def test_a_threshold_is_its_standards_or_ours(name: str, text: str, source: str) -> None:
    standards = [standard for standard in GIVEN if standard in source]
    assert standards or OURS in source, f"{source!r} is no source that is known"
    if OURS not in source:
        given = set().union(*(GIVEN[standard] for standard in standards))
        assert thresholds(text) <= given, f"{name}: of {source} there is no {thresholds(text) - given}"


def test_thresholds_are_found_in_a_text() -> None:
    assert thresholds("20–60° for 4 s, 50 % and 1.5 min, means of 5 s") == {"20°", "60°", "4 s", "50 %", "1.5 min"}


def test_no_verdict_is_printed_that_no_standard_gives() -> None:
    for name, text, _ in texts():
        assert not re.search(r"action level|danger|unhealthy|harmful|risk|not acceptable", text, re.IGNORECASE), name
