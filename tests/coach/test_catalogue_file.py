"""A file of exercises is read with every problem named by file and line, and what is good in it is used."""

from pathlib import Path

import pytest

from unslouch.coach.catalogue_file import builtin_catalogue, load_catalogue

GOOD = """\
[exercise.desk-twist]
name = "Desk twist"
kinds = ["mobility"]
position = "sitting"
places = ["desk"]
patterns = ["still"]
sources = ["ours"]
sensor = "timer"
how = ["Turn to the left.", "Turn to the right."]
steps = [{ text = "Turn slowly.", reps = [5, 8], source = "ours" }]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "exercises.toml"


def test_the_wearers_own_exercise_joins_ours(file: Path) -> None:
    file.write_text(GOOD)
    catalogue, problems = load_catalogue(file)
    assert problems == []
    own = catalogue.find("desk-twist")
    assert own is not None
    assert own.dose == "5–8 times (our dose)"
    assert len(catalogue.exercises) == len(builtin_catalogue().exercises) + 1


def test_an_own_exercise_with_the_id_of_one_of_ours_replaces_it(file: Path) -> None:
    file.write_text(GOOD.replace("desk-twist", "chin-tuck"))
    catalogue, _ = load_catalogue(file)
    assert catalogue.exercises[0].name == "Desk twist"
    assert len(catalogue.exercises) == len(builtin_catalogue().exercises)


def test_no_own_file_is_no_problem(file: Path) -> None:
    assert load_catalogue(file) == (builtin_catalogue(), [])


@pytest.mark.parametrize(
    ("written", "instead", "line", "words"),
    [
        ('"sitting"', '"floating"', 4, "none of sitting, standing"),
        ('places = ["desk"]', 'places = ["moon"]', 5, "none of desk, office, home"),
        ('patterns = ["still"]', 'patterns = ["bored"]', 6, "is no pattern"),
        ('sources = ["ours"]', 'sources = ["Z9"]', 7, "no [article]"),
        ('sensor = "timer"', "sensr = 1", 8, "there is no field 'sensr'"),
        ("reps = [5, 8]", "reps = [8, 5]", 10, "step 1: reps is [8, 5]"),
        ("reps = [5, 8]", "sets = 2", 10, "step 1: has no dose"),
        ('name = "Desk twist"\n', "", 1, "name is missing"),
        ("[exercise.desk-twist]", "[exercise.Desk_Twist]", 1, "small letters"),
        ("how = ", 'signature = { axis = "up" }\nhow = ', 9, "at_least_deg is missing"),
        ("how = ", f'brief = "{"x" * 106}"\nhow = ', 9, "brief has 106 characters, and may have 105"),
        ("kinds = ", "start = 2\nkinds = ", 3, "there are steps 1 to 1"),
    ],
)
def test_a_problem_is_named_with_its_line_and_the_others_are_used(
    file: Path, written: str, instead: str, line: int, words: str
) -> None:
    assert written in GOOD
    file.write_text(GOOD.replace(written, instead) + GOOD.replace("desk-twist", "other-twist"))
    catalogue, problems = load_catalogue(file)
    assert any(problem.line == line and words in problem.text for problem in problems), problems
    assert all(str(problem).startswith(f"{file}:") for problem in problems)
    assert catalogue.find("desk-twist") is None
    assert catalogue.find("other-twist") is not None


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"[exercise", "isn't valid TOML"), (b"\xff\xfe", "can't be read"), (b"[exercises.x]\n", "is none of article")],
)
def test_a_broken_file_is_reported_and_ours_remain(file: Path, content: bytes, words: str) -> None:
    file.write_bytes(content)
    catalogue, problems = load_catalogue(file)
    assert words in str(problems[0])
    assert catalogue.exercises == builtin_catalogue().exercises
