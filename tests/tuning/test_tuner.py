"""The tuner judges every setting by the same slouches, and chooses the fewest alerts that catch enough of them."""

from collections.abc import Iterator
from datetime import UTC, date, timedelta
from pathlib import Path

import pytest

from lively_days import lively_days
from unslouch.analysis.history import History
from unslouch.cli.main import main
from unslouch.errors import BadInput, ExitCode
from unslouch.store import Store
from unslouch.tuning.choices import delays_s, describe, describe_choice, parse_choice, setting_values, thresholds_deg
from unslouch.tuning.replay import Slouch
from unslouch.tuning.tuner import Choice, Outcome, Recording, best, grid, settings_at, with_earlier_start
from unslouch_device.contract import records
from unslouch_device.contract.settings import BUDGET_MODE, DEFAULTS, DELAY_S, FADING, HYSTERESIS_DEG

FIRST = date(2025, 3, 10)
PLAIN = {**DEFAULTS, FADING: 0}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("tuner") / "days.db"
    journal = lively_days(FIRST, 2, hours=6, settings=PLAIN).event(records.SETTING_CHANGED, DELAY_S, 45, 2)
    with Store.open(path, simulated=False) as store:
        store.add_pages(journal.event(records.SETTING_CHANGED, FADING, 0, 3).pages())
    return path


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path, simulated=False, readonly=True) as store:
        yield store


@pytest.fixture
def recording(store: Store) -> Recording:
    return Recording(list(History(store, UTC).days(FIRST, FIRST + timedelta(days=1))), PLAIN)


def test_a_shorter_delay_alerts_more_often_and_sooner(recording: Recording) -> None:
    soon, late = recording.outcome(Choice(12, 10)), recording.outcome(Choice(12, 60))
    assert soon.alerts > late.alerts > 0
    assert soon.latency_s is not None
    assert late.latency_s is not None
    assert soon.latency_s < late.latency_s


def test_a_slouch_counts_from_where_a_lower_threshold_saw_it_begin() -> None:
    replayed = [Slouch(10, 40), Slouch(80, 300)]
    assert with_earlier_start(Slouch(100, 200), replayed) == Slouch(80, 200)
    assert with_earlier_start(Slouch(50, 75), replayed) == Slouch(50, 75)
    assert with_earlier_start(Slouch(5, 30), replayed) == Slouch(5, 30)


def test_alerts_are_inside_long_slouches_or_outside(recording: Recording) -> None:
    outcome = recording.outcome(Choice(12, 60))
    assert outcome.other_alerts == 0, "a slouch that alerts after a minute is a long one"
    assert recording.outcome(Choice(12, 10)).other_alerts > 0


def test_the_settings_come_from_the_journal_and_else_are_the_defaults(store: Store) -> None:
    found = settings_at(store, 0x11FE, 1 << 31)
    assert found == {**DEFAULTS, DELAY_S: 45, FADING: 0}
    assert settings_at(store, 0x11FE, 3) == DEFAULTS


def outcome(threshold: int, alerts: int, caught: int) -> Outcome:
    return Outcome(Choice(threshold, 30), alerts, caught, 40.0, 0)


def test_the_best_setting_has_the_fewest_alerts_of_those_that_catch_enough() -> None:
    many, good, few = outcome(8, 46, 11), outcome(12, 11, 9), outcome(20, 2, 3)
    assert best([many, good, few], 11) is good
    assert best([few], 11) is few
    assert best([few, outcome(18, 9, 4)], 11) == outcome(18, 9, 4)
    assert best([good], 0) is None
    assert (
        describe(good, many, 11)
        == "Best: 12°, 30 s: 11 alerts instead of 46, 9 of 11 slouches ≥ 1 min caught (now 11)."
    )


def test_present_settings_that_are_the_best_are_not_compared_with_themselves() -> None:
    present = Outcome(Choice(12, 30), 1, 1, 35.0, 0)
    assert (
        describe(present, present, 1)
        == "The present settings, 12°, 30 s, are the best of these: 1 alert, 1 of 1 slouch ≥ 1 min caught."
    )


def test_the_grid_leaves_out_what_the_hysteresis_forbids() -> None:
    choices = grid([8, 12], [10, 20], 0, {**DEFAULTS, HYSTERESIS_DEG: 8})
    assert choices == [Choice(12, 10), Choice(12, 20)]


def test_in_budget_mode_the_grid_has_one_choice_for_each_threshold() -> None:
    assert grid([8, 12], [10, 20], BUDGET_MODE, DEFAULTS) == [Choice(8, 30, 1), Choice(12, 30, 1)]


def test_ranges_include_both_ends() -> None:
    assert thresholds_deg("8:20:2") == [8, 10, 12, 14, 16, 18, 20]
    assert delays_s("30") == [30]
    assert parse_choice("12:45") == Choice(12, 45)
    assert describe_choice(Choice(12, 45)) == "12°, 45 s"
    assert setting_values(Choice(12, 45)) == [("threshold", 12), ("delay", 45), ("alert-mode", 0)]


@pytest.mark.parametrize("text", ["", "8:20", "8:20:0", "20:8:2", "a", "1:20:2", "8:99:2", "8:20:2:1"])
def test_a_range_that_is_none_gets_one_sentence(text: str) -> None:
    with pytest.raises(BadInput, match="--threshold can't be"):
        thresholds_deg(text)


def test_a_range_that_begins_above_its_end_is_refused_in_its_own_words() -> None:
    with pytest.raises(BadInput, match="begins above where it ends; swap FIRST and LAST"):
        thresholds_deg("20:8:2")


def test_the_command_prints_a_row_for_each_setting_and_the_best(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = ["--day", "2025-03-10", "2025-03-11", "--timezone", "UTC", "--threshold", "10:14:2", "--delay", "20:40:20"]
    assert main(["tune", "--db", str(path), *days]) == ExitCode.OK
    printed = capsys.readouterr().out
    assert len([line for line in printed.splitlines() if " of " in line and "°" in line.split()[0]]) == 7
    assert "present" in printed
    assert "alerts instead of" in printed


def test_a_day_without_records_gets_one_sentence(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tune", "--db", str(path), "--day", "2020-01-01"]) == ExitCode.NO_DATA
    assert "Nothing is recorded for these days" in capsys.readouterr().err
