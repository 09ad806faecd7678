"""The current model: what it says of the reference board, and that every figure says where it comes from."""

import json

import pytest

from unslouch.cli.main import main
from unslouch.power import figures, modes


def hours(mode: str, battery_mAh: float = 400) -> float:
    return next(found for found in modes() if found.name == mode).hours(battery_mAh)


def test_a_cell_of_400_mAh_lasts_for_days_of_wear_and_hours_of_looking() -> None:
    assert 45 < hours("log") < 100
    assert 5 < hours("live") < 15
    assert hours("off body") > hours("log")
    assert hours("empty", 4) > 20  # what is left below 3.3 V has to last until somebody charges it


def test_twice_the_cell_lasts_twice_as_long() -> None:
    assert hours("log", 800) == pytest.approx(2 * hours("log"))


def test_every_figure_has_a_source() -> None:
    assert len(figures()) > 8
    assert all(len(figure.source) > 20 for figure in figures().values())


def test_the_command_prints_hours_by_mode_and_what_dominates(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["power", "--battery", "400"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["mode", "log", "awake", "live", "off", "empty"]
    assert "light sleep" in lines[1] or "processing" in lines[1]
    assert main(["power", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["modes"]["log"]["hours"] == pytest.approx(hours("log"))
