"""The settings file: which one counts, and that everything wrong in it is said at once, with file and line."""

from pathlib import Path

import pytest
from textual.theme import BUILTIN_THEMES

from unslouch.coach.catalogue import Condition, Equipment, Place
from unslouch.coach.catalogue_file import builtin_catalogue
from unslouch.config import Config, LoadedConfig, Origin, load_config
from unslouch.config.load import VARIABLE, config_path
from unslouch.config.model import DEFAULT_THEME, SECTIONS, THEMES, section_keys


def loaded(folder: Path, text: str) -> LoadedConfig:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path)


def problems(folder: Path, text: str) -> list[str]:
    return [str(problem).removeprefix(f"{folder / 'config.toml'}:") for problem in loaded(folder, text).problems]


def test_without_a_file_the_defaults_count_and_nothing_is_wrong() -> None:
    result = load_config()
    assert (result.config, result.problems, result.exists) == (Config(), (), False)
    assert "no such file yet" in result.description


def test_the_option_wins_over_the_variable_and_that_over_the_users_folder(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert config_path() == (home / ".config" / "unslouch" / "config.toml", Origin.USER)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "variable.toml"))
    assert config_path() == (tmp_path / "variable.toml", Origin.VARIABLE)
    assert config_path(tmp_path / "option.toml") == (tmp_path / "option.toml", Origin.OPTION)


def test_values_are_read_in_the_catalogues_own_names(tmp_path: Path) -> None:
    result = loaded(
        tmp_path,
        """
[coach]
conditions = ["wrist-or-knee", "Pregnancy"]
equipment = ["foam roll", "band", "band"]
place = "office"
[dashboard]
ascii = true
keys.live.pause = "p"
keys."app.quit" = "ctrl+q"
[quiet_hours]
times = ["22:00-07:00"]
""",
    )
    assert result.problems == ()
    assert result.config.coach.conditions == (Condition.WRIST_OR_KNEE, Condition.PREGNANCY)
    assert result.config.coach.equipment == (Equipment.FOAM_ROLL, Equipment.BAND)
    assert result.config.coach.place is Place.OFFICE
    assert result.config.dashboard.ascii is True
    assert result.config.dashboard.keys == {"live.pause": "p", "app.quit": "ctrl+q"}
    assert len(result.config.quiet_hours.times.spans) == 1
    assert ("coach", "minutes") not in result.given
    assert ("coach", "place") in result.given


def test_gentle_has_the_rules_of_osteoporosis(tmp_path: Path) -> None:
    config = loaded(tmp_path, '[coach]\ngentle = true\nconditions = ["shoulder"]\n').config
    assert config.coach.all_conditions == {Condition.OSTEOPOROSIS, Condition.SHOULDER}


def test_all_problems_are_found_each_with_its_line_and_the_nearest_name(tmp_path: Path) -> None:
    text = """\
[coach]
equipment = [
  "chair",
  "bal",  # a typo in a list over several lines
  "rope",
]
plaec = "home"
minutes = "2"
[dashbord]
[dashboard]
frames_per_s = 100
theme = "textual-drak"
place = "desk"
keys.live.pause = 3
ascii = 1
[quiet_hours]
times = ["22:00-07:00", "25:00-26:00"]
"""
    assert problems(tmp_path, text) == [
        "4: coach.equipment has 'bal', which is none of wall, chair, floor, band, ball, foam roll, post, pillow; "
        "did you mean ball?",
        "5: coach.equipment has 'rope', which is none of wall, chair, floor, band, ball, foam roll, post, pillow.",
        "7: [coach] has no key 'plaec'; did you mean place?",
        "8: coach.minutes is '2', and must be a whole number from 1 to 60.",
        "9: there is no section 'dashbord'; did you mean [dashboard]?",
        "11: dashboard.frames_per_s is 100, and must be a whole number from 1 to 25.",
        f"12: dashboard.theme has 'textual-drak', which is none of {', '.join(THEMES)}; did you mean textual-dark?",
        "13: [dashboard] has no key 'place'; place belongs to [coach].",
        '14: dashboard.keys has 3 for live.pause: name a key, such as "p" or "ctrl+p".',
        "15: dashboard.ascii is 1, and must be true or false.",
        "17: quiet_hours.times has a wrong span: '25:00-26:00' has 25:00, which is no time of a day.",
    ]


def test_what_is_good_beside_a_problem_counts(tmp_path: Path) -> None:
    config = loaded(tmp_path, '[coach]\nequipment = ["chair", "bal"]\nplace = "hoem"\nminutes = 5\n').config
    assert config.coach.equipment == (Equipment.CHAIR,)
    assert config.coach.place is Place.DESK
    assert config.coach.minutes == 5


def test_nothing_in_the_file_silences_the_coach_for_good(tmp_path: Path) -> None:
    text = '[coach]\nmax_per_hour = 0\n[quiet_hours]\ntimes = ["mon-sat 00:00-24:00", "sun 00:00-24:00"]\n'
    assert problems(tmp_path, text) == [
        "2: coach.max_per_hour is 0, and 1 is used: 0 would end the suggestions for good. To have none for a while, "
        "press o in the dashboard, or set quiet hours.",
        "4: quiet_hours.times covers the whole week, and isn't used, since nothing would ever be suggested. For a "
        "motor that never runs there is `unslouch settings tracking-only 1`.",
    ]
    config = loaded(tmp_path, text).config
    assert config.coach.max_per_hour == 1
    assert config.quiet_hours.times.spans == ()


def test_quiet_hours_on_all_days_but_one_are_used(tmp_path: Path) -> None:
    text = '[quiet_hours]\ntimes = ["mon-sat 00:00-24:00", "sun 00:01-24:00", "25:00-26:00"]\n'
    result = loaded(tmp_path, text)
    assert len(result.problems) == 1
    assert len(result.config.quiet_hours.times.spans) == 2


@pytest.mark.parametrize(
    "text",
    [
        "[coach\n",
        '[coach]\nconditions = ["osteoprosis"]\n',
        '[coach]\nconditions = "osteoporosis"\n',
        "[coach]\ngentel = true\n",
        '[coach]\ngentle = "yes"\n',
        "[coahc]\ngentle = true\n",
        "coach = true\n",
    ],
)
def test_while_what_excludes_exercises_cannot_be_read_every_condition_counts(tmp_path: Path, text: str) -> None:
    result = loaded(tmp_path, text)
    assert result.config.coach.all_conditions == frozenset(Condition)
    assert "any condition excludes are left out" in str(result.problems[0])
    assert builtin_catalogue().suitable(Place.DESK, (), result.config.coach.all_conditions), "and some remain"


def test_a_typo_elsewhere_excludes_nothing(tmp_path: Path) -> None:
    assert loaded(tmp_path, '[coach]\nplace = "hoem"\n').config.coach.all_conditions == frozenset()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[dashboard]\ntheme = nord\n", ":2: isn't valid TOML"),
        (b"\xff\xfe", "isn't UTF-8 text"),
        (None, "can't be read"),
    ],
)
def test_a_file_that_is_not_toml_is_one_sentence_and_the_defaults_count(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "config.toml"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    result = load_config(path)
    assert len(result.problems) == 1
    assert words in str(result.problems[0])
    assert result.config.dashboard == Config().dashboard


def test_a_file_that_somebody_named_must_be_there(tmp_path: Path) -> None:
    result = load_config(tmp_path / "none.toml")
    assert "no such file, which --config names" in str(result.problems[0])
    assert not result.exists


def test_an_editors_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert problems(tmp_path, "\ufeff[coach]\nminutes = 5\n") == []


def test_every_key_explains_itself_and_its_default_is_valid() -> None:
    for section in SECTIONS:
        for key in section_keys(section).values():
            assert key.text.endswith(".")
            assert key.default is None or key.kind.read(key.kind.write(key.default)) == key.default
            assert key.kind.read(key.kind.write(key.example)) == key.example


def test_the_themes_are_those_that_textual_has() -> None:
    assert set(THEMES) == set(BUILTIN_THEMES)
    assert DEFAULT_THEME in THEMES
