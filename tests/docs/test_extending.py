"""The examples of docs/extending.md are complete: each is taken out of the page and used."""

import re
from datetime import UTC, date
from pathlib import Path
from typing import Any

from analysis.metric_examples import lived
from unslouch.coach.catalogue_file import builtin_catalogue, read_catalogue
from unslouch.export.formats import FORMATS, Format
from unslouch.export.writer import Contents, LogWriter
from unslouch.flashing.board_file import problems_in
from unslouch_device.boards import xiao_esp32s3
from unslouch_device.contract.states import RECLINED, UPRIGHT
from unslouch_device.parts import imu

PAGE = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")


def example(title: str) -> str:
    """The code below a heading."""
    section = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    return re.findall(r"^```\w+\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)[0]


def names(title: str) -> dict[str, Any]:
    found: dict[str, Any] = {"__name__": "example"}
    exec(example(title), found)
    return found


def test_the_exercise_has_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "exercises.toml"
    path.write_text(example("An exercise"), encoding="utf-8")
    catalogue, problems = read_catalogue(path, builtin_catalogue())
    assert problems == []
    assert [exercise.id for exercise in catalogue.exercises] == ["shoulder-roll"]


def test_the_board_has_no_mistake_and_every_name() -> None:
    text = example("A board")
    assert list(problems_in(text, "ESP32S3")) == []
    names_of_board = {name for name in names("A board") if name.isupper() or name.endswith("_mV")}
    assert names_of_board == {name for name in vars(xiao_esp32s3) if name.isupper() or name.endswith("_mV")}


def test_the_driver_has_the_interface_that_imu_describes() -> None:
    described = re.findall(r"\b([a-z_]+(?:[A-Z]\w*)?)(?=\(|;|,| →| and)", str(imu.__doc__).partition("offers ")[2])
    wanted = {"reset", "start", "read", "arm", "moved", "disarm", "self_test", "temperature_cC"} & set(described)
    assert len(wanted) >= 7
    driver = names("A driver")["Ism330dhcx"]
    assert all(callable(getattr(driver, name)) for name in wanted)
    assert isinstance(driver.batch_samples, int)


def test_the_metric_measures_a_day() -> None:
    metric = names("A metric")["RECLINED_LONGEST"]
    assert metric.measure(lived((UPRIGHT, 10), (RECLINED, 7), (UPRIGHT, 5), (RECLINED, 3))) == 7
    assert metric.measure(lived((UPRIGHT, 10))) == 0
    assert metric.column == "reclined_longest_min"


def test_the_export_format_writes_a_log(tmp_path: Path) -> None:
    writer_class = names("An export format")["MarkdownWriter"]
    assert issubclass(writer_class, LogWriter)
    assert isinstance(FORMATS["csv"], Format)

    class FakeDay:
        day = date(2026, 11, 30)
        episodes = (1, 2, 3)

    path = tmp_path / "log.md"
    writer = writer_class(path, Contents(date(2026, 11, 30), date(2026, 11, 30), UTC))
    writer.add(FakeDay())
    writer.finish()
    assert path.read_text() == "| day | slouches |\n|---|---|\n| 2026-11-30 | 3 |\n"
