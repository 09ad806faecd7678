"""The enclosure's checks find what is wrong; `make hardware` runs this in its own environment, which has the solids."""

import pytest
from hardware.enclosure import case, checks
from hardware.enclosure import dimensions as d


def findings() -> list[str]:
    return checks.check({name: build() for name, build in case.PRINTED.items()})


def test_the_case_as_it_is_can_be_printed() -> None:
    assert findings() == []


def test_a_floor_that_is_too_thin_for_the_motor_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(d, "MOTOR_RECESS", 1.8)
    assert any(finding.startswith("the floor under the motor is 0.80 mm") for finding in findings())


def test_a_thin_lip_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(d, "LIP", 1.0)
    assert any("lid is thinner than 1.6 mm" in finding for finding in findings())


def test_a_part_that_is_in_the_way_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = d.Box("perfboard", (-9.0, 9.0), (26.0, 37.0), d.DRIVER.z)
    monkeypatch.setattr(d, "PARTS", (*(box for box in d.PARTS if box is not d.DRIVER), moved))
    assert "motion sensor and perfboard are 0.00 mm apart" in findings()


def test_a_back_that_the_plug_hits_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(d, "FLANGE_EDGE", 3.0)
    assert any("a USB plug hits the" in finding for finding in findings())


def test_a_shape_that_failed_silently_shows_as_a_volume(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "expected_base_mm3", lambda: 12_000.0)
    assert any("expected 12000" in finding for finding in findings())


def test_an_overhang_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case, "as_printed", lambda name, part: part)  # the clip lying flat
    assert any("of clip-back overhang" in finding for finding in findings())


def test_a_part_that_is_too_near_to_a_wall_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = d.Box("XIAO", (-14.9, 2.9), d.XIAO.y, d.XIAO.z)
    monkeypatch.setattr(d, "PARTS", (*(box for box in d.PARTS if box is not d.XIAO), moved))
    assert "XIAO is 0.02 mm from the base" in findings()  # in the rounded corner
