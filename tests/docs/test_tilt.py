"""docs/tilt.md: what it points at is there, its pictures are of this firmware, and its figures are what is printed."""

import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest

from requirement import require

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TEXT = (DOCS / "tilt.md").read_text(encoding="utf-8")
ACCURACY, WORN, ACTIVITY = (
    ROOT / "tests" / "benchmarks" / name for name in ("tilt_accuracy.py", "tilt_worn.py", "activity.py")
)
LARGEST_BYTES = 150_000


def row(name: str) -> list[str]:
    """The cells that follow this one in the first table row that begins with it."""
    found = re.search(rf"^\| \**{re.escape(name)}\** \|(.+)\|$", TEXT, re.MULTILINE)
    assert found, name
    return [cell.strip(" *") for cell in found[1].split("|")]


def printed(script: Path, *options: str) -> dict:
    command = [sys.executable, str(script), *options, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=800, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def rivals(shared_data: Path) -> None:
    missing = [name for name in ("vqf", "ahrs", "imufusion") if find_spec(name) is None]
    require(f"{', '.join(missing)} not here: `make setup` installs what ours is judged against" if missing else None)


def test_every_link_picture_and_command_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert len(links) > 5
    for link in links:
        assert (DOCS / link).exists(), link
    commands = re.findall(r"`(?:\.venv/bin/python )?((?:tests|docs)/[\w/.]+\.py)", TEXT)
    assert len(set(commands)) > 5
    for command in commands:
        assert (ROOT / command).exists(), command
    headings = {line.lstrip("# ").lower() for line in TEXT.splitlines() if line.startswith("#")}
    assert set(re.findall(r"\]\(#([\w-]+)\)", TEXT)) <= headings


def test_every_picture_is_shown_small_and_free_of_scripts() -> None:
    pictures = sorted((DOCS / "tilt").glob("*.svg"))
    assert [f"tilt/{picture.name}" for picture in pictures] == sorted(re.findall(r"!\[.+\]\((.+)\)", TEXT))
    for picture in pictures:
        assert picture.stat().st_size < LARGEST_BYTES, picture
        tags = {element.tag.split("}")[-1] for element in ElementTree.parse(picture).iter()}
        assert "text" in tags
        assert not tags & {"script", "image", "foreignObject"}


def test_drawing_a_picture_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    require(None if find_spec("matplotlib") else "matplotlib isn't here: `make setup` installs what draws the plots")
    command = [sys.executable, str(DOCS / "plots.py"), "--to", str(tmp_path), "budget"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=800, check=False)
    assert done.returncode == 0, done.stderr
    # if the limits or matplotlib changed: run docs/plots.py, and look at what it drew
    assert (tmp_path / "budget.svg").read_bytes() == (DOCS / "tilt" / "budget.svg").read_bytes()


@pytest.mark.soak
@pytest.mark.slow
def test_the_accuracy_equals_what_the_benchmark_prints(rivals: None) -> None:
    report = printed(ACCURACY)  # if it changed, so have the tables below the first
    for name, shown in (("unslouch", "unslouch"), ("vqf", "VQF")):
        columns = [report[name][column] for column in ("all", "slow", "fast", "disturbed", "worst", "p95")]
        assert [float(cell) for cell in row(shown)] == pytest.approx(columns, abs=0.0051)


@pytest.mark.soak
def test_the_distances_worn_equal_what_the_benchmark_prints(rivals: None) -> None:
    report = printed(WORN)
    for label in ("sitting still", "walking"):
        found = report["upperback_walk_100hz.npz"]["50 Hz"][label]
        time, *distances = row(f"{label}, 50 Hz")
        assert time == f"{found['s']:.1f} s"
        shown = [float(distance) for distance in distances]
        assert shown == pytest.approx([found[key] for key in ("gravity", "vqf_gravity", "vqf")], abs=0.0051)
    found = report["sitting_T4_50hz.npz"]["still"]
    assert float(row("still")[2]) == pytest.approx(found["gravity"], abs=0.0051)


@pytest.mark.soak
def test_the_figures_of_people_at_work_equal_what_the_benchmark_prints(shared_data: Path) -> None:
    name = "chest_work_52hz.npz"
    require(None if (shared_data / name).exists() else f"the recording {name} isn't in {shared_data}")
    report = printed(ACTIVITY, "--only", name)[name]
    for label in ("at computer", "talking while standing"):
        now, before = report["now, of a body"][label], report["before, of a body"][label]
        cells = [float(number) for cell in row(label) for number in re.findall(r"[\d.]+", cell)]
        keys = ("moving", "least_moving", "most_moving", "walking", "inner_moving", "inner_walking")
        moving, least, most, walking, inner, inner_walking = (100 * now[key] for key in keys)
        shown = [moving, 100 * before["moving"], least, most, walking, 100 * before["walking"], inner, inner_walking]
        assert cells == pytest.approx(shown, abs=0.051)
