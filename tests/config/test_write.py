"""Writing settings keeps what the wearer wrote, and never loses a file."""

import json
import os
import tomllib
from pathlib import Path

import jsonschema
import pytest

from unslouch.coach.catalogue import Equipment, Place
from unslouch.config import Config, change_config, load_config
from unslouch.config.schema import json_schema
from unslouch.config.write import as_json, as_toml, template
from unslouch.errors import BadInput, OutputError

OWN = """\
# my settings
[coach]
equipment = ["chair"]  # the one in the kitchen
# later: place = "home"

[goals]
slouching_min = 30
"""


def test_a_change_keeps_comments_and_order(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(OWN, encoding="utf-8")
    change_config(path, {"coach.equipment": (Equipment.CHAIR, Equipment.BAND), "dashboard.theme": "nord"})
    assert path.read_text(encoding="utf-8") == OWN.replace('["chair"]', '["chair", "band"]') + (
        '\n[dashboard]\ntheme = "nord"\n'
    )


def test_none_removes_a_key_so_that_its_default_counts(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(OWN, encoding="utf-8")
    change_config(path, {"goals.slouching_min": None, "goals.upright_percent": None})
    assert load_config(path).config.goals == Config().goals
    assert "# my settings" in path.read_text(encoding="utf-8")


def test_a_new_file_is_for_the_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    change_config(path, {"coach.gentle": True})
    result = load_config(path)
    assert result.problems == ()
    assert result.config.coach.gentle
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name != "posix", reason="Windows lets few users make symbolic links")
def test_a_linked_file_stays_a_link_and_keeps_its_mode(tmp_path: Path) -> None:
    target = tmp_path / "dotfiles.toml"
    target.write_text(OWN, encoding="utf-8")
    target.chmod(0o644)
    (tmp_path / "config.toml").symlink_to(target)
    change_config(tmp_path / "config.toml", {"coach.place": "home"})
    assert (tmp_path / "config.toml").is_symlink()
    assert load_config(target).config.coach.place is Place.HOME
    assert target.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"coach.plaec": "home"}, "no setting 'coach.plaec'"),
        ({"coach": "home"}, "no setting 'coach'"),
        ({"coach.place": "hoem"}, "did you mean home?"),
        ({"coach.minutes": 0}, "whole number from 1 to 60"),
    ],
)
def test_what_no_file_can_have_is_refused_and_nothing_written(
    tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    path = tmp_path / "config.toml"
    with pytest.raises(BadInput, match=words.replace("?", r"\?")):
        change_config(path, {"coach.gentle": True, **changes})
    assert not path.exists()


def test_a_broken_file_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[coach\n", encoding="utf-8")
    with pytest.raises(BadInput, match="isn't valid TOML"):
        change_config(path, {"coach.gentle": True})
    assert path.read_text(encoding="utf-8") == "[coach\n"


def test_a_file_that_cannot_be_read_or_written_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(BadInput, match="can't be read"):
        change_config(tmp_path / "file" / "config.toml", {"coach.gentle": True})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("unslouch.config.write.replace_file", full)
    with pytest.raises(OutputError, match="No space left"):
        change_config(tmp_path / "config.toml", {"coach.gentle": True})


def test_the_template_sets_nothing_and_every_line_of_it_can_be_uncommented(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(template(), encoding="utf-8")
    result = load_config(path)
    assert (result.config, result.problems, result.given) == (Config(), (), frozenset())
    lines = [line.removeprefix("# ") if " = " in line else line for line in template().splitlines()]
    path.write_text("\n".join(lines), encoding="utf-8")
    result = load_config(path)
    assert result.problems == ()
    assert len(result.given) == sum(len(section) for section in as_json(Config()).values())


def test_what_show_prints_is_a_settings_file_with_the_same_settings(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(OWN, encoding="utf-8")
    before = load_config(path)
    printed = as_toml(before.config, before.given)
    assert 'equipment = ["chair"]\n' in printed
    assert 'place = "desk"  # default\n' in printed
    path.write_text(printed, encoding="utf-8")
    assert load_config(path).config == before.config


def test_the_schema_accepts_what_the_loader_accepts_and_refuses_a_typo() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(tomllib.loads(OWN), schema)
    given = {name: {k: v for k, v in keys.items() if v is not None} for name, keys in as_json(Config()).items()}
    jsonschema.validate(json.loads(json.dumps(given)), schema)
    for wrong in ({"coach": {"plaec": "home"}}, {"coach": {"place": "hoem"}}, {"dashbord": {}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)
