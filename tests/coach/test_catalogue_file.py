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
        ('patterns = ["still"]', 'patterns = ["bored"]', 6, "is no pattern: use"),
        ('sources = ["ours"]', 'sources = ["Z9"]', 7, "no [article]"),
        ('sensor = "timer"', "sensr = 1", 8, "there is no field 'sensr': did you mean sensor?"),
        ('sensor = "timer"', 'sensor = "timer"\ncolour = 1', 9, "there is no field 'colour': leave it out."),
        ('kinds = ["mobility"]', "", 1, "kinds is missing: give a list of texts."),
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


@pytest.mark.parametrize(
    ("written", "instead", "sentences"),
    [
        (
            'name = "Desk twist"',
            'name = ""',
            "exercise.desk-twist: name is empty: give a text. Until you correct that, it is left out.",
        ),
        (
            'source = "ours"',
            'source = ""',
            "exercise.desk-twist: step 1: source is empty: give a text. Until you correct that, it is left out.",
        ),
        (
            "reps = [5, 8]",
            "reps = 0",
            "exercise.desk-twist: step 1: reps is 0, and must be a whole number above 0, or two of them as a range. "
            "Until you correct that, it is left out.",
        ),
        (
            'name = "Desk twist"',
            'nam = "Desk twist"',
            "exercise.desk-twist: name is missing: give a text. "
            "exercise.desk-twist: there is no field 'nam': did you mean name? Until you correct that, it is left out.",
        ),
    ],
)
def test_each_problem_is_a_sentence_and_the_last_says_that_the_exercise_is_left_out(
    file: Path, written: str, instead: str, sentences: str
) -> None:
    assert written in GOOD
    file.write_text(GOOD.replace(written, instead))
    _, problems = load_catalogue(file)
    assert " ".join(problem.text for problem in problems) == sentences


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"[exercise.a]\nhow = \n", "isn't valid TOML (Invalid value (at line 2, column 7)): correct that."),
        (b"\xff\xfe", "can't be read, because it isn't UTF-8 text: save it as UTF-8."),
    ],
)
def test_a_broken_file_says_what_to_do_and_what_happens_meanwhile(file: Path, content: bytes, text: str) -> None:
    file.write_bytes(content)
    _, problems = load_catalogue(file)
    assert [problem.text for problem in problems] == [f"{text} Until then its exercises are left out."]
