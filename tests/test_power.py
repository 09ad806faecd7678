"""The current model: its results for the reference board, and the source of every figure."""

import json
import re
import sys
from pathlib import Path

import pytest

from unslouch import power
from unslouch.cli.main import main
from unslouch.power import days, figures, modes
from unslouch_device.contract.settings import DEFAULTS, WINDOW_MIN
from unslouch_device.deep_sleep import EMPTY_NAP_S, NAP_S, NAPS
from unslouch_device.link.radio import WINDOW_MS
from unslouch_device.parts.lsm6dsox import Lsm6dsox
from unslouch_device.parts.motor import ALERT_PATTERNS
from unslouch_device.resting import (
    _DOZE_MS,
    ATTENTION_MS,
    DEEP_AFTER_MS,
    DEEP_AGAIN_MS,
    DOZE_MOST_MS,
    LONG_BATCH_MS,
    LOOK_MS,
    NEAR_BATCH_MS,
)


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


def test_every_estimate_is_checked_by_an_item_of_bring_up() -> None:
    bring_up = (Path(__file__).parents[1] / "hardware" / "bring-up.md").read_text(encoding="utf-8")
    items = set(re.findall(r"^### ([a-z0-9-]+)$", bring_up, re.MULTILINE))
    estimates = {name: figure for name, figure in figures().items() if figure.source.startswith("estimate")}
    assert len(estimates) > 5
    assert {name: figure.check for name, figure in estimates.items() if figure.check is None} == {}
    assert {figure.check for figure in figures().values()} - {None} <= items


@pytest.mark.parametrize("worn_h", [0, 10, 24])
def test_a_day_takes_what_its_hours_of_wear_and_of_rest_take(worn_h: int) -> None:
    by_name = {mode.name: mode.total_mA for mode in modes()}
    alone, recorded = days(worn_h)
    dozing_h = min(24 - worn_h, 1)
    asleep_mAh = by_name["asleep"] * (24 - worn_h - dozing_h)
    starts_mAh = alone.parts_mAh.get("starts after deep sleep", 0)
    assert (starts_mAh > 0.5) == (worn_h < 23)
    rest_mAh = asleep_mAh + starts_mAh
    assert alone.total_mAh == pytest.approx(by_name["log"] * worn_h + by_name["off body"] * dozing_h + rest_mAh)
    assert recorded.total_mAh == pytest.approx(by_name["recorded"] * worn_h + by_name["left"] * dozing_h + rest_mAh)
    assert alone.days(400) == pytest.approx(360 / alone.total_mAh)


def test_the_command_prints_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["power", "--day", "10"]) == 0
    out = capsys.readouterr().out
    alone, _ = days(10)
    assert re.search(rf"^unrecorded +{alone.total_mAh:.0f} +{alone.days(400):.1f} +light sleep", out, re.MULTILINE)
    assert "A day is 10 h worn and 14 h off the body. A model: no board has been measured yet." in out
    assert main(["power", "--day", "10", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["day"]["unrecorded"]["mAh"] == pytest.approx(alone.total_mAh)


def test_the_decisions_equal_the_firmwares() -> None:
    worn = [ALERT_PATTERNS[0], ALERT_PATTERNS[-1]]
    assert sum(worn[0][::2]) / 1000 <= power.ALERT.value <= sum(worn[1][::2]) / 1000
    assert power.LOOK.value == pytest.approx(LOOK_MS / (LOOK_MS + DOZE_MOST_MS), rel=0.1)
    assert (power.WAKE_EVERY.value, power.NAP.value) == (EMPTY_NAP_S, NAP_S)
    assert power.CHECK_EVERY.value == NAPS * NAP_S
    assert power.DEEP_AFTER.value * 3600 == DEEP_AFTER_MS / 1000
    assert power.DEEP_AGAIN.value == DEEP_AGAIN_MS / 1000
    assert power.ATTENTION.value == ATTENTION_MS / 1000
    assert power.WINDOW_EVERY.value == DEFAULTS[WINDOW_MIN] * 60
    held_s = 0.8 * Lsm6dsox.batch_samples / Lsm6dsox.rate_hz
    assert power.BATCH_EVERY.value == pytest.approx(min(held_s, LONG_BATCH_MS / 1000), abs=0.05)
    assert power.NEAR_EVERY.value == NEAR_BATCH_MS / 1000
    assert power.DOZE_EVERY.value == _DOZE_MS / 1000
    assert power.WINDOW.value == pytest.approx(WINDOW_MS / 1000, rel=0.1)
    assert power.SAMPLE_RATE.value == Lsm6dsox.rate_hz


def test_the_command_prints_hours_by_mode_and_what_dominates(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["power", "--battery", "400"]) == 0
    lines = capsys.readouterr().out.splitlines()[2:]
    names = [line.split()[0] for line in lines]
    assert names == ["mode", "log", "recorded", "awake", "live", "off", "left", "asleep", "empty"]
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
