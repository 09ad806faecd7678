"""The current model: its results for the reference board, and the source of every figure."""

import json
import sys

import pytest

from unslouch import power
from unslouch.cli.main import main
from unslouch.power import figures, modes
from unslouch_device.battery import SLEEP_MS
from unslouch_device.link.radio import PERIOD_S, WINDOW_MS
from unslouch_device.parts.lsm6dsox import Lsm6dsox
from unslouch_device.parts.motor import ALERT_PATTERNS
from unslouch_device.resting import DOZE_MOST_MS, LOOK_MS


def hours(mode: str, battery_mAh: float = 400) -> float:
    return next(found for found in modes() if found.name == mode).hours(battery_mAh)


def test_a_cell_of_400_mAh_lasts_for_days_of_wear_and_hours_of_watching() -> None:
    assert 45 < hours("log") < 100
    assert 5 < hours("live") < 15
    assert hours("off body") > hours("log") > hours("recorded") > 2 * hours("live")
    assert hours("empty") > 24  # what is left below 3.4 V has to last until somebody charges it


def test_twice_the_cell_lasts_twice_as_long() -> None:
    assert hours("log", 800) == pytest.approx(2 * hours("log"))


def test_every_figure_has_a_source() -> None:
    assert len(figures()) > 8
    assert all(len(figure.source) > 10 for figure in figures().values())


def test_the_decisions_equal_the_firmwares() -> None:
    worn = [ALERT_PATTERNS[0], ALERT_PATTERNS[-1]]
    assert sum(worn[0][::2]) / 1000 <= power.ALERT.value <= sum(worn[1][::2]) / 1000
    assert power.LOOK.value == pytest.approx(LOOK_MS / (LOOK_MS + DOZE_MOST_MS), rel=0.1)
    assert power.WAKE_EVERY.value == SLEEP_MS / 1000
    assert power.WINDOW_EVERY.value == PERIOD_S
    assert power.WINDOW.value == pytest.approx(WINDOW_MS / 1000, rel=0.1)
    assert power.SAMPLE_RATE.value == Lsm6dsox.rate_hz


def test_the_command_prints_hours_by_mode_and_what_dominates(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["power", "--battery", "400"]) == 0
    lines = capsys.readouterr().out.splitlines()[2:]
    assert [line.split()[0] for line in lines] == ["mode", "log", "recorded", "awake", "live", "off", "left", "empty"]
    assert "light sleep" in lines[1] or "processing" in lines[1]
    assert main(["power", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["modes"]["log"]["hours"] == pytest.approx(hours("log"))


def test_the_sources_fit_the_window(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["power", "--battery", "100000", "--alerts", "1000", "--sources"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 20
    assert max(map(len, lines)) <= 70
