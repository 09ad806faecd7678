"""The modes of the dashboard: one row each. A mode that isn't built isn't listed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mode:
    """A mode: one screen with one purpose."""

    id: str
    key: str
    title: str
    tooltip: str
    screen_class: str
    """`module:class` of its ModeScreen, imported when the mode is first shown."""


MODES = (
    Mode("live", "1", "Live", "Your posture now, and today so far.", "unslouch.tui.screens.live:LiveScreen"),
    Mode("day", "2", "Day", "Today or any recorded day, moment by moment.", "unslouch.tui.screens.day:DayScreen"),
    Mode("history", "3", "History", "A year of days, and trends.", "unslouch.tui.screens.history:HistoryScreen"),
    Mode(
        "exercises",
        "4",
        "Exercises",
        "How each exercise is done, and guided sessions.",
        "unslouch.tui.screens.exercises:ExercisesScreen",
    ),
    Mode(
        "sensor",
        "5",
        "Sensor",
        "Calibration, profiles, settings and health of the sensor.",
        "unslouch.tui.screens.sensor:SensorScreen",
    ),
)
