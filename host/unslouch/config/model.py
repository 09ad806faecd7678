"""What a settings file can hold: a dataclass for each section, and for each key its kind, default and explanation.

Checking, the schema and the commented file that `unslouch config edit` begins with are all made from these. The values
are passed down to the rooms that use them; none of those knows this one. Settings of the sensor itself are not here:
the sensor keeps them (`unslouch settings`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from unslouch.coach.preferences import Preferences
from unslouch.coach.terms import Condition, Equipment, Place
from unslouch.sensor.quiet_times import QuietTimes, parse_span
from unslouch_device.contract.messages import MAX_SNOOZE_MIN

from .kinds import Choice, Choices, Flag, Keymap, Kind, Times, WholeNumber

DEFAULT_THEME = "textual-dark"
THEMES = (
    "textual-dark", "textual-light", "ansi-dark", "ansi-light", "nord", "gruvbox", "catppuccin-mocha", "dracula",
    "tokyo-night", "monokai", "flexoki", "catppuccin-latte", "catppuccin-frappe", "catppuccin-macchiato",
    "solarized-light", "solarized-dark", "rose-pine", "rose-pine-moon", "rose-pine-dawn", "atom-one-dark",
    "atom-one-light",
)  # fmt: skip
"""Textual's; a test compares them. The ansi ones use the terminal's own palette."""


def _about(kind: Kind, text: str, example: Any = None) -> dict[str, Any]:
    """Describe a key of the file. A default of None means that it may be left out; `example` stands for it then."""
    return {"kind": kind, "text": text, "example": example}


@dataclass(frozen=True)
class DashboardConfig:
    """How the dashboard looks and is operated."""

    theme: str = field(
        default=DEFAULT_THEME,
        metadata=_about(Choice(THEMES), "The colours; ansi-dark and ansi-light are the terminal's own."),
    )
    ascii: bool | None = field(
        default=None,
        metadata=_about(Flag(), "Draw in ASCII only. Left out: only where the terminal has nothing better.", True),
    )
    frames_per_s: int = field(default=10, metadata=_about(WholeNumber(1, 25), "Frames per second at most."))
    desktop_notifications: bool = field(
        default=False,
        metadata=_about(Flag(), "Show suggestions and a lost sensor as notifications of the desktop, too."),
    )
    keys: Mapping[str, str] = field(
        default_factory=dict,
        metadata=_about(
            Keymap(), "Other keys for the bindings that the help screen names by id.", {"live.pause": "f5"}
        ),
    )


@dataclass(frozen=True)
class CoachConfig:
    """What the coach may suggest. Neither age nor sex is stored."""

    gentle: bool = field(
        default=False,
        metadata=_about(
            Flag(),
            "For osteoporosis, for a woman over 50, or if you simply want it: no loaded or far bending of the spine.",
        ),
    )
    conditions: tuple[Condition, ...] = field(
        default=(), metadata=_about(Choices(Condition), "What excludes exercises for you.")
    )
    equipment: tuple[Equipment, ...] = field(default=(), metadata=_about(Choices(Equipment), "What is at hand."))
    place: Place = field(default=Place.DESK, metadata=_about(Choice(Place), "Where you are most of the day."))
    minutes: int = field(
        default=2,
        metadata=_about(WholeNumber(1, 60), "How many minutes an exercise may take, with reading and setting up."),
    )
    max_per_hour: int = field(
        default=2,
        metadata=_about(
            WholeNumber(
                1,
                12,
                "0 would end the suggestions for good. To have none for a while, press o in the dashboard, or set "
                "quiet hours",
            ),
            "Suggestions in an hour at most.",
        ),
    )
    voice: bool = field(
        default=False, metadata=_about(Flag(), "Read guided sessions aloud, through the system's speech.")
    )
    metronome: bool = field(
        default=False, metadata=_about(Flag(), "Let the sensor buzz as the metronome of guided sessions.")
    )

    @property
    def preferences(self) -> Preferences:
        """These settings as the coach takes them."""
        return Preferences(
            self.place,
            frozenset(self.equipment),
            frozenset(self.conditions),
            self.gentle,
            self.minutes,
            self.max_per_hour,
        )

    @property
    def all_conditions(self) -> frozenset[Condition]:
        """The conditions that exclude exercises; `gentle` has the rules of osteoporosis."""
        return self.preferences.all_conditions


@dataclass(frozen=True)
class QuietHoursConfig:
    """When the motor doesn't run, nothing is suggested and nothing notified. What is recorded doesn't change."""

    times: QuietTimes = field(
        default=QuietTimes(),
        metadata=_about(
            Times(),
            'Spans in local time, with days before them or without: "22:00-07:00", "sat-sun 09:00-12:00".',
            QuietTimes((parse_span("22:00-07:00"),)),
        ),
    )


@dataclass(frozen=True)
class MeetingConfig:
    """A meeting is quiet, too. A key of the dashboard begins one; on Linux it may begin by itself."""

    minutes: int = field(
        default=60, metadata=_about(WholeNumber(1, MAX_SNOOZE_MIN), "How long a meeting lasts that you begin by key.")
    )
    camera: bool = field(default=False, metadata=_about(Flag(), "Quiet while a program uses a camera (Linux)."))
    microphone: bool = field(default=False, metadata=_about(Flag(), "Quiet while a program records sound (Linux)."))


@dataclass(frozen=True)
class GoalsConfig:
    """Goals; a day without data counts neither way. Left out: no such goal; without any, History has its own three."""

    upright_percent: int | None = field(
        default=None, metadata=_about(WholeNumber(1, 100), "Per cent of measured time upright, at least.", 60)
    )
    slouching_min: int | None = field(
        default=None, metadata=_about(WholeNumber(1, 1440), "Minutes of slouching, at most.", 60)
    )
    longest_without_break_min: int | None = field(
        default=None, metadata=_about(WholeNumber(10, 600), "Minutes without a break, at most.", 60)
    )
    exercise_days_per_week: int | None = field(
        default=None, metadata=_about(WholeNumber(1, 7), "Days of a week with an exercise.", 3)
    )


@dataclass(frozen=True)
class Config:
    """All settings of a file, with the defaults of those that it leaves out."""

    dashboard: DashboardConfig = field(default_factory=DashboardConfig)
    coach: CoachConfig = field(default_factory=CoachConfig)
    quiet_hours: QuietHoursConfig = field(default_factory=QuietHoursConfig)
    meeting: MeetingConfig = field(default_factory=MeetingConfig)
    goals: GoalsConfig = field(default_factory=GoalsConfig)


SECTIONS: Mapping[str, type] = {
    "dashboard": DashboardConfig,
    "coach": CoachConfig,
    "quiet_hours": QuietHoursConfig,
    "meeting": MeetingConfig,
    "goals": GoalsConfig,
}


@dataclass(frozen=True)
class Key:
    """One key of a section, as the dataclasses above declare it."""

    section: str
    name: str
    kind: Kind
    default: Any
    example: Any
    text: str

    @property
    def path(self) -> tuple[str, str]:
        return self.section, self.name

    @property
    def is_optional(self) -> bool:
        """Whether leaving it out means something that no value says."""
        return self.default is None


def section_keys(section: str) -> dict[str, Key]:
    """Return the keys of a section by name, in their order."""
    made = SECTIONS[section]()
    return {
        each.name: Key(
            section,
            each.name,
            each.metadata["kind"],
            default := getattr(made, each.name),
            default if each.metadata["example"] is None else each.metadata["example"],
            each.metadata["text"],
        )
        for each in fields(made)
    }
