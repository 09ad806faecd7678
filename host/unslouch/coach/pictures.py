"""Pictures of the exercises for documents: name, moving picture and steps of each."""

from functools import cache

from .catalogue_file import load_catalogue, own_exercises_path
from .figure_file import figure_of
from .figure_svg import moving_svg, steps_svg


@cache
def exercise_picture(exercise_id: str) -> tuple[str, str, str] | None:
    """Return an exercise's name, and its moving picture and its steps as SVG, which are empty where it has no figure.

    None for an id that neither the catalogue nor the wearer's own file has.
    """
    catalogue, _ = load_catalogue(own_exercises_path())
    exercise = catalogue.find(exercise_id)
    if exercise is None:
        return None
    figure = figure_of(exercise.id)
    if figure is None:
        return exercise.name, "", ""
    return exercise.name, moving_svg(figure, exercise.name), steps_svg(figure, exercise.name)
