"""Zones and days are named as people name them, and a wrong name is explained."""

import importlib.resources
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from unslouch.analysis.zones import day_named, local_day, to_local, to_utc_ms, zone
from unslouch.errors import BadInput, ExitCode


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe", "UTC+2", "/etc/localtime", "a\0b"])
def test_a_name_that_is_no_zone_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(BadInput, match="Europe/Berlin") as caught:
        zone(name)
    assert caught.value.exit_code == ExitCode.BAD_INPUT


def test_without_a_name_it_is_this_machines_zone_as_it_is_set_now(machine_zone: Callable[[str], None]) -> None:
    for name, offset in (("Asia/Kathmandu", "+05:45"), ("America/New_York", "-05:00"), ("Asia/Kathmandu", "+05:45")):
        machine_zone(name)
        assert datetime(2025, 1, 1, tzinfo=zone()).isoformat().endswith(offset)


def test_a_file_with_the_machines_zone_is_read_again_when_it_is_replaced(
    machine_zone: Callable[[str], None], tmp_path: Path
) -> None:
    localtime = tmp_path / "localtime"
    machine_zone(f":{localtime}")
    for name, hours in (("Europe/Berlin", 1), ("Asia/Tokyo", 9)):
        (tmp_path / "new").write_bytes(zone_rules(name))
        (tmp_path / "new").replace(localtime)
        assert zone().utcoffset(datetime(2025, 1, 1)) == timedelta(hours=hours)


def zone_rules(name: str) -> bytes:
    return importlib.resources.files("tzdata.zoneinfo").joinpath(*name.split("/")).read_bytes()


def test_an_unchanged_zone_is_not_read_again(
    machine_zone: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine_zone("Asia/Kathmandu")
    before = zone()
    monkeypatch.setattr("tzlocal.reload_localzone", None)
    assert zone() is before


def test_a_zone_of_this_machine_that_is_none_is_explained(machine_zone: Callable[[str], None]) -> None:
    machine_zone("Mars/Olympus")
    with pytest.raises(BadInput, match="--timezone"):
        zone()


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/Havana", "Africa/Cairo", "Australia/Lord_Howe", "UTC"])
def test_local_days_lie_end_to_end(name: str) -> None:
    tz = ZoneInfo(name)
    for ordinal in range(date(2025, 1, 1).toordinal(), date(2026, 1, 1).toordinal()):
        assert local_day(date.fromordinal(ordinal), tz)[1] == local_day(date.fromordinal(ordinal + 1), tz)[0]


@pytest.mark.parametrize("year", [1, 1969, 9999])
def test_a_day_that_no_record_can_be_of_is_refused(year: int) -> None:
    with pytest.raises(BadInput):
        local_day(date(year, 12, 31), UTC)


def test_a_moment_and_its_milliseconds_are_the_same() -> None:
    moment = datetime(2025, 3, 14, 8, 30, 0, 123_000, tzinfo=UTC)
    assert to_local(to_utc_ms(moment), ZoneInfo("Europe/Berlin")) == moment


def test_a_day_is_named_by_a_word_or_a_date() -> None:
    assert day_named("today", date(2025, 3, 1)) == date(2025, 3, 1)
    assert day_named("yesterday", date(2025, 3, 1)) == date(2025, 2, 28)
    assert day_named("2024-02-29", date(2025, 3, 1)) == date(2024, 2, 29)


@pytest.mark.parametrize("word", ["", "tomorrow", "14.3.2025", "2025-02-29", "20250314", "2025-W11-5", "2025-3-14"])
def test_anything_else_is_no_day(word: str) -> None:
    with pytest.raises(ValueError):
        day_named(word, date(2025, 3, 1))
