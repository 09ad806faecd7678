"""The page of the exercises and its pictures are those that the script makes."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from unslouch.coach.catalogue_file import builtin_catalogue

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    spec = spec_from_file_location("exercises_page", DOCS / "exercises.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    made: dict[str, str] = module.files()
    return made


def test_page_and_pictures_are_current(files: dict[str, str]) -> None:
    for name, text in files.items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, "run python docs/exercises.py"
    drawn = {f"exercises/{path.name}" for path in (DOCS / "exercises").iterdir()}
    assert drawn == set(files) - {"exercises.md"}


def test_every_exercise_is_there_with_a_picture_that_says_what_it_shows(files: dict[str, str]) -> None:
    for exercise in builtin_catalogue().exercises:
        assert f'<a id="{exercise.id}"></a>{exercise.name}' in files["exercises.md"]
        assert f'srcset="exercises/{exercise.id}-steps.svg"' in files["exercises.md"]
        assert f'alt="{exercise.name}. 1: ' in files["exercises.md"]
