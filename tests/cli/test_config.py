"""`unslouch config`: shows, checks and edits the settings file."""

import json
import sys
import tomllib
from pathlib import Path

import pytest

from unslouch.cli.main import main
from unslouch.errors import ExitCode


def config_file(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def editor(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    path = folder / "editor.py"
    path.write_text(f"import sys, pathlib\nfile = pathlib.Path(sys.argv[1])\n{script}\n", encoding="utf-8")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"'{sys.executable}' '{path}'")


def test_show_prints_all_settings_and_says_which_file_they_come_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = config_file(tmp_path, "[coach]\nminutes = 5\n")
    assert main(["config", "show", "--config", str(path)]) == ExitCode.OK
    out, err = capsys.readouterr()
    assert tomllib.loads(out)["coach"]["minutes"] == 5
    assert f"From {path} (--config)." in err
    assert main(["--config", str(path), "config", "show", "--json"]) == ExitCode.OK
    shown = json.loads(capsys.readouterr().out)
    assert (shown["coach"]["minutes"], shown["goals"]["slouching_min"]) == (5, None)


def test_show_goes_on_where_something_is_wrong_and_says_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = config_file(tmp_path, "[coach]\nminuts = 5\n")
    assert main(["config", "--config", str(path), "show"]) == ExitCode.OK
    assert f"{path}:2: [coach] has no key 'minuts'; did you mean minutes?" in capsys.readouterr().err


def test_validate_prints_each_problem_and_its_exit_code_says_whether_there_are_any(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = config_file(tmp_path, "[coach]\nminutes = 0\nplace = 1\n")
    assert main(["config", "validate", str(path)]) == ExitCode.BAD_INPUT
    assert len(capsys.readouterr().out.splitlines()) == 2
    path.write_text("", encoding="utf-8")
    assert main(["config", "validate", str(path)]) == ExitCode.OK
    assert "Nothing is wrong" in capsys.readouterr().err


def test_validate_knows_the_ids_of_key_bindings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = config_file(tmp_path, '[dashboard]\nkeys."app.quit" = "f10"\nkeys."app.quti" = "f9"\n')
    assert main(["config", "validate", str(path)]) == ExitCode.BAD_INPUT
    line = "[dashboard] keys has 'app.quti', which no key binding has; did you mean app.quit?"
    assert capsys.readouterr().out == f"{path}:3: {line}\n"


def test_schema_and_path_are_data(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "schema"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["additionalProperties"] is False
    assert main(["config", "path"]) == ExitCode.OK
    assert capsys.readouterr().out == f"{home / '.config' / 'unslouch' / 'config.toml'}\n"


def test_edit_begins_with_a_file_that_explains_every_key_and_checks_it_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new" / "config.toml"
    editor(tmp_path, monkeypatch, "file.write_text(file.read_text().replace('# place = \"desk\"', 'place = \"hoem\"'))")
    assert main(["config", "--config", str(path), "edit"]) == ExitCode.BAD_INPUT
    assert "did you mean home?" in capsys.readouterr().err
    assert "# What is at hand." in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["no-such-editor", "false"])
def test_an_editor_that_does_not_start_or_fails_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    monkeypatch.setenv("VISUAL", command)
    path = config_file(tmp_path, "")
    assert main(["config", "--config", str(path), "edit"]) == ExitCode.BAD_INPUT
    assert command in capsys.readouterr().err
