"""What the settings and the catalogue both name: where a wearer is, what is at hand, and what excludes exercises.

The dashboard reads the settings before its first frame, so this module imports no exercise.
"""

from enum import StrEnum


class Place(StrEnum):
    """Where an exercise can be done; each place allows more than the one before."""

    DESK = "desk"
    OFFICE = "office"
    HOME = "home"


class Equipment(StrEnum):
    """What an exercise may need."""

    WALL = "wall"
    CHAIR = "chair"
    FLOOR = "floor"
    BAND = "band"
    BALL = "ball"
    FOAM_ROLL = "foam roll"
    POST = "post"
    PILLOW = "pillow"


class Condition(StrEnum):
    """What a wearer may have that excludes exercises."""

    OSTEOPOROSIS = "osteoporosis"
    SHOULDER = "shoulder"
    WRIST_OR_KNEE = "wrist or knee"
    PREGNANCY = "pregnancy"
    DIZZINESS = "dizziness"
